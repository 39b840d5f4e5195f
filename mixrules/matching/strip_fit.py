"""Channel strips with compressors, solved for on the samples themselves: Gauss and Newton's least squares."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from mixrules._support.cores import in_threads
from mixrules._support.validation import Audio
from mixrules.matching.compressor_fit import gains_of
from mixrules.matching.damped_step import damped_step
from mixrules.matching.excerpts import Excerpt
from mixrules.matching.gain_over_time import frame_samples
from mixrules.matching.linear_strips import LinearStrip
from mixrules.processors import CompressorParams, EqualizerParams, compress, equalize

Floats = npt.NDArray[np.float64]

_BAND_STEPS = (1e-3, 2e-2, 2e-3)
_COMPRESSOR_STEPS = (0.05, 0.02, 0.05, 0.05)
# How far what was found before may be off: octaves, dB, log2 of Q; dB of threshold, octaves of ratio and times.
_BAND_SPREADS = (0.5, 3.0, 0.7)
_COMPRESSOR_SPREADS = (6.0, 1.0, 1.5, 1.5)
_STEPS = 5
_MOST_COLUMNS = 150  # of every sample: 0.26 GB for 5 s, for each excerpt that is worked on at once
_ENOUGH = 3e-3  # of the residual's power, ours: less is not worth another step


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """A stem's channel strip: equaliser, compressor, place and level.

    Attributes
    ----------
    linear : LinearStrip
        All but the compressor.
    compressor : CompressorParams or None
        Without make-up: the level is the linear strip's.
    """

    linear: LinearStrip
    compressor: CompressorParams | None = None

    def equalized(self, audio: Audio, sample_rate: int) -> Audio:
        """Return a stem after the equaliser."""
        if not self.linear.bands:
            return audio
        return equalize(audio, sample_rate, EqualizerParams(bands=self.linear.bands))

    def compressed(self, audio: Audio, sample_rate: int) -> Audio:
        """Return what `equalized` returned after the compressor."""
        return audio if self.compressor is None else compress(audio, sample_rate, self.compressor)

    def before_place(self, audio: Audio, sample_rate: int) -> Audio:
        """Return a stem after equaliser and compressor."""
        return self.compressed(self.equalized(audio, sample_rate), sample_rate)

    def placed(self, audio: Audio) -> Audio:
        """Return left and right of what `before_place` returned."""
        placement = self.linear.placement().astype(audio.dtype)
        both = np.empty((len(audio), 2), audio.dtype)
        # Column by column: products with rows of two numbers take several times as long.
        for side, factors in enumerate(placement):
            own = 0 if self.linear.channels == 1 else side
            np.multiply(audio[:, own], factors[own], out=both[:, side])
            if self.linear.channels == 2 and factors[1 - own]:
                both[:, side] += audio[:, 1 - own] * factors[1 - own]
        return both

    def moved(self, steps: Floats, sample_rate: int) -> Strip:
        """Return the strip with its numbers moved: those of the linear strip, then those of the compressor."""
        own = self.linear.vector()
        linear = self.linear.with_vector(own + steps[: len(own)], sample_rate)
        if self.compressor is None:
            return replace(self, linear=linear)
        threshold, ratio, attack, release = np.clip(steps[len(own) :], -12.0, 12.0)
        was = self.compressor
        compressor = replace(
            was,
            threshold_db=float(np.clip(was.threshold_db + threshold, -100.0, 30.0)),
            ratio=float(np.clip(was.ratio * 2.0**ratio, 1.0, 100.0)),
            attack_ms=float(np.clip(was.attack_ms * 2.0**attack, 0.05, 300.0)),
            release_ms=float(np.clip(was.release_ms * 2.0**release, 1.0, 5000.0)),
        )
        return Strip(linear=linear, compressor=compressor)


def fit_strips(
    excerpts: Sequence[Excerpt],
    strips: Sequence[Strip],
    sample_rate: int,
    *,
    known: Sequence[Audio] | None = None,
    steps: int = _STEPS,
    threads: int = 1,
) -> tuple[tuple[Strip, ...], float]:
    """Solve for place and level of all stems, and for all of the strips that hold a compressor.

    Parameters
    ----------
    excerpts : sequence of Excerpt
        What is compared.
    strips : sequence of Strip
        Where to start; equalisers of strips without a compressor stay.
    sample_rate : int
        Hz.
    known : sequence of ndarray, optional
        What else is in the mix in each excerpt, lead-in left out, shape (samples, 2).
    steps : int
        At most so many.
    threads : int
        How many excerpts to work on at once; the result is the same.

    Returns
    -------
    tuple of Strip
        The strips.
    float
        Power that is left.
    """
    strips = starts = tuple(strips)
    damping = 1e-3
    cost = math.inf
    # As if frames of 6 ms were independent: samples are not, least of all where something is left that no strip explains.
    independent = max(sum(excerpt.samples for excerpt in excerpts) // frame_samples(sample_rate), 1)
    for _ in range(steps):
        normal, gradient, cost = _normal_equations(excerpts, strips, sample_rate, known, threads)
        noise = cost / independent
        moved, spreads = _moves(strips, starts)
        normal += noise * np.diag(spreads**-2.0)
        gradient -= noise * moved * spreads**-2.0
        better = False
        while damping < 1e4:
            step = damped_step(normal, gradient, damping)
            trial = moved_strips(strips, step, sample_rate)
            trial_cost = residual_power(excerpts, trial, sample_rate, known, threads)
            strain = float(np.sum((_moves(trial, starts)[0] / spreads) ** 2) - np.sum((moved / spreads) ** 2))
            if trial_cost + noise * strain < cost:
                better = cost - trial_cost > _ENOUGH * cost
                strips, cost, damping = trial, trial_cost, max(damping / 10.0, 1e-7)
                break
            damping *= 10.0
        if not better:
            break
    return strips, cost


def residual_power(
    excerpts: Sequence[Excerpt],
    strips: Sequence[Strip],
    sample_rate: int,
    known: Sequence[Audio] | None = None,
    threads: int = 1,
) -> float:
    """Return the power that strips leave of the mix in all excerpts."""

    def of_one(number: int) -> float:
        excerpt = excerpts[number]
        left = excerpt.target(None if known is None else known[number])
        for strip, audio in zip(strips, excerpt.stems, strict=True):
            left -= strip.placed(strip.before_place(audio, sample_rate))[excerpt.lead_in :]
        return float(np.vdot(left, left))

    return sum(in_threads(of_one, range(len(excerpts)), threads))


def _moves(strips: Sequence[Strip], starts: Sequence[Strip]) -> tuple[Floats, Floats]:
    """Return how far the free numbers are from where they started, and how far they may be expected to be."""
    moves, spreads = [], []
    for strip, start in zip(strips, starts, strict=True):
        free = free_numbers(strip)
        numbers = [_numbers(each) for each in (strip, start)]
        moves.append((numbers[0] - numbers[1])[free])
        every = [np.inf, np.inf, np.inf, *_BAND_SPREADS * len(strip.linear.bands), *_COMPRESSOR_SPREADS]
        spreads.append(np.array(every)[free])
    return np.concatenate(moves), np.concatenate(spreads)


def _numbers(strip: Strip) -> Floats:
    """Return all numbers of a strip: those of the linear strip, then those of the compressor in dB and octaves."""
    if (compressor := strip.compressor) is None:
        return strip.linear.vector()
    own = [
        compressor.threshold_db,
        math.log2(compressor.ratio),
        math.log2(compressor.attack_ms),
        math.log2(compressor.release_ms),
    ]
    return np.concatenate([strip.linear.vector(), own])


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


def _normal_equations(
    excerpts: Sequence[Excerpt],
    strips: Sequence[Strip],
    sample_rate: int,
    known: Sequence[Audio] | None,
    threads: int,
) -> tuple[Floats, Floats, float]:
    count = sum(len(free_numbers(strip)) for strip in strips)
    every = thinned(count)

    def of_one(number: int) -> tuple[Floats, Floats, float]:
        excerpt = excerpts[number]
        left = sides_of(excerpt.target(None if known is None else known[number]))
        columns = np.empty((count, *left[:, ::every].shape), np.float32)
        row = 0
        for strip, audio in zip(strips, excerpt.stems, strict=True):
            row, part = strip_columns(strip, audio, excerpt.lead_in, sample_rate, columns, row, every=every)
            left -= part
        flat = columns.reshape(count, -1)
        normal, gradient = flat @ flat.T, flat @ left[:, ::every].ravel()
        return normal.astype(np.float64), gradient.astype(np.float64), float(np.vdot(left, left))

    sums = in_threads(of_one, range(len(excerpts)), threads)
    normals, gradients, costs = zip(*sums, strict=True)
    return every * np.sum(normals, axis=0), every * np.sum(gradients, axis=0), sum(costs)


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
