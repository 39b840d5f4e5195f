"""Intervals, tests and corrections against scipy and against counting by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import bootstrap, wilcoxon

from mixrules.errors import ParameterError
from mixrules.evaluation.statistics import bootstrap_mean, holm, paired_test


def test_the_interval_is_scipys_percentile_bootstrap() -> None:
    values = np.random.default_rng(1).normal(3.0, 2.0, 12)
    ours = bootstrap_mean(values)
    theirs = bootstrap(
        (values,), np.mean, method="percentile", rng=np.random.default_rng(2)
    ).confidence_interval
    assert ours.mean == pytest.approx(values.mean())
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.05)


def test_few_values_have_no_interval() -> None:
    assert math.isnan(bootstrap_mean([]).mean)
    one = bootstrap_mean([2.0, math.nan])
    assert (one.mean, one.count) == (2.0, 1)
    assert math.isnan(one.low)


def test_pairs_are_tested_as_scipy_does() -> None:
    rng = np.random.default_rng(3)
    first, second = rng.normal(0, 1, 9), rng.normal(0.8, 1, 9)
    found = paired_test(first, second)
    assert found.p == pytest.approx(wilcoxon(first, second).pvalue)
    assert (found.wins, found.losses) == (int((first < second).sum()), int((first > second).sum()))


def test_one_that_is_always_lower() -> None:
    found = paired_test([1.0, 2.0, 3.0, 4.0, 5.0, math.nan], [2.0, 4.0, 6.0, 8.0, 10.0, 0.0])
    assert (found.wins, found.losses, found.ties, found.rank_biserial) == (5, 0, 0, -1.0)
    assert found.p == pytest.approx(2 / 2**5)
    assert math.isnan(paired_test([1.0, 2.0], [1.0, 2.0]).p)
    with pytest.raises(ParameterError, match="one length"):
        paired_test([1.0], [1.0, 2.0])


def test_holm_by_hand() -> None:
    found = holm([0.01, math.nan, 0.04, 0.03])
    assert found[0] == pytest.approx(0.03)
    assert math.isnan(found[1])
    assert found[2:] == pytest.approx([0.06, 0.06])
