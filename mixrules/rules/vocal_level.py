"""The published level rule: the lead vocal against the sum of everything else.

One fader moves, that of the vocal, until vocal minus backing, in integrated loudness, is the target.
RULES: preset ``survey-2022``, after likelian/Lab_spring2022 (2022); loudness: ITU-R BS.1770-5.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from mixrules._support.wording import listed, signed
from mixrules.decision import Decision, Quantity
from mixrules.rules.level_statements import vocal_statements
from mixrules.rules.read_aims import Aim
from mixrules.rules.wording import no_vocal
from mixrules.session import Session

RULE = "level"
_SOURCE = "survey-2022, after likelian/Lab_spring2022 (2022): vocal and backing; loudness: ITU-R BS.1770-5"


@dataclass(frozen=True, slots=True, kw_only=True)
class VocalLevelSettings:
    """The constants of ``level:vocal_to_backing``; the presets say what each means."""

    vocal_to_backing_lu: float
    max_corrections: int


def vocal_to_backing(session: Session, settings: VocalLevelSettings) -> list[Decision]:
    """Set the vocal's fader so that vocal minus backing, in integrated loudness, meets the target.

    Without a vocal or a backing nothing is decided. Several lead vocals are moved together.
    """
    target_lu = settings.vocal_to_backing_lu
    if not session.vocals or not session.backing:
        what, hint = no_vocal(session) if not session.vocals else ("No backing sounds among the stems", "")
        sentence = f"{what}, so every fader stays where it was{hint}."
        return [Decision(rule=RULE, source=_SOURCE, sentence=sentence)]
    vocal_lufs, backing_lufs = session.loudness(*session.vocals), session.loudness(*session.backing)
    change_db = backing_lufs + target_lu - vocal_lufs
    if not math.isfinite(change_db):
        return [_cancelled(session.backing if math.isfinite(vocal_lufs) else session.vocals)]
    if len(session.vocals) == 1:
        change_db = _corrected(session, change_db, backing_lufs + target_lu, settings.max_corrections)
    before_lu = vocal_lufs - backing_lufs

    def decide(name: str) -> Decision:
        before_db = session.plan.stem(name).gain_db
        return Decision(
            rule=RULE,
            stem=name,
            source=_SOURCE,
            measured=(
                Quantity.of("vocal", vocal_lufs, "LUFS"),
                Quantity.of("backing", backing_lufs, "LUFS"),
                Quantity.of("vocal to backing", before_lu, "LU"),
            ),
            threshold=f"vocal to backing = {target_lu:g} LU",
            parameters={"gain_db": before_db + change_db},
            sentence=(
                f"{name}: fader at {signed(before_db + change_db)} dB, for {signed(target_lu, 2)} LU "
                f"against the backing; with the fader at {signed(before_db)} dB "
                f"it was {signed(before_lu, 2)} LU."
            ),
            statements=vocal_statements(session.vocals, target_lu),
        )

    return [decide(name) for name in session.vocals]


def aims(session: Session, settings: VocalLevelSettings, decision: Decision) -> list[Aim]:
    """Return the level that the vocal was set by."""
    return [Aim(f"{RULE}.vocal_to_backing_lu", "vocal to backing")] if decision.stem else []


def _cancelled(names: Sequence[str]) -> Decision:
    """Say that stems leave no loudness together, though each has one."""
    sentence = f"{listed(names)} cancel each other out, so every fader stays where it was: one has its polarity reversed."
    return Decision(rule=RULE, source=_SOURCE, sentence=sentence)


def _corrected(session: Session, change_db: float, aim_lufs: float, max_corrections: int) -> float:
    """Correct the change of a fader: the gates of the loudness do not move with it."""
    (name,) = session.vocals
    before_db = session.plan.stem(name).gain_db
    for _ in range(max_corrections):
        reached_lufs = session.loudness_at({name: before_db + change_db})
        if math.isfinite(reached_lufs):
            change_db += aim_lufs - reached_lufs
    return change_db
