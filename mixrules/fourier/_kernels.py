"""Compiled transforms of `mixrules.fourier`: forward and backward."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules._support.jit import constant, jit, jit_inside
from mixrules.fourier import LANES, ROWS, TwiddleFactors

Array = npt.NDArray[np.floating[Any]]
Factors = npt.NDArray[np.complexfloating[Any, Any]]

_WIDTH = 2 * LANES  # of one complex number in all lanes
# What the functions below are called with; constant loop bounds make them fast.
_4, _16, _64, _256 = constant(4), constant(16), constant(64), constant(256)
_ONE_WIDTH, _SIXTEEN_WIDTHS = constant(_WIDTH), constant(16 * _WIDTH)


@jit
def forward_8192(signals: Array, factors: TwiddleFactors) -> None:
    """Transform folded signals in place; `signals` is that of `zero_signals`, flattened.

    One kernel for each length of the signals in samples.
    """
    _forward(signals, _64, factors)


@jit
def forward_32768(signals: Array, factors: TwiddleFactors) -> None:
    """Do as `forward_8192` for signals of 32768 samples."""
    _forward(signals, _256, factors)


@jit
def backward_8192(spectra: Array, factors: TwiddleFactors) -> None:
    """Undo `forward_8192` but for a factor of 4096."""
    _backward(spectra, _64, factors)


@jit
def backward_32768(spectra: Array, factors: TwiddleFactors) -> None:
    """Undo `forward_32768` but for a factor of 16384."""
    _backward(spectra, _256, factors)


@jit_inside
def _forward(signals: Array, columns: int, factors: TwiddleFactors) -> None:
    row = (columns + 1) * _WIDTH
    roots, twiddles = factors.column_roots, factors.twiddles
    # The first pass gathers a column's numbers in a small buffer, the last one writes them back to their rows.
    buffer = np.empty(ROWS * _WIDTH, signals.dtype)
    for c in range(columns):
        for j in range(16):
            source = signals[j * row + c * _WIDTH : (j + 48) * row + (c + 1) * _WIDTH]
            target = buffer[j * _WIDTH : (j + 49) * _WIDTH]
            _butterfly(
                source,
                16 * row,
                target,
                _SIXTEEN_WIDTHS,
                roots[0],
                roots[j],
                roots[2 * j],
                roots[3 * j],
            )
        _radix4_pass(buffer, _64, _16, roots)
        for j in range(0, 64, 4):
            source = buffer[j * _WIDTH : (j + 4) * _WIDTH]
            target = signals[j * row + c * _WIDTH : (j + 3) * row + (c + 1) * _WIDTH]
            _butterfly(
                source,
                _ONE_WIDTH,
                target,
                row,
                twiddles[j, c],
                twiddles[j + 1, c],
                twiddles[j + 2, c],
                twiddles[j + 3, c],
            )
    for r in range(ROWS):
        part = signals[r * row : r * row + columns * _WIDTH]
        if columns == 256:
            _radix4_pass(part, columns, _256, factors.row_roots)
        _radix4_pass(part, columns, _64, factors.row_roots)
        _radix4_pass(part, columns, _16, factors.row_roots)
        _radix4_pass(part, columns, _4, factors.row_roots)


@jit_inside
def _backward(spectra: Array, columns: int, factors: TwiddleFactors) -> None:
    row = (columns + 1) * _WIDTH
    roots, twiddles = factors.column_roots, factors.twiddles
    for r in range(ROWS):
        part = spectra[r * row : r * row + columns * _WIDTH]
        _inverse_radix4_pass(part, columns, _4, factors.row_roots)
        _inverse_radix4_pass(part, columns, _16, factors.row_roots)
        _inverse_radix4_pass(part, columns, _64, factors.row_roots)
        if columns == 256:
            _inverse_radix4_pass(part, columns, _256, factors.row_roots)
    buffer = np.empty(ROWS * _WIDTH, spectra.dtype)
    for c in range(columns):
        for j in range(0, 64, 4):
            source = spectra[j * row + c * _WIDTH : (j + 3) * row + (c + 1) * _WIDTH]
            target = buffer[j * _WIDTH : (j + 4) * _WIDTH]
            _inverse_butterfly(
                source,
                row,
                target,
                _ONE_WIDTH,
                twiddles[j, c],
                twiddles[j + 1, c],
                twiddles[j + 2, c],
                twiddles[j + 3, c],
            )
        _inverse_radix4_pass(buffer, _64, _16, roots)
        for j in range(16):
            source = buffer[j * _WIDTH : (j + 49) * _WIDTH]
            target = spectra[j * row + c * _WIDTH : (j + 48) * row + (c + 1) * _WIDTH]
            _inverse_butterfly(
                source,
                _SIXTEEN_WIDTHS,
                target,
                16 * row,
                roots[0],
                roots[j],
                roots[2 * j],
                roots[3 * j],
            )


@jit_inside
def _radix4_pass(numbers: Array, size: int, span: int, roots: Factors) -> None:
    """Run one pass in place over `size` numbers: split each transform of length `span` into four."""
    quarter = span // 4
    step = size // span
    stride = quarter * _WIDTH
    for begin in range(0, size, span):
        for j in range(quarter):
            part = numbers[(begin + j) * _WIDTH : (begin + j + 3 * quarter + 1) * _WIDTH]
            w1, w2, w3 = roots[j * step], roots[2 * j * step], roots[3 * j * step]
            _butterfly(part, stride, part, stride, roots[0], w1, w2, w3)


@jit_inside
def _inverse_radix4_pass(numbers: Array, size: int, span: int, roots: Factors) -> None:
    """Undo `_radix4_pass` but for a factor of 4. A flag in place of the copy would compile a third longer."""
    quarter = span // 4
    step = size // span
    stride = quarter * _WIDTH
    for begin in range(0, size, span):
        for j in range(quarter):
            part = numbers[(begin + j) * _WIDTH : (begin + j + 3 * quarter + 1) * _WIDTH]
            w1, w2, w3 = roots[j * step], roots[2 * j * step], roots[3 * j * step]
            _inverse_butterfly(part, stride, part, stride, roots[0], w1, w2, w3)


@jit_inside
def _butterfly(
    x: Array, x_stride: int, y: Array, y_stride: int, w0: complex, w1: complex, w2: complex, w3: complex
) -> None:
    """Transform four numbers of `x` into `y` and multiply them by `w0` to `w3`: radix 4, decimation in frequency."""
    for i in range(LANES):
        k = i + LANES
        even_r, even_i = x[i] + x[2 * x_stride + i], x[k] + x[2 * x_stride + k]
        odd_r, odd_i = x[x_stride + i] + x[3 * x_stride + i], x[x_stride + k] + x[3 * x_stride + k]
        even_diff_r, even_diff_i = x[i] - x[2 * x_stride + i], x[k] - x[2 * x_stride + k]
        odd_diff_r, odd_diff_i = x[x_stride + i] - x[3 * x_stride + i], x[x_stride + k] - x[3 * x_stride + k]
        a, b = even_r + odd_r, even_i + odd_i
        y[i], y[k] = a * w0.real - b * w0.imag, a * w0.imag + b * w0.real
        a, b = even_diff_r + odd_diff_i, even_diff_i - odd_diff_r
        y[y_stride + i], y[y_stride + k] = a * w1.real - b * w1.imag, a * w1.imag + b * w1.real
        a, b = even_r - odd_r, even_i - odd_i
        y[2 * y_stride + i], y[2 * y_stride + k] = a * w2.real - b * w2.imag, a * w2.imag + b * w2.real
        a, b = even_diff_r - odd_diff_i, even_diff_i + odd_diff_r
        y[3 * y_stride + i], y[3 * y_stride + k] = a * w3.real - b * w3.imag, a * w3.imag + b * w3.real


@jit_inside
def _inverse_butterfly(
    x: Array, x_stride: int, y: Array, y_stride: int, w0: complex, w1: complex, w2: complex, w3: complex
) -> None:
    """Undo `_butterfly`, from `x` into `y`, but for a factor of 4."""
    for i in range(LANES):
        k = i + LANES
        r0, i0 = x[i] * w0.real + x[k] * w0.imag, x[k] * w0.real - x[i] * w0.imag
        a, b = x[x_stride + i], x[x_stride + k]
        r1, i1 = a * w1.real + b * w1.imag, b * w1.real - a * w1.imag
        a, b = x[2 * x_stride + i], x[2 * x_stride + k]
        r2, i2 = a * w2.real + b * w2.imag, b * w2.real - a * w2.imag
        a, b = x[3 * x_stride + i], x[3 * x_stride + k]
        r3, i3 = a * w3.real + b * w3.imag, b * w3.real - a * w3.imag
        even_r, even_i, even_diff_r, even_diff_i = r0 + r2, i0 + i2, r0 - r2, i0 - i2
        odd_r, odd_i, odd_diff_r, odd_diff_i = r1 + r3, i1 + i3, r1 - r3, i1 - i3
        y[i], y[k] = even_r + odd_r, even_i + odd_i
        y[y_stride + i], y[y_stride + k] = even_diff_r - odd_diff_i, even_diff_i + odd_diff_r
        y[2 * y_stride + i], y[2 * y_stride + k] = even_r - odd_r, even_i - odd_i
        y[3 * y_stride + i], y[3 * y_stride + k] = even_diff_r + odd_diff_i, even_diff_i - odd_diff_r
