"""What a reader has to know before believing a comparison's tables."""

from __future__ import annotations

import math
from collections.abc import Sequence

from mixrules.evaluation.comparison_results import Comparison
from mixrules.evaluation.constants import CONSTANT_MEAN, LEAVE_ONE_OUT
from mixrules.evaluation.reference import EXPLAINED_SHARE
from mixrules.systems import System

ABOUT_CONSTANTS = {
    CONSTANT_MEAN: (
        "every stem at the mean level of its role over all songs, this one too: it has seen the answer, and does not "
        "compete"
    ),
    LEAVE_ONE_OUT: (
        "every stem at the mean level of its role over all other songs: it has not heard this one, and what loses to it "
        "has learnt nothing"
    ),
}
"""What the constant predictors are, in a line."""
_BALANCE = "stem_balance_error_lu"


def cautions(found: Comparison, systems: Sequence[System] = ()) -> list[str]:
    """Return what the tables of a comparison cannot say, in sentences.

    Parameters
    ----------
    found : Comparison
        What was measured.
    systems : sequence of System
        Who mixed, the reference too, for what depends on where their mixes come from.

    Returns
    -------
    list of str
    """
    said = []
    if found.plain_sums:
        songs = len(found.songs)
        which = (
            "every song" if len(found.plain_sums) == songs else f"{len(found.plain_sums)} of {songs} songs"
        )
        off_lu = max(found.plain_sums.values())
        said.append(
            f"In {which} {found.reference} is the plain sum of the stems (balance off by {off_lu:.2g} LU at most). "
            "There none wins by construction and is not called nearest, and a system comes the nearer the less it "
            "does. Use --undo SEED: it moves every stem first, so that the balance has to be found."
        )
    unknown = _without_balance(found)
    if unknown:
        which = "every song" if unknown == len(found.songs) else f"{unknown} of {len(found.songs)} songs"
        said.append(
            f"In {which} no sum of the stems explains {found.reference} ({100 * EXPLAINED_SHARE:.0f} % of its power is "
            "needed): its balance is not known there, and measures that need stems are not defined."
        )
    plans = [system.name for system in systems if system.kind == "plans" and system.name in found.systems]
    if found.undo is not None and plans:
        said.append(
            f"The plans of {', '.join(plans)} are applied to stems whose balance was undone: they are right only if "
            "they were made for these levels (undone.csv has the gains)."
        )
    of_stems = [s.name for s in systems if s.name == found.reference and s.kind not in ("human", "audio")]
    if found.undo is not None and of_stems:
        said.append(
            f"{found.reference} is mixed of the undone stems like all others: it is no finished mix whose balance "
            "could be found again."
        )
    said += [_of_matched(name, found) for name in found.matched]
    copies = [
        system
        for system in found.systems
        if system != found.reference
        and any(r.is_reference for r in found.results if r.system == system)
        and not (found.plain_sums and system == "none")
    ]
    if copies:
        said.append(f"{', '.join(copies)}: the same audio as {found.reference}, not called nearest.")
    return said


def _of_matched(system: str, found: Comparison) -> str:
    """Return what a system is that explains finished mixes: how near our engine can come, not how well rules mix."""
    if system == found.reference:
        return f"{system} explains a finished mix as far as this package's processors can: it is no person's mix."
    return (
        f"{system} has heard a person's mix of each song, and its plan is the one that explains it best: the ceiling "
        "of what this package's processors can do. It does not compete and is not called nearest."
    )


def _without_balance(found: Comparison) -> int:
    """Return in how many songs the balance was to be compared and the reference's is not known."""
    if _BALANCE not in found.measures:
        return 0
    by_song = zip(*(found.values(system, _BALANCE) for system in found.systems), strict=True)
    return sum(all(map(math.isnan, values)) for values in by_song)


def undone_sentence(found: Comparison) -> str:
    """Return how the balance was undone before the systems mixed; empty where it was not."""
    if found.undo is None:
        return ""
    return f"The balance was undone before anybody mixed: {found.undo}."
