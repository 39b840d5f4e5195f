"""The level rule for any number of stems.

Equal integrated loudness first (Perez-Gonzalez & Reiss 2009), with small offsets by role; the pieces
of a drum kit as one source; the vocal last and against the whole (De Man et al. 2014). What goes with
another stem, its reverb or its double, stays below it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mixrules.decision import Decision, Quantity
from mixrules.processors import db_to_gain
from mixrules.rules.level_statements import loudness_statements, support_statements, vocal_statements
from mixrules.rules.support import is_support, leads_of
from mixrules.rules.wording import listed, no_vocal, prints_as_zero, signed
from mixrules.session import Session
from mixrules.stems.name_words import is_double

RULE = "level"
_SOURCE = (
    "equal loudness, then role offsets: Perez-Gonzalez & Reiss 2009, De Man et al. 2014; "
    "loudness: ITU-R BS.1770-5"
)
_SUPPORT_SOURCE = (
    "a reverb's return below the dry sound: Pestana & Reiss 2014; doubles: ours; loudness: ITU-R BS.1770-5"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelSettings:
    """The constants of ``level:by_role``; the presets say what each means."""

    reference_lufs: float
    vocal_to_backing_lu: float
    vocal_above_loudest_lu: float
    backing_vocal_lu: float
    drums_lu: float
    bass_lu: float
    guitar_lu: float
    keys_lu: float
    strings_lu: float
    winds_lu: float
    effects_lu: float
    other_lu: float
    kit_drums_lu: float
    kit_kick_lu: float
    kit_snare_lu: float
    kit_toms_lu: float
    kit_cymbals_lu: float
    kit_hihat_lu: float
    kit_percussion_lu: float
    support_return_lu: float
    support_double_lu: float
    max_gain_db: float
    kit_roles: tuple[str, ...]
    keys_roles: tuple[str, ...]
    max_corrections: int
    max_corrections_together: int

    def offset_lu(self, role: str) -> float:
        """Return how far from the reference a source of a role stands."""
        if role in self.keys_roles:
            return self.keys_lu
        return {
            "backing_vocal": self.backing_vocal_lu,
            "bass": self.bass_lu,
            "guitar": self.guitar_lu,
            "strings": self.strings_lu,
            "winds": self.winds_lu,
            "effects": self.effects_lu,
        }.get(role, self.other_lu)

    def in_kit_lu(self, role: str) -> float:
        """Return how loud a stem of the kit is against the others of the kit."""
        return {
            "kick": self.kit_kick_lu,
            "snare": self.kit_snare_lu,
            "toms": self.kit_toms_lu,
            "cymbals": self.kit_cymbals_lu,
            "hihat": self.kit_hihat_lu,
            "percussion": self.kit_percussion_lu,
        }.get(role, self.kit_drums_lu)


@dataclass(frozen=True, slots=True)
class _Source:
    """What gets one level of its own: a stem, or a kit with its pieces' levels among themselves."""

    label: str
    relative_lu: Mapping[str, float]
    offset_lu: float


def by_role(session: Session, settings: LevelSettings) -> list[Decision]:
    """Set every fader: equal loudness with an offset by role, then the vocal against the rest."""
    decisions: list[Decision] = []
    backing_db: dict[str, float] = {}
    sources_lufs: list[float] = []
    for source in _sources(session, settings):
        aim_lufs = settings.reference_lufs + source.offset_lu
        faders_db = _faders_db(session, source.relative_lu, aim_lufs, settings)
        reached_lufs = session.loudness_at(faders_db)
        backing_db.update(faders_db)
        sources_lufs.append(reached_lufs)
        decisions += [
            _source_decision(session, name, source, faders_db, aim_lufs, reached_lufs) for name in faders_db
        ]
    support = {name: leads_of(session, name) for name in session.backing if is_support(session, name)}
    of_vocals = tuple(name for name, leads in support.items() if leads and leads == session.vocals)
    for name, leads in support.items():
        if name in of_vocals:
            continue
        beside = {lead: backing_db[lead] for lead in leads or backing_db}
        fader = _support_fader(session, name, beside, settings, alone=not leads)
        backing_db[name] = fader.gain_db
        decisions.append(_support_decision(session, name, leads, fader))
    if session.vocals:
        return decisions + _vocal_decisions(session, settings, backing_db, sources_lufs, of_vocals)
    what, hint = no_vocal(session)
    sentence = f"{what}, so the mix is an instrumental one{hint}."
    return [*decisions, Decision(rule=RULE, source=_SOURCE, sentence=sentence)]


