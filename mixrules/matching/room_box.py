"""Rooms as points of a unit box, so that a search can move among them."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from mixrules.errors import ParameterError
from mixrules.processors import ReverbParams, t60_at
from mixrules.processors.room import GRID_HZ

Floats = npt.NDArray[np.float64]

# Least, most, and whether the parameter is searched on a logarithmic axis.
_AXES = {
    "t60_s": (0.05, 30.0, True),
    "room_size_m": (1.0, 30.0, True),
    "low_shelf_hz": (20.0, 2000.0, True),
    "low_shelf_q": (0.1, 2.0, True),
    "low_shelf_db_per_s": (-100.0, 20.0, False),
    "high_shelf_hz": (200.0, 20_000.0, True),
    "high_shelf_q": (0.1, 2.0, True),
    "high_shelf_db_per_s": (-100.0, 20.0, False),
    "pre_delay_ms": (0.0, 200.0, False),
    "fade_in_s": (0.0, 2.0, False),
    "low_cut_hz": (10.0, 2000.0, True),
    "high_cut_hz": (500.0, 24_000.0, True),
}
DIMENSIONS = len(_AXES)
_SQUARED = ("pre_delay_ms", "fade_in_s")  # short ones are told apart more finely
_NO_LOW_CUT_HZ, _NO_HIGH_CUT_HZ = 15.0, 20_000.0


def room_at(point: Floats, like: ReverbParams, sample_rate: int) -> ReverbParams | None:
    """Return the room at a point of the box with the delay lines of `like`; None where it would not decay."""
    values = {}
    for at, (name, (low, high, logarithmic)) in zip(point.tolist(), _AXES.items(), strict=True):
        share = at**2 if name in _SQUARED else at
        values[name] = low * (high / low) ** share if logarithmic else low + share * (high - low)
    if values["low_cut_hz"] <= _NO_LOW_CUT_HZ:
        values["low_cut_hz"] = 0.0
    if values["high_cut_hz"] >= _NO_HIGH_CUT_HZ:
        values["high_cut_hz"] = 0.0
    try:
        params = ReverbParams(lines=like.lines, **values)
        t60_at(params, GRID_HZ, sample_rate)
    except ParameterError:
        return None
    return params


def point_of(params: ReverbParams) -> Floats:
    """Return the point of the box at which a room lies, or the nearest one."""
    values = dataclasses.asdict(params)
    point = []
    for name, (low, high, logarithmic) in _AXES.items():
        value = values[name]
        if name == "high_cut_hz" and value == 0.0:
            value = high
        value = min(max(value, low), high)
        share = np.log(value / low) / np.log(high / low) if logarithmic else (value - low) / (high - low)
        point.append(np.sqrt(share) if name in _SQUARED else share)
    return np.array(point, dtype=np.float64)
