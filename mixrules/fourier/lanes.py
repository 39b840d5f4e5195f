"""Fourier transforms of many real signals side by side, in single or double precision.

A transform of one signal spends its time on moving numbers between vector lanes. Here each lane holds a signal
of its own, so that every step is plain arithmetic on whole vectors, with factors that all lanes share.

A real signal of 2 M samples is folded into M complex numbers, sample n the real part and sample n + M the
imaginary part, and turned by a quarter of a circle over its length (H. J. Nussbaumer, "Fast Fourier Transform
and Convolution Algorithms", 1982: a product modulo x^2M + 1 is one modulo x^M - i). Its transform holds the
spectrum at odd multiples of half a bin: M values, none at 0 or at half the sample rate. Products of such
spectra convolve the signals in a circle of 2 M samples that turns the sign where it closes.

M is 64 rows times 64 or 256 columns; columns are transformed first, then rows (W. M. Gentleman and G. Sande,
"Fast Fourier transforms: for fun and profit", AFIPS 1966), in passes of radix 4. Spectra come out in the order
that falls out of it, which is the one that the way back expects; `bins` tells it.
"""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from mixrules.errors import ParameterError

Array = npt.NDArray[np.floating[Any]]
Factors = npt.NDArray[np.complexfloating[Any, Any]]

LANES = 32
"""How many signals are transformed at once."""

ROWS = 64


class Tables(NamedTuple):
    """Factors of the transforms of one length."""

    turn: Factors  # (M,): what turns a folded signal
    between: Factors  # (64, columns): between the columns' and the rows' transforms
    column: Factors  # (64,): the roots of unity of a column
    row: Factors  # (columns,): and of a row


@functools.lru_cache(maxsize=4)
def tables(columns: int, dtype: np.dtype[Any]) -> Tables:
    """Return the factors of the transforms of one length.

    Parameters
    ----------
    columns : int
        64 or 256: for signals of 8192 or of 32768 samples.
    dtype : dtype
        Of the signals: float32 or float64.

    Returns
    -------
    Tables
        Shared; not to be written to.

    Raises
    ------
    ParameterError
        If there is no transform of that length.
    """
    if columns not in (64, 256):
        raise ParameterError(f"columns must be 64 or 256, got {columns!r}")
    size = ROWS * columns

    def circle(quarters: npt.NDArray[Any]) -> Factors:
        factors = np.exp(0.5j * np.pi * quarters).astype(np.result_type(dtype, np.complex64))
        factors.flags.writeable = False
        return factors

    return Tables(
        circle(np.arange(size) / size),
        circle(-4.0 / size * np.outer(_order(ROWS), np.arange(columns))),
        circle(-4.0 / ROWS * np.arange(ROWS)),
        circle(-4.0 / columns * np.arange(columns)),
    )


def bins(columns: int) -> npt.NDArray[np.int64]:
    """Return which bin each place of a spectrum holds.

    Parameters
    ----------
    columns : int
        64 or 256.

    Returns
    -------
    ndarray of int64, shape (64, columns)
        Bin k is the frequency of k + 1/2 periods over the signal: at a place with bin 3 stands, up to a
        complex conjugate, what 3.5 periods have in common with the signal.
    """
    size = ROWS * columns
    place = _order(ROWS)[:, np.newaxis] + ROWS * _order(columns)
    # A place holds the spectrum at 2 place - 1/2 periods, in magnitude that at the mirrored frequency.
    return np.where((place > 0) & (2 * place <= size), 2 * place - 1, 2 * (size - place) % (2 * size))


def silent_signals(columns: int, dtype: np.dtype[Any]) -> Array:
    """Return room for the signals of all lanes, all zero.

    Parameters
    ----------
    columns : int
        64 or 256.
    dtype : dtype
        float32 or float64.

    Returns
    -------
    ndarray, shape (64, columns + 1, 2, LANES)
        Real and imaginary parts; number ``row * columns + column`` of a signal stands at that row and column. The
        column more than there are keeps rows apart in the processor's cache.
    """
    return np.zeros((ROWS, columns + 1, 2, LANES), dtype)


def forward(signals: Array, columns: int) -> None:
    """Transform in place signals that are folded and turned.

    Parameters
    ----------
    signals : ndarray, shape of `silent_signals`, in one dimension
        Folded, and multiplied by the table `turn`.
    columns : int
        64 or 256.
    """
    from mixrules.fourier import _kernels

    transform = _kernels.forward_64 if columns == 64 else _kernels.forward_256
    transform(signals, tables(columns, signals.dtype))


def backward(spectra: Array, columns: int) -> None:
    """Undo `forward` but for a factor of 64 times `columns`; parameters as there."""
    from mixrules.fourier import _kernels

    transform = _kernels.backward_64 if columns == 64 else _kernels.backward_256
    transform(spectra, tables(columns, spectra.dtype))


def _order(size: int) -> npt.NDArray[np.int64]:
    """Return which frequency passes of radix 4 leave at each place: the one with its digits reversed."""
    order = np.zeros(1, np.int64)
    while order.size < size:
        order = (order + order.size * np.arange(4)[:, np.newaxis]).T.reshape(-1)
    return order
