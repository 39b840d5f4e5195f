"""Rank tests of several samples: effect sizes by counting, statistics by hand, limits."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from mixrules.statistics import omnibus_independent, omnibus_within, rank_sum, smallest_rank_sum_p


@given(
    st.lists(st.integers(1, 5), min_size=1, max_size=15), st.lists(st.integers(1, 5), min_size=1, max_size=15)
)
@settings(deadline=None)
def test_cliffs_delta_is_counted_pair_by_pair(first: list[int], second: list[int]) -> None:
    a, b = np.array(first, dtype=float), np.array(second, dtype=float)
    _, delta = rank_sum(a, b)
    above = sum(np.sign(x - y) for x in first for y in second)
    assert delta == pytest.approx(above / (len(first) * len(second)))


def test_mann_whitney_by_hand() -> None:
    # Of the 10 ways to choose 2 of 5 ranks two are as far apart as 1, 2 against 3, 4, 5 on either side.
    assert rank_sum(np.array([1.0, 2.0]), np.array([3.0, 4.0, 5.0])) == pytest.approx((2 / 10, -1.0))
    assert all(math.isnan(value) for value in rank_sum(np.array([]), np.ones(3)))


@pytest.mark.parametrize("n", [3, 6, 9])
def test_the_smallest_p_is_what_scipy_gives_for_samples_apart(n: int) -> None:
    low = np.arange(1.0, n + 1)
    apart = stats.mannwhitneyu(low, low + 100, method="exact").pvalue
    assert smallest_rank_sum_p(n, n) == pytest.approx(apart)


def test_friedman_is_scipys_and_by_hand(rng: np.random.Generator) -> None:
    values = rng.integers(1, 6, (12, 4)).astype(float)
    expected = stats.friedmanchisquare(*values.T)
    assert omnibus_within(values) == pytest.approx(tuple(expected))
    # Three listeners who agree wholly on three conditions: 12/(3*3*4) * (9+36+81) - 3*3*4 = 6.
    agreed = np.tile([1.0, 2.0, 3.0], (3, 1))
    assert omnibus_within(agreed)[0] == pytest.approx(6.0)


def test_kruskal_by_hand() -> None:
    # Rank sums 3, 7, 11 of two values each: 12/(6*7) * (9+49+121)/2 - 3*7 = 4.571.
    samples = [np.array([1.0, 2.0]), np.array([3.0, 4.0]), np.array([5.0, 6.0])]
    assert omnibus_independent(samples)[0] == pytest.approx(12 / 42 * 179 / 2 - 21)


@pytest.mark.parametrize("few", [np.ones((1, 4)), np.ones((9, 2)), np.ones((9, 4))])
def test_what_cannot_be_tested_is_not_a_number(few: np.ndarray) -> None:
    assert all(math.isnan(value) for value in omnibus_within(few))
    assert all(math.isnan(value) for value in omnibus_independent(list(few.T[:, :1])))
