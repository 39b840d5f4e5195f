"""Strips, sends and room together: what a reverb adds early is like an equaliser, and neither is right alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from mixrules._support.cores import in_threads
from mixrules._support.validation import Audio
from mixrules.errors import ParameterError
from mixrules.matching.damped_step import damped_step
from mixrules.matching.excerpts import LEAD_IN_S, Excerpt
from mixrules.matching.found_reverb import dry_parts
from mixrules.matching.matched_plan import Found
from mixrules.matching.room_fit import FoundRoom
from mixrules.matching.room_numbers import moved_room, room_columns, room_numbers, sends_in_db, wet_of
from mixrules.matching.strip_columns import free_numbers, moved_strips, sides_of, strip_columns, thinned

Floats = npt.NDArray[np.float64]

_STEPS = 3
_ENOUGH = 3e-3  # of the residual's power, ours: less is not worth another step


def fit_together(
    excerpts: Sequence[Excerpt],
    found: Found,
    sample_rate: int,
    *,
    least: float,
    left_by: Callable[[Found], float],
    threads: int = 1,
) -> tuple[Found, float]:
    """Solve for all strips, all sends and the room at once (Gauss and Newton on the samples).

    Parameters
    ----------
    excerpts : sequence of Excerpt
        What is compared, with the lead-in of a reverb; the mix before its master.
    found : Found
        Where to start; its room is one of ours.
    sample_rate : int
        Hz.
    least : float
        Power that is left of the mix by `found`.
    left_by : callable
        The same of anything else.
    threads : int
        How many excerpts to work on at once; the result is the same.

    Returns
    -------
    Found
        What leaves less, or what was given.
    float
        The power that it leaves.
    """
    damping = 1e-3
    for _ in range(_STEPS):
        if found.room is None:
            break
        normal, gradient = _normal_equations(excerpts, found, found.room, sample_rate, threads)
        better = False
        while damping < 1e2:
            trial = _moved(found, found.room, damped_step(normal, gradient, damping), sample_rate)
            left = least if trial is None else left_by(trial)
            if trial is not None and left < least:
                better = left < (1.0 - _ENOUGH) * least
                found, least, damping = trial, left, max(damping / 10.0, 1e-6)
                break
            damping *= 10.0
        if not better:
            break
    return found, least


def _normal_equations(
    excerpts: Sequence[Excerpt], found: Found, room: FoundRoom, sample_rate: int, threads: int
) -> tuple[Floats, Floats]:
    sends = 10.0 ** (room.sends_db / 20.0)
    sending = np.flatnonzero(sends > 0.0)
    of_strips = sum(len(free_numbers(strip, every_band=True)) for strip in found.strips)
    count = of_strips + len(sending) + len(room_numbers(room.params))
    every = thinned(count)

    def of_one(excerpt: Excerpt) -> tuple[Audio, Audio]:
        start, end = excerpt.lead_in, len(excerpt.mix)
        dry = dry_parts(excerpt, found.strips, sample_rate)
        left = sides_of(excerpt.mix[start:] - np.sum(dry, axis=0)[start:])
        columns = np.empty((count, *left[:, ::every].shape), np.float32)
        row = 0
        # A strip needs no more than its own lead-in: that of the room is several times as long.
        near = excerpt.with_lead_in(round(LEAD_IN_S * sample_rate))
        for strip, audio in zip(found.strips, near.stems, strict=True):
            row, _ = strip_columns(
                strip, audio, near.lead_in, sample_rate, columns, row, every=every, every_band=True
            )
        sent = [np.asarray(part.mean(axis=1), np.float32) for part in dry]
        for number in sending:
            alone = sides_of(wet_of(sent[number], room.params, start, end, sample_rate))
            columns[row] = alone[:, ::every]
            left -= np.float32(sends[number]) * alone
            row += 1
        signal = np.asarray(sends @ np.stack(sent), np.float32)
        for column in room_columns(signal, room.params, start, end, sample_rate):
            columns[row] = column[::every].T
            row += 1
        flat = columns.reshape(count, -1)
        return flat @ flat.T, flat @ left[:, ::every].ravel()

    normals, gradients = zip(*in_threads(of_one, excerpts, threads), strict=True)
    return np.sum(normals, axis=0, dtype=np.float64), np.sum(gradients, axis=0, dtype=np.float64)


def _moved(found: Found, room: FoundRoom, step: Floats, sample_rate: int) -> Found | None:
    """Return what was found, moved by a step; None where no room has such numbers."""
    sends = 10.0 ** (room.sends_db / 20.0)
    sending = np.flatnonzero(sends > 0.0)
    names = room_numbers(room.params)
    of_strips = len(step) - len(sending) - len(names)
    sends[sending] = np.maximum(sends[sending] + step[of_strips : of_strips + len(sending)], 0.0)
    try:
        params = moved_room(room.params, dict(zip(names, step[of_strips + len(sending) :], strict=True)))
    except ParameterError:
        return None
    return replace(
        found,
        strips=moved_strips(found.strips, step[:of_strips], sample_rate, every_band=True),
        room=replace(room, params=params, sends_db=sends_in_db(sends)),
    )
