"""The moves of an automation in words: how much, and from when to when."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

import numpy as np

from mixrules._support.wording import listed
from mixrules.processors import GainPoint

_SECONDS_PER_MINUTE = 60


def clock(time_s: float) -> str:
    """Return a time as minutes and seconds, e.g. ``0:42``."""
    minutes, seconds = divmod(round(time_s), _SECONDS_PER_MINUTE)
    return f"{minutes}:{seconds:02d}"


def moves_in_words(points: Sequence[GainPoint], least_db: float, where: Callable[[GainPoint], str]) -> str:
    """Return the largest moves in words.

    Parameters
    ----------
    points : sequence of GainPoint
        The automation; some point differs from 0 dB by at least `least_db`.
    least_db : float
        What is less is no move.
    where : callable
        Takes the point at which a move is largest; says what was the matter there.

    Returns
    -------
    str
        For example ``turned up by 3.1 dB from 0:42 to 0:58, where it sank 7.2 LU under the backing``.
    """
    groups = [list(group) for _, group in groupby(points, key=lambda point: np.sign(point.gain_db))]
    moves = [move for move in groups if abs(_peak(move).gain_db) >= least_db]
    largest = sorted(moves, key=lambda move: -abs(_peak(move).gain_db))[:2]
    said = [_move(move, where) for move in largest]
    others = len(moves) - len(largest)
    if others:
        said.append(f"less at {others} other place{'s' if others > 1 else ''}")
    return listed(said)


def _peak(move: Sequence[GainPoint]) -> GainPoint:
    return max(move, key=lambda point: abs(point.gain_db))


def _move(move: Sequence[GainPoint], where: Callable[[GainPoint], str]) -> str:
    peak = _peak(move)
    way = "up" if peak.gain_db > 0 else "down"
    first, last = clock(move[0].time_s), clock(move[-1].time_s)
    when = f"at {first}" if first == last else f"from {first} to {last}"
    return f"turned {way} by {abs(peak.gain_db):.1f} dB {when}, where {where(peak)}"
