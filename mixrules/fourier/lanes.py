"""Fourier transforms of many real signals at once, in single or double precision.

A transform of one signal spends its time on moving numbers between SIMD lanes. Here each lane holds a signal of its
own, so that every step is plain arithmetic on whole vectors, and all lanes share the twiddle factors. On the reverb
that is four times as fast as scipy.fft.

A real signal of 2 M samples is folded into M complex numbers, sample n the real part and sample n + M the
imaginary part, and its frequencies are shifted by half a bin (H. J. Nussbaumer, "Fast Fourier Transform and
Convolution Algorithms", 1982: a product modulo x^2M + 1 is one modulo x^M - i). The transform is the spectrum at odd
multiples of half a bin: M values, none at 0 Hz or at half the sample rate. A product of two such spectra is a
negacyclic convolution of 2 M samples: what wraps around has its sign changed.

The transform is a four-step FFT: M numbers as a matrix of 64 rows and 64 or 256 columns; first the columns are
transformed, then multiplied by twiddle factors, then the rows are transformed (W. M. Gentleman and G. Sande, "Fast
Fourier transforms: for fun and profit", AFIPS 1966). Both use radix-4 passes, decimation in frequency. Spectra stay
in digit-reversed order, which the backward transform expects; `bin_order` says which bin is where.
"""

from __future__ import annotations

import functools
import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from mixrules.errors import ParameterError

Array = npt.NDArray[np.floating[Any]]
Integers = npt.NDArray[np.int64]
Factors = npt.NDArray[np.complexfloating[Any, Any]]

LANES = 32
"""How many signals are transformed at once."""

ROWS = 64

_CACHE_LINE_BYTES = 64


class TwiddleFactors(NamedTuple):
    """The complex factors of the transforms of one length, those of the passes as real and imaginary parts in turn."""

    half_bin_shift: Factors  # (M,): shifts the spectrum of a folded signal by half a bin
    roots: Array  # of the four numbers of each butterfly, for the passes over 4, 16, 64 (and 256) numbers
    twiddles: Array  # between the transforms of the columns and of the rows, column by column


@functools.lru_cache(maxsize=4)
def twiddle_factors(columns: int, dtype: np.dtype[Any]) -> TwiddleFactors:
    """Return the factors of the transforms of one length.

    Parameters
    ----------
    columns : int
        64 or 256: for signals of 8192 or of 32768 samples.
    dtype : dtype
        Of the signals: float32 or float64.

    Returns
    -------
    TwiddleFactors
        Shared and read-only.

    Raises
    ------
    ParameterError
        If there is no transform of that length.
    """
    if columns not in (64, 256):
        raise ParameterError(f"columns must be 64 or 256, got {columns!r}")
    size = ROWS * columns

    def unit_circle(quarter_turns: npt.NDArray[Any]) -> Factors:
        factors = np.exp(0.5j * np.pi * quarter_turns).astype(np.result_type(dtype, np.complex64))
        factors.flags.writeable = False
        return factors

    quarters = 4 ** np.arange(round(math.log(columns, 4)))
    of_butterflies = [
        np.outer(np.arange(quarter) / quarter, np.arange(4)).reshape(-1) for quarter in quarters
    ]
    return TwiddleFactors(
        unit_circle(np.arange(size) / size),
        unit_circle(-np.concatenate(of_butterflies)).view(dtype),
        unit_circle(-4.0 / size * np.outer(np.arange(columns), _digit_reversed(ROWS)).reshape(-1)).view(
            dtype
        ),
    )


def fold_weights(window: Array, columns: int, dtype: np.dtype[Any]) -> Array:
    """Return what `fold` multiplies the samples of a frame by.

    Parameters
    ----------
    window : ndarray, shape (128 * columns,)
        A window over the frame; ones for none.
    columns : int
        64 or 256.
    dtype : dtype
        float32 or float64.

    Returns
    -------
    ndarray, shape (64 * columns, 4)
        Per number, the real and imaginary factors of its sample in the first half, then of that in the second.
    """
    shifted = window.reshape(2, -1, 1) * twiddle_factors(columns, dtype).half_bin_shift[:, np.newaxis]
    first, second = shifted[0], 1j * shifted[1]
    return np.hstack([first.real, first.imag, second.real, second.imag]).astype(dtype)


