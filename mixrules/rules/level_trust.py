"""How much the balance as given is worth: a rough mix says something, levels that nobody set say nothing.

A level by role is what many songs have on average; two good mixes of one song differ by as much as a song from that
average. So the faders as given are evidence of their own, unless a machine or a meter set them.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mixrules.decision import Decision, Quantity
from mixrules.processors import db_to_gain, gain_to_db
from mixrules.rules.level_faders import LevelSettings
from mixrules.rules.support import is_support
from mixrules.session import Session

RULE = "level"
_SOURCE = "ours: human balances of many songs (docs/rules/level.md)"


@dataclass(frozen=True, slots=True)
class Trust:
    """How much of the way from the levels by role back to the balance as given the faders stop, 0 to 1.

    `read_share` is that of a level that was read from a reference.
    """

    share: float
    within_lu: float
    read_share: float = 0.0

    def of(self, session: Session, setting: str) -> Trust:
        """Return the trust beside the level that a setting holds."""
        if not session.read_from(f"{RULE}.{setting}"):
            return self
        return dataclasses.replace(self, share=self.read_share)

    def between(self, rule_lu: float, given_lu: float) -> float:
        """Return a level between the rule's and the given one."""
        if not math.isfinite(given_lu):
            return rule_lu
        return rule_lu + self.share * float(np.clip(given_lu - rule_lu, -self.within_lu, self.within_lu))

    def from_to(self, given_lu: float, rule_lu: float, usual: str, *, sign: str = "") -> str:
        """Return in words which share of which way a fader moves.

        `usual` is where the rule's level comes from; `sign` is ``"+"`` where levels have a sign.
        """
        too_far = math.isfinite(given_lu) and abs(given_lu - rule_lu) > self.within_lu
        but = f", counted as {self.within_lu:g} LU away" if too_far else ""
        return (
            f"{self.way} from {given_lu:{sign}.1f} (balance as given{but}) to {rule_lu:{sign}.1f} ({usual})"
        )

    @property
    def way(self) -> str:
        """The share of the way that the faders move, in words."""
        return f"{100.0 * (1.0 - self.share):.0f} % of the way" if self.share > 0.0 else "all of the way"


def nobody_balanced(session: Session, settings: LevelSettings) -> str:
    """Return how stems are alike that nobody has balanced, in words; empty where they may be a rough mix."""
    names = [stem.name for stem in session.active if not is_support(session, stem.name)]
    return _alike(
        settings, len(names), _apart(_peaks_db(session, names)), _apart(_loudnesses(session, names))
    )


def trust_in_given(session: Session, settings: LevelSettings) -> tuple[Trust, Decision]:
    """Return how much of the balance as given is kept, and the decision that says why."""
    names = [stem.name for stem in session.active if not is_support(session, stem.name)]
    peaks_db = _peaks_db(session, names)
    apart_db, apart_lu = _apart(peaks_db), _apart(_loudnesses(session, names))
    summed_db = gain_to_db(math.hypot(*map(db_to_gain, peaks_db)))
    trust = Trust(0.0, settings.trust_within_lu)
    alike = _alike(settings, len(names), apart_db, apart_lu)
    if alike:
        said = (
            f"{alike}, so their balance as given says nothing. The faders go {trust.way} to the usual levels of their "
            f"roles{_and_read(session, trust)}."
        )
    elif settings.trust_given > 0.0 and len(names) > 1:
        trust = Trust(settings.trust_given, settings.trust_within_lu, settings.trust_read)
        said = (
            f"The stems as given count as a rough mix (peaks {apart_db:.1f} dB apart). The faders go {trust.way} from "
            f"that balance to the usual levels of their roles{_and_read(session, trust)}."
        )
    else:
        said = (
            f"The faders go {trust.way} to the usual levels of their roles{_and_read(session, trust)}, whatever the "
            "balance as given."
        )
    decision = Decision(
        rule=RULE,
        source=_SOURCE,
        measured=(
            Quantity.of("peaks apart", apart_db, "dB"),
            Quantity.of("loudnesses apart", apart_lu, "LU"),
            Quantity.of("root of their summed squares", summed_db, "dBFS"),
        ),
        threshold=(
            f"normalised: peaks within {settings.normalised_within_db:g} dB or loudness within "
            f"{settings.normalised_within_lu:g} LU; recorded: peaks within {settings.recorded_within_db:g} dB"
        ),
        sentence=said,
    )
    return trust, decision


def _and_read(session: Session, trust: Trust) -> str:
    """Return in words how far the faders go to levels that were read from references; nothing where none was."""
    read = session.read
    if read is None or not any(name.startswith(f"{RULE}.") for name in read.targets):
        return ""
    return f", and {dataclasses.replace(trust, share=trust.read_share).way} to those of {read.name}"


def _peaks_db(session: Session, names: Sequence[str]) -> list[float]:
    return [gain_to_db(session.stems[name].peak) for name in names]


def _loudnesses(session: Session, names: Sequence[str]) -> list[float]:
    return [session.scan(name).integrated_lufs for name in names]


def _apart(levels: Sequence[float]) -> float:
    return max(levels, default=0.0) - min(levels, default=0.0)


def _alike(settings: LevelSettings, stems: int, apart_db: float, apart_lu: float) -> str:
    """Return how stems are alike that nobody has balanced, in words; empty where they are not."""
    if stems < settings.fewest_alike:
        return ""
    if apart_db <= settings.normalised_within_db:
        return f"The stems were normalised to one peak (all within {apart_db:.1f} dB)"
    if apart_lu <= settings.normalised_within_lu:
        return f"The stems were normalised to one loudness (all within {apart_lu:.1f} LU)"
    if apart_db <= settings.recorded_within_db:
        return f"The stems are takes at recording level, not a rough mix (all peak within {apart_db:.1f} dB)"
    return ""
