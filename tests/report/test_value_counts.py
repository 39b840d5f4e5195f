"""Counted values beside all of them: quantiles, histograms and spread, of every sign and size, in batches."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mixrules.report.corpus.value_counts import CountedValues, ExactValues

SHARES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)


def counted(values: np.ndarray, batches: int = 1) -> CountedValues:
    found = CountedValues()
    for part in np.array_split(values, batches):
        found.add(part)
    return found


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e6])
def test_quantiles_are_those_of_all_values_to_a_fifth_of_a_percent(
    rng: np.random.Generator, scale: float
) -> None:
    values = rng.normal(-1.0, 2.0, 20_001) * scale
    found = counted(values, 7).quantiles(SHARES)
    assert found == pytest.approx(np.quantile(values, SHARES), rel=0.002, abs=0.002 * scale)
    assert (found[0], found[-1]) == (values.min(), values.max())


def test_the_spread_is_exact_however_the_values_come(rng: np.random.Generator) -> None:
    values = rng.normal(1e4, 0.5, 3000)
    for batches in (1, 11, 3000):
        found = counted(values, batches)
        assert found.count == 3000
        assert found.sd == pytest.approx(values.std(ddof=1), rel=1e-9)


def test_a_histogram_counts_each_value_once(rng: np.random.Generator) -> None:
    values = np.concatenate([rng.normal(0.0, 3.0, 5000), np.zeros(100)])
    edges = np.arange(-4.25, 4.5, 0.5)
    inside, below, above = counted(values, 3).histogram(edges)
    exact, exact_below, exact_above = ExactValues(values).histogram(edges)
    assert inside.sum() + below + above == values.size
    assert np.abs(inside - exact).max() <= 5  # those within 0.2 % of an edge
    assert abs(below - exact_below) <= 2
    assert abs(above - exact_above) <= 2
    assert inside[8] >= 100


def test_nothing_is_not_defined() -> None:
    for empty in (CountedValues(), ExactValues(np.full(3, math.nan))):
        assert empty.count == 0
        assert np.isnan(empty.quantiles(SHARES)).all()
        assert math.isnan(empty.sd)
        assert empty.histogram(np.array([0.0, 1.0]))[0].tolist() == [0]


def test_one_value_is_its_own_quantile() -> None:
    for one in (counted(np.array([-3.3])), ExactValues(np.array([-3.3]))):
        assert one.quantiles((0.0, 0.5, 1.0)).tolist() == [-3.3] * 3
        assert math.isnan(one.sd)
