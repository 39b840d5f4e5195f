"""Tests and effect sizes against scipy, statsmodels, tables and hands."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from mixrules.ratings import hypothesis
from mixrules.ratings.power import holm_rows, signed_rank_p_values

P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=12)


@given(P_VALUES)
@settings(deadline=None)
def test_holm_is_statsmodels_holm(p: list[float]) -> None:
    from statsmodels.stats.multitest import multipletests

    expected = multipletests(p, method="holm")[1]
    assert hypothesis.holm(p) == pytest.approx(list(expected), abs=1e-12)
    assert holm_rows(np.array([p]))[0] == pytest.approx(expected, abs=1e-12)


def test_holm_leaves_tests_that_were_not_made_out_of_the_family() -> None:
    adjusted = hypothesis.holm([0.01, math.nan, 0.04])
    assert adjusted[0] == pytest.approx(0.02)
    assert math.isnan(adjusted[1])
    assert adjusted[2] == pytest.approx(0.04)


@given(st.lists(st.integers(-4, 4), min_size=1, max_size=9))
@settings(deadline=None, max_examples=40)
def test_signed_rank_p_with_ties_is_that_of_all_sign_changes(values: list[int]) -> None:
    differences = np.array(values, dtype=float)
    nonzero = differences[differences != 0]
    p = hypothesis.signed_rank_p(differences)
    if nonzero.size == 0:
        assert math.isnan(p)
        return
    ranks = stats.rankdata(np.abs(nonzero))
    observed = abs((ranks * np.sign(nonzero)).sum())
    sums = [abs(np.dot(ranks, signs)) for signs in itertools.product((1, -1), repeat=nonzero.size)]
    exact = np.mean(np.array(sums) >= observed - 1e-9)
    assert p == pytest.approx(exact)
    assert signed_rank_p_values(differences[np.newaxis])[0] == pytest.approx(exact)


@pytest.mark.parametrize(("n", "method"), [(10, "exact"), (40, "exact"), (80, "approx")])
def test_signed_rank_p_without_ties_is_scipys(rng: np.random.Generator, n: int, method: str) -> None:
    differences = rng.normal(0.3, 1, n)
    assert hypothesis.signed_rank_p(differences) == pytest.approx(
        stats.wilcoxon(differences, method=method).pvalue
    )


def test_the_planners_p_values_are_scipys_with_many_listeners(rng: np.random.Generator) -> None:
    differences = rng.integers(-3, 5, (50, 24)).astype(float)
    expected = [stats.wilcoxon(row[row != 0], method="approx").pvalue for row in differences]
    assert signed_rank_p_values(differences) == pytest.approx(expected, rel=1e-9)


def test_rank_biserial_by_hand() -> None:
    # Ranks of 1, 2, 3, 4: +1 +2 -3 +4, so (7 - 3) / 10; the zero is dropped.
    assert hypothesis.rank_biserial(np.array([1.0, 2.0, -3.0, 0.0, 4.0])) == pytest.approx(0.4)
    assert hypothesis.rank_biserial(np.zeros(3)) == 0.0


@given(
    st.lists(st.integers(1, 5), min_size=1, max_size=15), st.lists(st.integers(1, 5), min_size=1, max_size=15)
)
@settings(deadline=None)
def test_cliffs_delta_is_counted_pair_by_pair(first: list[int], second: list[int]) -> None:
    a, b = np.array(first, dtype=float), np.array(second, dtype=float)
    _, delta = hypothesis.rank_sum(a, b)
    above = sum(np.sign(x - y) for x in first for y in second)
    assert delta == pytest.approx(above / (len(first) * len(second)))


def test_friedman_is_scipys_and_by_hand(rng: np.random.Generator) -> None:
    values = rng.integers(1, 6, (12, 4)).astype(float)
    expected = stats.friedmanchisquare(*values.T)
    assert hypothesis.omnibus_within(values) == pytest.approx(tuple(expected))
    # Three listeners who agree wholly on three conditions: 12/(3*3*4) * (9+36+81) - 3*3*4 = 6.
    agreed = np.tile([1.0, 2.0, 3.0], (3, 1))
    assert hypothesis.omnibus_within(agreed)[0] == pytest.approx(6.0)


def test_equivalence_is_statsmodels_tost(rng: np.random.Generator) -> None:
    from statsmodels.stats.weightstats import DescrStatsW, ttost_ind

    a, b = rng.normal(0.5, 0.1, 20), rng.normal(0.52, 0.2, 30)
    paired = DescrStatsW(a - b[:20]).ttost_mean(-0.1, 0.1)[0]
    assert hypothesis.equivalence_p(a - b[:20], None, 0.1) == pytest.approx(paired)
    welch = ttost_ind(a, b, -0.1, 0.1, usevar="unequal")[0]
    assert hypothesis.equivalence_p(a, b, 0.1) == pytest.approx(welch)


def test_equivalence_of_values_that_never_vary() -> None:
    assert hypothesis.equivalence_p(np.zeros(5), None, 0.1) == 0.0
    assert hypothesis.equivalence_p(np.full(5, 0.5), None, 0.1) == 1.0
    assert math.isnan(hypothesis.equivalence_p(np.zeros(1), None, 0.1))


@pytest.mark.parametrize(("conditions", "listeners"), [(3, 7), (4, 8), (5, 9), (6, 10), (7, 10), (8, 11)])
def test_the_fewest_listeners_are_those_of_the_table(conditions: int, listeners: int) -> None:
    assert hypothesis.listeners_needed(conditions) == listeners


@pytest.mark.parametrize("n", [3, 6, 9])
def test_the_smallest_p_is_what_scipy_gives_for_full_agreement(n: int) -> None:
    agreed = np.arange(1.0, n + 1)
    assert hypothesis.smallest_signed_rank_p(n) == pytest.approx(
        stats.wilcoxon(agreed, method="exact").pvalue
    )
    apart = stats.mannwhitneyu(agreed, agreed + 100, method="exact").pvalue
    assert hypothesis.smallest_rank_sum_p(n, n) == pytest.approx(apart)
