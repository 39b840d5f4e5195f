"""The signed-rank test against counting by hand, published tables, scipy, and its own effect size."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from mixrules.errors import ParameterError
from mixrules.statistics import (
    paired_test,
    rank_biserial,
    signed_rank_p,
    signed_rank_p_values,
    smallest_signed_rank_p,
)

DARWIN = (6, 8, 14, 16, 23, 24, 28, 29, 41, -48, 49, 56, 60, -67, 75)
"""Cross- less self-fertilised maize, eighths of an inch (Darwin 1876; Fisher, The Design of Experiments)."""

LARGEST_SIGNIFICANT = {
    **{6: 0, 7: 2, 8: 3, 9: 5, 10: 8, 11: 10, 12: 13, 13: 17, 14: 21, 15: 25, 16: 29},
    **{17: 34, 18: 40, 19: 46, 20: 52, 25: 89, 30: 137, 50: 434},
}
"""By n, the largest smaller rank sum with a two-sided p of 0.05 at most: McCornack, J. Am. Stat. Assoc. 60, 1965."""


def counted_p(differences: list[int]) -> Fraction | None:
    """Count sign changes one by one, in whole numbers: ranks are averaged by their definition."""
    left = [d for d in differences if d != 0]
    if not left:
        return None
    # Twice the mean rank of a value: 1 + twice how many are smaller + how many are equal.
    doubled = [1 + sum(2 * (abs(o) < abs(d)) + (abs(o) == abs(d)) for o in left) for d in left]
    seen = abs(sum(rank if d > 0 else -rank for rank, d in zip(doubled, left, strict=True)))
    signs = itertools.product((1, -1), repeat=len(left))
    as_far = sum(abs(sum(r * s for r, s in zip(doubled, way, strict=True))) >= seen for way in signs)
    return Fraction(as_far, 2 ** len(left))


@pytest.mark.parametrize(
    ("differences", "p"),
    [
        # All on one side: 2 of the 32 sign changes, ties or not.
        ((1, 1, 2, 2, 3), 2 / 32),
        ((1, 2, 3, 4, 5), 2 / 32),
        # Ranks 1.5, 1.5, 3.5, 3.5, 5; W- = 1.5: none, the one or the other 1.5, so 3 sums on each side.
        ((-1, 1, 2, 2, 3), 6 / 32),
        # Ranks 1, 2, 3; W- = 3: {}, {1}, {2}, {3}, {1, 2} on each side are more than all: p is 1 at most.
        ((1, 2, -3), 1.0),
        # Zeros are dropped first: three differences are left.
        ((0, 1, 0, 2, 3), 2 / 8),
        ((4,), 1.0),
    ],
)
def test_p_by_hand(differences: tuple[int, ...], p: float) -> None:
    assert signed_rank_p(differences) == p
    assert signed_rank_p([-d for d in differences]) == p


@given(st.lists(st.integers(-4, 4), min_size=1, max_size=10))
@settings(deadline=None, max_examples=60)
def test_p_with_ties_is_the_share_of_sign_changes(differences: list[int]) -> None:
    expected = counted_p(differences)
    p = signed_rank_p(differences)
    assert math.isnan(p) if expected is None else p == float(expected)


@given(st.lists(st.integers(-4, 4).filter(bool), min_size=2, max_size=11))
@settings(deadline=None, max_examples=30)
def test_p_with_ties_is_scipys_permutation_test(differences: list[int]) -> None:
    every_sign = stats.PermutationMethod(n_resamples=np.inf)
    expected = stats.wilcoxon(np.array(differences, float), method=every_sign).pvalue
    assert signed_rank_p(differences) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(("n", "smaller"), LARGEST_SIGNIFICANT.items())
def test_the_published_table_of_critical_values(n: int, smaller: int) -> None:
    def p_of(rank_sum: int) -> float:
        """The p of ranks 1 to n of which those that add up to `rank_sum` are negative, largest first."""
        signed, left = [], rank_sum
        for rank in range(n, 0, -1):
            negative = rank <= left
            left -= rank if negative else 0
            signed.append(-rank if negative else rank)
        return signed_rank_p(signed)

    assert p_of(smaller) <= 0.05 < p_of(smaller + 1)


def test_darwins_maize() -> None:
    # The ranks of -48 and -67 are 10 and 14; 676 of the subsets of 1 to 15 add up to 24 at most.
    assert signed_rank_p(DARWIN) == 2 * 676 / 2**15
    assert rank_biserial(DARWIN) == pytest.approx((96 - 24) / 120)


@pytest.mark.parametrize("n", [10, 40, 50])
def test_p_without_ties_is_scipys_exact_one(rng: np.random.Generator, n: int) -> None:
    differences = rng.normal(0.3, 1, n)
    assert signed_rank_p(differences) == pytest.approx(stats.wilcoxon(differences, method="exact").pvalue)


def test_p_of_many_is_scipys_normal_one_with_ties(rng: np.random.Generator) -> None:
    differences = rng.integers(-3, 5, (20, 90)).astype(float)
    expected = [stats.wilcoxon(row[row != 0], method="approx").pvalue for row in differences]
    assert signed_rank_p_values(differences) == pytest.approx(expected, rel=1e-9)


def test_the_exact_and_the_normal_p_meet(rng: np.random.Generator) -> None:
    differences = rng.integers(-6, 9, (20, 40)).astype(float)
    normal = signed_rank_p_values(differences, exact_up_to=0)
    assert signed_rank_p_values(differences) == pytest.approx(normal, abs=0.01)


def test_many_samples_at_once_are_each_alone(rng: np.random.Generator) -> None:
    # More than are counted at once, with and without zeros, on both sides of the limit.
    differences = rng.integers(-3, 6, (700, 12)).astype(float)
    differences[5] = 0.0
    for limit in (0, 8, 50):
        alone = [signed_rank_p_values(row[np.newaxis], exact_up_to=limit)[0] for row in differences]
        assert signed_rank_p_values(differences, exact_up_to=limit) == pytest.approx(alone, nan_ok=True)
    assert math.isnan(alone[5])


@pytest.mark.parametrize("n", [3, 6, 9])
def test_the_smallest_p_is_that_of_full_agreement(n: int) -> None:
    assert smallest_signed_rank_p(n) == signed_rank_p(np.ones(n))
    assert smallest_signed_rank_p(n) == stats.wilcoxon(np.arange(1.0, n + 1), method="exact").pvalue
    assert smallest_signed_rank_p(0) == 1.0


def test_rank_biserial_by_hand() -> None:
    # Ranks of 1, 2, 3, 4: +1 +2 -3 +4, so (7 - 3) / 10; the zero is dropped.
    assert rank_biserial([1.0, 2.0, -3.0, 0.0, 4.0]) == pytest.approx(0.4)
    # Ranks 1.5, 1.5, 3: (4.5 - 1.5) / 6.
    assert rank_biserial([2.0, -2.0, 5.0]) == pytest.approx(0.5)
    assert rank_biserial([0.0, 0.0]) == 0.0
    assert math.isnan(rank_biserial([]))


def test_a_paired_test_counts_by_hand() -> None:
    found = paired_test([1.0, 2.0, 4.0, 7.0, math.nan, 5.0], [2.0, 4.0, 3.0, 9.0, 1.0, 5.0])
    # Differences -1, -2, 1, -2, 0; ranks 1.5, 3.5, 1.5, 3.5: W+ = 1.5, W- = 8.5.
    assert (found.wins, found.losses, found.ties) == (3, 1, 1)
    assert found.mean_difference == pytest.approx(-4 / 5)
    assert found.rank_biserial == pytest.approx((1.5 - 8.5) / 10)
    # Sums up to 1.5 of 16: none, the one or the other 1.5.
    assert found.p == 2 * 3 / 16


def test_one_that_is_always_lower() -> None:
    found = paired_test([1.0, 2.0, 3.0, 4.0, 5.0, math.nan], [2.0, 4.0, 6.0, 8.0, 10.0, 0.0])
    assert (found.wins, found.losses, found.ties, found.rank_biserial, found.p) == (5, 0, 0, -1.0, 2 / 32)


def test_nothing_that_differs_and_nothing_at_all() -> None:
    same, none = paired_test([1.0, 2.0], [1.0, 2.0]), paired_test([math.nan], [1.0])
    assert (same.ties, same.mean_difference, same.rank_biserial) == (2, 0.0, 0.0)
    assert math.isnan(same.p)
    assert all(math.isnan(value) for value in (none.mean_difference, none.rank_biserial, none.p))


def test_pairs_of_other_lengths_are_refused() -> None:
    with pytest.raises(ParameterError, match="one length"):
        paired_test([1.0], [1.0, 2.0])
