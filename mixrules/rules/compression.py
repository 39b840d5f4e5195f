"""The compression rule: bring a stem's loudness range to a target.

``vocal`` is the published rule for the vocal, by trial (``iterative``) or by prediction
(``direct``). ``by_role`` is for every stem: a target by role, the times from the crest factor
(Giannoulis, Massberg & Reiss 2013), the threshold solved for; nothing where the range is small
enough. Loudness range: EBU Tech 3342.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from mixrules.decision import Decision, Quantity, Statement
from mixrules.errors import ParameterError
from mixrules.loudness import loudness_range_from_energies
from mixrules.processors import CompressorParams
from mixrules.rules.level import KIT_ROLES
from mixrules.rules.range_search import (
    LevelModel,
    SearchResult,
    Trial,
    published_path,
    search_directly,
    search_iteratively,
    solve_threshold,
)
from mixrules.session import Session

RULE = "compression"
_SURVEY = "survey-2022; loudness range: EBU Tech 3342; compressor: Giannoulis, Massberg & Reiss 2012"
_BY_ROLE = "loudness range: EBU Tech 3342; times: Giannoulis, Massberg & Reiss 2013"


def vocal(session: Session, settings: Mapping[str, Any]) -> list[Decision]:
    """Compress the vocal along the published path until its loudness range meets the target.

    Settings: those of the ``compression`` table of preset ``survey-2022``.
    """
    target_lu, tolerance_lu = settings["target_lu"], settings["tolerance_lu"]

    def decide(name: str) -> Decision:
        scan = session.level_scan(name, through="equalizer")
        model = LevelModel(scan.envelope, scan.energies)
        start_lu = model.range_lu()
        if not _exceeds(start_lu, target_lu, tolerance_lu):
            return _left_alone(name, start_lu, target_lu, tolerance_lu, _SURVEY)
        peak_dbfs = 20.0 * math.log10(float(scan.envelope.max()))
        path = published_path(settings, start_lu, peak_dbfs - settings["peak_dbfs"])
        if not path:
            raise ParameterError("compression.last_threshold_db and threshold_step_db leave no step to try")
        trial = _trial(session, name)
        if settings["method"] == "direct":
            result = search_directly(path, target_lu, model, trial)
        else:
            result = search_iteratively(path, target_lu, trial)
        return _compressed(name, start_lu, target_lu, result, _SURVEY)

    return list(session.each(session.vocals, decide).values())


def by_role(session: Session, settings: Mapping[str, Any]) -> list[Decision]:
    """Compress every stem whose loudness range is above the target of its role.

    Settings: ``*_target_lu, tolerance_lu, ratio, max_ratio, knee_db, max_reduction_db`` and the
    bounds of attack and release.
    """
    tolerance_lu = settings["tolerance_lu"]

    def decide(name: str) -> Decision:
        target_lu = settings[_target_name(session.role(name))]
        scan = session.level_scan(name, through="equalizer")
        model = LevelModel(scan.envelope, scan.energies)
        start_lu = model.range_lu()
        if not _exceeds(start_lu, target_lu, tolerance_lu):
            return _left_alone(name, start_lu, target_lu, tolerance_lu, _BY_ROLE)
        attack_ms, release_ms = _times(scan.crest_factor_squared, settings)
        params = CompressorParams(
            ratio=settings["ratio"], attack_ms=attack_ms, release_ms=release_ms, knee_db=settings["knee_db"]
        )
        result = solve_threshold(
            params,
            target_lu,
            model,
            _trial(session, name),
            max_ratio=settings["max_ratio"],
            max_reduction_db=settings["max_reduction_db"],
        )
        if result.range_lu >= start_lu:
            return _no_help(name, start_lu, target_lu)
        return _compressed(name, start_lu, target_lu, result, _BY_ROLE)

    return list(session.each([stem.name for stem in session.sounding], decide).values())


def _target_name(role: str) -> str:
    if role in ("vocal", "backing_vocal"):
        return "vocal_target_lu"
    if role == "bass":
        return "bass_target_lu"
    return "drums_target_lu" if role in KIT_ROLES else "other_target_lu"


def _times(crest_squared: float, settings: Mapping[str, Any]) -> tuple[float, float]:
    """Return attack and release in ms from the squared crest factor; short for percussive sounds."""
    crest_squared = max(crest_squared, 2.0)
    attack_ms = 2.0 * settings["attack_max_ms"] / crest_squared
    release_ms = 2.0 * settings["release_max_ms"] / crest_squared - attack_ms
    return (
        round(max(settings["attack_min_ms"], attack_ms), 1),
        round(max(settings["release_min_ms"], release_ms), 1),
    )


def _trial(session: Session, name: str) -> Trial:
    def run(params: CompressorParams) -> float:
        return loudness_range_from_energies(session.energies_with(name, compressor=params))

    return run


def _exceeds(range_lu: float, target_lu: float, tolerance_lu: float) -> bool:
    return math.isfinite(range_lu) and range_lu - target_lu >= tolerance_lu


def _left_alone(name: str, range_lu: float, target_lu: float, tolerance_lu: float, source: str) -> Decision:
    if not math.isfinite(range_lu):
        return Decision(
            rule=RULE,
            stem=name,
            source=source,
            sentence=f"{name} is too short for a loudness range, so it is not compressed.",
        )
    return Decision(
        rule=RULE,
        stem=name,
        source=source,
        measured=(Quantity.of("loudness range", range_lu, "LU"),),
        threshold=f"loudness range of {target_lu:g} LU, and {tolerance_lu:g} LU of tolerance",
        sentence=(
            f"{name} is not compressed: its loudness range of {range_lu:.1f} LU is not "
            f"{tolerance_lu:g} LU or more above {target_lu:g}."
        ),
        statements=(_range_statement(name, range_lu),),
    )


def _no_help(name: str, range_lu: float, target_lu: float) -> Decision:
    return Decision(
        rule=RULE,
        stem=name,
        source=_BY_ROLE,
        measured=(Quantity.of("loudness range", range_lu, "LU"),),
        threshold=f"loudness range of {target_lu:g} LU",
        sentence=(
            f"{name} is not compressed: its loudness range of {range_lu:.1f} LU is above {target_lu:g}, but no "
            f"setting that the rule allows makes it smaller."
        ),
        statements=(_range_statement(name, range_lu),),
    )


def _compressed(name: str, start_lu: float, target_lu: float, result: SearchResult, source: str) -> Decision:
    params = result.params
    end = "" if result.reached else f", short of the {target_lu:g} LU wanted, as near as the rule came"
    return Decision(
        rule=RULE,
        stem=name,
        source=source,
        measured=(
            Quantity.of("loudness range before", start_lu, "LU"),
            Quantity.of("loudness range after", result.range_lu, "LU"),
            Quantity.of("steps", result.steps, ""),
            Quantity.of("runs of the compressor", result.runs, ""),
        ),
        threshold=f"loudness range of {target_lu:g} LU",
        parameters={"compressor": params},
        sentence=(
            f"{name} is compressed {params.ratio:.1f}:1 above {params.threshold_db:.1f} dBFS "
            f"({params.attack_ms:g} ms attack, {params.release_ms:g} ms release): its loudness range goes from "
            f"{start_lu:.1f} to {result.range_lu:.1f} LU{end}."
        ),
        statements=(_range_statement(name, result.range_lu),),
    )


def _range_statement(name: str, range_lu: float) -> Statement:
    return Statement(kind="stem_loudness_range_lu", stems=(name,), unit="LU", stated=round(range_lu, 2))
