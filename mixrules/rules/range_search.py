"""Finding the threshold of a compressor that leaves a wanted loudness range.

`solve_threshold` solves for it on the level envelope, for a given ratio, and tries the answer on the
audio. Predictions come from `mixrules.analysis.predict_compressions`.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from mixrules.analysis import predict_compressions
from mixrules.loudness import BlockEnergies, loudness_range_from_energies
from mixrules.processors import CompressorParams, db_to_gain, static_curve_db

Trial = Callable[[CompressorParams], float]
"""Runs a compressor over the audio and returns the loudness range it left, in LU."""

# How exactly a threshold is solved for, well below what is heard: neither says where it should lie.
_BISECTIONS = 10
_FINE_DB = 0.01
# The lowest threshold that a compressor takes.
_LOWEST_THRESHOLD_DB = -120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchSettings:
    """How `solve_threshold` searches; part of the constants of ``compression:by_role``."""

    max_ratio: float
    ratio_growth: float
    max_reduction_db: float
    loud_quantile: float
    audible_dbfs: float
    threshold_headroom_db: float
    threshold_depth_db: float
    thresholds_tried: int
    retry_lu: float
    reached_lu: float


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

    envelope: npt.NDArray[np.floating]
    energies: BlockEnergies
    _predicted_lu: dict[CompressorParams, float] = field(default_factory=dict, init=False, repr=False)

    def range_lu(self, params: CompressorParams | None = None) -> float:
        """Return the loudness range, as it is or as predicted after a compressor."""
        if params is None:
            return loudness_range_from_energies(self.energies)
        return self.ranges_lu([params])[0]

    def ranges_lu(self, candidates: Sequence[CompressorParams]) -> list[float]:
        """Return the loudness ranges that are predicted after several compressors, at little more than one's cost."""
        unknown = [params for params in dict.fromkeys(candidates) if params not in self._predicted_lu]
        if unknown:
            predicted = predict_compressions(self.envelope, self.energies, unknown)
            for params, energies in zip(unknown, predicted, strict=True):
                self._predicted_lu[params] = loudness_range_from_energies(energies)
        return [self._predicted_lu[params] for params in candidates]

    def loud_level_dbfs(self, quantile: float, audible_dbfs: float) -> float:
        """Return the level that a quantile of the audible envelope reaches; `audible_dbfs` where none is."""
        audible = self.envelope[self.envelope > db_to_gain(audible_dbfs)]
        if not audible.size:
            return audible_dbfs
        return 20.0 * math.log10(float(np.quantile(audible, quantile, overwrite_input=True)))


def solve_threshold(
    params: CompressorParams, target_lu: float, model: LevelModel, trial: Trial, settings: SearchSettings
) -> SearchResult:
    """Solve for the threshold that leaves the target range; try it, correct it once.

    The ratio of `params` is kept if the loud parts, by then, are turned down by no more than
    ``max_reduction_db``; else higher ratios are tried up to ``max_ratio``, and what comes nearest is taken.
    """
    first = _solve(params, target_lu, model, settings)
    tried = [(trial(first), first)]
    error_lu = tried[0][0] - model.range_lu(first)
    if abs(tried[0][0] - target_lu) > settings.retry_lu and abs(error_lu) > settings.retry_lu:
        again = _solve(params, target_lu - error_lu, model, settings)
        if again != first:
            tried.append((trial(again), again))
    range_lu, best = min(tried, key=lambda each: abs(each[0] - target_lu))
    return SearchResult(
        params=best,
        range_lu=range_lu,
        reached=range_lu - target_lu < settings.reached_lu,
        steps=len(tried),
        runs=len(tried),
    )


def _solve(
    params: CompressorParams, target_lu: float, model: LevelModel, settings: SearchSettings
) -> CompressorParams:
    """Return the gentlest setting that is predicted to meet the target, else the one that comes nearest."""
    loud_dbfs = model.loud_level_dbfs(settings.loud_quantile, settings.audible_dbfs)
    count = settings.thresholds_tried
    nearest: list[tuple[float, float, float]] = []
    ratio = params.ratio
    while True:
        at_ratio = dataclasses.replace(params, ratio=ratio)
        high_db = loud_dbfs + settings.threshold_headroom_db
        low_db = _lowest_threshold_db(at_ratio, loud_dbfs, settings)
        # From high to low: the relative gate of the range makes it fall and rise again on the way.
        thresholds_db = np.linspace(high_db, low_db, count).tolist()
        ranges_lu = _ranges_lu(model, at_ratio, thresholds_db)
        first = _first_at_most(target_lu, ranges_lu)
        if first is not None:
            above_db, below_db = thresholds_db[max(first - 1, 0)], thresholds_db[first]
            threshold_db = _refined_db(model, at_ratio, target_lu, above_db, below_db, count)
            return dataclasses.replace(at_ratio, threshold_db=round(threshold_db, 2))
        nearest.append(min(zip(ranges_lu, [ratio] * count, thresholds_db, strict=True)))
        if ratio >= settings.max_ratio:
            _, ratio, threshold_db = min(nearest)
            return dataclasses.replace(params, ratio=ratio, threshold_db=round(threshold_db, 2))
        ratio = min(settings.max_ratio, ratio * settings.ratio_growth)


def _refined_db(
    model: LevelModel, params: CompressorParams, target_lu: float, high_db: float, low_db: float, count: int
) -> float:
    """Return the highest threshold that meets the target; at `high_db` the range is too wide, at `low_db` it is not."""
    while high_db - low_db > _FINE_DB:
        grid_db = np.linspace(high_db, low_db, count + 2).tolist()
        first = _first_at_most(target_lu, _ranges_lu(model, params, grid_db[1:-1]))
        step = count if first is None else first
        high_db, low_db = grid_db[step], grid_db[step + 1]
    return low_db


def _ranges_lu(model: LevelModel, params: CompressorParams, thresholds_db: Sequence[float]) -> list[float]:
    return model.ranges_lu([dataclasses.replace(params, threshold_db=each) for each in thresholds_db])


def _first_at_most(target_lu: float, ranges_lu: Sequence[float]) -> int | None:
    return next((index for index, range_lu in enumerate(ranges_lu) if range_lu <= target_lu), None)


def _lowest_threshold_db(params: CompressorParams, loud_dbfs: float, settings: SearchSettings) -> float:
    """Return the threshold at which the loud parts are turned down by ``max_reduction_db``."""
    low_db, high_db = max(loud_dbfs - settings.threshold_depth_db, _LOWEST_THRESHOLD_DB), loud_dbfs
    for _ in range(_BISECTIONS):
        middle_db = (low_db + high_db) / 2
        curve_db = static_curve_db(
            np.array([loud_dbfs]), dataclasses.replace(params, threshold_db=middle_db, makeup_db=0.0)
        )
        if loud_dbfs - float(curve_db[0]) > settings.max_reduction_db:
            low_db = middle_db
        else:
            high_db = middle_db
    return round(high_db, 2)
