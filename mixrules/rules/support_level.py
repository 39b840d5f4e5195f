"""How loud a stem is that goes with another: under it, and never above what it was against it as given."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mixrules._support.wording import listed, prints_as_zero, signed
from mixrules.decision import Decision, Quantity
from mixrules.processors import db_to_gain
from mixrules.rules.level_faders import LevelSettings, faders_db_for
from mixrules.rules.level_statements import support_statements
from mixrules.session import Session
from mixrules.stems.roles import is_double

RULE = "level"
_SOURCE = (
    "a reverb's return below the dry sound: Pestana & Reiss 2014; doubles: ours; loudness: ITU-R BS.1770-5"
)


@dataclass(frozen=True, slots=True)
class SupportFader:
    """A support stem's fader, and how loud the stem is against what it goes with: as given, aimed at and reached."""

    gain_db: float
    given_lu: float
    aim_lu: float
    reached_lu: float


def support_faders_for(
    session: Session,
    settings: LevelSettings,
    leads_db: Mapping[str, float],
    support: Mapping[str, Sequence[str]],
) -> dict[str, SupportFader]:
    """Set several support stems, each against its leads; see `support_fader`."""
    return {
        name: support_fader(session, name, {lead: leads_db[lead] for lead in leads}, settings)
        for name, leads in support.items()
    }


def support_fader(
    session: Session,
    name: str,
    leads_db: Mapping[str, float],
    settings: LevelSettings,
    *,
    alone: bool = False,
) -> SupportFader:
    """Set a support stem against its leads at their faders; `alone`: against all others, as it was given."""
    given_lufs = session.scan(name).integrated_lufs
    # Powers added up: what the leads sum to as they were given need not be measured to the last digit.
    power = sum(db_to_gain(session.scan(lead).integrated_lufs) ** 2 for lead in leads_db)
    given_lu = given_lufs - 10.0 * math.log10(power) if power > 0.0 else math.inf
    most_lu = float(getattr(settings, most_name(name)))
    aim_lu = given_lu if alone else min(given_lu, most_lu)
    leads_lufs = session.loudness_at(leads_db) if leads_db else settings.reference_lufs
    if not math.isfinite(leads_lufs + aim_lu):
        leads_lufs, aim_lu = settings.reference_lufs, most_lu
    faders_db = faders_db_for(session, {(name,): 0.0}, leads_lufs + aim_lu, settings)
    return SupportFader(faders_db[name], given_lu, aim_lu, session.loudness_at(faders_db) - leads_lufs)


def most_name(name: str) -> str:
    """Return which setting says how loud a support stem may be against what it goes with."""
    return "support_double_lu" if is_double(name) else "support_return_lu"


def support_decision(session: Session, name: str, leads: Sequence[str], fader: SupportFader) -> Decision:
    """Set a support stem's fader and say how loud it is against its leads."""
    as_given = prints_as_zero(fader.aim_lu - fader.given_lu)
    kept = "as it was given"
    if not as_given:
        kept = f"its limit; it was given at {signed(fader.given_lu)} LU"
        if not math.isfinite(fader.given_lu):
            kept = "its usual level"
    against = listed(leads) if leads else "all others"
    limit = "" if prints_as_zero(fader.aim_lu - fader.reached_lu) else " (the fader's limit)"
    return Decision(
        rule=RULE,
        stem=name,
        source=_SOURCE,
        measured=(
            Quantity.of("integrated loudness", session.loudness(name), "LUFS"),
            Quantity.of("support to lead as given", fader.given_lu, "LU"),
        ),
        threshold=f"support to lead of at most {fader.aim_lu:.1f} LU",
        parameters={"gain_db": fader.gain_db},
        sentence=(
            f"{name}: fader at {signed(fader.gain_db)} dB, for {signed(fader.reached_lu)} LU against "
            f"{against}{limit}, {kept}."
        ),
        statements=support_statements(name, tuple(leads), fader.reached_lu),
    )
