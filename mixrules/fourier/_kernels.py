"""Compiled loops of `mixrules.fourier`: fold signals, transform them forward and backward.

`signals` and `spectra` are arrays of `zero_signals`. The factors are those of `TwiddleFactors`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules._support.apart_pointers import apart
from mixrules._support.jit import jit
from mixrules._support.pointers import elements, local
from mixrules.fourier import LANES, ROWS

Array = npt.NDArray[np.floating[Any]]
Integers = npt.NDArray[np.int64]

_WIDTH = 2 * LANES  # of one complex number in all lanes
_COLUMN_FACTORS = 8 * (1 + 4 + 16)  # real numbers: of the three passes over 64 numbers
_TILE = 16  # samples: a cache line of single precision
_TILE_NUMBERS = _TILE * _WIDTH


@jit
def fold(audio: Array, starts: Integers, weights: Array, columns: int, signals: Array) -> None:
    """Fold LANES frames of `audio`, one from each of `starts` on; `weights` are those of `fold_weights`.

    Tile by tile, so that each line of the cache is read as a whole before it is needed for another lane.
    """
    size = ROWS * columns
    tile = local(_TILE_NUMBERS, signals.dtype)
    begins = elements(starts, 0)
    for first in range(0, size, _TILE):
        for lane in range(LANES):
            source = elements(audio, begins[lane] + first)
            target = elements(tile, lane)
            for i in range(_TILE):
                target[i * _WIDTH] = source[i]
                target[i * _WIDTH + LANES] = source[size + i]
        for i in range(_TILE):
            number = first + i
            x, y = elements(tile, i * _WIDTH), elements(signals, (number + number // columns) * _WIDTH)
            w = elements(weights, 4 * number)
            c, d = w[0], w[1]
            e, f = w[2], w[3]
            for lane in range(LANES):
                a, b = x[lane], x[LANES + lane]
                y[lane], y[LANES + lane] = a * c + b * e, a * d + b * f


@jit
def forward(signals: Array, columns: int, roots: Array, twiddles: Array) -> None:
    """Transform folded signals in place: each column in passes of radix 4, decimation in frequency, then each row.

    A pass splits the transforms of `span` numbers into four of a quarter each.
    """
    row = (columns + 1) * _WIDTH
    for transform in range(columns + ROWS):
        if transform < columns:
            first, stride, size, at = transform * _WIDTH, row, ROWS, _COLUMN_FACTORS
        else:
            first, stride, size, at = (transform - columns) * row, _WIDTH, columns, roots.size
        span = size
        while span > 1:
            quarter = span // 4
            at -= 8 * quarter
            distance = quarter * stride
            for begin in range(0, size, span):
                for j in range(quarter):
                    w = elements(roots, at + 8 * j)
                    if span == 4 and transform < columns:
                        w = elements(twiddles, 2 * (transform * ROWS + begin))
                    x = elements(signals, first + (begin + j) * stride)
                    x0, x1 = apart(x, 0), apart(elements(x, distance), 1)
                    x2, x3 = apart(elements(x, 2 * distance), 2), apart(elements(x, 3 * distance), 3)
                    w0_r, w0_i = w[0], w[1]
                    w1_r, w1_i = w[2], w[3]
                    w2_r, w2_i = w[4], w[5]
                    w3_r, w3_i = w[6], w[7]
                    for i in range(LANES):
                        k = i + LANES
                        a_r, a_i = x0[i], x0[k]
                        b_r, b_i = x2[i], x2[k]
                        even_r, even_i = a_r + b_r, a_i + b_i
                        even_diff_r, even_diff_i = a_r - b_r, a_i - b_i
                        a_r, a_i = x1[i], x1[k]
                        b_r, b_i = x3[i], x3[k]
                        odd_r, odd_i = a_r + b_r, a_i + b_i
                        odd_diff_r, odd_diff_i = a_r - b_r, a_i - b_i
                        a_r, a_i = even_r + odd_r, even_i + odd_i
                        x0[i], x0[k] = a_r * w0_r - a_i * w0_i, a_r * w0_i + a_i * w0_r
                        a_r, a_i = even_diff_r + odd_diff_i, even_diff_i - odd_diff_r
                        x1[i], x1[k] = a_r * w1_r - a_i * w1_i, a_r * w1_i + a_i * w1_r
                        a_r, a_i = even_r - odd_r, even_i - odd_i
                        x2[i], x2[k] = a_r * w2_r - a_i * w2_i, a_r * w2_i + a_i * w2_r
                        a_r, a_i = even_diff_r - odd_diff_i, even_diff_i + odd_diff_r
                        x3[i], x3[k] = a_r * w3_r - a_i * w3_i, a_r * w3_i + a_i * w3_r
            span = quarter


@jit
def backward(spectra: Array, columns: int, roots: Array, twiddles: Array) -> None:
    """Undo `forward`, pass by pass from its last to its first, but for a factor of 64 times `columns`."""
    row = (columns + 1) * _WIDTH
    for transform in range(ROWS + columns):
        if transform < ROWS:
            first, stride, size = transform * row, _WIDTH, columns
        else:
            first, stride, size = (transform - ROWS) * _WIDTH, row, ROWS
        at, quarter = 0, 1
        while quarter < size:
            span, distance = 4 * quarter, quarter * stride
            for begin in range(0, size, span):
                for j in range(quarter):
                    w = elements(roots, at + 8 * j)
                    if quarter == 1 and transform >= ROWS:
                        w = elements(twiddles, 2 * ((transform - ROWS) * ROWS + begin))
                    x = elements(spectra, first + (begin + j) * stride)
                    x0, x1 = apart(x, 0), apart(elements(x, distance), 1)
                    x2, x3 = apart(elements(x, 2 * distance), 2), apart(elements(x, 3 * distance), 3)
                    w0_r, w0_i = w[0], w[1]
                    w1_r, w1_i = w[2], w[3]
                    w2_r, w2_i = w[4], w[5]
                    w3_r, w3_i = w[6], w[7]
                    for i in range(LANES):
                        k = i + LANES
                        a_r, a_i = x0[i], x0[k]
                        b_r, b_i = a_r * w0_r + a_i * w0_i, a_i * w0_r - a_r * w0_i
                        a_r, a_i = x2[i], x2[k]
                        c_r, c_i = a_r * w2_r + a_i * w2_i, a_i * w2_r - a_r * w2_i
                        even_r, even_i = b_r + c_r, b_i + c_i
                        even_diff_r, even_diff_i = b_r - c_r, b_i - c_i
                        a_r, a_i = x1[i], x1[k]
                        b_r, b_i = a_r * w1_r + a_i * w1_i, a_i * w1_r - a_r * w1_i
                        a_r, a_i = x3[i], x3[k]
                        c_r, c_i = a_r * w3_r + a_i * w3_i, a_i * w3_r - a_r * w3_i
                        odd_r, odd_i = b_r + c_r, b_i + c_i
                        odd_diff_r, odd_diff_i = b_r - c_r, b_i - c_i
                        x0[i], x0[k] = even_r + odd_r, even_i + odd_i
                        x1[i], x1[k] = even_diff_r - odd_diff_i, even_diff_i + odd_diff_r
                        x2[i], x2[k] = even_r - odd_r, even_i - odd_i
                        x3[i], x3[k] = even_diff_r + odd_diff_i, even_diff_i - odd_diff_r
            at += 8 * quarter
            quarter = span
