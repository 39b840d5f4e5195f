"""The width rule: a stem that falls apart in mono is narrowed; a song without any side gets a little.

How wide a class of stems is in finished songs is known, and no target for one: of the stems of 33 songs all but one have
hardly more side than mid, and a mix as narrow as its mono stems make it is mostly meant so. So a stem is narrowed only
where it lies beyond those, and mono stems are spread only where the mix would have next to no side at all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from mixrules._support.wording import prints_as_zero, signed
from mixrules.analysis import power_db
from mixrules.decision import Decision, Quantity, Statement
from mixrules.processors import WidthParams, db_to_gain, pan
from mixrules.rules.read_aims import Aim
from mixrules.rules.support import is_support
from mixrules.session import Session

RULE = "width"
_PHASE_SOURCE = "checks in mono: Pestana & Reiss 2014; bounds: ours"
_SPREAD_SOURCE = (
    "stereo similarity of MUSDB18's stems by class (features of FxNorm-automix, Sony, MIT); "
    "all-pass pairs: Schroeder 1958; when and how much: ours"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WidthSettings:
    """The constants of ``width:by_class``; the presets say what each means."""

    vocals_roles: tuple[str, ...] = field(metadata={"table": "tone"})
    bass_roles: tuple[str, ...] = field(metadata={"table": "tone"})
    drums_roles: tuple[str, ...]
    vocals_max_side_to_mid_db: float
    drums_max_side_to_mid_db: float
    bass_max_side_to_mid_db: float
    max_side_to_mid_db: float
    narrowed_side_to_mid_db: float
    narrow_share: float
    max_narrowing_db: float
    mix_side_to_mid_db: float
    spread: float
    spread_roles: tuple[str, ...]
    max_low_share: float
    tolerance_db: float

    def most_name(self, role: str) -> str:
        """Return which setting says how much side against its mid a stem of a role may have."""
        classes = (("vocals", self.vocals_roles), ("drums", self.drums_roles), ("bass", self.bass_roles))
        of_class = next((f"{name}_" for name, roles in classes if role in roles), "")
        return f"{of_class}max_side_to_mid_db"

    def most_db(self, role: str) -> float:
        """Return how much side against its mid a stem of a role may have."""
        return float(getattr(self, self.most_name(role)))


def by_class(session: Session, settings: WidthSettings) -> list[Decision]:
    """Narrow the stems that fall apart in mono, and give a song without a side a little of one."""
    decisions = []
    for stem in session.active:
        scan = session.scan(stem.name)
        if scan.side_to_mid_db > settings.most_db(session.role(stem.name)) and not scan.in_opposite_phase:
            decisions += _narrowed(session, stem.name, settings)
    mix_db = predicted_side_to_mid_db(session)
    if settings.spread > 0.0 and mix_db < settings.mix_side_to_mid_db:
        names = [stem.name for stem in session.active if _may_be_spread(session, stem.name, settings)]
        for name in names:
            decisions += _spread(session, name, mix_db, settings)
    return decisions


def aims(session: Session, settings: WidthSettings, decision: Decision) -> list[Aim]:
    """Return the widths that a stem was narrowed or spread by."""
    if (decision.parameters.get("width") or {}).get("spread"):
        return [
            Aim(f"{RULE}.mix_side_to_mid_db", "side to mid of the mix"),
            Aim(f"{RULE}.spread", "side of a spread stem"),
        ]
    return [Aim(f"{RULE}.{settings.most_name(session.role(decision.stem))}", "side to mid at most")]


def predicted_side_to_mid_db(session: Session) -> float:
    """Return the side to mid of the sum of stems at their faders and places, as if none had anything in common."""
    side = mid = 0.0
    for stem in session.active:
        strip, scan = session.plan.stem(stem.name), session.scan(stem.name)
        power = db_to_gain(scan.integrated_lufs + strip.gain_db) ** 2
        if scan.is_mono:
            left, right = pan(np.ones((1, 1)), session.sample_rate, strip.pan)[0]
            ratio = ((left - right) / (left + right)) ** 2
        else:
            ratio = db_to_gain(scan.side_to_mid_db) ** 2
        share = ratio / (1.0 + ratio) if math.isfinite(ratio) else 1.0
        side += power * share
        mid += power * (1.0 - share)
    return float(power_db(side / mid)) if mid > 0.0 else math.inf


def _narrowed(session: Session, name: str, settings: WidthSettings) -> list[Decision]:
    before_db = session.side_to_mid_db(name, width=WidthParams())
    most_db = settings.most_db(session.role(name))
    if before_db <= most_db:  # its strip turned one of its channels
        return []
    excess_db = before_db - min(settings.narrowed_side_to_mid_db, most_db)
    gain_db = -min(settings.narrow_share * excess_db, settings.max_narrowing_db)
    if prints_as_zero(gain_db, digits=1):
        return []
    lost_db, loses_db = (power_db(1.0 + db_to_gain(each) ** 2) for each in (before_db, before_db + gain_db))
    return [
        Decision(
            rule=RULE,
            stem=name,
            source=_PHASE_SOURCE,
            measured=(Quantity.of("side to mid", before_db, "dB"),),
            threshold=f"side to mid of {most_db:g} dB",
            parameters={"width": WidthParams(side_gain_db=round(gain_db, 2))},
            sentence=(
                f"{name}: its side is turned down by {-gain_db:.1f} dB, because it is "
                f"{_too_wide(session, name, before_db, settings)}. In mono the stem would lose {lost_db:.1f} dB; now it "
                f"loses {loses_db:.1f} dB."
            ),
            statements=(_stated(name, before_db + gain_db, settings.tolerance_db),),
        )
    ]


def _too_wide(session: Session, name: str, side_to_mid_db: float, settings: WidthSettings) -> str:
    """Return why a stem's side is too much, in words."""
    against = f"{abs(side_to_mid_db):.1f} dB {'stronger' if side_to_mid_db >= 0.0 else 'weaker'} than the mid"
    read_from = session.read_from(f"{RULE}.{settings.most_name(session.role(name))}")
    return f"{against}, more than such stems of {read_from} have" if read_from else against


