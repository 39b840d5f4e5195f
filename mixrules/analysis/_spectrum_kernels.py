"""Compiled loops: frames of a signal in SIMD lanes, and the power of each in frequency bands."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules._support.jit import jit
from mixrules.fourier import LANES, ROWS

AnyFloat = npt.NDArray[np.floating[Any]]
Integers = npt.NDArray[np.int64]

_BINS_AT_ONCE = 4
_TILE = 16  # samples: a cache line of single precision


@jit
def mono_sum(audio: AnyFloat, start: int, out: AnyFloat) -> None:
    """Write the mean of the channels, from the sample `start` on, to `out`, zero-padded before and after `audio`."""
    samples, channels = audio.shape
    low, high = max(0, -start), max(0, min(out.size, samples - start))
    out[: min(low, high)] = 0.0
    out[high:] = 0.0
    if high <= low:
        out[:] = 0.0
        return
    out[:low] = 0.0
    part, inside = audio[start + low : start + high], out[low:high]
    if channels == 2:
        values = part.reshape(-1)
        for i in range(inside.size):
            inside[i] = np.float32(0.5) * (values[2 * i] + values[2 * i + 1])
    else:
        for i in range(inside.size):
            total = part[i, 0]
            for channel in range(1, channels):
                total += part[i, channel]
            inside[i] = total / channels


@jit
def fold_frames(mono: AnyFloat, starts: Integers, window: AnyFloat, columns: int, out: AnyFloat) -> None:
    """Window and fold up to LANES frames of a signal, which start at `starts`.

    `window` is (4, M): its first half and its second, each shifted by half a bin, real and imaginary parts. Lanes
    without a frame are zero.
    """
    size = ROWS * columns
    row_width = (columns + 1) * 2 * LANES
    first, second = np.zeros(_TILE * LANES, mono.dtype), np.zeros(_TILE * LANES, mono.dtype)
    for row in range(ROWS):
        for column in range(0, columns, _TILE):
            begin = row * columns + column
            for lane in range(starts.size):
                first_half = mono[starts[lane] + begin : starts[lane] + begin + _TILE]
                second_half = mono[starts[lane] + begin + size : starts[lane] + begin + size + _TILE]
                for i in range(_TILE):
                    first[i * LANES + lane] = first_half[i]
                    second[i * LANES + lane] = second_half[i]
            for i in range(_TILE):
                low = row * row_width + (column + i) * 2 * LANES
                folded = out[low : low + 2 * LANES]
                a, b = first[i * LANES : (i + 1) * LANES], second[i * LANES : (i + 1) * LANES]
                n = begin + i
                c, d, e, f = window[0, n], window[1, n], window[2, n], window[3, n]
                for lane in range(LANES):
                    folded[lane] = a[lane] * c + b[lane] * e
                    folded[LANES + lane] = a[lane] * d + b[lane] * f


@jit
def band_powers(
    spectra: AnyFloat,
    columns: int,
    bins: Integers,
    lows: Integers,
    ends: Integers,
    shares: AnyFloat,
    out: AnyFloat,
) -> None:
    """Write to `out`, (bands, LANES), the squared magnitudes of each lane's spectrum, added up in bands.

    ``bins[k]`` is the bin at index ``k``. Band ``k`` starts at bin ``lows[k]``; its weights of
    the bins are ``shares`` from the end of the band before up to ``ends[k]``, a multiple of four.
    """
    row_width = (columns + 1) * 2 * LANES
    power = np.zeros((bins.size + _BINS_AT_ONCE) * LANES, spectra.dtype)
    for row in range(ROWS):
        for column in range(columns):
            low = row * row_width + column * 2 * LANES
            number = spectra[low : low + 2 * LANES]
            at = bins[row * columns + column] * LANES
            powers_of_bin = power[at : at + LANES]
            for lane in range(LANES):
                powers_of_bin[lane] = (
                    number[lane] * number[lane] + number[LANES + lane] * number[LANES + lane]
                )
    begin = 0
    for band in range(lows.size):
        total = out[band]
        total[:] = 0.0
        for k in range(begin, ends[band], _BINS_AT_ONCE):
            a, b, c, d = shares[k], shares[k + 1], shares[k + 2], shares[k + 3]
            at = (lows[band] + k - begin) * LANES
            powers_of_bins = power[at : at + _BINS_AT_ONCE * LANES]
            for lane in range(LANES):
                total[lane] += (a * powers_of_bins[lane] + b * powers_of_bins[LANES + lane]) + (
                    c * powers_of_bins[2 * LANES + lane] + d * powers_of_bins[3 * LANES + lane]
                )
        begin = ends[band]
