"""Compiled loops of the convolver: products of the spectra of a signal's segments, and segments out of SIMD lanes.

Spectra are those of `mixrules.fourier`, with 64 columns: segments of 4096 samples, each transformed with the
one before it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules._support.jit import jit
from mixrules._support.pointers import copy, elements, local, viewed
from mixrules.fourier import LANES, ROWS
from mixrules.processors.convolver import COLUMNS, PARTITION_SAMPLES

Array = npt.NDArray[np.floating[Any]]
Factors = npt.NDArray[np.complexfloating[Any, Any]]

PARTITIONS_AT_ONCE = 2
_TILE = 16  # samples: a cache line of single precision
_WIDTH = 2 * LANES  # of one complex number in all lanes
_TILE_NUMBERS = _TILE * _WIDTH
_SUMS = 4 * LANES
_SIDE = ROWS * (COLUMNS + 1) * _WIDTH


@jit
def multiply_spectra(spectra: Array, segments: int, response: Array, delay_line: Array, out: Array) -> None:
    """Multiply the spectra of segments with those of the response's partitions, and sum the products of each segment.

    `response` is (PARTITION_SAMPLES, 4, partitions): real and imaginary parts for the left, then for the right.
    `delay_line` is (PARTITION_SAMPLES, 2, partitions + LANES): the spectra of the latest segments, to which `spectra`
    is appended and which is shifted by `segments`. `out` is (2, ...), each side as `spectra`.
    """
    _, _, partitions = response.shape
    _, _, delays = delay_line.shape
    # A variable, of which LLVM knows that no lanes are left over after whole vectors, but no more: if it knew the number,
    # it would keep all sums in registers, of which there are too few.
    lanes = (delays - partitions) & -LANES
    sums = local(_SUMS, out.dtype)
    for index in range(PARTITION_SAMPLES):
        begin = (index + index // COLUMNS) * _WIDTH
        latest = elements(spectra, begin)
        real = elements(delay_line, 2 * index * delays)
        imaginary = elements(real, delays)
        copy(elements(real, partitions), latest, LANES)
        copy(elements(imaginary, partitions), elements(latest, LANES), LANES)
        for i in range(_SUMS):
            sums[i] = 0.0
        for partition in range(0, partitions, PARTITIONS_AT_ONCE):
            # The first of two partitions meets the latest segments, the second one those before.
            first, second = delays - LANES - partition, partitions - partition - 1
            real0, real1 = elements(real, first), elements(real, second)
            imaginary0, imaginary1 = elements(imaginary, first), elements(imaginary, second)
            left = elements(response, 4 * index * partitions + partition)
            right = elements(left, 2 * partitions)
            c0, c1 = left[0], left[1]
            d0, d1 = left[partitions], left[partitions + 1]
            e0, e1 = right[0], right[1]
            f0, f1 = right[partitions], right[partitions + 1]
            for i in range(lanes):
                a0, a1 = real0[i], real1[i]
                b0, b1 = imaginary0[i], imaginary1[i]
                sums[i] += a0 * c0 - b0 * d0 + a1 * c1 - b1 * d1
                sums[LANES + i] += a0 * d0 + b0 * c0 + a1 * d1 + b1 * c1
                sums[2 * LANES + i] += a0 * e0 - b0 * f0 + a1 * e1 - b1 * f1
                sums[3 * LANES + i] += a0 * f0 + b0 * e0 + a1 * f1 + b1 * e1
        copy(elements(out, begin), sums, _WIDTH)
        copy(elements(out, _SIDE + begin), elements(sums, _WIDTH), _WIDTH)
        copy(real, elements(real, segments), partitions)
        copy(imaginary, elements(imaginary, segments), partitions)


@jit
def unfold_segments(sides: Array, shift: Factors, out: Factors) -> None:
    """Undo the half-bin shift of both sides and write the valid half of overlap-save, the second, to `out`.

    `out` is LANES segments long: left and right are moved as one complex number.
    """
    tile = local(_TILE_NUMBERS, sides.dtype)
    frames = viewed(tile, out.dtype)
    for first in range(0, PARTITION_SAMPLES, _TILE):
        for i in range(_TILE):
            number = first + i
            a = elements(sides, (number + number // COLUMNS) * _WIDTH)
            b, stereo = elements(a, _SIDE), elements(tile, i * _WIDTH)
            factor = elements(shift, number)[0]
            c, d = factor.real, factor.imag
            for lane in range(LANES):
                stereo[2 * lane] = a[LANES + lane] * c - a[lane] * d
                stereo[2 * lane + 1] = b[LANES + lane] * c - b[lane] * d
        for lane in range(LANES):
            source, target = elements(frames, lane), elements(out, lane * PARTITION_SAMPLES + first)
            for i in range(_TILE):
                target[i] = source[i * LANES]