def _may_be_spread(session: Session, name: str, settings: WidthSettings) -> bool:
    """Return whether a stem is mono, does not stand hard at one side, and is of a role that bears a side."""
    return (
        session.scan(name).is_mono
        and session.role(name) in settings.spread_roles
        and not is_support(session, name)
        and abs(session.plan.stem(name).pan.pan) < 1.0
        and session.tone(name).low_share < settings.max_low_share
    )


def _spread(session: Session, name: str, mix_db: float, settings: WidthSettings) -> list[Decision]:
    params = WidthParams(spread=settings.spread)
    after_db = session.side_to_mid_db(name, width=params)
    if not math.isfinite(after_db):  # a stem of a few samples
        return []
    decision = Decision(
        rule=RULE,
        stem=name,
        source=_SPREAD_SOURCE,
        measured=(
            Quantity.of("side to mid of the mix, predicted", mix_db, "dB"),
            Quantity.of("side to mid", session.scan(name).side_to_mid_db, "dB"),
        ),
        threshold=f"side to mid of the mix of {settings.mix_side_to_mid_db:g} dB",
        parameters={"width": params},
        sentence=(
            f"{name}: spread a little above 200 Hz (side to mid {signed(after_db)} dB), because it is mono and "
            f"{_narrow_mix(session, mix_db)}. In mono it sounds as before."
        ),
        statements=(_stated(name, after_db, settings.tolerance_db),),
    )
    return [decision]


def _narrow_mix(session: Session, mix_db: float) -> str:
    """Return why a mix without spread stems would be too narrow, in words."""
    read_from = session.read_from(f"{RULE}.mix_side_to_mid_db")
    if not read_from or not math.isfinite(mix_db):
        return "the mix would be nearly mono, too"
    return f"the mix would be narrower than {read_from} (side to mid {signed(mix_db)} dB)"


def _stated(name: str, side_to_mid_db: float, tolerance_db: float) -> Statement:
    return Statement(
        kind="stem_side_to_mid_db",
        stems=(name,),
        unit="dB",
        stated=round(side_to_mid_db, 2),
        tolerance=tolerance_db,
    )
