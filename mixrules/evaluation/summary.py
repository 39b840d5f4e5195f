"""What a comparison says over songs: means with intervals, paired tests, who came nearest how often."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from mixrules.evaluation.comparison_results import Comparison
from mixrules.evaluation.constants import CONSTANT_MEAN
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
        In how many songs it alone was better than all others; what is the reference itself, or made of
        it as ``constant-mean`` is, does not compete.
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
    copies = {(r.song, r.system) for r in found.results if r.is_reference}
    own = {system: np.array([(song, system) in copies for song in found.songs]) for system in rivals}
    for name in found.measures:
        values = {system: np.asarray(found.values(system, name)) for system in found.systems}
        sign = -1.0 if MEASURES[name].better == "higher" else 1.0
        nearest = _nearest(
            {
                system: np.where(own[system], math.nan, sign * values[system])
                for system in rivals
                if system not in (CONSTANT_MEAN, *found.matched)
            }
        )
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


def best_means(found: Comparison, summary: Summary, measure: str) -> tuple[tuple[str, ...], float]:
    """Return which of two or more systems that compete have the best mean of a measure, and that mean.

    Parameters
    ----------
    found : Comparison
        What was measured.
    summary : Summary
        What it says over songs.
    measure : str
        One with a direction.

    Returns
    -------
    systems : tuple of str
        Several where they tie to three digits, as tables show; none where fewer than two compete.
    mean : float
        NaN where there is none.
    """
    means = {s: summary.row(s, measure).interval.mean for s in found.systems if found.competes(s)}
    means = {system: mean for system, mean in means.items() if math.isfinite(mean)}
    if len(means) < 2 or MEASURES[measure].better == "neither":
        return (), math.nan
    best = max(means.values()) if MEASURES[measure].better == "higher" else min(means.values())
    return tuple(system for system, mean in means.items() if f"{mean:.3g}" == f"{best:.3g}"), best


def _nearest(values: dict[str, np.ndarray]) -> dict[str, int]:
    """Return for each system in how many songs it has the lowest value of two or more; a tie counts for none."""
    if not values:
        return {}
    table = np.stack(list(values.values()))
    best = np.nanmin(np.where(np.isnan(table), math.inf, table), axis=0)
    won = np.isclose(table, best, rtol=1e-9, atol=0.0) & np.isfinite(table)
    alone = (won.sum(axis=0) == 1) & (np.isfinite(table).sum(axis=0) > 1)
    return {system: int(count) for system, count in zip(values, (won & alone).sum(axis=1), strict=True)}
