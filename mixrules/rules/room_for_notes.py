"""Reverberation by how densely notes follow one another: its longest time, and its level.

Sparse and slow arrangements bear more of it, fast ones less: interviews with engineers, Pestana & Reiss 2014.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from mixrules.analysis import left_at_next_note, note_gap_s, power_db
from mixrules.session import Session

_BISECTIONS = 40


def densest_gap_s(session: Session, name: str, stretch_s: float) -> float:
    """Return the time from note to note of a stem where they are dense, in the loudest stretch of so many seconds."""
    audio = session.stems[name].audio
    samples = round(stretch_s * session.sample_rate)
    if len(audio) > samples:
        energies = session.peak_trace(name, through="compressor").energies
        boundaries = energies.boundaries[:-1]
        until = np.cumsum(np.concatenate([[0.0], energies.energies]))
        ends = np.searchsorted(energies.boundaries, boundaries + samples).clip(max=energies.energies.size)
        start = int(boundaries[int(np.argmax(until[ends] - until[:-1]))])
        audio = audio[start : start + samples]
    return note_gap_s(audio, session.sample_rate)


def left_db(gap_s: float, t60_s: float) -> float:
    """Return what is left of a reverb at the next note against its mean level."""
    return float(power_db(left_at_next_note(gap_s, t60_s)))


def longest_t60_s(
    gap_s: float, to_dry_lu: float, most_left_db: float, shortest_s: float, longest_s: float
) -> float:
    """Return the longest reverberation time at which no more than `most_left_db` is left at the next note.

    Parameters
    ----------
    gap_s : float
        Seconds from note to note.
    to_dry_lu : float
        Level of the reverb against the dry sound.
    most_left_db : float
        What may be left at the next note, against the dry sound.
    shortest_s, longest_s : float
        The bounds of the answer.

    Returns
    -------
    float
        Seconds, rounded to a hundredth.
    """
    if to_dry_lu + left_db(gap_s, longest_s) <= most_left_db:
        return longest_s
    low_s, high_s = shortest_s, longest_s
    for _ in range(_BISECTIONS):
        middle_s = (low_s + high_s) / 2.0
        if to_dry_lu + left_db(gap_s, middle_s) <= most_left_db:
            low_s = middle_s
        else:
            high_s = middle_s
    return max(shortest_s, round(low_s, 2))


def decisive_stem(session: Session, longest_s: Mapping[str, float]) -> str:
    """Return the stem that the room's time follows: the densest lead vocal, else the median of all.

    A room is for the voice first; of the others one dense part is to get less of it, not all of them.
    """
    vocals = [name for name in session.vocals if name in longest_s]
    ranked = sorted(vocals or longest_s, key=longest_s.__getitem__)
    return ranked[0] if vocals else ranked[(len(ranked) - 1) // 2]


def level_by_density(
    gap_s: float,
    to_dry_lu: float,
    t60_s: float,
    *,
    most_left_db: float,
    sparse_below_db: float,
    sparse_more_lu: float,
) -> tuple[float, str]:
    """Return the level of a stem's reverb against the dry sound, and why it is not the usual one.

    Parameters
    ----------
    gap_s : float
        Seconds from note to note.
    to_dry_lu : float
        The usual level.
    t60_s : float
        The room's time.
    most_left_db : float
        A reverb of which more is left at the next note, against the dry sound, is turned down.
    sparse_below_db, sparse_more_lu : float
        One of which less than the former is left is turned up, by the latter at most.

    Returns
    -------
    level_lu : float
        The level.
    why : str
        A sentence to follow another, without its full stop; empty for the usual level.
    """
    left = left_db(gap_s, t60_s)
    notes = (
        f"its notes are {gap_s:.2f} s apart" if math.isfinite(gap_s) else "its notes have no clear beginnings"
    )
    if to_dry_lu + left > most_left_db:
        return most_left_db - left, f". It gets less than usual, as {notes} where they are densest"
    more_lu = min(sparse_more_lu, max(0.0, sparse_below_db - to_dry_lu - left))
    if more_lu > 0.0:
        return to_dry_lu + more_lu, f". It gets more than usual, as {notes}"
    return to_dry_lu, ""
