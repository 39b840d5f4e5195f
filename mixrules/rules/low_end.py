"""The low end: kick and bass as a pair.

Where both are strong in one third octave below 120 Hz neither is heard clearly: the one that is stronger there keeps the
band, the other gives way by a small cut, and has to be in the way less often for it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules._support.wording import listed
from mixrules.analysis import LowEndClash, blocks_to_mask, low_end_clash, mean_power_gains, weighting_db
from mixrules.decision import Decision, Quantity, Statement
from mixrules.processors import EqBand, EqualizerParams, db_to_gain
from mixrules.session import Session

RULE = "low_end"
_SOURCE = "ours: one of two gives way in each band, as in Hafezi & Reiss 2015"


@dataclass(frozen=True, slots=True, kw_only=True)
class LowEndSettings:
    """The constants of ``low_end:kick_and_bass``; the presets say what each means."""

    kick_roles: tuple[str, ...]
    kit_roles: tuple[str, ...]
    bass_roles: tuple[str, ...]
    max_share: float
    cuts_db: tuple[float, ...]
    max_cut_db: float
    q: float
    min_improvement: float
    max_bands: int
    tolerance: float


@dataclass(frozen=True, slots=True)
class _Cut:
    """A band in which some stems give way, by how much, and how often the two clash then."""

    names: tuple[str, ...]
    band: int
    depth_db: float
    share: float


def kick_and_bass(session: Session, settings: LowEndSettings) -> list[Decision]:
    """Let kick and each bass have bands of their own where they are in each other's way."""
    kicks = _of_roles(session, settings.kick_roles) or _of_roles(session, settings.kit_roles)
    basses = _of_roles(session, settings.bass_roles)
    decisions: dict[str, Decision] = {}
    equalizers = {name: session.plan.stem(name).equalizer for name in (*kicks, *basses)}
    if kicks:
        for bass in basses:
            _pair(session, kicks, bass, equalizers, decisions, settings)
    return list(decisions.values())


