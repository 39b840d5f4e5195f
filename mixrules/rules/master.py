"""The master rule: the loudness of the mix, and its true peak.

``normalise`` is a gain and nothing else, as for a listening test. ``limit`` may use a true-peak
limiter, but only up to a stated amount of limiting; where that is not enough the mix stays quieter.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass

from mixrules._support.wording import prints_as_zero, signed
from mixrules.decision import Decision, Quantity, Statement
from mixrules.loudness import BlockEnergies, Loudness, integrated_together
from mixrules.mixplan import MasterPlan
from mixrules.processors import LimiterParams, db_to_gain
from mixrules.rules.peaks import stem_of_highest_peak
from mixrules.rules.read_aims import Aim
from mixrules.session import Session

RULE = "master"
_SOURCE = "loudness: ITU-R BS.1770-5; true peak: BS.1770-5 Annex 2; headroom: EBU R 128"

# A gain is rounded down by this, so that the peak does not pass the ceiling by an error in the last place.
ROUNDING_DB = 1e-6

# A limiter takes no more than three quarters of what a gain adds: with less, a step of the search would run away.
_LEAST_LU_PER_DB = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class NormaliseSettings:
    """The constants of ``master:normalise``; the presets say what each means."""

    target_lufs: float
    ceiling_dbtp: float
    max_corrections: int
    close_lu: float
    reached_lu: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitSettings(NormaliseSettings):
    """The constants of ``master:limit``; the presets say what each means."""

    max_limiting_db: float
    limiter_margin_db: float
    lookahead_ms: float
    release_ms: float


def normalise(session: Session, settings: NormaliseSettings) -> list[Decision]:
    """Bring the mix to a loudness with a gain alone, as far as the ceiling lets it."""
    before = session.mix_loudness()
    if not math.isfinite(before.integrated_lufs):
        return [_too_quiet()]
    most_db = settings.ceiling_dbtp - before.true_peak_dbtp
    gain_db, reached_lufs = gain_to_target(
        [session.mix_energies()], before.integrated_lufs, most_db, settings
    )
    peak_dbtp = before.true_peak_dbtp + gain_db
    if gain_db == most_db:
        gain_db -= ROUNDING_DB
    master = starting_master(session, gain_db)
    return [_mastered(before, master, reached_lufs, peak_dbtp, 0.0, settings)]


def limit(session: Session, settings: LimitSettings) -> list[Decision]:
    """Bring the mix to a loudness with a gain and a true-peak limiter; with the gain alone if none is allowed."""
    if settings.max_limiting_db == 0.0:
        return normalise(session, settings)
    before = session.mix_loudness()
    if not math.isfinite(before.integrated_lufs):
        return [_too_quiet()]
    max_limiting_db = settings.max_limiting_db
    most_db = settings.ceiling_dbtp + max_limiting_db - before.true_peak_dbtp
    gain_db, reached_lufs = gain_to_target(
        [session.mix_energies()], before.integrated_lufs, most_db, settings
    )
    peak_dbtp = before.true_peak_dbtp + gain_db
    master = starting_master(session, gain_db)
    if peak_dbtp > settings.ceiling_dbtp - settings.limiter_margin_db:
        limiter = LimiterParams(
            ceiling_dbtp=settings.ceiling_dbtp,
            lookahead_ms=settings.lookahead_ms,
            release_ms=settings.release_ms,
        )
        master = dataclasses.replace(master, limiter=limiter)
        master, after = _drive(session, master, most_db, settings)
        reached_lufs, peak_dbtp = after.integrated_lufs, after.true_peak_dbtp
    short = settings.target_lufs - reached_lufs >= settings.reached_lu
    loudest = stem_of_highest_peak(session) if short and master.limiter else ""
    return [_mastered(before, master, reached_lufs, peak_dbtp, max_limiting_db, settings, loudest)]


def aims(session: Session, settings: NormaliseSettings, decision: Decision) -> list[Aim]:
    """Return the loudness that the mix was brought to."""
    return [Aim(f"{RULE}.target_lufs", "loudness")]


def gain_to_target(
    parts: Sequence[BlockEnergies], before_lufs: float, most_db: float, settings: NormaliseSettings
) -> tuple[float, float]:
    """Find the gain that brings a mix, or several together, to the target.

    Parameters
    ----------
    parts : sequence of BlockEnergies
        The energies of the mixes.
    before_lufs : float
        What they measure together.
    most_db : float
        The gain is no higher.
    settings : NormaliseSettings
        The target.

    Returns
    -------
    gain_db : float
        The gain.
    reached_lufs : float
        What they measure together after it.
    """
    gain_db, reached_lufs = 0.0, before_lufs
    for _ in range(settings.max_corrections):
        # A quiet mix rises through the absolute gate, which changes what is measured.
        gain_db = min(gain_db + settings.target_lufs - reached_lufs, most_db)
        reached_lufs = integrated_together([part.scaled(db_to_gain(gain_db)) for part in parts])
        close = abs(settings.target_lufs - reached_lufs) < settings.close_lu
        if close or not math.isfinite(reached_lufs) or gain_db == most_db:
            break
    if not math.isfinite(reached_lufs):  # the gain itself has put the mix under the absolute gate
        reached_lufs = before_lufs + gain_db
    return gain_db, reached_lufs


def starting_master(session: Session, gain_db: float) -> MasterPlan:
    """Return a master of a gain and of the inserts that the plan has, which come before it: no limiter yet."""
    return dataclasses.replace(session.plan.master, gain_db=gain_db, limiter=None)


def _drive(
    session: Session, master: MasterPlan, most_db: float, settings: LimitSettings
) -> tuple[MasterPlan, Loudness]:
    """Raise the gain by what the limiter takes away, within the limiting that is allowed: by secants."""
    after = session.mastered_loudness(master)
    lu_per_db = 1.0  # what a decibel of gain is worth, less what the limiter takes
    for _ in range(settings.max_corrections):
        missing_lu = settings.target_lufs - after.integrated_lufs
        gain_db = min(master.gain_db + missing_lu / lu_per_db, most_db)
        if abs(missing_lu) < settings.close_lu or gain_db == master.gain_db:
            break
        before_lufs, raised_db = after.integrated_lufs, gain_db - master.gain_db
        master = dataclasses.replace(master, gain_db=gain_db)
        after = session.mastered_loudness(master)
        lu_per_db = min(max((after.integrated_lufs - before_lufs) / raised_db, _LEAST_LU_PER_DB), 1.0)
    return master, after


def _too_quiet() -> Decision:
    return Decision(
        rule=RULE,
        source=_SOURCE,
        sentence="The mix is too quiet to have a loudness, so it gets no gain.",
    )


def _mastered(
    before: Loudness,
    master: MasterPlan,
    reached_lufs: float,
    peak_dbtp: float,
    max_limiting_db: float,
    settings: NormaliseSettings,
    loudest: str = "",
) -> Decision:
    limiting_db = max(0.0, before.true_peak_dbtp + master.gain_db - settings.ceiling_dbtp)
    return Decision(
        rule=RULE,
        source=_SOURCE,
        measured=(
            Quantity.of("integrated loudness", before.integrated_lufs, "LUFS"),
            Quantity.of("true peak", before.true_peak_dbtp, "dBTP"),
            Quantity.of("limiting", limiting_db, "dB"),
        ),
        threshold=(
            f"{settings.target_lufs:g} LUFS, {settings.ceiling_dbtp:g} dBTP, "
            f"at most {max_limiting_db:g} dB of limiting"
        ),
        parameters={"master": master},
        sentence=_sentence(master, reached_lufs, limiting_db, max_limiting_db, settings, loudest),
        statements=(
            Statement(kind="mix_integrated_lufs", unit="LUFS", stated=round(reached_lufs, 2)),
            Statement(kind="mix_true_peak_dbtp", unit="dBTP", stated=round(peak_dbtp, 2)),
        ),
    )


def _sentence(
    master: MasterPlan,
    reached_lufs: float,
    limiting_db: float,
    max_limiting_db: float,
    settings: NormaliseSettings,
    loudest: str,
) -> str:
    limits = master.limiter and not prints_as_zero(limiting_db)
    limiting = f" and {limiting_db:.1f} dB of limiting" if limits else ""
    gain = f"The mix gets {signed(master.gain_db)} dB of gain{limiting} and reaches {reached_lufs:.1f} LUFS"
    short_lu = settings.target_lufs - reached_lufs
    if short_lu < settings.reached_lu:
        return f"{gain}, as wanted."
    short = f"{short_lu:.1f} LU under the target of {settings.target_lufs:g} LUFS"
    if max_limiting_db == 0.0:
        return f"{gain}, {short}: more gain would pass {settings.ceiling_dbtp:g} dBTP."
    more = f"more would need over {max_limiting_db:g} dB of limiting (master.max_limiting_db)"
    return f"{gain}, {short}: {more}. The highest peaks are those of {loudest}."
