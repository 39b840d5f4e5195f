"""Transforms in lanes, against scipy's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.fft

from mixrules.errors import ParameterError
from mixrules.fourier import LANES, ROWS, backward, bins, forward, silent_signals, tables

SIZES = pytest.mark.parametrize("columns", [64, 256])
TYPES = pytest.mark.parametrize(("dtype", "close"), [(np.float32, 2e-6), (np.float64, 1e-14)])


def folded(signals: np.ndarray, columns: int, dtype: Any) -> np.ndarray:
    """Return signals, (lanes, samples), as `forward` wants them."""
    half = ROWS * columns
    turned = (signals[:, :half] + 1j * signals[:, half:]) * tables(columns, np.dtype(dtype)).turn
    room = silent_signals(columns, np.dtype(dtype))
    room[:, :columns, 0] = turned.real.T.reshape(ROWS, columns, LANES)
    room[:, :columns, 1] = turned.imag.T.reshape(ROWS, columns, LANES)
    return room


@SIZES
@TYPES
def test_a_spectrum_is_scipys_at_half_bins(
    rng: np.random.Generator, columns: int, dtype: Any, close: float
) -> None:
    half = ROWS * columns
    signals = rng.standard_normal((LANES, 2 * half))
    room = folded(signals, columns, dtype)
    forward(room.reshape(-1), columns)
    # scipy has bins at whole periods: those of a signal turned by half a period are half a bin higher.
    shifted = scipy.fft.fft(signals * np.exp(-1j * np.pi * np.arange(2 * half) / (2 * half)), axis=1)
    expected = np.abs(shifted[:, :half]).T[bins(columns)]
    found = np.hypot(room[:, :columns, 0], room[:, :columns, 1])
    np.testing.assert_allclose(found, expected, atol=close * expected.max(), rtol=0)


@SIZES
@TYPES
def test_the_way_back_undoes_it(rng: np.random.Generator, columns: int, dtype: Any, close: float) -> None:
    before = folded(rng.standard_normal((LANES, 2 * ROWS * columns)), columns, dtype)
    room = before.copy()
    forward(room.reshape(-1), columns)
    backward(room.reshape(-1), columns)
    room /= ROWS * columns
    np.testing.assert_allclose(room[:, :columns], before[:, :columns], atol=10 * close, rtol=0)


@SIZES
def test_every_bin_has_one_place(columns: int) -> None:
    assert sorted(bins(columns).reshape(-1)) == list(range(ROWS * columns))


def test_lanes_do_not_hear_one_another(rng: np.random.Generator) -> None:
    signals = np.zeros((LANES, 8192))
    signals[5] = rng.standard_normal(8192)
    room = folded(signals, 64, np.float32)
    forward(room.reshape(-1), 64)
    assert np.abs(np.delete(room, 5, axis=3)).max() == 0.0


def test_there_are_two_lengths() -> None:
    with pytest.raises(ParameterError, match="columns must be 64 or 256, got 128"):
        tables(128, np.dtype(np.float32))
