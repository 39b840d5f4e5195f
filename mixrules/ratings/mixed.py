"""A mixed-effects model beside the tests: all ratings at once, listeners and songs as random effects.

Linear where the scale is continuous, a cumulative link model where it has steps. Besides the levels of listeners and
of songs the conditions may matter more to some listeners and in some songs than in others (random interactions):
without these a model takes every rating for news, and its intervals are too narrow.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from mixrules._support.one_thread import one_thread
from mixrules.ratings.settings import Settings
from mixrules.ratings.table import RatingTable
from mixrules.statistics import holm
from mixrules.statistics.mixed_models import Component, LinearFit, fit_linear, fit_ordinal

Floats = npt.NDArray[np.float64]

FEWEST_LISTENERS = 5
"""Fewer listeners say next to nothing of how listeners differ; ours."""
FEWEST_SONGS = 5
"""From so many songs on conditions may matter more in some songs than in others, and what is found holds for other
songs too;
with fewer the model is of these songs alone; ours."""
_SKEW, _KURTOSIS = 1.0, 2.0
"""Of residuals: beyond these their distribution is called far from normal; ours, as rules of thumb have it."""
_SPREADS = 2.0
"""Ratio of the standard deviations of residuals by condition beyond which they are called unequal; ours."""
_AT_END = 0.15
"""Share of ratings at an end of a continuous scale beyond which it is called cut off there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """Two conditions compared by the model: first minus second, in points of the scale or in logits.

    `freedom` are degrees of freedom of t, infinite where the normal distribution is taken.
    """

    first: str
    second: str
    estimate: float
    error: float
    freedom: float
    ci_low: float
    ci_high: float
    p: float
    p_holm: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """An assumption: what was looked at, what was found, and whether it holds."""

    assumption: str
    found: str
    holds: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MixedModel:
    """The model of one attribute.

    Parameters
    ----------
    group, attribute : str
        Of which ratings.
    kind : {"linear", "ordinal"}
        Which model.
    why_not : str
        Why it was not fitted; empty where it was.
    ratings, listeners, songs : int
        What it is of.
    components : tuple of (str, float)
        Random effects with their standard deviations, in points or logits; with the residual's in a linear model.
    contrasts : tuple of Contrast
        Every pair of conditions.
    checks : tuple of Check
        The assumptions.
    """

    group: str
    attribute: str
    kind: Literal["linear", "ordinal"]
    why_not: str = ""
    ratings: int = 0
    listeners: int = 0
    songs: int = 0
    components: tuple[tuple[str, float], ...] = ()
    contrasts: tuple[Contrast, ...] = ()
    checks: tuple[Check, ...] = ()


def mixed_models(table: RatingTable, group: str, settings: Settings) -> list[MixedModel]:
    """Return a model for every attribute that one group rated.

    Parameters
    ----------
    table : RatingTable
        All ratings, of known listeners.
    group : str
        Whose to take.
    settings : Settings
        Level and confidence.
    """
    own = table.of_group(group)
    order = table.names("condition")
    with one_thread():
        return [_model(own, group, attribute, order, settings) for attribute in own.names("attribute")]


def _model(
    own: RatingTable, group: str, attribute: str, order: tuple[str, ...], settings: Settings
) -> MixedModel:
    rows = [row for row in own.rows() if row.attribute == attribute]
    conditions = [name for name in order if any(row.condition == name for row in rows)]
    values, songs = _array(own, attribute, conditions)
    kind: Literal["linear", "ordinal"] = "ordinal" if own.scale.steps else "linear"
    empty = MixedModel(
        group=group, attribute=attribute, kind=kind, ratings=len(rows), listeners=len(values), songs=songs
    )
    why = _why_not(values, conditions)
    if why:
        return replace(empty, why_not=why)
    components = components_of(values)
    if kind == "linear":
        return _linear(empty, values, conditions, components, own, settings)
    return _ordinal(empty, values, conditions, components, settings)


