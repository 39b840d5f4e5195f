"""Mixed models against what lme4 and ordinal print for known data, against statsmodels, and against a paired t-test."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from scipy import stats

from mixrules.errors import ParameterError
from mixrules.statistics.mixed_models import COMPONENTS, Component, fit_linear, fit_ordinal
from mixrules.statistics.mixed_models.crossed import design_of
from mixrules.statistics.mixed_models.laplace import Laplace

# Diameters (mm) of 24 plates by 6 samples of penicillin; Davies and Goldsmith 1972, in lme4 as Penicillin.
PENICILLIN = (
    "27 23 26 23 23 21 27 23 26 23 23 21 25 21 25 24 24 20 26 23 25 23 23 20 25 22 26 22 23 20 24 22 25 "
    "23 22 19 24 20 23 21 22 19 26 22 26 24 24 21 24 21 24 22 22 20 24 21 24 23 22 19 26 23 26 24 24 21 "
    "25 22 26 24 24 20 26 24 26 24 25 22 26 23 26 23 23 20 26 23 25 24 24 22 25 22 25 23 23 20 25 21 24 "
    "23 23 20 25 22 24 23 23 19 24 21 23 21 21 19 26 23 26 24 24 21 25 21 24 22 22 18 25 22 25 22 22 20 "
    "24 21 24 22 24 19 24 21 24 22 21 18"
)
# Bitterness, 9 judges by 8 bottles: cold without contact, cold with, warm without, warm with, two bottles each;
# Randall 1989, in ordinal as wine.
WINE = "233444551213235423325544323232532343333332322454112223232223333412323244"
TEMPERATURE_AND_CONTACT = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])


def wine() -> np.ndarray:
    return np.array([int(sign) - 1 for sign in WINE], float).reshape(9, 1, 4, 2)


def simulated(listeners: int, songs: int, conditions: int, *, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.asarray(
        50.0
        + 5.0 * np.arange(conditions)[:, None]
        + 10.0 * rng.standard_normal((listeners, 1, 1, 1))
        + 5.0 * rng.standard_normal((1, songs, 1, 1))
        + 6.0 * rng.standard_normal((listeners, 1, conditions, 1))
        + 4.0 * rng.standard_normal((1, songs, conditions, 1))
        + 8.0 * rng.standard_normal((listeners, songs, conditions, 1))
    )


def test_crossed_effects_are_those_that_lme4_prints() -> None:
    values = np.array([float(cell) for cell in PENICILLIN.split()]).reshape(24, 6, 1, 1)
    fit = fit_linear(values, np.eye(1), ("listener", "song"))
    assert fit.criterion == pytest.approx(330.8606, abs=1e-4)
    assert fit.sds[0] == pytest.approx(0.8467, abs=1e-4)
    assert fit.sds[1] == pytest.approx(1.9316, abs=3e-4)  # lme4 stops a little before the optimum
    assert fit.residual_sd == pytest.approx(0.5499, abs=1e-4)
    assert fit.coefficients[0] == pytest.approx(22.97, abs=0.005)


def test_an_ordinal_model_is_the_one_that_clmm2_prints() -> None:
    fit = fit_ordinal(wine(), TEMPERATURE_AND_CONTACT, ("listener",))
    assert fit.log_likelihood == pytest.approx(-81.56541, abs=1e-4)
    assert fit.thresholds == pytest.approx([-1.6237, 1.5134, 4.2285, 6.0888], abs=2e-3)
    assert fit.coefficients == pytest.approx([3.0630, 1.8349], abs=1e-3)
    assert fit.sds[0] ** 2 == pytest.approx(1.279461, abs=1e-3)
    assert np.sqrt(np.diag(fit.covariance)) == pytest.approx([0.5954, 0.5125], abs=2e-4)
    assert fit.estimable


def test_an_effect_that_is_not_there_changes_nothing() -> None:
    by_bottle = np.full((9, 8, 4, 1), np.nan)
    for bottle in range(8):
        by_bottle[:, bottle, bottle // 2, 0] = wine()[:, 0, bottle // 2, bottle % 2]
    fit = fit_ordinal(by_bottle, TEMPERATURE_AND_CONTACT, ("listener", "song"))
    assert fit.coefficients == pytest.approx([3.0630, 1.8349], abs=3e-3)
    assert fit.sds[1] < 0.05


def test_all_components_are_those_of_statsmodels() -> None:
    models = pytest.importorskip(
        "statsmodels.regression.mixed_linear_model", reason="statsmodels is not installed"
    )
    values = simulated(10, 4, 3, seed=1)
    components: tuple[Component, ...] = ("listener", "listener:condition", "song", "song:condition")
    fit = fit_linear(values, np.eye(3), components)
    listener, song, condition = (axis.ravel() for axis in np.indices(values.shape[:3]))
    codes = (listener, listener * 3 + condition, song, song * 3 + condition)
    matrices = [[np.eye(code.max() + 1)[code]] for code in codes]
    names = [[[f"{name}{i}" for i in range(m[0].shape[1])]] for name, m in zip("abcd", matrices, strict=True)]
    spec = models.VCSpec(list("abcd"), names, matrices)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        other = models.MixedLM(values.ravel(), np.eye(3)[condition], np.ones(values.size), exog_vc=spec).fit(
            reml=True
        )
    assert other.converged  # it does not where a component is 0
    assert fit.criterion == pytest.approx(-2.0 * other.llf, abs=1e-6)
    assert fit.sds == pytest.approx(np.sqrt(other.vcomp), abs=0.02)
    assert fit.residual_sd == pytest.approx(np.sqrt(other.scale), rel=1e-3)
    assert fit.coefficients == pytest.approx(other.fe_params, abs=1e-3)
    assert np.sqrt(np.diag(fit.covariance)) == pytest.approx(other.bse_fe, rel=2e-3)


def test_a_balanced_contrast_is_a_paired_t_test_of_listeners_means() -> None:
    rng = np.random.default_rng(3)
    values = 50.0 + 8.0 * rng.standard_normal((12, 1, 1, 1)) + np.array([0.0, 4.0])[:, None]
    values = values + 5.0 * rng.standard_normal((12, 1, 2, 1)) + 3.0 * rng.standard_normal((12, 1, 2, 4))
    fit = fit_linear(values, np.eye(2), ("listener", "listener:condition"))
    contrast = np.array([1.0, -1.0])
    t = contrast @ fit.coefficients / np.sqrt(contrast @ fit.covariance @ contrast)
    means = values.mean(axis=3)[:, 0]
    assert t == pytest.approx(stats.ttest_rel(means[:, 0], means[:, 1]).statistic, rel=1e-4)
    assert fit.degrees_of_freedom(contrast) == pytest.approx(11.0, rel=1e-2)


def test_missing_ratings_and_listeners_in_another_order_are_no_matter() -> None:
    values = simulated(10, 3, 3)
    values[0, 1] = np.nan
    values[4, 2, 0] = np.nan
    fit = fit_linear(values, np.eye(3), COMPONENTS)
    turned = fit_linear(values[::-1], np.eye(3), COMPONENTS)
    assert turned.criterion == pytest.approx(fit.criterion, abs=1e-6)
    assert turned.coefficients == pytest.approx(fit.coefficients, abs=1e-3)
    assert fit.residuals.size == np.isfinite(values).sum()


@pytest.mark.parametrize("components", [("listener",), COMPONENTS])
def test_the_gradient_is_that_of_differences(components: tuple[str, ...]) -> None:
    rng = np.random.default_rng(1)
    latent = np.arange(3.0)[:, None] + rng.logistic(size=(9, 4, 3, 2)) + rng.normal(size=(9, 1, 1, 1))
    categories = np.digitize(latent, [-1, 0.5, 2.5]).astype(float)
    categories[0, 1, 2] = np.nan
    laplace = Laplace.of(categories, 4, design_of(4, 3, components))  # type: ignore[arg-type]
    cuts = np.array([[-1.2, 0.1, 2.0], [-1.8, -0.2, 1.4], [-2.9, -1.1, 0.6]])
    log_sds = np.log(rng.uniform(0.3, 1.2, len(components)))
    found = laplace.at(cuts, np.exp(log_sds), None)
    step = 1e-5
    for at in np.ndindex(cuts.shape):
        moved = [cuts.copy(), cuts.copy()]
        moved[0][at] += step
        moved[1][at] -= step
        up, down = (laplace.at(m, np.exp(log_sds), found.effects).value for m in moved)
        assert found.by_threshold[at] == pytest.approx((up - down) / (2 * step), abs=2e-5)
    for k in range(len(components)):
        shift = np.eye(len(components))[k] * step
        up, down = (laplace.at(cuts, np.exp(log_sds + s), found.effects).value for s in (shift, -shift))
        assert found.by_log_sd[k] == pytest.approx((up - down) / (2 * step), abs=2e-5)


def test_laplace_is_near_the_integral() -> None:
    # One listener's effect integrated by Gauss and Hermite, listener by listener, without our code.
    categories = wine()
    thresholds, sd = np.array([-1.6, 1.5, 4.2, 6.1]), 1.1
    effects = TEMPERATURE_AND_CONTACT @ np.array([3.06, 1.83])
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    total = 0.0
    for listener in categories[:, 0]:
        shift = effects[:, None] + sd * nodes
        below = 1.0 / (1.0 + np.exp(-(thresholds - shift[..., None])))
        p = np.diff(
            np.concatenate([np.zeros((*shift.shape, 1)), below, np.ones((*shift.shape, 1))], axis=2), axis=2
        )
        likelihood = np.ones(nodes.size)
        for condition in range(4):
            for again in range(2):
                likelihood *= p[condition, :, int(listener[condition, again])]
        total += np.log(likelihood @ weights / weights.sum())
    laplace = Laplace.of(categories, 5, design_of(1, 4, ("listener",)))
    found = laplace.at(thresholds - effects[:, None], np.array([sd]), None)
    assert -found.value == pytest.approx(total, abs=0.15)


def test_free_thresholds_fit_no_worse_and_know_where_odds_are_not_proportional() -> None:
    rng = np.random.default_rng(2)
    listener = rng.normal(size=(40, 1, 1, 1))
    alike = np.array([0.0, 1.0])[:, None] + listener + rng.logistic(size=(40, 3, 2, 1))
    wide = listener + rng.logistic(size=(40, 3, 2, 1)) * np.array([0.5, 3.0])[:, None]
    gains = []
    for latent in (alike, wide):
        categories = np.digitize(latent, [-1.5, -0.5, 0.5, 1.5]).astype(float)
        fit = fit_ordinal(categories, [[0], [1]], ("listener",))
        free = fit_ordinal(categories, [[0], [1]], ("listener",), free_thresholds=True, start=fit)
        assert free.parameters - fit.parameters == 3
        gains.append(2.0 * (free.log_likelihood - fit.log_likelihood))
    assert -1e-3 <= gains[0] < stats.chi2.isf(0.001, 3)
    assert gains[1] > stats.chi2.isf(1e-6, 3)


def test_a_condition_that_is_always_best_has_no_bound() -> None:
    categories = np.zeros((10, 2, 2, 1))
    categories[:, :, 0, 0] = np.arange(20).reshape(10, 2) % 3
    categories[:, :, 1] = 3
    categories[0, 0, 0] = 2
    assert not fit_ordinal(categories, [[0], [1]], ("listener",)).estimable


@pytest.mark.parametrize("wrong", [[0.0, 0.0], [0.0, 2.0], [1.0, 2.0], [np.nan, np.nan]])
def test_categories_that_are_none_are_refused(wrong: list[float]) -> None:
    with pytest.raises(ParameterError, match="categories must be 0, 1 and so on"):
        fit_ordinal(np.array(wrong).reshape(2, 1, 1, 1), [[0]])
