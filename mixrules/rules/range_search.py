"""Finding a compressor that leaves a wanted loudness range.

Three searches. `search_iteratively` walks a path of ever stronger settings and tries each on the
audio, as published. `search_directly` walks the same path on the level envelope and tries only
where it arrives. `solve_threshold` solves for the threshold on the envelope, for a given ratio.
Predictions come from `mixrules.analysis.predict_compressions`; every answer was verified on audio.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mixrules.analysis import predict_compressions
from mixrules.loudness import BlockEnergies, loudness_range_from_energies
from mixrules.processors import CompressorParams, static_curve_db

Trial = Callable[[CompressorParams], float]
"""Runs a compressor over the audio and returns the loudness range it left, in LU."""

_BISECTIONS = 10
_CLOSE_LU = 0.1
_REACHED_LU = 0.5
_GRID = 16  # as many as the prediction takes at once
_FINE_DB = 0.01
_HEADROOM_DB = 6.0


@dataclass(frozen=True, slots=True)
class PathStep:
    """One setting on the way, and how near to the target is near enough there."""

    params: CompressorParams
    tolerance_lu: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """Where a search ended.

    `reached` says whether the range met the target; `runs` counts the passes over the audio.
    """

    params: CompressorParams
    range_lu: float
    reached: bool
    steps: int
    runs: int


@dataclass(frozen=True, slots=True, eq=False)
class LevelModel:
    """What predicts a compressor's effect without the audio: its envelope and its block energies.

    The energies are those that a fader leaves: the gates of the loudness range are absolute, and a quiet
    recording has the range that it has in the mix. What was predicted once is remembered.
    """

    envelope: Any
    energies: BlockEnergies
    _known: dict[CompressorParams, float] = field(default_factory=dict, init=False, repr=False)

    def range_lu(self, params: CompressorParams | None = None) -> float:
        """Return the loudness range, as it is or as predicted after a compressor."""
        if params is None:
            return loudness_range_from_energies(self.energies)
        return self.ranges_lu([params])[0]

    def ranges_lu(self, settings: Sequence[CompressorParams]) -> list[float]:
        """Return the loudness ranges that are predicted after several compressors, at little more than one's cost."""
        unknown = [params for params in dict.fromkeys(settings) if params not in self._known]
        if unknown:
            predicted = predict_compressions(self.envelope, self.energies, unknown)
            for params, energies in zip(unknown, predicted, strict=True):
                self._known[params] = loudness_range_from_energies(energies)
        return [self._known[params] for params in settings]

    def loud_level_dbfs(self, quantile: float) -> float:
        """Return the level that the envelope's loud parts reach, a quantile of it, in dBFS."""
        audible = self.envelope[self.envelope > 1e-4]
        if not audible.size:
            return -80.0
        return 20.0 * math.log10(float(np.quantile(audible, quantile, overwrite_input=True)))


def published_path(
    settings: Mapping[str, Any], start_range_lu: float, threshold_offset_db: float
) -> list[PathStep]:
    """Return the published path: thresholds fall, ratio and make-up grow, step by step.

    Parameters
    ----------
    settings : mapping
        The compression constants of preset ``survey-2022``.
    start_range_lu : float
        Loudness range before compression; a wide one makes the tolerance grow along the path.
    threshold_offset_db : float
        Added to every threshold, so that the path's 0 dB is the level meant (the signal
        peak-normalised to ``peak_dbfs``) while the signal stays where it is.
    """
    path: list[PathStep] = []
    threshold_db, ratio = 0.0, settings["first_ratio"]
    grows = settings["wide_tolerance_step_lu"] if start_range_lu > settings["wide_range_lu"] else 0.0
    while len(path) < settings["max_steps"]:
        deep = threshold_db <= settings["deep_threshold_db"]
        threshold_db -= settings["deep_threshold_step_db"] if deep else settings["threshold_step_db"]
        if threshold_db < settings["last_threshold_db"]:
            break
        if path:
            ratio += settings["deep_ratio_step"] if deep else settings["ratio_step"]
        number = len(path) + 1
        path.append(
            PathStep(
                CompressorParams(
                    threshold_db=threshold_db + threshold_offset_db,
                    ratio=ratio,
                    attack_ms=settings["attack_ms"],
                    release_ms=settings["release_ms"],
                    knee_db=settings["knee_db"],
                    makeup_db=settings["makeup_step_db"] * number,
                ),
                settings["tolerance_lu"] + grows * number,
            )
        )
    return path


def search_iteratively(path: Sequence[PathStep], target_lu: float, trial: Trial) -> SearchResult:
    """Try step after step on the audio until the range is near enough to the target."""
    range_lu = np.nan
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
    predicted = model.ranges_lu([step.params for step in path])
    first = _arrival(path, predicted, target_lu)
    range_lu = trial(path[first].params)
    # The prediction's error hardly differs between neighbouring steps: correct it and look again.
    corrected = [value + range_lu - predicted[first] for value in predicted]
    last = _arrival(path, corrected, target_lu)
    runs = 1
    if last != first:
        range_lu = trial(path[last].params)
        runs = 2
    reached = range_lu - target_lu < path[last].tolerance_lu
    return SearchResult(
        params=path[last].params, range_lu=range_lu, reached=reached, steps=last + 1, runs=runs
    )


