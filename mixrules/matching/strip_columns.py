"""What a strip's part of the mix changes by with each of its numbers, sample by sample."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import Audio
from mixrules.matching.compressor_fit import gains_of
from mixrules.matching.strip import Strip

Floats = npt.NDArray[np.float64]

_BAND_STEPS = (1e-3, 2e-2, 2e-3)
_COMPRESSOR_STEPS = (0.05, 0.02, 0.05, 0.05)
_MOST_COLUMNS = 150  # of every sample: 0.26 GB for 5 s, for each excerpt that is worked on at once


def free_numbers(strip: Strip, *, every_band: bool = False) -> npt.NDArray[np.int64]:
    """Return which of a strip's numbers are solved for: its bands where it has a compressor, or always."""
    linear = strip.linear
    count = len(linear.vector())
    free = [0, 1]
    if strip.compressor is not None or every_band:
        free += [
            n
            for n in range(3, count)
            if (n - 3) % 3 != 1 or linear.bands[(n - 3) // 3].kind not in ("high_pass", "low_pass")
        ]
    if strip.compressor is not None:
        free += range(count, count + 4)
    return np.array(free)


def thinned(numbers: int) -> int:
    """Return of how many samples one is counted where so many numbers are solved for: memory stays bounded."""
    return 1 + numbers // _MOST_COLUMNS


def sides_of(audio: Audio) -> Audio:
    """Return audio of shape (samples, channels) side by side, shape (channels, samples): products take less time."""
    return np.ascontiguousarray(audio.T)


def strip_columns(
    strip: Strip,
    audio: Audio,
    lead_in: int,
    sample_rate: int,
    columns: Audio,
    row: int,
    *,
    every: int = 1,
    every_band: bool = False,
) -> tuple[int, Audio]:
    """Write what a strip's part of the mix changes by with each of its numbers.

    Parameters
    ----------
    strip : Strip
        Equaliser, compressor, place and level.
    audio : ndarray of float32, shape (lead_in + samples, channels)
        The stem.
    lead_in : int
        Samples before those that count.
    sample_rate : int
        Hz.
    columns : ndarray of float32, shape (numbers, 2, counted samples)
        Where to write.
    row : int
        From which row on.
    every : int
        Of how many samples one is counted, as by `thinned`.
    every_band : bool
        As for `free_numbers`.

    Returns
    -------
    int
        The next row.
    ndarray of float32, shape (2, samples)
        The part as it is.
    """

    def counted(signal: Audio) -> Audio:
        return sides_of(signal[lead_in::every])

    placement = strip.linear.placement().astype(np.float32)
    tone = strip.equalized(audio, sample_rate)
    processed = strip.compressed(tone, sample_rate)
    sides = sides_of(processed[lead_in:])
    before = np.ascontiguousarray(sides[:, ::every])
    if strip.compressor is not None:
        toned, gains = counted(tone), counted(gains_of(tone, sample_rate, strip.compressor))
    own = len(strip.linear.vector())
    sizes = (1e-3, 1e-3, 1e-3, *_BAND_STEPS * len(strip.linear.bands), *_COMPRESSOR_STEPS)
    for number in free_numbers(strip, every_band=every_band):
        step = np.zeros(own + (4 if strip.compressor is not None else 0))
        step[number] = size = sizes[number]
        moved = strip.moved(step, sample_rate)
        if number < 3:
            change = moved.linear.placement() - strip.linear.placement()
            np.matmul((change / size).astype(np.float32), before, out=columns[row])
        elif number < own:
            change = counted(moved.before_place(audio, sample_rate)) - before
            np.matmul(placement / np.float32(size), change, out=columns[row])
        elif moved.compressor is not None:
            change = counted(gains_of(tone, sample_rate, moved.compressor)) - gains
            np.matmul(placement / np.float32(size), toned * change, out=columns[row])
        row += 1
    return row, placement @ sides


def moved_strips(
    strips: Sequence[Strip], step: Floats, sample_rate: int, *, every_band: bool = False
) -> tuple[Strip, ...]:
    """Return strips with their free numbers moved by a step, strip by strip."""
    moved, place = [], 0
    for strip in strips:
        free = free_numbers(strip, every_band=every_band)
        steps = np.zeros(len(strip.linear.vector()) + (4 if strip.compressor is not None else 0))
        steps[free] = step[place : place + len(free)]
        place += len(free)
        moved.append(strip.moved(steps, sample_rate))
    return tuple(moved)
