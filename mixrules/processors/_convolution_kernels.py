"""Compiled loops of the convolver: segments of a signal in SIMD lanes, and products of their spectra.

Spectra are those of `mixrules.fourier`, with 64 columns: segments of 4096 samples, each transformed with the
one before it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules._support.jit import jit, jit_sums
from mixrules.fourier import LANES, ROWS, TwiddleFactors
from mixrules.processors.convolver import COLUMNS, PARTITION_SAMPLES

Array = npt.NDArray[np.floating[Any]]

PARTITIONS_AT_ONCE = 2
_TILE = 16  # samples: a cache line of single precision
_ROW_WIDTH = (COLUMNS + 1) * 2 * LANES


@jit_sums
def mean_of_channels(audio: Array, out: Array) -> bool:
    """Write the mean of the channels of `audio` to `out`, and zeros after its end; return whether it is not silent."""
    samples, channels = audio.shape
    scale = audio.dtype.type(1.0 / channels)
    if channels == 2:
        values = audio.reshape(-1)
        for i in range(samples):
            out[i] = scale * (values[2 * i] + values[2 * i + 1])
    else:
        for i in range(samples):
            value = audio[i, 0]
            for channel in range(1, channels):
                value += audio[i, channel]
            out[i] = value * scale
    out[samples:] = 0.0
    magnitude_sum = audio.dtype.type(0.0)
    for i in range(samples):
        magnitude_sum += abs(out[i])
    return not magnitude_sum == 0.0  # noqa: SIM201, a NaN is not silence


@jit
def fold_segments(audio: Array, factors: TwiddleFactors, out: Array) -> None:
    """Fold LANES segments, each with the one before it, and shift them by half a bin.

    `audio` is the last segment before them, then the segments. Neighbouring samples are moved in pairs, as one
    complex number.
    """
    width = LANES + 1
    sample_pairs = audio.view(factors.half_bin_shift.dtype)
    tile = np.empty(_TILE // 2 * width, sample_pairs.dtype)
    tile_samples = tile.view(audio.dtype)
    for row in range(ROWS):
        for column in range(0, COLUMNS, _TILE):
            first = row * COLUMNS + column
            for lane in range(width):
                begin = (lane * PARTITION_SAMPLES + first) // 2
                part = sample_pairs[begin : begin + _TILE // 2]
                for i in range(_TILE // 2):
                    tile[i * width + lane] = part[i]
            for i in range(0, _TILE, 2):
                begin = row * _ROW_WIDTH + (column + i) * 2 * LANES
                folded = out[begin : begin + 4 * LANES]
                pair = tile_samples[i * width : (i + 2) * width]
                shift, next_shift = factors.half_bin_shift[first + i], factors.half_bin_shift[first + i + 1]
                for lane in range(LANES):
                    a, b = pair[2 * lane], pair[2 * lane + 2]
                    c, d = pair[2 * lane + 1], pair[2 * lane + 3]
                    folded[lane] = a * shift.real - b * shift.imag
                    folded[LANES + lane] = a * shift.imag + b * shift.real
                    folded[2 * LANES + lane] = c * next_shift.real - d * next_shift.imag
                    folded[3 * LANES + lane] = c * next_shift.imag + d * next_shift.real


@jit
def multiply_spectra(spectra: Array, segments: int, response: Array, delay_line: Array, out: Array) -> None:
    """Multiply the spectra of segments with those of the response's partitions, and sum the products of each segment.

    `response` is (PARTITION_SAMPLES, 4, partitions): real and imaginary parts for the left, then for the right.
    `delay_line` is (PARTITION_SAMPLES, 2, partitions + LANES): the spectra of the latest segments, to which `spectra`
    is appended and which is shifted by `segments`. `out` is (2, ...), each side as `spectra`.
    """
    partitions = response.shape[2]
    sums = np.empty(4 * LANES, spectra.dtype)
    for row in range(ROWS):
        for column in range(COLUMNS):
            index = row * COLUMNS + column
            begin = row * _ROW_WIDTH + column * 2 * LANES
            latest = spectra[begin : begin + 2 * LANES]
            real, imaginary = delay_line[index, 0], delay_line[index, 1]
            new_real, new_imaginary = real[partitions:], imaginary[partitions:]
            for lane in range(LANES):
                new_real[lane] = latest[lane]
                new_imaginary[lane] = latest[LANES + lane]
            left_real, left_imaginary = response[index, 0], response[index, 1]
            right_real, right_imaginary = response[index, 2], response[index, 3]
            sums[:] = 0.0
            for partition in range(0, partitions, PARTITIONS_AT_ONCE):
                # The first of two partitions meets the latest segments, the second one those before.
                last = partitions - partition - PARTITIONS_AT_ONCE + 1
                a, b = real[last : last + LANES + 1], imaginary[last : last + LANES + 1]
                c0, c1, d0, d1 = (
                    left_real[partition],
                    left_real[partition + 1],
                    left_imaginary[partition],
                    left_imaginary[partition + 1],
                )
                e0, e1, f0, f1 = (
                    right_real[partition],
                    right_real[partition + 1],
                    right_imaginary[partition],
                    right_imaginary[partition + 1],
                )
                for i in range(LANES):
                    a0, a1, b0, b1 = a[i + 1], a[i], b[i + 1], b[i]
                    sums[i] += a0 * c0 - b0 * d0 + a1 * c1 - b1 * d1
                    sums[LANES + i] += a0 * d0 + b0 * c0 + a1 * d1 + b1 * c1
                    sums[2 * LANES + i] += a0 * e0 - b0 * f0 + a1 * e1 - b1 * f1
                    sums[3 * LANES + i] += a0 * f0 + b0 * e0 + a1 * f1 + b1 * e1
            left, right = out[0, begin : begin + 2 * LANES], out[1, begin : begin + 2 * LANES]
            for i in range(2 * LANES):
                left[i] = sums[i]
                right[i] = sums[2 * LANES + i]
            for i in range(partitions):
                real[i] = real[segments + i]
                imaginary[i] = imaginary[segments + i]


@jit
def unfold_segments(sides: Array, factors: TwiddleFactors, out: Array) -> None:
    """Undo the half-bin shift of both sides and write the valid half of overlap-save, the second, to `out`.

    `out` is LANES segments long. Left and right are moved as one complex number.
    """
    frames = out.reshape(-1).view(factors.half_bin_shift.dtype)
    tile = np.empty(_TILE * LANES, frames.dtype)
    tile_samples = tile.view(sides.dtype)
    for row in range(ROWS):
        for column in range(0, COLUMNS, _TILE):
            first = row * COLUMNS + column
            for i in range(_TILE):
                begin = row * _ROW_WIDTH + (column + i) * 2 * LANES
                a, b = sides[0, begin : begin + 2 * LANES], sides[1, begin : begin + 2 * LANES]
                stereo = tile_samples[2 * i * LANES : 2 * (i + 1) * LANES]
                shift = factors.half_bin_shift[first + i]
                for lane in range(LANES):
                    stereo[2 * lane] = a[LANES + lane] * shift.real - a[lane] * shift.imag
                    stereo[2 * lane + 1] = b[LANES + lane] * shift.real - b[lane] * shift.imag
            for lane in range(LANES):
                begin = lane * PARTITION_SAMPLES + first
                part = frames[begin : begin + _TILE]
                for i in range(_TILE):
                    part[i] = tile[i * LANES + lane]
