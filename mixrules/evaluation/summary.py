"""What a comparison says over songs: means with intervals, paired tests, who came nearest how often."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from mixrules.evaluation.comparison_results import Comparison
from mixrules.evaluation.measures.registry import MEASURES
from mixrules.statistics import Interval, PairedTest, bootstrap_mean, holm, paired_test

HEADLINES = (
    *("stem_balance_error_lu", "vocal_to_backing_error_lu", "octave_spectrum_distance_db"),
    *("log_mel_distance_db", "side_to_mid_error_db", "short_term_distance_lu"),
    *("mean_smr_error_db", "spectral_mape", "panning_mape", "dynamic_mape", "diff_mst_loss"),
)
"""The measures that figures and the first table show; all others are in the files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One system and measure over songs.

    Attributes
    ----------
    system, measure : str
        Which.
    interval : Interval
        Mean over songs with its bootstrap interval.
    nearest : int
        In how many songs no other system was better; the reference itself does not compete.
    """

    system: str
    measure: str
    interval: Interval
    nearest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two systems on one measure over songs.

    Attributes
    ----------
    measure, first, second : str
        Which.
    test : PairedTest
        First against second; lower is a win where lower is better.
    p_holm : float
        Its p-value corrected for all pairs of this measure.
    """

    measure: str
    first: str
    second: str
    test: PairedTest
    p_holm: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A comparison over songs.

    Attributes
    ----------
    rows : tuple of Row
        Every system and measure.
    pairs : tuple of Pair
        Every pair of systems on every measure that has a direction.
    """

    rows: tuple[Row, ...]
    pairs: tuple[Pair, ...]

    def row(self, system: str, measure: str) -> Row:
        """Return one system's row of a measure."""
        return next(row for row in self.rows if row.system == system and row.measure == measure)


def summarise(found: Comparison, *, seed: int = 0) -> Summary:
    """Return the means, intervals, tests and counts of a comparison.

    Parameters
    ----------
    found : Comparison
        All songs and systems.
    seed : int
        What the bootstrap draws from.

    Returns
    -------
    Summary
    """
    rows: list[Row] = []
    pairs: list[Pair] = []
    rivals = [system for system in found.systems if system != found.reference]
    for name in found.measures:
        values = {system: np.asarray(found.values(system, name)) for system in found.systems}
        sign = -1.0 if MEASURES[name].better == "higher" else 1.0
        nearest = _nearest({system: sign * values[system] for system in rivals})
        rows += [
            Row(
                system=system,
                measure=name,
                interval=bootstrap_mean(values[system], seed=seed),
                nearest=nearest.get(system, 0),
            )
            for system in found.systems
        ]
        if MEASURES[name].better == "neither":
            continue
        tests = [
            (one, other, paired_test(sign * values[one], sign * values[other]))
            for one, other in combinations(rivals, 2)
        ]
        corrected = holm([test.p for _, _, test in tests]).tolist()
        pairs += [
            Pair(measure=name, first=one, second=other, test=test, p_holm=p)
            for (one, other, test), p in zip(tests, corrected, strict=True)
        ]
    return Summary(rows=tuple(rows), pairs=tuple(pairs))


def shown_measures(summary: Summary) -> list[str]:
    """Return the headline measures that are defined for some system, in order."""
    defined = {row.measure for row in summary.rows if math.isfinite(row.interval.mean)}
    return [name for name in HEADLINES if name in defined]


def _nearest(values: dict[str, np.ndarray]) -> dict[str, int]:
    """Return for each system in how many songs it has the lowest value, ties counting for each."""
    if not values:
        return {}
    table = np.stack(list(values.values()))
    best = np.nanmin(np.where(np.isnan(table), math.inf, table), axis=0)
    won = (table == best) & np.isfinite(table)
    return {system: int(count) for system, count in zip(values, won.sum(axis=1), strict=True)}
