"""Fader rides for hosts whose lines between points are straight in amplitude: more points where a line in dB bends."""

from __future__ import annotations

import itertools
import math

from mixrules.mixplan import StemPlan

_STEP_DB = 0.5
"""A straight line in amplitude over so many dB lies within 0.004 dB of the straight line in dB."""


def ride_points(strip: StemPlan) -> list[tuple[float, float]]:
    """Return a strip's automation as times in seconds and linear gains, the fader included.

    Parameters
    ----------
    strip : StemPlan
        With or without automation.

    Returns
    -------
    list of (float, float)
        Between two points the gain is a straight line; no points where there is no automation.
    """
    points = [(point.time_s, strip.gain_db + point.gain_db) for point in strip.automation]
    found = []
    for (time_s, gain_db), (next_s, next_db) in itertools.pairwise(points):
        steps = max(math.ceil(abs(next_db - gain_db) / _STEP_DB), 1)
        for step in range(steps):
            share = step / steps
            found.append((time_s + share * (next_s - time_s), gain_db + share * (next_db - gain_db)))
    return [(time_s, 10.0 ** (gain_db / 20.0)) for time_s, gain_db in [*found, *points[-1:]]]
