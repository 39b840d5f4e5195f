"""The ladder of a match: plans with one process more each, rendered and held against the mix."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from mixrules._support.validation import Audio
from mixrules._support.version import __version__
from mixrules.matching.match_result import Rung
from mixrules.matching.matched_plan import Found, plan_of
from mixrules.mixer import render
from mixrules.processors import gain_to_db
from mixrules.stems import Stems

MADE_BY = f"mixrules {__version__}, matched"
_LEAST_GAIN = 1e-6
_LEAST_SHARE = 1e-15


class Ladder:
    """The rungs so far.

    Parameters
    ----------
    stems : Stems
        The song.
    mix : ndarray of float32, shape (samples, 2)
        The finished mix on the stems' clock.
    covered : slice
        The samples of the song that the mix covers.

    Attributes
    ----------
    rungs : list of Rung
        In the order in which they were added.
    """

    def __init__(self, stems: Stems, mix: Audio, covered: slice) -> None:
        self._stems, self._mix, self._covered = stems, mix, covered
        self.rungs: list[Rung] = []

    def add(
        self,
        name: str,
        found: Found,
        *,
        at_best_gain: bool = False,
        used: bool = True,
        mix: Audio | None = None,
    ) -> None:
        """Add a rung: what was found of a process and of those before it.

        Parameters
        ----------
        name : str
            The process.
        found : Found
            Its numbers.
        at_best_gain : bool
            Whether the master's gain is solved for: where it is not part of what was found.
        used : bool
            Whether the process is used: without it the plan may differ from that of the rung before nevertheless.
        mix : ndarray of float32, shape (samples, 2), optional
            Another mix to compare with: the one that was not aligned.
        """
        plan = plan_of(self._stems, found, made_by=MADE_BY)
        target = (self._mix if mix is None else mix)[self._covered]
        power = float(np.vdot(target, target))
        audio = render(self._stems, plan)[: self._stems.samples][self._covered]
        if at_best_gain and (own := float(np.vdot(audio, audio))) > 0.0:
            gain = max(float(np.vdot(audio, target)) / own, _LEAST_GAIN)
            plan = plan.replace(master=replace(plan.master, gain_db=float(gain_to_db(gain))))
            audio = audio * np.float32(gain)
        left = target - audio
        share = float(np.vdot(left, left)) / power if power > 0.0 else 1.0
        residual_db = 10.0 * math.log10(max(share, _LEAST_SHARE))
        self.rungs.append(Rung(name=name, plan=plan, residual_db=residual_db, used=used))

    def leave_out(self, name: str) -> None:
        """Add a rung for a process that is not used: it leaves what the one before it left."""
        self.rungs.append(replace(self.rungs[-1], name=name, used=False))