def _arrival(path: Sequence[PathStep], ranges_lu: Sequence[float], target_lu: float) -> int:
    for index, (step, range_lu) in enumerate(zip(path, ranges_lu, strict=True)):
        if range_lu - target_lu < step.tolerance_lu:
            return index
    return len(path) - 1


def solve_threshold(
    params: CompressorParams,
    target_lu: float,
    model: LevelModel,
    trial: Trial,
    *,
    max_ratio: float,
    max_reduction_db: float,
) -> SearchResult:
    """Solve for the threshold that leaves the target range; try it, correct it once.

    The ratio of `params` is kept if the loud parts, by then, are turned down by no more than
    `max_reduction_db`; else higher ratios are tried up to `max_ratio`, and what comes nearest is taken.
    """
    first = _solve(params, target_lu, model, max_ratio, max_reduction_db)
    tried = [(trial(first), first)]
    error = tried[0][0] - model.range_lu(first)
    if abs(tried[0][0] - target_lu) > _CLOSE_LU and abs(error) > _CLOSE_LU:
        again = _solve(params, target_lu - error, model, max_ratio, max_reduction_db)
        if again != first:
            tried.append((trial(again), again))
    range_lu, best = min(tried, key=lambda each: abs(each[0] - target_lu))
    return SearchResult(
        params=best,
        range_lu=range_lu,
        reached=range_lu - target_lu < _REACHED_LU,
        steps=len(tried),
        runs=len(tried),
    )


def _solve(
    params: CompressorParams,
    target_lu: float,
    model: LevelModel,
    max_ratio: float,
    max_reduction_db: float,
) -> CompressorParams:
    """Return the gentlest setting that is predicted to meet the target, else the one that comes nearest."""
    loud_dbfs = model.loud_level_dbfs(0.95)
    nearest: list[tuple[float, float, float]] = []
    ratio = params.ratio
    while True:
        at_ratio = dataclasses.replace(params, ratio=ratio)
        high_db = loud_dbfs + _HEADROOM_DB
        low_db = _lowest_threshold_db(at_ratio, loud_dbfs, max_reduction_db)
        # From high to low: the relative gate of the range makes it fall and rise again on the way.
        thresholds_db = np.linspace(high_db, low_db, _GRID).tolist()
        ranges_lu = _ranges_lu(model, at_ratio, thresholds_db)
        met = _first_at_most(target_lu, ranges_lu)
        if met is not None:
            threshold_db = _refined(
                model, at_ratio, target_lu, thresholds_db[max(met - 1, 0)], thresholds_db[met]
            )
            return dataclasses.replace(at_ratio, threshold_db=round(threshold_db, 2))
        nearest.append(min(zip(ranges_lu, [ratio] * _GRID, thresholds_db, strict=True)))
        if ratio >= max_ratio:
            _, ratio, threshold_db = min(nearest)
            return dataclasses.replace(params, ratio=ratio, threshold_db=round(threshold_db, 2))
        ratio = min(max_ratio, ratio * 1.5)


def _refined(
    model: LevelModel, params: CompressorParams, target_lu: float, high_db: float, low_db: float
) -> float:
    """Return the highest threshold that meets the target; at `high_db` the range is too wide, at `low_db` it is not."""
    while high_db - low_db > _FINE_DB:
        grid_db = np.linspace(high_db, low_db, _GRID + 2).tolist()
        met = _first_at_most(target_lu, _ranges_lu(model, params, grid_db[1:-1]))
        place = _GRID if met is None else met
        high_db, low_db = grid_db[place], grid_db[place + 1]
    return low_db


def _ranges_lu(model: LevelModel, params: CompressorParams, thresholds_db: Sequence[float]) -> list[float]:
    return model.ranges_lu([dataclasses.replace(params, threshold_db=each) for each in thresholds_db])


def _first_at_most(target_lu: float, ranges_lu: Sequence[float]) -> int | None:
    return next((place for place, range_lu in enumerate(ranges_lu) if range_lu <= target_lu), None)


def _lowest_threshold_db(params: CompressorParams, loud_dbfs: float, max_reduction_db: float) -> float:
    """Return the threshold at which the loud parts are turned down by `max_reduction_db`."""
    low, high = max(loud_dbfs - 60.0, -120.0), loud_dbfs
    for _ in range(_BISECTIONS):
        middle = 0.5 * (low + high)
        curve = static_curve_db(
            np.array([loud_dbfs]), dataclasses.replace(params, threshold_db=middle, makeup_db=0.0)
        )
        if loud_dbfs - float(curve[0]) > max_reduction_db:
            low = middle
        else:
            high = middle
    return round(high, 2)
