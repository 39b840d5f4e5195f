"""Compiled loops of the convolver: stretches of a signal side by side, their spectra and what they make sound.

Spectra are those of `mixrules.fourier`, with 64 columns: stretches of 4096 samples, each transformed with the
one before it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules._support.jit import jit, jit_sums
from mixrules.fourier import LANES, ROWS, Tables
from mixrules.processors.convolver import COLUMNS, STRETCH_SAMPLES

Array = npt.NDArray[np.floating[Any]]

PIECES_AT_ONCE = 2
_TILE = 16  # samples: a cache line of single precision
_ROW = (COLUMNS + 1) * 2 * LANES


@jit_sums
def mean_of_channels(audio: Array, out: Array) -> bool:
    """Write the mean of the channels of `audio` to `out`, and zeros where it has ended; return whether it sounds."""
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
    size = audio.dtype.type(0.0)
    for i in range(samples):
        size += abs(out[i])
    return not size == 0.0  # noqa: SIM201, a NaN sounds


@jit
def fold_stretches(audio: Array, tables: Tables, out: Array) -> None:
    """Fold and turn LANES stretches, each after the one before it; `audio` is that one and the stretches.

    What lies side by side is moved two samples at a time, as one complex number.
    """
    width = LANES + 1
    pairs = audio.view(tables.turn.dtype)
    tile = np.empty(_TILE // 2 * width, pairs.dtype)
    heard = tile.view(audio.dtype)
    for row in range(ROWS):
        for column in range(0, COLUMNS, _TILE):
            first = row * COLUMNS + column
            for lane in range(width):
                begin = (lane * STRETCH_SAMPLES + first) // 2
                part = pairs[begin : begin + _TILE // 2]
                for i in range(_TILE // 2):
                    tile[i * width + lane] = part[i]
            for i in range(0, _TILE, 2):
                begin = row * _ROW + (column + i) * 2 * LANES
                place = out[begin : begin + 4 * LANES]
                line = heard[i * width : (i + 2) * width]
                turn, next_turn = tables.turn[first + i], tables.turn[first + i + 1]
                for lane in range(LANES):
                    a, b = line[2 * lane], line[2 * lane + 2]
                    c, d = line[2 * lane + 1], line[2 * lane + 3]
                    place[lane] = a * turn.real - b * turn.imag
                    place[LANES + lane] = a * turn.imag + b * turn.real
                    place[2 * LANES + lane] = c * next_turn.real - d * next_turn.imag
                    place[3 * LANES + lane] = c * next_turn.imag + d * next_turn.real


@jit
def multiply_spectra(spectra: Array, stretches: int, response: Array, heard: Array, out: Array) -> None:
    """Multiply stretches with a stereo response in pieces, all transformed, and add up what sounds together.

    response is (STRETCH_SAMPLES, 4, pieces): real and imaginary parts for the left, then for the right; heard is
    (STRETCH_SAMPLES, 2, pieces + LANES): the spectra of the latest stretches, to which `spectra` is added and
    which move on by `stretches`. out is (2, ...), each side as `spectra`.
    """
    pieces = response.shape[2]
    sums = np.empty(4 * LANES, spectra.dtype)
    for row in range(ROWS):
        for column in range(COLUMNS):
            place = row * COLUMNS + column
            begin = row * _ROW + column * 2 * LANES
            latest = spectra[begin : begin + 2 * LANES]
            real, imaginary = heard[place, 0], heard[place, 1]
            new_real, new_imaginary = real[pieces:], imaginary[pieces:]
            for lane in range(LANES):
                new_real[lane] = latest[lane]
                new_imaginary[lane] = latest[LANES + lane]
            left_real, left_imaginary = response[place, 0], response[place, 1]
            right_real, right_imaginary = response[place, 2], response[place, 3]
            sums[:] = 0.0
            for piece in range(0, pieces, PIECES_AT_ONCE):
                # The first of two pieces meets the latest stretches, the other one those before.
                last = pieces - piece - PIECES_AT_ONCE + 1
                a, b = real[last : last + LANES + 1], imaginary[last : last + LANES + 1]
                c0, c1, d0, d1 = (
                    left_real[piece],
                    left_real[piece + 1],
                    left_imaginary[piece],
                    left_imaginary[piece + 1],
                )
                e0, e1, f0, f1 = (
                    right_real[piece],
                    right_real[piece + 1],
                    right_imaginary[piece],
                    right_imaginary[piece + 1],
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
            for i in range(pieces):
                real[i] = real[stretches + i]
                imaginary[i] = imaginary[stretches + i]


@jit
def unfold_stretches(sides: Array, tables: Tables, out: Array) -> None:
    """Turn back both sides, transformed back, and write what is valid of each, the second half, to `out`.

    `out` is LANES stretches long. Left and right move as one complex number.
    """
    frames = out.reshape(-1).view(tables.turn.dtype)
    tile = np.empty(_TILE * LANES, frames.dtype)
    both = tile.view(sides.dtype)
    for row in range(ROWS):
        for column in range(0, COLUMNS, _TILE):
            first = row * COLUMNS + column
            for i in range(_TILE):
                begin = row * _ROW + (column + i) * 2 * LANES
                a, b = sides[0, begin : begin + 2 * LANES], sides[1, begin : begin + 2 * LANES]
                line = both[2 * i * LANES : 2 * (i + 1) * LANES]
                turn = tables.turn[first + i]
                for lane in range(LANES):
                    line[2 * lane] = a[LANES + lane] * turn.real - a[lane] * turn.imag
                    line[2 * lane + 1] = b[LANES + lane] * turn.real - b[lane] * turn.imag
            for lane in range(LANES):
                begin = lane * STRETCH_SAMPLES + first
                part = frames[begin : begin + _TILE]
                for i in range(_TILE):
                    part[i] = tile[i * LANES + lane]
