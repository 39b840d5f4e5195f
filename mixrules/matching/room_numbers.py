"""A room of our network as numbers that can be solved for, and its return as what they move."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import Audio
from mixrules.errors import ParameterError
from mixrules.processors import ReverbParams, reverberate

Floats = npt.NDArray[np.float64]

LEAST_SEND_DB = -60.0
# Numbers that are solved for, and how far each is moved to see what it does.
_MOVED = {
    "t60_s": 0.01,
    "high_shelf_db_per_s": 0.3,
    "high_shelf_hz": 0.02,
    "low_shelf_db_per_s": 0.1,
    "low_cut_hz": 0.02,
    "high_cut_hz": 0.02,
}
_LOGARITHMIC = ("t60_s", "high_shelf_hz", "low_cut_hz", "high_cut_hz")


def wet_of(signal: Audio, params: ReverbParams, start: int, end: int, sample_rate: int) -> Audio:
    """Return a room's return of a signal from one sample to another, shape (end - start, 2)."""
    return reverberate(signal[:end, None], sample_rate, params)[start:end]


def sends_in_db(factors: Floats) -> Floats:
    """Return sends in dB, -inf for none and for what is too soft to be one."""
    with np.errstate(divide="ignore"):
        levels_db = np.where(factors > 0.0, 20.0 * np.log10(np.abs(factors)), -np.inf)
    return np.where(levels_db > LEAST_SEND_DB, levels_db, -np.inf)


def room_numbers(params: ReverbParams) -> list[str]:
    """Return which numbers of a room are solved for: a filter that is not there is not."""
    return [
        name for name in _MOVED if name not in ("low_cut_hz", "high_cut_hz") or getattr(params, name) > 0.0
    ]


def room_columns(
    signal: Audio, params: ReverbParams, start: int, end: int, sample_rate: int
) -> Iterator[Audio]:
    """Yield what a return changes by with each of `room_numbers`, shape (end - start, 2)."""
    here = wet_of(signal, params, start, end, sample_rate)
    for name in room_numbers(params):
        there, step = _nudged(params, name)
        yield (wet_of(signal, there, start, end, sample_rate) - here) / np.float32(step)


def _nudged(params: ReverbParams, name: str) -> tuple[ReverbParams, float]:
    """Return a room with one number moved a little, and by how much: down where a room ends upwards."""
    for step in (_MOVED[name], -_MOVED[name]):
        try:
            return moved_room(params, {name: step}), step
        except ParameterError:
            continue
    return params, math.inf


def moved_room(params: ReverbParams, steps: dict[str, float]) -> ReverbParams:
    """Return a room with numbers moved: frequencies and times by a factor's logarithm, the others by dB per second."""
    changes = {}
    for name, step in steps.items():
        value = getattr(params, name)
        step = float(np.clip(step, -0.5, 0.5)) if name in _LOGARITHMIC else float(np.clip(step, -15.0, 15.0))
        changes[name] = value * math.exp(step) if name in _LOGARITHMIC else value + step
    return dataclasses.replace(params, **changes)
