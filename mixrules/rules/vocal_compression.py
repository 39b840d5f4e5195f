"""The published compression rule: bring the vocal's loudness range to a target, along a path of settings.

Thresholds fall, ratio and make-up gain grow, step by step, until the range is near enough to the
target: by trial (``iterative``), or by prediction and a trial where it arrives (``direct``). RULES:
preset ``survey-2022``, after likelian/Lab_spring2022 (2022); loudness range: EBU Tech 3342.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from mixrules.decision import Decision
from mixrules.errors import ParameterError
from mixrules.processors import CompressorParams
from mixrules.rules.compression_decisions import RULE, compressed, exceeds, left_alone, trial_on_audio
from mixrules.rules.range_search import LevelModel, SearchResult, Trial
from mixrules.rules.read_aims import Aim
from mixrules.session import Session

_SOURCE = (
    "survey-2022, after likelian/Lab_spring2022 (2022); loudness range: EBU Tech 3342; "
    "compressor: Giannoulis, Massberg & Reiss 2012"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class VocalCompressionSettings:
    """The constants of ``compression:vocal``; the presets say what each means."""

    target_lu: float
    tolerance_lu: float
    method: Literal["iterative", "direct"]
    peak_dbfs: float
    attack_ms: float
    release_ms: float
    knee_db: float
    threshold_step_db: float
    first_ratio: float
    ratio_step: float
    makeup_step_db: float
    deep_threshold_db: float
    deep_ratio_step: float
    deep_threshold_step_db: float
    last_threshold_db: float
    max_steps: int
    wide_range_lu: float
    wide_tolerance_step_lu: float


@dataclass(frozen=True, slots=True)
class PathStep:
    """One setting on the path, and how near to the target is near enough there."""

    params: CompressorParams
    tolerance_lu: float


def vocal(session: Session, settings: VocalCompressionSettings) -> list[Decision]:
    """Compress the vocal along the published path until its loudness range meets the target."""
    target_lu, tolerance_lu = settings.target_lu, settings.tolerance_lu

    def decide(name: str) -> Decision:
        scan = session.level_scan(name, before="compressor")
        model = LevelModel(scan.envelope, scan.energies)
        start_lu = model.range_lu()
        if not exceeds(start_lu, target_lu, tolerance_lu):
            return left_alone(name, start_lu, target_lu, tolerance_lu, _SOURCE)
        peak_dbfs = 20.0 * math.log10(float(scan.envelope.max()))
        path = published_path(settings, start_lu, peak_dbfs - settings.peak_dbfs)
        if not path:
            raise ParameterError("compression.last_threshold_db and threshold_step_db leave no step to try")
        trial = trial_on_audio(session, name)
        if settings.method == "direct":
            result = search_directly(path, target_lu, model, trial)
        else:
            result = search_iteratively(path, target_lu, trial)
        return compressed(name, start_lu, target_lu, result, _SOURCE)

    return list(session.each(session.vocals, decide).values())


def aims(session: Session, settings: VocalCompressionSettings, decision: Decision) -> list[Aim]:
    """Return the loudness range that the vocal was brought to."""
    return [Aim(f"{RULE}.target_lu", "loudness range", signed=False)]


def published_path(
    settings: VocalCompressionSettings, start_range_lu: float, threshold_offset_db: float
) -> list[PathStep]:
    """Return the published path: thresholds fall, ratio and make-up grow, step by step.

    Parameters
    ----------
    settings : VocalCompressionSettings
        The constants.
    start_range_lu : float
        Loudness range before compression; a wide one makes the tolerance grow along the path.
    threshold_offset_db : float
        Added to every threshold, so that the path's 0 dB is the level meant (the signal
        peak-normalised to ``peak_dbfs``) while the signal stays where it is.
    """
    path: list[PathStep] = []
    threshold_db, ratio = 0.0, settings.first_ratio
    wide = start_range_lu > settings.wide_range_lu
    tolerance_step_lu = settings.wide_tolerance_step_lu if wide else 0.0
    while len(path) < settings.max_steps:
        deep = threshold_db <= settings.deep_threshold_db
        threshold_db -= settings.deep_threshold_step_db if deep else settings.threshold_step_db
        if threshold_db < settings.last_threshold_db:
            break
        if path:
            ratio += settings.deep_ratio_step if deep else settings.ratio_step
        number = len(path) + 1
        path.append(
            PathStep(
                CompressorParams(
                    threshold_db=threshold_db + threshold_offset_db,
                    ratio=ratio,
                    attack_ms=settings.attack_ms,
                    release_ms=settings.release_ms,
                    knee_db=settings.knee_db,
                    makeup_db=settings.makeup_step_db * number,
                ),
                settings.tolerance_lu + tolerance_step_lu * number,
            )
        )
    return path


def search_iteratively(path: Sequence[PathStep], target_lu: float, trial: Trial) -> SearchResult:
    """Try step after step on the audio until the range is near enough to the target."""
    range_lu = math.nan
    for number, step in enumerate(path, start=1):
        range_lu = trial(step.params)
        if range_lu - target_lu < step.tolerance_lu:
            return SearchResult(
                params=step.params, range_lu=range_lu, reached=True, steps=number, runs=number
            )
    return SearchResult(
        params=path[-1].params, range_lu=range_lu, reached=False, steps=len(path), runs=len(path)
    )


def search_directly(
    path: Sequence[PathStep], target_lu: float, model: LevelModel, trial: Trial
) -> SearchResult:
    """Find the path's end on the level model, and try at most two settings on the audio."""
    predicted_lu = model.ranges_lu([step.params for step in path])
    first = _arrival(path, predicted_lu, target_lu)
    range_lu = trial(path[first].params)
    # The prediction's error hardly differs between neighbouring steps: correct it and search again.
    corrected_lu = [value + range_lu - predicted_lu[first] for value in predicted_lu]
    last = _arrival(path, corrected_lu, target_lu)
    runs = 1
    if last != first:
        range_lu = trial(path[last].params)
        runs = 2
    reached = range_lu - target_lu < path[last].tolerance_lu
    return SearchResult(
        params=path[last].params, range_lu=range_lu, reached=reached, steps=last + 1, runs=runs
    )


def _arrival(path: Sequence[PathStep], ranges_lu: Sequence[float], target_lu: float) -> int:
    """Return the first step whose range is near enough to the target, else the last one."""
    for index, (step, range_lu) in enumerate(zip(path, ranges_lu, strict=True)):
        if range_lu - target_lu < step.tolerance_lu:
            return index
    return len(path) - 1
