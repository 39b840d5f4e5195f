"""Where stems start that were exported as clips: by the time references in their files."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

from mixrules._support.text_encoding import shown
from mixrules.files import TimeReference, time_reference
from mixrules.stems.stem_names import first_names

SPREAD_MAX_S = 3600.0
"""Clips of one song start within an hour of each other."""

GAP_MAX_S = 10.0
"""A clip further than this from the longest one belongs to another take: recorders stamp the time of day."""


def starts_s(paths: Mapping[str, Path]) -> tuple[dict[str, float], list[str]]:
    """Return how much later than the first each stem starts, in seconds, and notes.

    Stems are moved where their files have time references (``bext``) that differ and lie as the clips of one song do.

    Parameters
    ----------
    paths : mapping of str to Path
        From a stem's file name to the file.
    """
    found: dict[str, TimeReference] = {}
    for name, path in paths.items():
        try:
            reference = time_reference(path)
        except OSError:  # told where the stem is read
            reference = None
        if reference is not None:
            found[name] = reference
    at = {name: Fraction(reference.samples, reference.sample_rate) for name, reference in found.items()}
    if len(set(at.values())) < 2:
        return {}, []
    first = min(at.values())
    starts = {name: float(start - first) for name, start in at.items()}
    spread = max(starts.values())
    missing = [name for name in paths if name not in found]
    if missing:
        why = f"{first_names(missing)} {'has' if len(missing) == 1 else 'have'} none"
    elif spread > SPREAD_MAX_S or not _near_the_longest(starts, found):
        why = "that is no song's, rather the time of day of each recording"
    else:
        return {name: start for name, start in starts.items() if start}, []
    late = max(starts, key=lambda name: starts[name])
    return {}, [
        f"time references (bext) differ by up to {_duration(spread)} ({shown(late)} is last), and {why}: no stem is moved"
    ]


def _near_the_longest(starts: Mapping[str, float], found: Mapping[str, TimeReference]) -> bool:
    """Return whether each clip overlaps the longest, or lies close to it."""
    longest = max(found, key=lambda name: found[name].length_s)
    begin, end = starts[longest], starts[longest] + found[longest].length_s
    return all(
        start <= end + GAP_MAX_S and start + found[name].length_s >= begin - GAP_MAX_S
        for name, start in starts.items()
    )


def _duration(seconds: float) -> str:
    return (
        f"{seconds:.3f} s"
        if seconds < 60
        else f"{seconds / 60:.1f} min"
        if seconds < 3600
        else f"{seconds / 3600:.1f} h"
    )
