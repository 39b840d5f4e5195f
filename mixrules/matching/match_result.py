"""What a match returns: the plan, how far it explains the mix step by step, and how surely."""

from __future__ import annotations

import math
from dataclasses import dataclass

from mixrules._support.validation import Audio
from mixrules.matching.alignment import Alignment
from mixrules.matching.stem_levels import StemLevel
from mixrules.mixplan import MixPlan

RUNGS = ("plain sum", "alignment", "gain", "pan", "EQ", "compression", "reverb", "master")
WELL_EXPLAINED, _PARTLY = 0.9, 0.5  # shares of the mix's power, ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One step of the ladder: all processes up to one of them.

    Attributes
    ----------
    name : str
        One of `RUNGS`.
    plan : MixPlan
        The mix with these processes: solved for anew up to the equalisers, then the plan that was found without the later
        ones.
    residual_db : float
        Power of the mix less the rendered plan, against that of the mix, where the mix covers the song.
    used : bool
        Whether the process is used: one that does not pay is left out.
    """

    name: str
    plan: MixPlan
    residual_db: float
    used: bool

    @property
    def explained_share(self) -> float:
        """The share of the mix's power that the rendered plan explains, 0 to 1."""
        return float(max(0.0, 1.0 - 10.0 ** (self.residual_db / 10.0)))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Match:
    """What a mix was found to be made by.

    Attributes
    ----------
    plan : MixPlan
        The plan that explains it, with its decisions.
    rungs : tuple of Rung
        What each process explains, in the order of `RUNGS`.
    alignment : Alignment
        How the mix lay to the stems.
    levels : dict of str to StemLevel
        How surely each stem's level is known.
    mix : ndarray of float32, shape (samples, 2)
        The finished mix on the stems' clock.
    covered : slice
        The samples of the song that the mix covers: of the rest nothing is known.
    sample_rate : int
        Hz.
    notes : tuple of str
        What was noticed of the mix and done to it.
    """

    plan: MixPlan
    rungs: tuple[Rung, ...]
    alignment: Alignment
    levels: dict[str, StemLevel]
    mix: Audio
    covered: slice
    sample_rate: int
    notes: tuple[str, ...] = ()

    @property
    def explained_share(self) -> float:
        """The share of the mix's power that the rendered plan explains, 0 to 1."""
        return self.rungs[-1].explained_share


def verdict(explained_share: float, name: str) -> str:
    """Return in words how far a plan explains the mix that it was matched to."""
    percent = 100.0 * explained_share
    # What is left is known to more digits than what is explained: no 100 % that a residual contradicts.
    places = min(4, max(0, 1 - math.floor(math.log10(max(100.0 - percent, 1e-12)))))
    explained = f"{percent:.3g}" if percent < 99.0 else f"{percent:.{places}f}".rstrip("0").rstrip(".")
    told = f"The plan explains {explained} % of the power of {name}"
    if explained_share >= WELL_EXPLAINED:
        return f"{told}."
    if explained_share >= _PARTLY:
        return f"{told}: the rest is done by what a plan has not, or by sound that is not in the stems."
    return (
        f"{told}: too little to say how it was mixed. Other stems, another take, or a mix that was changed a lot: "
        "do not take this plan for what was done."
    )
