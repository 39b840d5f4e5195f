"""From choices between two to a strength for each: the model of Bradley and Terry, with ties after Davidson."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules.errors import ParameterError

Floats = npt.NDArray[np.float64]

_MOST_STEPS = 100
_CLOSE = 1e-10
_ADDED = 0.5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Strengths:
    """Strengths on a logarithmic scale.

    Attributes
    ----------
    log_strengths : ndarray, shape (k,)
        They add up to 0. Of two, the first is chosen over the second with the odds ``exp(first - second)``.
    covariance : ndarray, shape (k, k)
        Of the strengths; over units (listeners) where they are given, else over single choices.
    tie : float
        Davidson's ν: two of equal strength tie in ν / (2 + ν) of the comparisons; 0 where nothing tied.
    units : int
        How many units the covariance is over.
    added : bool
        Whether half a choice each way was added to every pair that was compared, since some would else be infinitely
        strong: nobody ever chose another over them.
    """

    log_strengths: Floats
    covariance: Floats
    tie: float
    units: int
    added: bool

    def preferred(self, first: int, second: int) -> float:
        """Return the share of choices, ties apart, in which one is chosen over another."""
        return 1.0 / (1.0 + math.exp(float(self.log_strengths[second] - self.log_strengths[first])))


def fit_strengths(wins: npt.ArrayLike, ties: npt.ArrayLike | None = None) -> Strengths:
    """Fit the Bradley-Terry model, with ties after Davidson.

    Parameters
    ----------
    wins : array_like, shape (k, k) or (units, k, k)
        How often the first was chosen over the second; by unit (listener), whose choices need not be independent.
    ties : array_like of the same shape, optional
        How often a pair tied, each tie once, on either side of the diagonal.

    Returns
    -------
    Strengths

    Raises
    ------
    ParameterError
        If shapes do not fit, or the comparisons fall into parts that were never compared with each other.

    Notes
    -----
    ``P(i over j) = π_i / (π_i + π_j + ν √(π_i π_j))`` and ``P(tie) = ν √(π_i π_j)`` over the same [1]_, by maximum
    likelihood. With units the covariance is the sandwich over them, times ``units / (units - 1)`` [2]_; it needs two.

    References
    ----------
    .. [1] R. R. Davidson, "On extending the Bradley-Terry model to accommodate ties in paired comparison experiments",
       J. Am. Stat. Assoc. 65, 1970.
    .. [2] K.-Y. Liang, S. L. Zeger, "Longitudinal data analysis using generalized linear models", Biometrika 73, 1986.

    Examples
    --------
    >>> found = fit_strengths([[0, 8, 9], [2, 0, 7], [1, 3, 0]])
    >>> [round(float(s), 2) for s in found.log_strengths]
    [1.2, -0.18, -1.02]
    """
    won = np.asarray(wins, np.float64)
    tied = np.zeros_like(won) if ties is None else np.asarray(ties, np.float64)
    if won.ndim not in (2, 3) or won.shape[-1] != won.shape[-2] or tied.shape != won.shape:
        raise ParameterError(
            f"choices need the shape (k, k) or (units, k, k), got {won.shape} and {tied.shape}"
        )
    by_unit = won.reshape(-1, *won.shape[-2:])
    tied_by_unit = tied.reshape(by_unit.shape)
    pairs = _Pairs.of(by_unit, tied_by_unit)
    total = pairs.counts.sum(axis=0)
    k = won.shape[-1]
    compared = np.zeros((k, k), dtype=bool)
    compared[pairs.first, pairs.second] = total.sum(axis=1) > 0
    if not _reaches_all(compared | compared.T):
        raise ParameterError("the comparisons fall into parts that were never compared with each other")
    over = np.zeros((k, k), dtype=bool)
    over[pairs.first, pairs.second] = (total[:, 0] + total[:, 1]) > 0
    over[pairs.second, pairs.first] = (total[:, 2] + total[:, 1]) > 0
    added = not (_reaches_all(over) and _reaches_all(over.T))
    if added:
        total = total + _ADDED * (total.sum(axis=1, keepdims=True) > 0) * np.array([1.0, 0.0, 1.0])
    with_ties = bool(total[:, 1].sum() > 0)
    at = _fitted(pairs, total, with_ties)
    curvature = pairs.curvature(at, total, with_ties)
    inverse = np.asarray(np.linalg.pinv(curvature, hermitian=True), np.float64)
    units = len(by_unit)
    if won.ndim == 3 and units > 1:
        scores = np.array([pairs.gradient(at, counts, with_ties) for counts in pairs.counts])
        scores = scores - scores.mean(axis=0)
        inverse = inverse @ (scores.T @ scores) @ inverse * (units / (units - 1))
    return Strengths(
        log_strengths=at[:k] - at[:k].mean(),
        covariance=_centred(inverse[:k, :k]),
        tie=math.exp(at[k]) if with_ties else 0.0,
        units=units if won.ndim == 3 else int(total.sum()),
        added=added,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Pairs:
    """Every pair, and its counts of the first chosen, ties, and the second chosen; shape (units, pairs, 3)."""

    first: npt.NDArray[np.intp]
    second: npt.NDArray[np.intp]
    counts: Floats

    @classmethod
    def of(cls, won: Floats, tied: Floats) -> _Pairs:
        first, second = np.triu_indices(won.shape[-1], 1)
        both = tied[:, first, second] + tied[:, second, first]
        counts = np.stack([won[:, first, second], both, won[:, second, first]], axis=-1)
        return cls(first, second, counts)

    def probabilities(self, at: Floats, with_ties: bool) -> Floats:
        """Return the probabilities of the three outcomes, shape (pairs, 3)."""
        a, b = at[self.first], at[self.second]
        between = (a + b) / 2.0 + at[-1] if with_ties else np.full(a.shape, -np.inf)
        logs = np.stack([a, between, b], axis=-1)
        odds = np.exp(logs - logs.max(axis=1, keepdims=True))
        shares: Floats = odds / odds.sum(axis=1, keepdims=True)
        return shares

    def slopes(self, k: int, with_ties: bool) -> Floats:
        """Return how each outcome's logarithm moves with each parameter, shape (pairs, 3, parameters)."""
        slopes = np.zeros((self.first.size, 3, k + with_ties))
        rows = np.arange(self.first.size)
        slopes[rows, 0, self.first] = slopes[rows, 2, self.second] = 1.0
        if with_ties:
            slopes[rows, 1, self.first] = slopes[rows, 1, self.second] = 0.5
            slopes[:, 1, -1] = 1.0
        return slopes

    def gradient(self, at: Floats, counts: Floats, with_ties: bool) -> Floats:
        k = at.size - with_ties
        left = counts - counts.sum(axis=1, keepdims=True) * self.probabilities(at, with_ties)
        gradient: Floats = np.einsum("po,pok->k", left, self.slopes(k, with_ties))
        return gradient

    def curvature(self, at: Floats, counts: Floats, with_ties: bool) -> Floats:
        k = at.size - with_ties
        p, slopes = self.probabilities(at, with_ties), self.slopes(k, with_ties)
        mean = np.einsum("po,pok->pk", p, slopes)
        n = counts.sum(axis=1)
        both: Floats = np.einsum("p,po,pok,pol->kl", n, p, slopes, slopes)
        curvature: Floats = both - np.einsum("p,pk,pl->kl", n, mean, mean)
        return curvature


def _fitted(pairs: _Pairs, total: Floats, with_ties: bool) -> Floats:
    """Return the strengths that fit best, and the logarithm of ν: Newton's method; the likelihood has one maximum."""
    k = int(max(pairs.second.max(), pairs.first.max())) + 1
    at = np.zeros(k + with_ties)
    for _ in range(_MOST_STEPS):
        gradient = pairs.gradient(at, total, with_ties)
        step = np.linalg.pinv(pairs.curvature(at, total, with_ties), hermitian=True) @ gradient
        step *= min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-300))
        at = at + step
        if float(np.abs(step).max()) < _CLOSE:
            break
    return at


def _centred(covariance: Floats) -> Floats:
    """Return the covariance of strengths that add up to 0."""
    k = len(covariance)
    centre = np.eye(k) - 1.0 / k
    centred: Floats = centre @ covariance @ centre
    return centred


def _reaches_all(over: npt.NDArray[np.bool_]) -> bool:
    """Whether every one is reached from the first by steps from one to another."""
    reached = np.zeros(len(over), dtype=bool)
    reached[0] = True
    for _ in range(len(over)):
        reached |= over[reached].any(axis=0)
    return bool(reached.all())
