"""A linear mixed model of ratings on a continuous scale, by restricted maximum likelihood (REML)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules.statistics.mixed_models.crossed import (
    COMPONENTS,
    Component,
    Design,
    Solver,
    design_of,
    solver_of,
)

Floats = npt.NDArray[np.float64]

_LARGEST = 1e6
"""Variances of components, in those of the residual, are searched up to this."""
_STEP = 1e-3
"""Of the differences by which the criterion's curvature is taken, as a share of a variance."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LinearFit:
    """A fitted model.

    Attributes
    ----------
    coefficients : ndarray, shape (p,)
        Of the fixed effects, in the values' unit.
    covariance : ndarray, shape (p, p)
        Of the coefficients.
    components : tuple of Component
        The random effects.
    sds : ndarray, shape (components,)
        Their standard deviations, in the values' unit.
    residual_sd : float
        Of what is left.
    criterion : float
        -2 log REML likelihood, as lme4's "REML criterion".
    residuals : ndarray, shape (n,)
        Values minus what was fitted, random effects included, in the order of the values that are given.
    fitted : ndarray, shape (n,)
        What was fitted.
    listener_effects : ndarray, shape (listeners,)
        Of each listener's level (0 without that component).
    """

    coefficients: Floats
    covariance: Floats
    components: tuple[Component, ...]
    sds: Floats
    residual_sd: float
    criterion: float
    residuals: Floats
    fitted: Floats
    listener_effects: Floats
    _model: _Model
    _ratios: Floats

    def degrees_of_freedom(self, contrast: npt.ArrayLike) -> float:
        """Return Satterthwaite's degrees of freedom of a contrast of the coefficients.

        Parameters
        ----------
        contrast : array_like, shape (p,)
            What the coefficients are multiplied with.
        """
        return _satterthwaite(
            self._model, self._ratios, self.residual_sd**2, np.asarray(contrast, np.float64)
        )


