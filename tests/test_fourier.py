"""Transforms in lanes, against scipy's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.fft

from mixrules.errors import ParameterError
from mixrules.fourier import (
    LANES,
    ROWS,
    backward,
    bin_order,
    fold,
    fold_weights,
    forward,
    twiddle_factors,
    zero_signals,
)

SIZES = pytest.mark.parametrize("columns", [64, 256])
TYPES = pytest.mark.parametrize(("dtype", "close"), [(np.float32, 2e-6), (np.float64, 1e-14)])


def folded(signals: np.ndarray, columns: int, dtype: Any) -> np.ndarray:
    """Return signals, (lanes, samples), folded as `forward` expects them."""
    samples = signals.shape[1]
    lanes = zero_signals(columns, np.dtype(dtype))
    weights = fold_weights(np.ones(samples), columns, np.dtype(dtype))
    fold(signals.astype(dtype).reshape(-1), np.arange(LANES) * samples, weights, columns, lanes)
    return lanes


@SIZES
@TYPES
def test_a_spectrum_is_scipys_at_half_bins(
    rng: np.random.Generator, columns: int, dtype: Any, close: float
) -> None:
    half = ROWS * columns
    signals = rng.standard_normal((LANES, 2 * half))
    lanes = folded(signals, columns, dtype)
    forward(lanes, columns)
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
    forward(lanes, columns)
    backward(lanes, columns)
    lanes /= ROWS * columns
    np.testing.assert_allclose(lanes[:, :columns], before[:, :columns], atol=10 * close, rtol=0)


@SIZES
@TYPES
def test_a_frame_is_windowed_and_shifted_by_half_a_bin(
    rng: np.random.Generator, columns: int, dtype: Any, close: float
) -> None:
    half = ROWS * columns
    signal, window = rng.standard_normal(2 * half + 200).astype(dtype), rng.random(2 * half)
    starts = rng.integers(0, 200, LANES)
    lanes = zero_signals(columns, np.dtype(dtype))
    fold(signal, starts, fold_weights(window, columns, np.dtype(dtype)), columns, lanes)
    frames = window * signal[starts[:, np.newaxis] + np.arange(2 * half)]
    folded = (frames[:, :half] + 1j * frames[:, half:]) * np.exp(0.5j * np.pi * np.arange(half) / half)
    found = (lanes[:, :columns, 0] + 1j * lanes[:, :columns, 1]).reshape(half, LANES)
    np.testing.assert_allclose(found, folded.T, atol=close, rtol=0)


@SIZES
@TYPES
def test_signals_begin_with_a_line_of_the_cache(columns: int, dtype: Any, close: float) -> None:
    for sets in ((), (2,)):
        signals = zero_signals(columns, np.dtype(dtype), sets)
        assert signals.shape == (*sets, ROWS, columns + 1, 2, LANES)
        assert signals.ctypes.data % 64 == 0
        assert not signals.any()


@SIZES
def test_every_bin_has_one_index(columns: int) -> None:
    assert sorted(bin_order(columns).reshape(-1)) == list(range(ROWS * columns))


def test_lanes_are_independent(rng: np.random.Generator) -> None:
    signals = np.zeros((LANES, 8192))
    signals[5] = rng.standard_normal(8192)
    lanes = folded(signals, 64, np.float32)
    forward(lanes, 64)
    assert np.abs(np.delete(lanes, 5, axis=3)).max() == 0.0


def test_there_are_two_lengths() -> None:
    with pytest.raises(ParameterError, match="columns must be 64 or 256, got 128"):
        twiddle_factors(128, np.dtype(np.float32))
