"""Bootstrap intervals: BCa by its formula, coverage, a seed, few values, two samples."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from mixrules.statistics import bootstrap_mean, normal_mean


def bca_interval(values: np.ndarray, confidence: float, rng: np.random.Generator) -> tuple[float, float]:
    """BCa after Efron 1987, eqs. for z0 and a, written out, with many resamples."""
    means = rng.choice(values, (200_000, values.size)).mean(axis=1)
    z0 = stats.norm.ppf((means < values.mean()).mean())
    deviations = (values - values.mean()) / (values.size - 1)  # jackknife means less their mean
    a = (deviations**3).sum() / (6 * (deviations**2).sum() ** 1.5)
    z = z0 + stats.norm.ppf([(1 - confidence) / 2, (1 + confidence) / 2])
    low, high = np.quantile(means, stats.norm.cdf(z0 + z / (1 - a * z)))
    return float(low), float(high)


def test_the_interval_is_bca(rng: np.random.Generator) -> None:
    values = rng.exponential(1.0, 15)  # skewed: a percentile interval lies elsewhere
    found = bootstrap_mean(values, confidence=0.9, resamples=20_000)
    expected = bca_interval(values, 0.9, rng)
    assert found.mean == pytest.approx(values.mean())
    assert found.count == 15
    assert (found.low, found.high) == pytest.approx(expected, abs=0.02)
    percentile = np.quantile(rng.choice(values, (20_000, 15)).mean(axis=1), (0.05, 0.95))
    assert abs(found.high - percentile[1]) > 0.03


def test_intervals_cover(rng: np.random.Generator) -> None:
    hits = 0
    for trial in range(200):
        found = bootstrap_mean(rng.beta(2, 3, 20), confidence=0.9, resamples=400, seed=trial)
        hits += found.low <= 0.4 <= found.high
    # 90 % with 200 trials: a standard error of 2 points; BCa with 20 values falls a little short.
    assert 0.82 <= hits / 200 <= 0.96


def test_the_interval_of_a_difference_covers(rng: np.random.Generator) -> None:
    hits = 0
    for trial in range(200):
        first, second = rng.normal(2, 1, 15), rng.normal(1.5, 2, 25)
        found = bootstrap_mean(first, second, confidence=0.9, resamples=400, seed=trial)
        assert found.mean == pytest.approx(first.mean() - second.mean())
        hits += found.low <= 0.5 <= found.high
    assert 0.82 <= hits / 200 <= 0.96


def test_the_same_seed_gives_the_same_interval(rng: np.random.Generator) -> None:
    values = rng.random(12)
    first = bootstrap_mean(values, resamples=300, seed=9)
    assert first == bootstrap_mean(values, resamples=300, seed=9)
    assert first != bootstrap_mean(values, resamples=300, seed=10)


def test_few_values_have_no_interval() -> None:
    assert math.isnan(bootstrap_mean([]).mean)
    two = bootstrap_mean([2.0, math.nan, 4.0])
    assert (two.mean, two.count) == (3.0, 2)
    assert math.isnan(two.low)
    assert math.isnan(bootstrap_mean([1.0, 2.0, 4.0], [1.0, 2.0]).low)
    assert math.isnan(bootstrap_mean([1.0, 2.0, 4.0], resamples=0).low)


def test_values_that_never_vary_have_no_width() -> None:
    same = bootstrap_mean([2.5] * 4)
    assert (same.low, same.mean, same.high) == (2.5, 2.5, 2.5)
    apart = bootstrap_mean([2.5] * 4, [1.0] * 5)
    assert (apart.low, apart.high) == (1.5, 1.5)


@pytest.mark.parametrize("count", [3, 4, 5])
def test_rounding_errors_do_not_move_an_interval(rng: np.random.Generator, count: int) -> None:
    for _ in range(20):
        values = rng.uniform(1.0, 5.0, count)
        intervals = [bootstrap_mean(values * (1.0 + 1e-9 * k)) for k in range(4)]
        for each in intervals[1:]:
            assert (each.low, each.high) == pytest.approx((intervals[0].low, intervals[0].high), rel=1e-7)


def test_a_normal_interval_is_scipys(rng: np.random.Generator) -> None:
    values = rng.exponential(1.0, 400)
    found = normal_mean(np.append(values, math.nan), confidence=0.9)
    low, high = stats.norm.interval(0.9, values.mean(), stats.sem(values))
    assert (found.mean, found.low, found.high) == pytest.approx((values.mean(), low, high))
    assert found.count == 400


@pytest.mark.parametrize(("values", "mean"), [([], math.nan), ([2.0, 4.0], 3.0)])
def test_few_values_have_no_normal_interval(values: list[float], mean: float) -> None:
    found = normal_mean(values)
    assert found.mean == pytest.approx(mean, nan_ok=True)
    assert math.isnan(found.low)
    assert math.isnan(found.high)