def _array(own: RatingTable, attribute: str, conditions: list[str]) -> tuple[Floats, int]:
    """Return ratings as (listeners, songs, conditions, repeats), NaN where there is none, and how many songs."""
    rows = [row for row in own.rows() if row.attribute == attribute]
    listeners = {name: i for i, name in enumerate(dict.fromkeys(row.listener for row in rows))}
    songs = {name: i for i, name in enumerate(dict.fromkeys(row.song for row in rows))}
    places = {name: i for i, name in enumerate(conditions)}
    cells: dict[tuple[int, int, int], list[float]] = {}
    for row in rows:
        cell = listeners[row.listener], songs[row.song], places[row.condition]
        cells.setdefault(cell, []).append(row.value)
    values = np.full((len(listeners), len(songs), len(conditions), max(map(len, cells.values()))), np.nan)
    for cell, given in cells.items():
        values[(*cell, slice(0, len(given)))] = given
    return values, len(songs)


def _why_not(values: Floats, conditions: list[str]) -> str:
    if len(conditions) < 2:
        return "there is one condition"
    if len(values) < FEWEST_LISTENERS:
        return f"it needs {FEWEST_LISTENERS} listeners, there {'is' if len(values) == 1 else 'are'} {len(values)}"
    if len(np.unique(values[~np.isnan(values)])) < 2:
        return "all ratings are the same"
    return ""


def components_of(values: Floats) -> tuple[Component, ...]:
    """Return which random effects ratings can tell of.

    Parameters
    ----------
    values : ndarray, shape (listeners, songs, conditions, repeats)
        Ratings; NaN where there is none.
    """
    given = ~np.isnan(values)
    songs, again = given.shape[1] > 1, bool((given.sum(axis=3) > 1).any())
    components: list[Component] = ["listener"]
    if songs or again:  # a listener's view of a condition shows only where it is rated more than once
        components.append("listener:condition")
    if songs:
        components += ["listener:song", "song"]
    if given.shape[1] >= FEWEST_SONGS:
        components.append("song:condition")
    return tuple(components)


def _linear(
    empty: MixedModel,
    values: Floats,
    conditions: list[str],
    components: tuple[Component, ...],
    own: RatingTable,
    settings: Settings,
) -> MixedModel:
    from scipy.stats import t

    fit = fit_linear(values, np.eye(len(conditions)), components)
    raw = []
    for a, b in itertools.combinations(range(len(conditions)), 2):
        weights = np.zeros(len(conditions))
        weights[a], weights[b] = 1.0, -1.0
        estimate = float(weights @ fit.coefficients)
        error = math.sqrt(max(0.0, float(weights @ fit.covariance @ weights)))
        freedom = fit.degrees_of_freedom(weights)
        half = float(t.ppf((1.0 + settings.confidence) / 2.0, freedom)) * error
        p = 2.0 * float(t.sf(abs(estimate) / error, freedom)) if error > 0.0 else math.nan
        raw.append((conditions[a], conditions[b], estimate, error, freedom, half, p))
    named = list(zip(components, map(float, fit.sds), strict=True))
    return replace(
        empty,
        components=(*named, ("residual", fit.residual_sd)),
        contrasts=_contrasts(raw),
        checks=_linear_checks(fit, values, own),
    )