def bin_order(columns: int) -> npt.NDArray[np.int64]:
    """Return the bin at each index of a spectrum.

    Parameters
    ----------
    columns : int
        64 or 256.

    Returns
    -------
    ndarray of int64, shape (64, columns)
        Bin k is the frequency of k + 1/2 periods over the signal: at an index with bin 3 is, up to a complex
        conjugate, the component of 3.5 periods.
    """
    size = ROWS * columns
    index = _digit_reversed(ROWS)[:, np.newaxis] + ROWS * _digit_reversed(columns)
    # The spectrum at 2 index - 1/2 periods, whose magnitude is that at the mirrored frequency.
    return np.where((index > 0) & (2 * index <= size), 2 * index - 1, 2 * (size - index) % (2 * size))


def zero_signals(columns: int, dtype: np.dtype[Any], sets: tuple[int, ...] = ()) -> Array:
    """Return an array for the signals of all lanes, all zero.

    Parameters
    ----------
    columns : int
        64 or 256.
    dtype : dtype
        float32 or float64.
    sets : tuple of int
        The shape of an array of sets of signals; empty for one.

    Returns
    -------
    ndarray, shape (*sets, 64, columns + 1, 2, LANES)
        Real and imaginary parts; number ``row * columns + column`` of a folded signal is at that row and column. The
        additional column keeps rows from sharing cache sets.
    """
    shape = (*sets, ROWS, columns + 1, 2, LANES)
    # No vector lies in two lines of the cache: transforms are a quarter faster.
    memory = np.zeros(math.prod(shape) * dtype.itemsize + _CACHE_LINE_BYTES, np.uint8)
    start = -memory.ctypes.data % _CACHE_LINE_BYTES
    return memory[start : start - _CACHE_LINE_BYTES].view(dtype).reshape(shape)


def fold(audio: Array, starts: Integers, weights: Array, columns: int, signals: Array) -> None:
    """Fold LANES frames of a signal for `forward`, one into each lane.

    Parameters
    ----------
    audio : ndarray, shape (samples,)
        The signal.
    starts : ndarray of int64, shape (LANES,)
        The first sample of each frame; all 128 times `columns` samples from there on are in `audio`.
    weights : ndarray
        Those of `fold_weights`.
    columns : int
        64 or 256.
    signals : ndarray, shape of `zero_signals`
        Where to write them.
    """
    from mixrules.fourier import _kernels

    _kernels.fold(audio, starts, weights, columns, signals.reshape(-1))


def forward(signals: Array, columns: int) -> None:
    """Transform folded signals in place.

    Parameters
    ----------
    signals : ndarray, shape of `zero_signals`
        Folded.
    columns : int
        64 or 256.
    """
    from mixrules.fourier import _kernels

    factors = twiddle_factors(columns, signals.dtype)
    _kernels.forward(signals.reshape(-1), columns, factors.roots, factors.twiddles)


def backward(spectra: Array, columns: int) -> None:
    """Undo `forward` but for a factor of 64 times `columns`; parameters as there."""
    from mixrules.fourier import _kernels

    factors = twiddle_factors(columns, spectra.dtype)
    _kernels.backward(spectra.reshape(-1), columns, factors.roots, factors.twiddles)


def _digit_reversed(size: int) -> npt.NDArray[np.int64]:
    """Return the frequency that radix-4 passes leave at each index: the index with its base-4 digits reversed."""
    order = np.zeros(1, np.int64)
    while order.size < size:
        order = (order + order.size * np.arange(4)[:, np.newaxis]).T.reshape(-1)
    return order
