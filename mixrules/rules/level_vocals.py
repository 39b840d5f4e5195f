"""The lead vocals' level, against the whole backing; and the backing vocals', under the lead."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mixrules._support.wording import listed, signed
from mixrules.decision import Decision, Quantity
from mixrules.rules.level_faders import LevelSettings, faders_db_for
from mixrules.rules.level_sources import PlacedSource, given_loudness, usual_level, vocal_units
from mixrules.rules.level_statements import loudness_statements, vocal_statements
from mixrules.rules.level_trust import Trust
from mixrules.rules.support_level import SupportFader, support_decision, support_faders_for
from mixrules.rules.wording import shortfall
from mixrules.session import Session

RULE = "level"
_SOURCE = "vocal to backing: MUSDB18's mixes; De Man et al. 2014; loudness: ITU-R BS.1770-5"


@dataclass(frozen=True, slots=True)
class Voices:
    """The lead vocals as units with their levels among themselves, and the stems that go with them.

    `given_to_backing_lu` is how loud all of these are against everything else as given.
    """

    units: Mapping[tuple[str, ...], float]
    support: Mapping[str, Sequence[str]]
    given_to_backing_lu: float


@dataclass(frozen=True, slots=True)
class VocalAim:
    """How loud the lead vocals are to be, with their support; why, in words; and the backing's loudness."""

    lufs: float
    why: str
    backing_lufs: float


def voices_of(session: Session, trust: Trust, support: Mapping[str, Sequence[str]]) -> Voices:
    """Return the lead vocals, and of the song's support stems those that go with lead vocals alone.

    These count with the vocals, as they do in a vocal stem that was mixed.
    """
    vocals = set(session.vocals)
    own = {name: leads for name, leads in support.items() if leads and vocals.issuperset(leads)}
    together = [*session.vocals, *own]
    rest = [name for name in session.backing if name not in own]
    given_lu = math.nan
    if vocals and rest:
        given_lu = given_loudness(session, together) - given_loudness(session, rest)
    return Voices(vocal_units(session, trust), own, given_lu)


def vocal_aim(
    session: Session,
    settings: LevelSettings,
    trust: Trust,
    voices: Voices,
    placed: Sequence[PlacedSource],
    backing_db: Mapping[str, float],
) -> VocalAim:
    """Return the level of the vocals: against the whole backing, and no lower than a floor against its loudest source."""
    backing_lufs = session.loudness_at(backing_db) if backing_db else -math.inf
    if not math.isfinite(backing_lufs):
        why = f"the reference level, as {'the backing cancels out' if backing_db else 'it stands alone'}"
        return VocalAim(settings.reference_lufs, why, backing_lufs)
    trust = trust.of(session, "vocal_to_backing_lu")
    trust = dataclasses.replace(trust, within_lu=settings.vocal_trust_within_lu)
    to_backing_lu = trust.between(settings.vocal_to_backing_lu, voices.given_to_backing_lu)
    aim_lufs = backing_lufs + to_backing_lu
    why = f"{signed(to_backing_lu)} LU against the backing"
    if trust.share > 0.0:
        usual = usual_level(session, "vocal_to_backing_lu", "lead vocals")
        way = trust.from_to(voices.given_to_backing_lu, settings.vocal_to_backing_lu, usual, sign="+")
        why += f", {way}"
    floor_lufs = max((each.reached_lufs - each.source.counts_lu for each in placed), default=-math.inf)
    floor_lufs += settings.vocal_above_loudest_lu
    if len(placed) > 1 and floor_lufs > aim_lufs:
        aim_lufs = floor_lufs
        why = f"{signed(settings.vocal_above_loudest_lu)} LU against the loudest other source"
    return VocalAim(aim_lufs, why, backing_lufs)


def shifted(aim: VocalAim, settings: LevelSettings) -> VocalAim:
    """Return the level of the vocals with what the user wants on top of the rules; the backing does not follow it."""
    shift_db = settings.vocal_shift_db
    if shift_db == 0.0:
        return aim
    return dataclasses.replace(
        aim, lufs=aim.lufs + shift_db, why=f"{aim.why}, and {signed(shift_db)} dB as wanted"
    )


def shift_decisions(settings: LevelSettings) -> list[Decision]:
    """Record that the user wants the vocals louder or softer; nothing where the rules' level stands."""
    if settings.vocal_shift_db == 0.0:
        return []
    way = "louder" if settings.vocal_shift_db > 0.0 else "softer"
    return [
        Decision(
            rule=RULE,
            source="asked for by the user",
            threshold=f"level.vocal_shift_db = {settings.vocal_shift_db:g} dB",
            sentence=(
                f"The lead vocal is {abs(settings.vocal_shift_db):g} dB {way} than the rules would have it, as the user "
                "asked for."
            ),
        )
    ]


def over_the_lead_lu(
    session: Session, settings: LevelSettings, placed: Sequence[PlacedSource], aim: VocalAim
) -> float:
    """Return by how much all backing vocals together are louder than they may be against the lead vocals."""
    harmonies = {
        name: fader for each in placed if each.source.backing_vocal for name, fader in each.faders_db.items()
    }
    lufs = session.loudness_at(harmonies) if harmonies else -math.inf
    return max(0.0, lufs - aim.lufs - settings.backing_vocals_to_lead_lu)


def vocal_decisions(
    session: Session, settings: LevelSettings, voices: Voices, aim: VocalAim
) -> list[Decision]:
    """Set the vocals and what goes with them, so that all of them together have the loudness that is aimed at."""
    faders_db, support_faders = _vocal_faders(session, settings, voices, aim.lufs)
    together_db = faders_db | {name: fader.gain_db for name, fader in support_faders.items()}
    reached_lufs = session.loudness_at(together_db)
    if math.isfinite(aim.backing_lufs):
        statements = vocal_statements(tuple(together_db), round(reached_lufs - aim.backing_lufs, 2))
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
                Quantity.of("backing", aim.backing_lufs, "LUFS"),
                Quantity.of("vocal to backing as given", voices.given_to_backing_lu, "LU"),
            ),
            threshold=f"vocal at {aim.lufs:.1f} LUFS",
            parameters={"gain_db": faders_db[name]},
            sentence=(
                f"{name}: fader at {signed(faders_db[name])} dB{together}, for {aim.lufs:.1f} LUFS, "
                f"{aim.why}{shortfall(aim.lufs, reached_lufs)}; "
                f"as given it was at {session.scan(name).integrated_lufs:.1f} LUFS."
            ),
            statements=statements,
        )

    return [decide(name) for name in faders_db] + [
        support_decision(session, name, voices.support[name], fader) for name, fader in support_faders.items()
    ]


def _vocal_faders(
    session: Session, settings: LevelSettings, voices: Voices, aim_lufs: float
) -> tuple[dict[str, float], dict[str, SupportFader]]:
    """Return the faders of the vocals and of their support at which all of them together have a loudness."""
    vocals_db = faders_db_for(session, voices.units, aim_lufs, settings)
    own_aim_lufs, faders = aim_lufs, support_faders_for(session, settings, vocals_db, voices.support)
    for _ in range(settings.max_corrections if voices.support else 0):
        error_lu = aim_lufs - session.loudness_at(vocals_db | {n: f.gain_db for n, f in faders.items()})
        if not math.isfinite(error_lu):
            break
        own_aim_lufs += error_lu
        vocals_db = faders_db_for(session, voices.units, own_aim_lufs, settings)
        faders = support_faders_for(session, settings, vocals_db, voices.support)
    return vocals_db, faders
