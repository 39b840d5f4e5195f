"""Transforms in lanes, against scipy's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.fft

from mixrules.errors import ParameterError
from mixrules.fourier import LANES, ROWS, backward, bin_order, forward, twiddle_factors, zero_signals

SIZES = pytest.mark.parametrize("columns", [64, 256])
TYPES = pytest.mark.parametrize(("dtype", "close"), [(np.float32, 2e-6), (np.float64, 1e-14)])


def folded(signals: np.ndarray, columns: int, dtype: Any) -> np.ndarray:
    """Return signals, (lanes, samples), folded as `forward` expects them."""
    half = ROWS * columns
    shifted = (signals[:, :half] + 1j * signals[:, half:]) * twiddle_factors(
        columns, np.dtype(dtype)
    ).half_bin_shift
    lanes = zero_signals(columns, np.dtype(dtype))
    lanes[:, :columns, 0] = shifted.real.T.reshape(ROWS, columns, LANES)
    lanes[:, :columns, 1] = shifted.imag.T.reshape(ROWS, columns, LANES)
    return lanes


@SIZES
@TYPES
def test_a_spectrum_is_scipys_at_half_bins(
    rng: np.random.Generator, columns: int, dtype: Any, close: float
) -> None:
    half = ROWS * columns
    signals = rng.standard_normal((LANES, 2 * half))
    lanes = folded(signals, columns, dtype)
    forward(lanes.reshape(-1), columns)
    # scipy has bin_order at whole periods: after modulation by half a period they are half a bin higher.
    modulated = scipy.fft.fft(signals * np.exp(-1j * np.pi * np.arange(2 * half) / (2 * half)), axis=1)
    expected = np.abs(modulated[:, :half]).T[bin_order(columns)]
    magnitudes = np.hypot(lanes[:, :columns, 0], lanes[:, :columns, 1])
    np.testing.assert_allclose(magnitudes, expected, atol=close * expected.max(), rtol=0)


@SIZES
@TYPES
def test_backward_undoes_forward(rng: np.random.Generator, columns: int, dtype: Any, close: float) -> None:
    before = folded(rng.standard_normal((LANES, 2 * ROWS * columns)), columns, dtype)
    lanes = before.copy()
    forward(lanes.reshape(-1), columns)
    backward(lanes.reshape(-1), columns)
    lanes /= ROWS * columns
    np.testing.assert_allclose(lanes[:, :columns], before[:, :columns], atol=10 * close, rtol=0)


@SIZES
def test_every_bin_has_one_index(columns: int) -> None:
    assert sorted(bin_order(columns).reshape(-1)) == list(range(ROWS * columns))


def test_lanes_are_independent(rng: np.random.Generator) -> None:
    signals = np.zeros((LANES, 8192))
    signals[5] = rng.standard_normal(8192)
    lanes = folded(signals, 64, np.float32)
    forward(lanes.reshape(-1), 64)
    assert np.abs(np.delete(lanes, 5, axis=3)).max() == 0.0


def test_there_are_two_lengths() -> None:
    with pytest.raises(ParameterError, match="columns must be 64 or 256, got 128"):
        twiddle_factors(128, np.dtype(np.float32))
