"""Channel strips with compressors, solved for on the samples themselves: Gauss and Newton's least squares."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mixrules._support.cores import in_threads
from mixrules._support.validation import Audio
from mixrules.matching.damped_step import damped_step
from mixrules.matching.excerpts import Excerpt
from mixrules.matching.gain_over_time import frame_samples
from mixrules.matching.strip import Strip
from mixrules.matching.strip_columns import free_numbers, moved_strips, sides_of, strip_columns, thinned

Floats = npt.NDArray[np.float64]

# How far what was found before may be off: octaves, dB, log2 of Q; dB of threshold, octaves of ratio and times.
_BAND_SPREADS = (0.5, 3.0, 0.7)
_COMPRESSOR_SPREADS = (6.0, 1.0, 1.5, 1.5)
_STEPS = 5
_ENOUGH = 3e-3  # of the residual's power, ours: less is not worth another step


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