def _ordinal(
    empty: MixedModel,
    values: Floats,
    conditions: list[str],
    components: tuple[Component, ...],
    settings: Settings,
) -> MixedModel:
    from scipy.special import ndtr, ndtri
    from scipy.stats import chi2

    given = values[~np.isnan(values)]
    used = np.unique(given)
    categories = np.where(np.isnan(values), np.nan, np.searchsorted(used, values))
    fixed = np.eye(len(conditions))[:, 1:]
    fit = fit_ordinal(categories, fixed, components)
    if not fit.estimable:
        return replace(
            empty, why_not="all ratings of a condition lie at one end of the scale, its effect has no bound"
        )
    raw = []
    for a, b in itertools.combinations(range(len(conditions)), 2):
        weights = fixed[a] - fixed[b]
        estimate = float(weights @ fit.coefficients)
        error = math.sqrt(max(0.0, float(weights @ fit.covariance @ weights)))
        half = float(ndtri((1.0 + settings.confidence) / 2.0)) * error
        p = 2.0 * float(ndtr(-abs(estimate) / error)) if error > 0.0 else math.nan
        raw.append((conditions[a], conditions[b], estimate, error, math.inf, half, p))
    checks = []
    if used.size > 2:
        free = fit_ordinal(categories, fixed, components, free_thresholds=True, start=fit)
        more = free.parameters - fit.parameters
        gain = max(0.0, 2.0 * (free.log_likelihood - fit.log_likelihood))
        p = float(chi2.sf(gain, more))
        checks.append(
            Check(
                assumption="proportional odds: a condition shifts all steps of the scale alike",
                found=f"likelihood ratio against thresholds of each condition's own: χ²({more}) = {gain:.1f}, p "
                + ("< 0.001" if p < 0.001 else f"= {p:.3f}"),
                holds=p >= settings.alpha,
            )
        )
    checks.append(_normal_effects(_listener_levels(values), "listeners' mean ratings"))
    return replace(
        empty,
        components=tuple(zip(components, map(float, fit.sds), strict=True)),
        contrasts=_contrasts(raw),
        checks=tuple(checks),
    )


def _contrasts(raw: list[tuple[str, str, float, float, float, float, float]]) -> tuple[Contrast, ...]:
    adjusted = holm([row[-1] for row in raw]).tolist()
    return tuple(
        Contrast(
            first=first,
            second=second,
            estimate=estimate,
            error=error,
            freedom=freedom,
            ci_low=estimate - half,
            ci_high=estimate + half,
            p=p,
            p_holm=p_holm,
        )
        for (first, second, estimate, error, freedom, half, p), p_holm in zip(raw, adjusted, strict=True)
    )


def _linear_checks(fit: LinearFit, values: Floats, own: RatingTable) -> tuple[Check, ...]:
    from scipy import stats

    residuals = fit.residuals
    skew, kurtosis = float(stats.skew(residuals)), float(stats.kurtosis(residuals))
    where = np.indices(values.shape)[2][~np.isnan(values)]
    spreads = [
        float(residuals[where == c].std(ddof=1)) for c in range(values.shape[2]) if (where == c).sum() > 2
    ]
    ratio = max(spreads) / max(min(spreads), 1e-12) if spreads else math.nan
    given = values[~np.isnan(values)]
    at_low, at_high = float(np.mean(given <= own.scale.low)), float(np.mean(given >= own.scale.high))
    return (
        Check(
            assumption="residuals are normal",
            found=f"skewness {skew:.2f}, excess kurtosis {kurtosis:.2f}",
            holds=abs(skew) <= _SKEW and abs(kurtosis) <= _KURTOSIS,
        ),
        Check(
            assumption="residuals scatter alike in all conditions",
            found=f"the largest standard deviation is {ratio:.2f} times the smallest",
            holds=not ratio > _SPREADS,
        ),
        Check(
            assumption="the scale does not cut ratings off",
            found=f"{at_low:.0%} of the ratings lie at its lower end, {at_high:.0%} at its upper",
            holds=max(at_low, at_high) <= _AT_END,
        ),
        _normal_effects(fit.listener_effects, "listeners' levels"),
    )


def _listener_levels(values: Floats) -> Floats:
    given = ~np.isnan(values)
    centred = np.where(given, values - np.nanmean(values, axis=(0, 1, 3), keepdims=True), 0.0)
    levels: Floats = centred.sum(axis=(1, 2, 3)) / np.maximum(given.sum(axis=(1, 2, 3)), 1)
    return levels


def _normal_effects(levels: Floats, what: str) -> Check:
    """Look whether levels are normal, by the test of Shapiro and Wilk."""
    from scipy import stats

    name = f"{what} are normal"
    if np.ptp(levels) < 1e-9:
        return Check(assumption=name, found="they do not differ", holds=True)
    p = float(stats.shapiro(levels).pvalue)
    return Check(
        assumption=name,
        found="Shapiro-Wilk p " + ("< 0.001" if p < 0.001 else f"= {p:.3f}"),
        holds=p >= 0.01,
    )
