"""Lists of breakpoints: two automations in one, and one with fewer points."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mixrules.errors import ParameterError
from mixrules.processors.automation import AUTOMATION_RANGE_DB, GainPoint, require_in_order

Floats = npt.NDArray[np.float64]


def add_automations(first: Sequence[GainPoint], second: Sequence[GainPoint]) -> tuple[GainPoint, ...]:
    """Return one automation whose gain is that of two, one after the other: their sum in dB.

    Parameters
    ----------
    first, second : sequence of GainPoint
        Each in order of time; either may be empty.

    Returns
    -------
    tuple of GainPoint
        A point at every time that has one in either. A sum outside of what a point may hold is the nearest that it may.

    Raises
    ------
    ParameterError
        If points are not in order.

    Examples
    --------
    >>> ride = [GainPoint(time_s=0.0, gain_db=2.0), GainPoint(time_s=10.0, gain_db=0.0)]
    >>> fade = [GainPoint(time_s=0.0, gain_db=-60.0), GainPoint(time_s=0.1, gain_db=0.0)]
    >>> [(point.time_s, round(point.gain_db, 2)) for point in add_automations(ride, fade)]
    [(0.0, -58.0), (0.1, 1.98), (10.0, 0.0)]
    """
    for points in (first, second):
        require_in_order(points)
    if not first or not second:
        return tuple(first or second)
    times_s = np.union1d(_times_s(first), _times_s(second))
    sums_db = sum(np.interp(times_s, _times_s(points), _gains_db(points)) for points in (first, second))
    return _points(times_s, np.clip(sums_db, *AUTOMATION_RANGE_DB))


def simplify_automation(points: Sequence[GainPoint], tolerance_db: float) -> tuple[GainPoint, ...]:
    """Return an automation with fewer points whose lines stay near the old ones (Ramer 1972, Douglas & Peucker 1973).

    Parameters
    ----------
    points : sequence of GainPoint
        In order of time.
    tolerance_db : float
        The gain changes at no point by more than this.

    Returns
    -------
    tuple of GainPoint
        Some of the points: first and last, and those without which a line would lie too far off.

    Raises
    ------
    ParameterError
        If the points are not in order or the tolerance is negative.

    Examples
    --------
    >>> points = [GainPoint(time_s=float(t), gain_db=float(g)) for t, g in enumerate((0.0, 0.9, 2.1, 3.0, 0.0))]
    >>> [point.time_s for point in simplify_automation(points, 0.2)]
    [0.0, 3.0, 4.0]
    """
    require_in_order(points)
    if not tolerance_db >= 0.0:
        raise ParameterError(f"tolerance_db must be at least 0, got {tolerance_db:g}")
    times_s, gains_db = _times_s(points), _gains_db(points)
    kept = np.zeros(len(points), bool)
    kept[[0, -1] if len(points) else []] = True
    segments = [(0, len(points) - 1)]
    while segments:
        begin, end = segments.pop()
        if end - begin < 2:
            continue
        inside = slice(begin + 1, end)
        line_db = np.interp(times_s[inside], times_s[[begin, end]], gains_db[[begin, end]])
        off_db = np.abs(gains_db[inside] - line_db)
        farthest = int(np.argmax(off_db))
        if off_db[farthest] > tolerance_db:
            middle = begin + 1 + farthest
            kept[middle] = True
            segments += [(begin, middle), (middle, end)]
    return tuple(point for point, is_kept in zip(points, kept, strict=True) if is_kept)


def _times_s(points: Sequence[GainPoint]) -> Floats:
    return np.array([point.time_s for point in points], np.float64)


def _gains_db(points: Sequence[GainPoint]) -> Floats:
    return np.array([point.gain_db for point in points], np.float64)


def _points(times_s: Floats, gains_db: Floats) -> tuple[GainPoint, ...]:
    return tuple(
        GainPoint(time_s=float(time_s), gain_db=float(gain_db))
        for time_s, gain_db in zip(times_s, gains_db, strict=True)
    )