def _sources(session: Session, settings: LevelSettings) -> list[_Source]:
    """Group the backing into sources: a kit that comes in pieces is one, any other stem is its own."""
    kit_lu: dict[str, float] = {}
    others: list[_Source] = []
    for name in session.backing:
        if is_support(session, name):
            continue
        role = session.role(name)
        if role in settings.kit_roles:
            kit_lu[name] = settings.in_kit_lu(role)
        else:
            others.append(_Source(session.role_in_words(name), {name: 0.0}, settings.offset_lu(role)))
    if len(kit_lu) == 1:
        kit_lu = dict.fromkeys(kit_lu, 0.0)
    return ([_Source("drum kit", kit_lu, settings.drums_lu)] if kit_lu else []) + others


def _faders_db(
    session: Session, relative_lu: Mapping[str, float], aim_lufs: float, settings: LevelSettings
) -> dict[str, float]:
    """Return faders that give stems these relative levels and their sum the loudness `aim_lufs`."""
    faders_db = {
        name: session.plan.stem(name).gain_db + aim_lufs + relative - session.loudness(name)
        for name, relative in relative_lu.items()
    }
    # A sum is louder than its parts; and the gates of the loudness do not move with a fader, so that
    # even a single stem may need to be corrected more than once.
    for _ in range(settings.max_corrections_together if len(faders_db) > 1 else settings.max_corrections):
        correction_lu = aim_lufs - session.loudness_at(faders_db)
        if not math.isfinite(correction_lu):
            break
        faders_db = {name: fader_db + correction_lu for name, fader_db in faders_db.items()}
    return {name: min(settings.max_gain_db, fader_db) for name, fader_db in faders_db.items()}


def _source_decision(
    session: Session,
    name: str,
    source: _Source,
    faders_db: Mapping[str, float],
    aim_lufs: float,
    reached_lufs: float,
) -> Decision:
    given_lufs = session.scan(name).integrated_lufs
    in_kit = len(faders_db) > 1
    aim = "with the rest of the drum kit" if in_kit else f"as {session.role_in_words(name)}"
    return Decision(
        rule=RULE,
        stem=name,
        source=_SOURCE,
        measured=(Quantity.of("integrated loudness", session.loudness(name), "LUFS"),),
        threshold=f"{source.label} at {aim_lufs:g} LUFS",
        parameters={"gain_db": faders_db[name]},
        sentence=(
            f"{name}: fader at {signed(faders_db[name])} dB, for {aim_lufs:.1f} LUFS {aim}"
            f"{_shortfall(aim_lufs, reached_lufs)}; as given it was at {given_lufs:.1f} LUFS."
        ),
        statements=loudness_statements(tuple(faders_db), reached_lufs),
    )


def _shortfall(aim_lufs: float, reached_lufs: float) -> str:
    """Return the words for a fader that met its limit; nothing where the aim was reached."""
    if prints_as_zero(reached_lufs - aim_lufs):
        return ""
    if not math.isfinite(reached_lufs):
        return " (together they cancel out: one of them has its polarity reversed)"
    return f" (the fader's limit stops it at {reached_lufs:.1f})"


