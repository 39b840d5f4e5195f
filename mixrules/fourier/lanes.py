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
    """Return the factors for signals of 128 times `columns` samples of a type; `columns` is 64 or 256."""
    size = ROWS * columns

    def circle(quarters: npt.NDArray[Any]) -> Factors:
        return np.exp(0.5j * np.pi * quarters).astype(np.result_type(dtype, np.complex64))

    return Tables(
        circle(np.arange(size) / size),
        circle(-4.0 / size * np.outer(_order(ROWS), np.arange(columns))),
        circle(-4.0 / ROWS * np.arange(ROWS)),
        circle(-4.0 / columns * np.arange(columns)),
    )


def bins(columns: int) -> npt.NDArray[np.int64]:
    """Return for each place of a spectrum, (64, columns), its bin: bin k is the frequency of k + 1/2 periods."""
    size = ROWS * columns
    place = _order(ROWS)[:, np.newaxis] + ROWS * _order(columns)
    # A place holds the spectrum at 2 place - 1/2 periods, in magnitude that at the mirrored frequency.
    return np.where((place > 0) & (2 * place <= size), 2 * place - 1, 2 * (size - place) % (2 * size))


def empty_signals(columns: int, dtype: np.dtype[Any]) -> Array:
    """Return room for the signals of all lanes: (64, columns + 1, 2, LANES), real and imaginary parts.

    The column more than there are keeps rows apart in the processor's cache.
    """
    return np.zeros((ROWS, columns + 1, 2, LANES), dtype)


def _order(size: int) -> npt.NDArray[np.int64]:
    """Return which frequency passes of radix 4 leave at each place: the one with its digits reversed."""
    order = np.zeros(1, np.int64)
    while order.size < size:
        order = (order + order.size * np.arange(4)[:, np.newaxis]).T.reshape(-1)
    return order