def _of_roles(session: Session, roles: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(stem.name for stem in session.active if session.role(stem.name) in roles)


def _pair(
    session: Session,
    kicks: tuple[str, ...],
    bass: str,
    equalizers: dict[str, EqualizerParams],
    decisions: dict[str, Decision],
    settings: LowEndSettings,
) -> None:
    """Decide for one bass and the kicks; cuts go into `equalizers`, which the next bass finds."""
    before = _clash(session, kicks, bass, equalizers)
    if not math.isfinite(before.share):
        return
    if before.share <= settings.max_share:
        decisions[bass] = _left(bass, kicks, before, "", settings)
        return
    cuts: list[_Cut] = []
    now = before
    for _ in range(settings.max_bands):
        # Nobody gives way twice, nor to two basses.
        given = {name for cut in cuts for name in cut.names}.union(_givers_so_far(decisions))
        cut = _best_cut(session, kicks, bass, equalizers, now, given, settings)
        if cut is None:
            break
        cuts.append(cut)
        for name in cut.names:
            equalizers[name] = _with(equalizers[name], _band(session, cut, settings))
        now = _clash(session, kicks, bass, equalizers)
        if now.share <= settings.max_share:
            break
    if not cuts:
        why = ". No small cut makes that less" if settings.max_cut_db else ""
        decisions[bass] = _left(bass, kicks, before, why, settings)
    for name in dict.fromkeys(name for cut in cuts for name in cut.names):
        (cut,) = (each for each in cuts if name in each.names)
        others = (bass,) if name in kicks else kicks
        pair = (bass, *kicks)
        decisions[name] = _given_way(
            session, name, others, cut, equalizers[name], (before, now), pair, settings
        )


def _givers_so_far(decisions: Mapping[str, Decision]) -> Iterator[str]:
    return (name for name, decision in decisions.items() if decision.parameters)


def _clash(
    session: Session, kicks: tuple[str, ...], bass: str, equalizers: Mapping[str, EqualizerParams]
) -> LowEndClash:
    return low_end_clash(*_powers(session, kicks, bass, equalizers), session.low_bands)


def _powers(
    session: Session, kicks: tuple[str, ...], bass: str, equalizers: Mapping[str, EqualizerParams]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    each = {name: _in_mix(session, name, equalizers[name]) for name in (*kicks, bass)}
    blocks = min(len(powers) for powers in each.values())
    kick = np.sum([each[name][:blocks] for name in kicks], axis=0)
    return kick, each[bass][:blocks]


def _in_mix(session: Session, name: str, equalizer: EqualizerParams) -> npt.NDArray[np.float64]:
    """Return a stem's powers with another equaliser, at the loudness that it had: the level rule comes once more."""
    powers = session.low_powers((name,), {name: equalizer})
    given = session.spectra([name])[name]
    weighted = given.powers * db_to_gain(weighting_db(given.bands.centers_hz, "k")) ** 2
    before, after = (
        float(weighted @ mean_power_gains(each, given.bands, session.sample_rate))
        for each in (session.plan.stem(name).equalizer, equalizer)
    )
    return powers * (before / after) if before > 0.0 and after > 0.0 else powers


def _best_cut(
    session: Session,
    kicks: tuple[str, ...],
    bass: str,
    equalizers: Mapping[str, EqualizerParams],
    now: LowEndClash,
    given: set[str],
    settings: LowEndSettings,
) -> _Cut | None:
    """Return the cut after which they clash least, if that is worth it; the smallest that is enough."""
    best: _Cut | None = None
    for names, band in _givers(session, kicks, bass, equalizers, now):
        if given.intersection(names):
            continue
        for depth_db in (min(depth_db, settings.max_cut_db) for depth_db in settings.cuts_db):
            cut = _Cut(names, band, depth_db, math.inf)
            tried = {name: _with(equalizers[name], _band(session, cut, settings)) for name in names}
            share = _clash(session, kicks, bass, {**equalizers, **tried}).share
            enough = best is not None and best.share <= settings.max_share
            if math.isfinite(share) and not enough and (best is None or share < best.share):
                best = _Cut(names, band, depth_db, share)
    if best is None or best.depth_db <= 0.0 or now.share - best.share < settings.min_improvement:
        return None
    return best


def _givers(
    session: Session,
    kicks: tuple[str, ...],
    bass: str,
    equalizers: Mapping[str, EqualizerParams],
    now: LowEndClash,
) -> Iterator[tuple[tuple[str, ...], int]]:
    """Yield who gives way in which band, the bands in which they clash most first: the weaker, if it has a better one."""
    kick, low = _powers(session, kicks, bass, equalizers)
    together = blocks_to_mask(kick.sum(axis=1)) & blocks_to_mask(low.sum(axis=1))
    kick_power, bass_power = kick[together].mean(axis=0), low[together].mean(axis=0)
    thump, note = int(kick_power.argmax()), int(bass_power.argmax())
    for band in (int(each) for each in np.argsort(-now.by_band, kind="stable") if now.by_band[each] > 0.0):
        kick_is_weaker = bool(kick_power[band] < bass_power[band])
        best_of_weaker, best_of_stronger = (thump, note) if kick_is_weaker else (note, thump)
        if band != best_of_weaker or best_of_weaker == best_of_stronger:
            yield (kicks if kick_is_weaker else (bass,)), band


def _band(session: Session, cut: _Cut, settings: LowEndSettings) -> EqBand:
    return EqBand(
        frequency_hz=round(session.low_bands.centers_hz[cut.band]), gain_db=-cut.depth_db, q=settings.q
    )


def _with(equalizer: EqualizerParams, band: EqBand) -> EqualizerParams:
    return EqualizerParams(bands=(*equalizer.bands, band))


def _measured(before: LowEndClash) -> Quantity:
    return Quantity.of("share of the time in which both are strong in one low band", before.share, "")


def _left(
    bass: str, kicks: tuple[str, ...], before: LowEndClash, why: str, settings: LowEndSettings
) -> Decision:
    return Decision(
        rule=RULE,
        stem=bass,
        source=_SOURCE,
        measured=(_measured(before),),
        threshold=f"{100 * settings.max_share:g} % of the time",
        sentence=(
            f"{listed([bass, *kicks])}: no EQ in the lows, where {bass} is in the way of {listed(kicks)} for "
            f"{100 * before.share:.0f} % of the time that both play{why}."
        ),
    )


def _given_way(
    session: Session,
    name: str,
    others: tuple[str, ...],
    cut: _Cut,
    equalizer: EqualizerParams,
    clashes: tuple[LowEndClash, LowEndClash],
    pair: tuple[str, ...],
    settings: LowEndSettings,
) -> Decision:
    before, after = clashes
    where = f"-{cut.depth_db:g} dB at {session.low_bands.centers_hz[cut.band]:.0f} Hz"
    return Decision(
        rule=RULE,
        stem=name,
        source=_SOURCE,
        measured=(
            _measured(before),
            Quantity.of("after the cuts", after.share, ""),
        ),
        threshold=f"{100 * settings.max_share:g} % of the time",
        parameters={"equalizer": equalizer},
        sentence=(
            f"{name}: {where}, where {listed(others)} {'are' if len(others) > 1 else 'is'} stronger. They were in each "
            f"other's way for {100 * before.share:.0f} % of the time that both play, now for "
            f"{100 * after.share:.0f} %."
        ),
        statements=(
            Statement(
                kind="low_end_clash",
                stems=pair,
                unit="",
                stated=round(after.share, 2),
                tolerance=settings.tolerance,
            ),
        ),
    )
