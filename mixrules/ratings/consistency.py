"""Consistency: what a listener said of the same stimuli when a page came a second time."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from mixrules.ratings.table import RatingTable

FEWEST_FOR_CORRELATION = 3
"""Two pairs always lie on a line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consistency:
    """How far a listener's repeated ratings moved.

    `mean_difference` is of absolute values and a share of the scale (0 to 1); `rank_correlation` is
    Spearman's between first and repeated ratings, NaN where one of them never varies or under 3 pairs.
    """

    listener: str
    pairs: int
    mean_difference: float
    rank_correlation: float


def consistency(table: RatingTable) -> tuple[Consistency, ...]:
    """Return the consistency of every listener who saw a page again.

    Parameters
    ----------
    table : RatingTable
        Whose `repeat` is known.

    Returns
    -------
    tuple of Consistency
    """
    from scipy import stats

    found = []
    for listener, pairs in _pairs(table).items():
        first, again = np.array(pairs).T
        varies = len(pairs) >= FEWEST_FOR_CORRELATION and np.ptp(first) > 0 and np.ptp(again) > 0
        found.append(
            Consistency(
                listener=listener,
                pairs=len(pairs),
                mean_difference=float(np.mean(np.abs(again - first))),
                rank_correlation=float(stats.spearmanr(first, again).statistic) if varies else math.nan,
            )
        )
    return tuple(found)


def repeat_differences(table: RatingTable) -> dict[str, list[float]]:
    """Return by listener how repeated ratings differ from the first, as shares of the scale.

    Parameters
    ----------
    table : RatingTable
        Whose `repeat` is known.
    """
    return {name: [again - first for first, again in pairs] for name, pairs in _pairs(table).items()}


def _pairs(table: RatingTable) -> dict[str, list[tuple[float, float]]]:
    firsts, repeats = {}, []
    for row in table.rows():
        what = (row.listener, row.song, row.condition, row.attribute)
        if row.repeat == 0:
            firsts[what] = table.scale.normalised(row.value)
        else:
            repeats.append((what, table.scale.normalised(row.value)))
    pairs: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for what, value in repeats:
        if what in firsts:
            pairs[what[0]].append((firsts[what], value))
    return dict(pairs)