def _vocal_decisions(
    session: Session,
    settings: LevelSettings,
    backing_db: Mapping[str, float],
    sources_lufs: Sequence[float],
    support: Sequence[str],
) -> list[Decision]:
    """Set the vocals, last: against the whole backing, and no lower than a floor against its loudest source.

    Their reverbs and doubles count with them, as they do in a vocal stem that was mixed.
    """
    vocals = session.vocals
    if backing_db:
        backing_lufs = session.loudness_at(backing_db)
        aim_lufs = backing_lufs + settings.vocal_to_backing_lu
        why = f"{signed(settings.vocal_to_backing_lu)} LU against the backing"
        floor_lufs = max(sources_lufs) + settings.vocal_above_loudest_lu
        if len(sources_lufs) > 1 and floor_lufs > aim_lufs:
            aim_lufs = floor_lufs
            why = f"{signed(settings.vocal_above_loudest_lu)} LU against the loudest other source"
    else:
        backing_lufs, aim_lufs = -math.inf, settings.reference_lufs
        why = "the reference level: it stands alone"
    faders_db, support_faders = _vocal_faders(session, settings, aim_lufs, support)
    together_db = faders_db | {name: fader.gain_db for name, fader in support_faders.items()}
    reached_lufs = session.loudness_at(together_db)
    if backing_db:
        statements = vocal_statements(tuple(together_db), round(reached_lufs - backing_lufs, 2))
    else:
        statements = loudness_statements(tuple(together_db), reached_lufs)

    def decide(name: str) -> Decision:
        others = [other for other in together_db if other != name]
        together = f" (together with {listed(others)})" if others else ""
        return Decision(
            rule=RULE,
            stem=name,
            source=_SOURCE,
            measured=(
                Quantity.of("vocal", session.loudness(name), "LUFS"),
                Quantity.of("backing", backing_lufs, "LUFS"),
            ),
            threshold=f"vocal at {aim_lufs:.1f} LUFS",
            parameters={"gain_db": faders_db[name]},
            sentence=(
                f"{name}: fader at {signed(faders_db[name])} dB{together}, for {aim_lufs:.1f} LUFS, "
                f"{why}{_shortfall(aim_lufs, reached_lufs)}; "
                f"as given it was at {session.scan(name).integrated_lufs:.1f} LUFS."
            ),
            statements=statements,
        )

    return [decide(name) for name in vocals] + [
        _support_decision(session, name, vocals, fader) for name, fader in support_faders.items()
    ]


def _vocal_faders(
    session: Session, settings: LevelSettings, aim_lufs: float, support: Sequence[str]
) -> tuple[dict[str, float], dict[str, _SupportFader]]:
    """Return the faders of the vocals and of their support at which all of them together have a loudness."""
    vocals_db = _faders_db(session, dict.fromkeys(session.vocals, 0.0), aim_lufs, settings)
    own_aim_lufs, faders = aim_lufs, _support_faders(session, settings, vocals_db, support)
    for _ in range(settings.max_corrections if support else 0):
        error_lu = aim_lufs - session.loudness_at(vocals_db | {n: f.gain_db for n, f in faders.items()})
        if not math.isfinite(error_lu):
            break
        own_aim_lufs += error_lu
        vocals_db = _faders_db(session, dict.fromkeys(session.vocals, 0.0), own_aim_lufs, settings)
        faders = _support_faders(session, settings, vocals_db, support)
    return vocals_db, faders


@dataclass(frozen=True, slots=True)
class _SupportFader:
    """A support stem's fader, and how loud the stem is against what it goes with: as given, aimed at and reached."""

    gain_db: float
    given_lu: float
    aim_lu: float
    reached_lu: float


def _support_faders(
    session: Session, settings: LevelSettings, leads_db: Mapping[str, float], support: Sequence[str]
) -> dict[str, _SupportFader]:
    return {name: _support_fader(session, name, leads_db, settings) for name in support}


def _support_fader(
    session: Session,
    name: str,
    leads_db: Mapping[str, float],
    settings: LevelSettings,
    *,
    alone: bool = False,
) -> _SupportFader:
    """Set a support stem against its leads at their faders; `alone`: against all others, as it was given."""
    given_lufs = session.scan(name).integrated_lufs
    # Powers added up: what the leads sum to as they were given need not be measured to the last digit.
    power = sum(db_to_gain(session.scan(lead).integrated_lufs) ** 2 for lead in leads_db)
    given_lu = given_lufs - 10.0 * math.log10(power) if power > 0.0 else math.inf
    most_lu = settings.support_double_lu if is_double(name) else settings.support_return_lu
    aim_lu = given_lu if alone else min(given_lu, most_lu)
    leads_lufs = session.loudness_at(leads_db) if leads_db else settings.reference_lufs
    if not math.isfinite(leads_lufs + aim_lu):
        leads_lufs, aim_lu = settings.reference_lufs, most_lu
    faders_db = _faders_db(session, {name: 0.0}, leads_lufs + aim_lu, settings)
    return _SupportFader(faders_db[name], given_lu, aim_lu, session.loudness_at(faders_db) - leads_lufs)


def _support_decision(session: Session, name: str, leads: Sequence[str], fader: _SupportFader) -> Decision:
    as_given = prints_as_zero(fader.aim_lu - fader.given_lu)
    kept = "as it was given" if as_given else f"where it was given at {signed(fader.given_lu)} LU"
    against = listed(leads) if leads else "all others"
    limit = "" if prints_as_zero(fader.aim_lu - fader.reached_lu) else " (the fader's limit)"
    return Decision(
        rule=RULE,
        stem=name,
        source=_SUPPORT_SOURCE,
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
