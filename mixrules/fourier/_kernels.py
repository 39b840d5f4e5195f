"""Compiled transforms of `mixrules.fourier`: forward into its spectra and back."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules._support.jit import jit, jit_inside
from mixrules.fourier import LANES, ROWS, Tables

Array = npt.NDArray[np.floating[Any]]
Factors = npt.NDArray[np.complexfloating[Any, Any]]

_WIDTH = 2 * LANES  # of one complex number in all lanes


@jit
def forward_64(signals: Array, tables: Tables) -> None:
    """Transform in place signals that are folded and turned; `signals` is as of `silent_signals`, in one dimension.

    One kernel a length: what is constant in it makes it fast, and takes seconds to compile.
    """
    _forward(signals, 64, tables)


@jit
def forward_256(signals: Array, tables: Tables) -> None:
    """Do as `forward_64` with 256 columns."""
    _forward(signals, 256, tables)


@jit
def backward_64(spectra: Array, tables: Tables) -> None:
    """Undo `forward_64` but for a factor of 4096."""
    _backward(spectra, 64, tables)


@jit
def backward_256(spectra: Array, tables: Tables) -> None:
    """Undo `forward_256` but for a factor of 16384."""
    _backward(spectra, 256, tables)


@jit_inside
def _forward(signals: Array, columns: int, tables: Tables) -> None:
    row = (columns + 1) * _WIDTH
    roots, between = tables.column, tables.between
    # A column's numbers are brought close together by its first pass and back to their rows by its last.
    near = np.empty(ROWS * _WIDTH, signals.dtype)
    for c in range(columns):
        for j in range(16):
            source = signals[j * row + c * _WIDTH : (j + 48) * row + (c + 1) * _WIDTH]
            target = near[j * _WIDTH : (j + 49) * _WIDTH]
            _split(source, 16 * row, target, 16 * _WIDTH, roots[0], roots[j], roots[2 * j], roots[3 * j])
        _split_pass(near, 64, 16, roots)
        for j in range(0, 64, 4):
            source = near[j * _WIDTH : (j + 4) * _WIDTH]
            target = signals[j * row + c * _WIDTH : (j + 3) * row + (c + 1) * _WIDTH]
            _split(
                source,
                _WIDTH,
                target,
                row,
                between[j, c],
                between[j + 1, c],
                between[j + 2, c],
                between[j + 3, c],
            )
    for r in range(ROWS):
        part = signals[r * row : r * row + columns * _WIDTH]
        if columns == 256:
            _split_pass(part, columns, 256, tables.row)
        _split_pass(part, columns, 64, tables.row)
        _split_pass(part, columns, 16, tables.row)
        _split_pass(part, columns, 4, tables.row)


@jit_inside
def _backward(spectra: Array, columns: int, tables: Tables) -> None:
    row = (columns + 1) * _WIDTH
    roots, between = tables.column, tables.between
    for r in range(ROWS):
        part = spectra[r * row : r * row + columns * _WIDTH]
        _join_pass(part, columns, 4, tables.row)
        _join_pass(part, columns, 16, tables.row)
        _join_pass(part, columns, 64, tables.row)
        if columns == 256:
            _join_pass(part, columns, 256, tables.row)
    near = np.empty(ROWS * _WIDTH, spectra.dtype)
    for c in range(columns):
        for j in range(0, 64, 4):
            source = spectra[j * row + c * _WIDTH : (j + 3) * row + (c + 1) * _WIDTH]
            target = near[j * _WIDTH : (j + 4) * _WIDTH]
            _join(
                source,
                row,
                target,
                _WIDTH,
                between[j, c],
                between[j + 1, c],
                between[j + 2, c],
                between[j + 3, c],
            )
        _join_pass(near, 64, 16, roots)
        for j in range(16):
            source = near[j * _WIDTH : (j + 49) * _WIDTH]
            target = spectra[j * row + c * _WIDTH : (j + 48) * row + (c + 1) * _WIDTH]
            _join(source, 16 * _WIDTH, target, 16 * row, roots[0], roots[j], roots[2 * j], roots[3 * j])


@jit_inside
def _split_pass(line: Array, size: int, span: int, roots: Factors) -> None:
    """Split each stretch of `span` numbers of a line into four."""
    quarter = span // 4
    step = size // span
    for begin in range(0, size, span):
        for j in range(quarter):
            part = line[(begin + j) * _WIDTH : (begin + j + 3 * quarter + 1) * _WIDTH]
            apart = quarter * _WIDTH
            _split(
                part, apart, part, apart, roots[0], roots[j * step], roots[2 * j * step], roots[3 * j * step]
            )


@jit_inside
def _join_pass(line: Array, size: int, span: int, roots: Factors) -> None:
    """Join four stretches to each of `span` numbers of a line: `_split_pass` undone."""
    quarter = span // 4
    step = size // span
    for begin in range(0, size, span):
        for j in range(quarter):
            part = line[(begin + j) * _WIDTH : (begin + j + 3 * quarter + 1) * _WIDTH]
            apart = quarter * _WIDTH
            _join(
                part, apart, part, apart, roots[0], roots[j * step], roots[2 * j * step], roots[3 * j * step]
            )


@jit_inside
def _split(
    x: Array, apart: int, y: Array, spread: int, w0: complex, w1: complex, w2: complex, w3: complex
) -> None:
    """Transform four numbers, `apart` from one another in `x`, and multiply them: decimation in frequency."""
    for i in range(LANES):
        k = i + LANES
        even_r, even_i = x[i] + x[2 * apart + i], x[k] + x[2 * apart + k]
        odd_r, odd_i = x[apart + i] + x[3 * apart + i], x[apart + k] + x[3 * apart + k]
        less_r, less_i = x[i] - x[2 * apart + i], x[k] - x[2 * apart + k]
        side_r, side_i = x[apart + i] - x[3 * apart + i], x[apart + k] - x[3 * apart + k]
        a, b = even_r + odd_r, even_i + odd_i
        y[i], y[k] = a * w0.real - b * w0.imag, a * w0.imag + b * w0.real
        a, b = less_r + side_i, less_i - side_r
        y[spread + i], y[spread + k] = a * w1.real - b * w1.imag, a * w1.imag + b * w1.real
        a, b = even_r - odd_r, even_i - odd_i
        y[2 * spread + i], y[2 * spread + k] = a * w2.real - b * w2.imag, a * w2.imag + b * w2.real
        a, b = less_r - side_i, less_i + side_r
        y[3 * spread + i], y[3 * spread + k] = a * w3.real - b * w3.imag, a * w3.imag + b * w3.real


@jit_inside
def _join(
    x: Array, apart: int, y: Array, spread: int, w0: complex, w1: complex, w2: complex, w3: complex
) -> None:
    """Divide four numbers by their factors and transform them back, times 4: `_split` undone."""
    for i in range(LANES):
        k = i + LANES
        r0, i0 = x[i] * w0.real + x[k] * w0.imag, x[k] * w0.real - x[i] * w0.imag
        a, b = x[apart + i], x[apart + k]
        r1, i1 = a * w1.real + b * w1.imag, b * w1.real - a * w1.imag
        a, b = x[2 * apart + i], x[2 * apart + k]
        r2, i2 = a * w2.real + b * w2.imag, b * w2.real - a * w2.imag
        a, b = x[3 * apart + i], x[3 * apart + k]
        r3, i3 = a * w3.real + b * w3.imag, b * w3.real - a * w3.imag
        even_r, even_i, less_r, less_i = r0 + r2, i0 + i2, r0 - r2, i0 - i2
        odd_r, odd_i, side_r, side_i = r1 + r3, i1 + i3, r1 - r3, i1 - i3
        y[i], y[k] = even_r + odd_r, even_i + odd_i
        y[spread + i], y[spread + k] = less_r - side_i, less_i + side_r
        y[2 * spread + i], y[2 * spread + k] = even_r - odd_r, even_i - odd_i
        y[3 * spread + i], y[3 * spread + k] = less_r + side_i, less_i - side_r
