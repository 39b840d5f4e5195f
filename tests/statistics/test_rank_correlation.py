"""Spearman's rho beside scipy and Pearson's of ranks; exact p by scipy's permutations; coverage; what is not defined."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from mixrules.errors import ParameterError
from mixrules.statistics import detectable_correlation, rank_correlation
from mixrules.statistics.rank_correlation import BOOTSTRAP_PAIRS, EXACT_PAIRS

# The worked example of Wikipedia's article on the coefficient: IQ and hours of television a week.
IQ = [106, 100, 86, 101, 99, 103, 97, 113, 112, 110]
HOURS = [7, 27, 2, 50, 28, 29, 20, 12, 6, 17]


def correlated(rng: np.random.Generator, rho: float, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Two normal variables whose rank correlation is `rho`: Pearson's is 2 sin(pi rho / 6)."""
    pearson = 2.0 * math.sin(math.pi * rho / 6.0)
    first = rng.normal(size=count)
    return first, pearson * first + math.sqrt(1.0 - pearson**2) * rng.normal(size=count)


def test_a_published_example() -> None:
    found = rank_correlation(IQ, HOURS, resamples=0)
    assert found.rho == pytest.approx(-29 / 165)
    assert found.p == pytest.approx(0.627188, abs=1e-6)
    assert math.isnan(found.low)


@pytest.mark.parametrize("count", [4, 6, EXACT_PAIRS, EXACT_PAIRS + 1, 40])
def test_ties_have_mean_ranks_and_p_is_that_of_scipy(rng: np.random.Generator, count: int) -> None:
    a, b = rng.integers(0, 4, count).astype(float), rng.integers(0, 4, count).astype(float)
    a[:2], b[:2] = (0.0, 3.0), (1.0, 2.0)
    found = rank_correlation(a, b, resamples=0)
    ranks = stats.rankdata(a), stats.rankdata(b)
    assert found.rho == pytest.approx(stats.pearsonr(*ranks).statistic)
    if count > EXACT_PAIRS:
        assert found.p == pytest.approx(stats.spearmanr(a, b).pvalue)
        return
    orders = stats.permutation_test(
        ranks[:1],
        lambda x: abs(stats.spearmanr(x, ranks[1]).statistic),
        permutation_type="pairings",
        alternative="greater",
        n_resamples=math.factorial(count) if count < 7 else 999,
        rng=np.random.default_rng(1),
    )
    # Sampled orders of eight: a standard error of at most 0.016.
    assert found.p == pytest.approx(orders.pvalue, abs=1e-9 if count < 7 else 0.06)


def test_missing_values_take_their_pair_with_them() -> None:
    a = [1.0, math.nan, 3.0, 4.0, 5.0, 9.0, 2.0]
    b = [2.0, 8.0, math.inf, 3.0, 6.0, 7.0, 1.0]
    kept = [0, 3, 4, 5, 6]
    found = rank_correlation(a, b, resamples=200)
    assert found == rank_correlation([a[i] for i in kept], [b[i] for i in kept], resamples=200)
    assert found.count == 5


@pytest.mark.parametrize(
    ("a", "b"),
    [([], []), ([1, 2, 3], [1, 2, 3]), ([5, 5, 5, 5, 5], [1, 2, 3, 4, 5]), ([1, 2, 3, 4], [math.nan] * 4)],
)
def test_what_is_not_defined_is_nan(a: list[float], b: list[float]) -> None:
    found = rank_correlation(a, b)
    assert all(math.isnan(value) for value in (found.rho, found.low, found.high, found.p))


def test_pairs_in_perfect_order_have_no_interval() -> None:
    found = rank_correlation([1, 2, 3, 4, 5], [1, 4, 9, 16, 25])
    assert found.rho == pytest.approx(1.0)
    assert found.p == pytest.approx(2 / 120)
    assert math.isnan(found.low)


def test_lengths_must_agree() -> None:
    with pytest.raises(ParameterError, match="one length"):
        rank_correlation([1, 2, 3, 4], [1, 2, 3])


def test_a_seed_gives_the_same_interval(rng: np.random.Generator) -> None:
    a, b = correlated(rng, 0.5, 20)
    first = rank_correlation(a, b, resamples=300, seed=1)
    assert first == rank_correlation(a, b, resamples=300, seed=1)
    assert first != rank_correlation(a, b, resamples=300, seed=2)
    assert first.low < first.rho < first.high


@pytest.mark.parametrize("rho", [0.0, 0.6])
def test_intervals_cover(rng: np.random.Generator, rho: float) -> None:
    hits = 0
    for trial in range(150):
        found = rank_correlation(*correlated(rng, rho, 30), confidence=0.9, resamples=300, seed=trial)
        hits += found.low <= rho <= found.high
    # 90 % with 150 trials: a standard error of 2.5 points.
    assert 0.82 <= hits / 150 <= 0.97


def test_the_analytic_interval_is_the_bootstraps_where_one_gives_way_to_the_other(
    rng: np.random.Generator,
) -> None:
    a, b = correlated(rng, 0.5, BOOTSTRAP_PAIRS + 1)
    above = rank_correlation(a, b)
    below = rank_correlation(a[:-1], b[:-1], resamples=2000)
    assert (above.low, above.high) == pytest.approx((below.low, below.high), abs=0.01)


@pytest.mark.parametrize(("count", "tests"), [(30, 1), (150, 9)])
def test_a_detectable_correlation_is_found_as_often_as_said(
    rng: np.random.Generator, count: int, tests: int
) -> None:
    rho = detectable_correlation(count, tests=tests, power=0.8)
    pairs = [correlated(rng, rho, count) for _ in range(400)]
    hits = np.mean([rank_correlation(*each, resamples=0).p < 0.05 / tests for each in pairs])
    assert hits == pytest.approx(0.8, abs=0.06)
    assert math.isnan(detectable_correlation(3))
