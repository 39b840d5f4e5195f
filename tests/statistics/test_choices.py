"""Binomial tests, sensitivities, strengths and exact power against scipy, sensR, published fits, and simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from mixrules.errors import ParameterError
from mixrules.statistics import (
    abx_d_prime,
    abx_share_correct,
    binomial_p,
    critical_count,
    discrimination_power,
    exact_proportion,
    fit_strengths,
    preference_power,
    smallest_binomial_p,
)

# Comparisons of six chocolate puddings: i, j, chosen over, the other way round, ties (Davidson 1970, table 4).
PUDDINGS = (
    "1 2 19 22 16;1 3 16 19 12;2 3 19 19 10;1 4 18 23 13;2 4 23 19 9;3 4 19 20 15;1 5 13 19 18;2 5 16 20 12;"
    "3 5 16 15 17;4 5 17 14 16;1 6 18 21 12;2 6 22 20 12;3 6 13 18 10;4 6 14 19 18;5 6 11 21 12"
)


@pytest.mark.parametrize(("right", "of"), [(0, 5), (5, 5), (12, 16), (51, 100)])
def test_intervals_and_p_are_scipys(right: int, of: int) -> None:
    other = stats.binomtest(right, of, 0.5, alternative="greater")
    assert binomial_p(right, of, alternative="greater") == pytest.approx(other.pvalue)
    interval = stats.binomtest(right, of).proportion_ci(0.95, method="exact")
    found = exact_proportion(right, of)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))
    assert found.share == right / of


def test_without_a_trial_nothing_is_known() -> None:
    assert math.isnan(binomial_p(0, 0))
    assert math.isnan(exact_proportion(0, 0).low)


@pytest.mark.parametrize("trials", range(1, 60))
def test_the_critical_count_is_the_first_that_is_significant(trials: int) -> None:
    count = critical_count(trials, 0.05)
    assert count > trials or stats.binom.sf(count - 1, trials, 0.5) <= 0.05
    assert stats.binom.sf(count - 2, trials, 0.5) > 0.05
    assert smallest_binomial_p(trials, alternative="greater") == pytest.approx(
        stats.binom.pmf(trials, trials, 0.5)
    )


@pytest.mark.parametrize("d_prime", [0.5, 1.0, 2.0])
def test_the_share_of_right_answers_is_that_of_a_listener_who_chooses_the_nearer(d_prime: float) -> None:
    rng = np.random.default_rng(0)
    a, x, b = rng.normal(size=(3, 400_000))
    b += d_prime
    x_is_b = rng.random(x.size) < 0.5
    x += d_prime * x_is_b
    right = ((np.abs(x - b) < np.abs(x - a)) == x_is_b).mean()
    assert abx_share_correct(d_prime) == pytest.approx(right, abs=0.003)
    assert abx_d_prime(abx_share_correct(d_prime)) == pytest.approx(d_prime)


def test_the_ends_of_sensitivity() -> None:
    assert abx_d_prime(0.4) == 0.0
    assert abx_d_prime(1.0) == math.inf
    assert math.isnan(abx_d_prime(math.nan))


def puddings() -> tuple[np.ndarray, np.ndarray]:
    wins, ties = np.zeros((6, 6)), np.zeros((6, 6))
    for line in PUDDINGS.split(";"):
        i, j, first, second, tied = map(int, line.split())
        wins[i - 1, j - 1], wins[j - 1, i - 1], ties[i - 1, j - 1] = first, second, tied
    return wins, ties


def test_strengths_with_ties_are_davidsons() -> None:
    wins, ties = puddings()
    fit = fit_strengths(wins, ties)
    worths = np.exp(fit.log_strengths)
    published = [0.1388, 0.1730, 0.1617, 0.1653, 0.1586, 0.2024]
    assert worths / worths.sum() == pytest.approx(published, abs=2e-4)
    assert fit.tie == pytest.approx(0.7468, abs=2e-4)


def test_strengths_without_ties_are_those_of_the_journals() -> None:
    # Citations among four journals (Stigler 1994); log odds against Biometrika and their errors, Firth 2005.
    cited = np.array([[0, 730, 498, 221], [33, 0, 68, 17], [320, 813, 0, 142], [284, 276, 325, 0]])
    fit = fit_strengths(cited)
    against = fit.log_strengths - fit.log_strengths[0]
    assert against[1:] == pytest.approx([-2.94907, -0.47957, 0.26895], abs=1e-4)
    v = fit.covariance
    errors = [math.sqrt(v[0, 0] + v[i, i] - 2 * v[0, i]) for i in range(1, 4)]
    assert errors == pytest.approx([0.10255, 0.06059, 0.07083], abs=1e-4)


def test_units_that_repeat_themselves_widen_the_errors() -> None:
    rng = np.random.default_rng(5)
    each = np.zeros((30, 3, 3))
    for unit in each:
        order = rng.permutation(3)
        for place, winner in enumerate(order):
            unit[winner, order[place + 1 :]] = 10
    clustered = fit_strengths(each)
    single = fit_strengths(each.sum(axis=0))
    assert clustered.log_strengths == pytest.approx(single.log_strengths)
    assert np.diag(clustered.covariance)[0] > 4 * np.diag(single.covariance)[0]


def test_what_was_always_chosen_gets_a_bound_and_says_so() -> None:
    fit = fit_strengths([[0, 10, 10], [0, 0, 5], [0, 5, 0]])
    assert fit.added
    assert np.isfinite(fit.log_strengths).all()
    assert fit.log_strengths[0] > 1
    assert not fit_strengths([[0, 9], [1, 0]]).added


def test_parts_that_were_never_compared_are_refused() -> None:
    wins = np.zeros((4, 4))
    wins[0, 1] = wins[1, 0] = wins[2, 3] = wins[3, 2] = 3
    with pytest.raises(ParameterError, match="never compared"):
        fit_strengths(wins)
    with pytest.raises(ParameterError, match="shape"):
        fit_strengths(np.zeros((2, 3)))


def test_sample_sizes_are_those_of_sensR() -> None:
    # sensR: discrimSS(pdA = 0.5, target.power = 0.8, pGuess = 1/2) is 23, "stable.exact" is 28.
    powers = [discrimination_power(n, 0.75) for n in range(1, 60)]
    assert next(n for n, power in enumerate(powers, 1) if power >= 0.8) == 23
    assert max(n for n, power in enumerate(powers, 1) if power < 0.8) + 1 == 28
    assert powers[29] == pytest.approx(stats.binom.sf(critical_count(30, 0.05) - 1, 30, 0.75), abs=1e-12)


@pytest.mark.parametrize("between", [0.0, 0.15])
def test_power_is_that_of_simulated_panels(between: float) -> None:
    rng = np.random.default_rng(7)
    panels, listeners, share, trials = 4000, 15, 0.65, 6
    shares = np.full((panels, listeners), share)
    if between:
        precision = share * (1 - share) / between**2 - 1
        shares = rng.beta(share * precision, (1 - share) * precision, (panels, listeners))
    right = rng.binomial(trials, shares).sum(axis=1)
    found = (right >= critical_count(listeners * trials, 0.05)).mean()
    power = discrimination_power(listeners, share, trials=trials, between=between)
    assert power == pytest.approx(found, abs=0.03)
    decided = rng.binomial(trials, 0.8, (panels, listeners))
    better = rng.binomial(decided, shares)
    wins, losses = (2 * better > decided).sum(axis=1), (2 * better < decided).sum(axis=1)
    p = np.array(
        [stats.binomtest(w, w + n).pvalue for w, n in zip(wins.tolist(), losses.tolist(), strict=True)]
    )
    found = ((p < 0.05) & (wins > losses)).mean()
    power = preference_power(listeners, share, choices=trials, no_preference=0.2, between=between)
    assert power == pytest.approx(found, abs=0.03)
