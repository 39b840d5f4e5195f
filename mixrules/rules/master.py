"""The master rule: the loudness of the mix, and its true peak.

``normalise`` is a gain and nothing else, as for a listening test. ``limit`` may use a true-peak
limiter, but only up to a stated amount of limiting; where that is not enough the mix stays quieter.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

from mixrules.decision import Decision, Quantity, Statement
from mixrules.engine import Mixdown
from mixrules.loudness import integrated_from_energies
from mixrules.mixplan import MasterPlan
from mixrules.processors import LimiterParams, db_to_gain
from mixrules.rules.words import signed
from mixrules.session import Session

RULE = "master"
_SOURCE = "loudness: ITU-R BS.1770-5; true peak: BS.1770-5 Annex 2; headroom: EBU R 128"
_ROUNDS = 4
_CLOSE_LU = 0.02
# Limiter and meter interpolate differently: a mix this near the ceiling still goes through the limiter.
_MARGIN_DB = 0.02


def normalise(session: Session, settings: Mapping[str, Any]) -> list[Decision]:
    """Bring the mix to a loudness with a gain alone, as far as the ceiling lets it.

    Settings: ``target_lufs, ceiling_dbtp``.
    """
    return _master(session, settings, max_limiting_db=0.0)


def limit(session: Session, settings: Mapping[str, Any]) -> list[Decision]:
    """Bring the mix to a loudness with a gain and a true-peak limiter.

    Settings: ``target_lufs, ceiling_dbtp, max_limiting_db, lookahead_ms, release_ms``.
    """
    return _master(session, settings, max_limiting_db=settings["max_limiting_db"])


def _master(session: Session, settings: Mapping[str, Any], *, max_limiting_db: float) -> list[Decision]:
    mixdown = session.mixdown()
    before = mixdown.loudness
    target_lufs, ceiling_dbtp = settings["target_lufs"], settings["ceiling_dbtp"]
    if not math.isfinite(before.integrated_lufs):
        return [
            Decision(
                rule=RULE,
                source=_SOURCE,
                sentence="The mix is too quiet to have a loudness, so it gets no gain.",
            )
        ]
    most_db = ceiling_dbtp + max_limiting_db - before.true_peak_dbtp
    gain_db, reached = 0.0, before.integrated_lufs
    for _ in range(_ROUNDS):  # a quiet mix rises through the absolute gate, which changes what is measured
        gain_db = min(gain_db + target_lufs - reached, most_db)
        reached = integrated_from_energies(mixdown.energies.scaled(db_to_gain(gain_db)))
        if abs(target_lufs - reached) < _CLOSE_LU or not math.isfinite(reached) or gain_db == most_db:
            break
    master = MasterPlan(gain_db=gain_db)
    if not math.isfinite(reached):  # the gain itself has put the mix under the absolute gate
        reached = before.integrated_lufs + gain_db
    peak = before.true_peak_dbtp + gain_db
    if max_limiting_db > 0.0 and peak > ceiling_dbtp - _MARGIN_DB:
        limiter = LimiterParams(
            ceiling_dbtp=ceiling_dbtp,
            lookahead_ms=settings["lookahead_ms"],
            release_ms=settings["release_ms"],
        )
        master = dataclasses.replace(master, limiter=limiter)
        master, reached, peak = _drive(mixdown, master, target_lufs, most_db)
    elif max_limiting_db == 0.0 and gain_db == most_db:
        # Round down, so that the peak does not pass the ceiling by an error in the last place.
        master = dataclasses.replace(master, gain_db=gain_db - 1e-6)
    limiting_db = max(0.0, before.true_peak_dbtp + master.gain_db - ceiling_dbtp)
    return [
        Decision(
            rule=RULE,
            source=_SOURCE,
            measured=(
                Quantity.of("integrated loudness", before.integrated_lufs, "LUFS"),
                Quantity.of("true peak", before.true_peak_dbtp, "dBTP"),
                Quantity.of("limiting", limiting_db, "dB"),
            ),
            threshold=f"{target_lufs:g} LUFS, {ceiling_dbtp:g} dBTP, at most {max_limiting_db:g} dB of limiting",
            parameters={"master": master},
            sentence=_sentence(master, reached, target_lufs, limiting_db, max_limiting_db, ceiling_dbtp),
            statements=(
                Statement(kind="mix_integrated_lufs", unit="LUFS", stated=round(reached, 2)),
                Statement(kind="mix_true_peak_dbtp", unit="dBTP", stated=round(peak, 2)),
            ),
        )
    ]


def _drive(
    mixdown: Mixdown, master: MasterPlan, target_lufs: float, most_db: float
) -> tuple[MasterPlan, float, float]:
    """Raise the gain by what the limiter takes away, within the limiting that is allowed."""
    found = mixdown.measured(master)
    for _ in range(_ROUNDS):
        missing = target_lufs - found.integrated_lufs
        gain_db = min(master.gain_db + missing, most_db)
        if abs(missing) < _CLOSE_LU or gain_db == master.gain_db:
            break
        master = dataclasses.replace(master, gain_db=gain_db)
        found = mixdown.measured(master)
    return master, found.integrated_lufs, found.true_peak_dbtp


def _sentence(
    master: MasterPlan,
    reached: float,
    target_lufs: float,
    limiting_db: float,
    max_limiting_db: float,
    ceiling_dbtp: float,
) -> str:
    limiting = f" and {limiting_db:.1f} dB of limiting" if master.limiter and limiting_db >= 0.05 else ""
    what = f"The mix gets {signed(master.gain_db)} dB{limiting} and reaches {reached:.1f} LUFS"
    short = target_lufs - reached
    if short < 0.1:
        return f"{what}, as wanted."
    if max_limiting_db == 0.0:
        return f"{what}, {short:.1f} LU under the target of {target_lufs:g}: more gain would pass {ceiling_dbtp:g} dBTP."
    return (
        f"{what}, {short:.1f} LU under the target of {target_lufs:g}: "
        f"more would need over {max_limiting_db:g} dB of limiting."
    )