def fit_linear(
    values: npt.ArrayLike, fixed: npt.ArrayLike, components: tuple[Component, ...] = COMPONENTS
) -> LinearFit:
    """Fit a linear mixed model with crossed random effects.

    Parameters
    ----------
    values : array_like, shape (listeners, songs, conditions, repeats)
        Ratings; NaN where there is none.
    fixed : array_like, shape (conditions, p)
        Fixed effects of each condition; `numpy.eye` for one mean a condition.
    components : tuple of Component
        The random effects, each with a variance of its own and independent of the others.

    Returns
    -------
    LinearFit

    Notes
    -----
    The profiled REML criterion of [1]_, minimised over the standard deviations of the components relative to the
    residual's, which may be 0. Degrees of freedom after Satterthwaite with the curvature of the criterion, as in [2]_.

    References
    ----------
    .. [1] D. Bates et al., "Fitting linear mixed-effects models using lme4", J. Stat. Softw. 67(1), 2015, eq. 39 to 42.
    .. [2] A. Kuznetsova et al., "lmerTest package: tests in linear mixed effects models", J. Stat. Softw. 82(13), 2017.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> ratings = 50 + 10 * rng.standard_normal((20, 1, 1, 1)) + np.array([0, 15.0])[:, None]
    >>> ratings = ratings + 5 * rng.standard_normal((20, 4, 2, 1))
    >>> fit = fit_linear(ratings, np.eye(2), ("listener", "song"))
    >>> round(float(fit.coefficients[1] - fit.coefficients[0]))
    15
    """
    from scipy.optimize import minimize

    given = np.asarray(values, np.float64)
    model = _Model.of(given, np.asarray(fixed, np.float64), components)
    # Searched as variances first: by standard deviations the criterion is flat at 0, and a search ends there too soon.
    # Near the optimum standard deviations are of one size, and the search is the more exact.
    settings = {"method": "L-BFGS-B", "options": {"ftol": 1e-13, "gtol": 1e-7}}
    bounds = [(0.0, _LARGEST)] * len(components)
    near = minimize(
        lambda variances: model.criterion(np.sqrt(variances)),
        np.full(len(components), 0.25),
        bounds=bounds,
        **settings,
    )
    found = minimize(model.criterion, np.sqrt(near.x), jac="3-point", bounds=bounds, **settings)
    ratios = np.asarray(found.x)
    state = model.solved(ratios)
    present = ~np.isnan(given)
    fitted_cells = model.fitted(state, ratios)
    fitted = np.broadcast_to(fitted_cells.reshape(*given.shape[:3], 1), given.shape)[present]
    listeners = np.zeros(given.shape[0])
    if "listener" in components:
        column = int(np.argmax(model.design.listener_owners == components.index("listener")))
        listeners = state.own_effects[:, column] * ratios[components.index("listener")]
    return LinearFit(
        coefficients=state.coefficients,
        covariance=state.unscaled * state.variance,
        components=components,
        sds=ratios * math.sqrt(state.variance),
        residual_sd=math.sqrt(state.variance),
        criterion=float(found.fun),
        residuals=given[present] - fitted,
        fitted=fitted,
        listener_effects=listeners,
        _model=model,
        _ratios=ratios,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _State:
    """The solution for one set of standard deviations."""

    coefficients: Floats
    unscaled: Floats
    own_effects: Floats
    song_effects: Floats
    squares: float
    variance: float
    log_random: float
    log_fixed: float


@dataclass(frozen=True, slots=True, eq=False)
class _Model:
    """Sums over repeats, which hold all that the criterion needs of the values."""

    design: Design
    fixed: Floats
    counts: Floats
    sums: Floats
    squares: float
    n: int

    @classmethod
    def of(cls, values: Floats, fixed: Floats, components: tuple[Component, ...]) -> _Model:
        listeners, songs, conditions, _ = values.shape
        cells = songs * conditions
        counts = (~np.isnan(values)).sum(axis=3).reshape(listeners, cells).astype(np.float64)
        return cls(
            design=design_of(songs, conditions, components),
            fixed=np.tile(fixed, (songs, 1)),
            counts=counts,
            sums=np.nansum(values, axis=3).reshape(listeners, cells),
            squares=float(np.nansum(values**2)),
            n=int(counts.sum()),
        )

    def solved(self, ratios: Floats) -> _State:
        of_listener, of_songs = self.design.scaled(ratios)
        q, p = of_songs.shape[1], self.fixed.shape[1]
        shared = np.hstack([of_songs, self.fixed])
        solver = solver_of(of_listener, shared, self.counts, np.repeat([1.0, 0.0], [q, p]))
        right_own, right_shared = self.sums @ of_listener, self.sums.sum(axis=0) @ shared
        solution = np.asarray(
            np.linalg.solve(solver.rest, solver.reduced(right_own, right_shared)), np.float64
        )
        own = solver.back(right_own, solution)
        left = self.squares - float((own * right_own).sum()) - float(solution @ right_shared)
        log_random, unscaled, log_fixed = _parts(solver, q)
        squares = max(left, 1e-12 * max(self.squares, 1e-300))
        return _State(
            coefficients=solution[q:],
            unscaled=unscaled,
            own_effects=own,
            song_effects=solution[:q],
            squares=squares,
            variance=squares / (self.n - p),
            log_random=log_random,
            log_fixed=log_fixed,
        )

    def criterion(self, ratios: Floats) -> float:
        """Return the profiled REML criterion."""
        state = self.solved(np.asarray(ratios))
        freedom = self.n - self.fixed.shape[1]
        return float(
            state.log_random
            + state.log_fixed
            + freedom * (1.0 + math.log(2.0 * math.pi * state.squares / freedom))
        )

    def criterion_of_variances(self, variances: Floats) -> float:
        """Return the REML criterion where the residual's variance is given too, as the last."""
        residual = float(variances[-1])
        state = self.solved(np.sqrt(np.maximum(variances[:-1], 0.0) / residual))
        freedom = self.n - self.fixed.shape[1]
        return float(
            state.log_random
            + state.log_fixed
            + freedom * math.log(2.0 * math.pi * residual)
            + state.squares / residual
        )

    def fitted(self, state: _State, ratios: Floats) -> Floats:
        of_listener, of_songs = self.design.scaled(ratios)
        cells: Floats = (
            state.own_effects @ of_listener.T
            + of_songs @ state.song_effects
            + self.fixed @ state.coefficients
        )
        return cells


def _parts(solver: Solver, q: int) -> tuple[float, Floats, float]:
    """Return the log-determinant of the random effects, the fixed effects' inverse, and its log-determinant."""
    of_songs, beside, fixed = solver.rest[:q, :q], solver.rest[:q, q:], solver.rest[q:, q:]
    schur = fixed - beside.T @ np.linalg.solve(of_songs, beside) if q else fixed
    log_songs = float(np.linalg.slogdet(of_songs)[1]) if q else 0.0
    inverse = np.asarray(np.linalg.inv(schur), np.float64)
    return solver.log_determinant + log_songs, inverse, float(np.linalg.slogdet(schur)[1])


def _satterthwaite(model: _Model, ratios: Floats, residual: float, contrast: Floats) -> float:
    """Return 2 V² / var(V), V the contrast's variance as a function of those components that are not 0."""
    variances = np.append(ratios**2 * residual, residual)
    free = [k for k in range(len(variances)) if variances[k] > 1e-8 * residual]

    def moved(*shifts: tuple[int, float]) -> Floats:
        changed = variances.copy()
        for k, by in shifts:
            changed[k] += by
        return changed

    def variance_of(values: Floats) -> float:
        state = model.solved(np.sqrt(np.maximum(values[:-1], 0.0) / values[-1]))
        return float(contrast @ state.unscaled @ contrast) * float(values[-1])

    steps = _STEP * variances
    slopes = np.array(
        [
            (variance_of(moved((k, steps[k]))) - variance_of(moved((k, -steps[k])))) / (2 * steps[k])
            for k in free
        ]
    )
    middle = model.criterion_of_variances(variances)
    curvature = np.empty((len(free), len(free)))
    for i, a in enumerate(free):
        for j, b in enumerate(free[: i + 1]):
            if a == b:
                both = model.criterion_of_variances(moved((a, steps[a])))
                both += model.criterion_of_variances(moved((a, -steps[a]))) - 2.0 * middle
                curvature[i, j] = both / steps[a] ** 2
                continue
            corners = [
                sign_a
                * sign_b
                * model.criterion_of_variances(moved((a, sign_a * steps[a]), (b, sign_b * steps[b])))
                for sign_a in (1, -1)
                for sign_b in (1, -1)
            ]
            curvature[i, j] = curvature[j, i] = sum(corners) / (4.0 * steps[a] * steps[b])
    # The criterion is -2 log likelihood: the variances' covariance is twice its curvature's inverse.
    spread = float(slopes @ np.linalg.pinv(curvature) @ slopes) * 2.0
    value = variance_of(variances)
    return 2.0 * value**2 / spread if spread > 0.0 else math.inf
