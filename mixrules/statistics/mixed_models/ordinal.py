"""An ordinal mixed model (cumulative link, logit) of ratings in steps, by Laplace's approximation."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules.errors import ParameterError
from mixrules.statistics.mixed_models.crossed import COMPONENTS, Component, design_of
from mixrules.statistics.mixed_models.laplace import Laplace

Floats = npt.NDArray[np.float64]

_SMALLEST_LOG_SD, _LARGEST_LOG_SD = -4.6, 4.0
"""A component with the smallest is as good as none: 0.01 logits."""
_MOST_LOGITS = 15.0
"""Effects are searched up to this: odds of three millions, where all ratings of a condition are in one category."""
_STEP = 1e-4
_AT_BOUND = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OrdinalFit:
    """A fitted model.

    Attributes
    ----------
    thresholds : ndarray, shape (categories - 1,) or (conditions, categories - 1)
        Between neighbouring categories, in logits; of each condition where they are free.
    coefficients : ndarray, shape (p,)
        Of the fixed effects, in logits: above 0 for higher categories. Empty where thresholds are free.
    covariance : ndarray, shape (p, p)
        Of the coefficients.
    components : tuple of Component
        The random effects.
    sds : ndarray, shape (components,)
        Their standard deviations, in logits.
    log_likelihood : float
        By Laplace's approximation.
    parameters : int
        How many were fitted.
    estimable : bool
        Whether the search ended inside its bounds: False where all ratings of a condition lie in one category.
    """

    thresholds: Floats
    coefficients: Floats
    covariance: Floats
    components: tuple[Component, ...]
    sds: Floats
    log_likelihood: float
    parameters: int
    estimable: bool


def fit_ordinal(
    categories: npt.ArrayLike,
    fixed: npt.ArrayLike,
    components: tuple[Component, ...] = COMPONENTS,
    *,
    free_thresholds: bool = False,
    start: OrdinalFit | None = None,
) -> OrdinalFit:
    """Fit a cumulative link mixed model with crossed random effects.

    Parameters
    ----------
    categories : array_like, shape (listeners, songs, conditions, repeats)
        Ratings from 0 on, each category given at least once; NaN where there is none.
    fixed : array_like, shape (conditions, p)
        Fixed effects of each condition, without a constant: the thresholds hold it.
    components : tuple of Component
        The random effects, each with a variance of its own and independent of the others.
    free_thresholds : bool
        Whether each condition has thresholds of its own in place of fixed effects; what that fits better tests whether
        the odds are proportional.
    start : OrdinalFit, optional
        Where the search begins: the fit without free thresholds, of the same ratings and components.

    Returns
    -------
    OrdinalFit

    Raises
    ------
    ParameterError
        If a category was never given, or there is only one.

    Notes
    -----
    ``logit P(rating <= j) = threshold_j - x' coefficients - random effects`` [1]_. The random effects are integrated
    out by Laplace's approximation, with its exact gradient; the covariance is the inverse of the gradient's
    differences.

    References
    ----------
    .. [1] R. H. B. Christensen, "Cumulative link models for ordinal regression with the R package ordinal", 2018.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> latent = np.array([0, 2.0])[:, None] + rng.logistic(size=(40, 4, 2, 1)) + rng.normal(size=(40, 1, 1, 1))
    >>> fit = fit_ordinal(np.digitize(latent, [-1, 1, 3]), [[0], [1]], ("listener",))
    >>> round(float(fit.coefficients[0]))
    2
    """
    from scipy.optimize import minimize

    given = np.asarray(categories, np.float64)
    effects = np.asarray(fixed, np.float64).reshape(given.shape[2], -1)
    count = _categories(given)
    mapping = _Mapping(effects, count, len(components), free_thresholds)
    laplace = Laplace.of(given, count, design_of(given.shape[1], given.shape[2], components))
    objective = _objective(laplace, mapping)
    found = minimize(
        objective,
        mapping.start(given) if start is None else mapping.start_from(start),
        jac=True,
        method="L-BFGS-B",
        bounds=mapping.bounds(),
        options={"maxiter": 500, "ftol": 1e-9, "gtol": 1e-5, "maxcor": 20},
    )
    at = np.asarray(found.x)
    inside = mapping.inside(at)
    p = mapping.effects
    if free_thresholds:
        covariance = np.zeros((0, 0))
    else:
        covariance = _inverse_curvature(objective, at, mapping)[
            count - 1 : count - 1 + p, count - 1 : count - 1 + p
        ]
    return OrdinalFit(
        thresholds=mapping.thresholds(at),
        coefficients=at[count - 1 : count - 1 + p] if not free_thresholds else np.zeros(0),
        covariance=covariance,
        components=components,
        sds=np.exp(at[mapping.size :]),
        log_likelihood=-float(found.fun),
        parameters=at.size,
        estimable=inside,
    )


def _categories(given: Floats) -> int:
    present = np.unique(given[~np.isnan(given)])
    if present.size < 2 or not np.array_equal(present, np.arange(present.size)):
        raise ParameterError(
            f"categories must be 0, 1 and so on, each given at least once and two at least, got {present[:20].tolist()}"
        )
    return int(present.size)


@dataclass(frozen=True, slots=True, eq=False)
class _Mapping:
    """From what is searched to the thresholds of each condition, less its effects; shape (conditions, categories - 1).

    Thresholds are searched as the first and the logarithms of their distances, so that they stay in order.
    """

    fixed: Floats
    categories: int
    components: int
    free: bool

    @property
    def effects(self) -> int:
        return 0 if self.free else self.fixed.shape[1]

    @property
    def sets(self) -> int:
        return len(self.fixed) if self.free else 1

    @property
    def size(self) -> int:
        """How many parameters come before the standard deviations."""
        return self.sets * (self.categories - 1) + self.effects

    def start(self, given: Floats) -> Floats:
        """Return where the search begins: the thresholds of all ratings together."""
        shares = np.bincount(given[~np.isnan(given)].astype(np.int64), minlength=self.categories)
        below = np.cumsum(shares)[:-1] / shares.sum()
        thresholds = 1.3 * np.log(below / (1.0 - below))
        one = np.append(thresholds[:1], np.log(np.maximum(np.diff(thresholds), 0.05)))
        return np.concatenate(
            [np.tile(one, self.sets), np.zeros(self.effects), np.full(self.components, math.log(0.7))]
        )

    def start_from(self, fit: OrdinalFit) -> Floats:
        """Return where a fit with common thresholds lies."""
        effects = self.fixed @ fit.coefficients
        cuts = fit.thresholds - (effects[:, np.newaxis] if self.free else 0.0)
        each = np.atleast_2d(cuts)
        each = np.hstack([each[:, :1], np.log(np.diff(each, axis=1))])
        own = np.zeros(0) if self.free else fit.coefficients
        return np.concatenate([each.ravel(), own, np.log(fit.sds)])

    def bounds(self) -> list[tuple[float, float]]:
        steps = [(-5.0 - 2 * _MOST_LOGITS, 5.0 + 2 * _MOST_LOGITS), *[(-12.0, 3.5)] * (self.categories - 2)]
        return [
            *steps * self.sets,
            *[(-_MOST_LOGITS, _MOST_LOGITS)] * self.effects,
            *[(_SMALLEST_LOG_SD, _LARGEST_LOG_SD)] * self.components,
        ]

    def inside(self, at: Floats) -> bool:
        """Whether no parameter lies at a bound, save standard deviations that are as good as 0."""
        return all(
            low + _AT_BOUND < value < high - _AT_BOUND or (place >= self.size and value < 0.0)
            for place, (value, (low, high)) in enumerate(zip(at, self.bounds(), strict=True))
        )

    def thresholds(self, at: Floats) -> Floats:
        """Return the thresholds: of each condition where they are free."""
        each = at[: self.sets * (self.categories - 1)].reshape(self.sets, -1)
        both = np.cumsum(np.hstack([each[:, :1], np.exp(each[:, 1:])]), axis=1)
        return both if self.free else both[0]

    def cells(self, at: Floats) -> Floats:
        """Return the thresholds of each condition less its effects."""
        if self.free:
            return self.thresholds(at)
        effects = self.fixed @ at[self.categories - 1 : self.size]
        return self.thresholds(at)[np.newaxis] - effects[:, np.newaxis]

    def gradient(self, at: Floats, of_cells: Floats) -> Floats:
        """Return the gradient by what is searched, of that by `cells`."""
        by_threshold = of_cells if self.free else of_cells.sum(axis=0, keepdims=True)
        each = at[: self.sets * (self.categories - 1)].reshape(self.sets, -1)
        # A distance moves its threshold and all above it.
        above = np.cumsum(by_threshold[:, ::-1], axis=1)[:, ::-1].copy()
        above[:, 1:] *= np.exp(each[:, 1:])
        of_effects = np.zeros(0) if self.free else -self.fixed.T @ of_cells.sum(axis=1)
        return np.concatenate([above.ravel(), of_effects])


def _objective(laplace: Laplace, mapping: _Mapping) -> Callable[[Floats], tuple[float, Floats]]:
    """Return the negative log-likelihood with its gradient; the random effects start where they were last."""
    last: list[tuple[Floats, Floats] | None] = [None]

    def value(at: Floats) -> tuple[float, Floats]:
        found = laplace.at(mapping.cells(at), np.exp(at[mapping.size :]), last[0])
        last[0] = found.effects
        gradient = np.append(mapping.gradient(at, found.by_threshold), found.by_log_sd)
        return found.value, gradient

    return value


def _inverse_curvature(
    objective: Callable[[Floats], tuple[float, Floats]], at: Floats, mapping: _Mapping
) -> Floats:
    """Return the inverse of the curvature, without components that are as good as 0."""
    free = [k for k in range(at.size) if k < mapping.size or at[k] > _SMALLEST_LOG_SD + 1.0]
    rows = []
    for k in free:
        up, down = at.copy(), at.copy()
        up[k] += _STEP
        down[k] -= _STEP
        rows.append((objective(up)[1] - objective(down)[1])[free] / (2.0 * _STEP))
    curvature = np.array(rows)
    whole = np.zeros((at.size, at.size))
    whole[np.ix_(free, free)] = np.linalg.pinv((curvature + curvature.T) / 2.0)
    return whole
