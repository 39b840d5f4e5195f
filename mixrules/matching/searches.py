"""Searches for the lowest cost within a box, by other people's optimisers under one signature, and what each spent."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from mixrules._support.arguments import require_known
from mixrules._support.installed import require_installed

Floats = npt.NDArray[np.float64]
Cost = Callable[[Floats], float]
Search = Literal["differential-evolution", "cma-es", "genetic", "hill-climbing"]
SEARCHES: tuple[str, ...] = get_args(Search)

_STEP = 0.1  # of the box, in which a search that begins at a known point looks around it first
_POPULATION = 20
_LEAST_STEP = 1e-4


class Counted:
    """A cost that counts its evaluations and keeps the best point, whatever a search returns.

    Parameters
    ----------
    cost : callable
        Takes a point of the unit box, shape (dimensions,).
    most : int
        After so many evaluations it raises `SpentError`.
    """

    def __init__(self, cost: Cost, most: int) -> None:
        self._cost, self._most = cost, most
        self.evaluations, self.best, self.least = 0, np.zeros(0), math.inf

    def __call__(self, point: npt.ArrayLike) -> float:
        """Return the cost of a point."""
        if self.evaluations >= self._most:
            raise SpentError
        at = np.clip(np.asarray(point, np.float64), 0.0, 1.0)
        self.evaluations += 1
        value = self._cost(at)
        if value < self.least:
            self.best, self.least = at.copy(), value
        return value


class SpentError(Exception):
    """All evaluations are spent."""


def search(
    cost: Cost, dimensions: int, kind: str, *, start: Floats | None, most_evaluations: int, seed: int
) -> Counted:
    """Return the best point of the unit box that a search finds, with its cost and the evaluations spent.

    Parameters
    ----------
    cost : callable
        Takes a point of shape (dimensions,), returns what is to be low.
    dimensions : int
        Of the box.
    kind : str
        "differential-evolution" (scipy), "cma-es" (the package cma), "genetic" (the package pygad) or "hill-climbing":
        steps in a random direction that are kept where they lead downhill, longer after a success, shorter after
        failures.
    start : ndarray of float64, shape (dimensions,), or None
        A point to begin at; the middle of the box, or points drawn by chance, without one.
    most_evaluations : int
        The search ends after so many.
    seed : int
        Of chance.

    Raises
    ------
    MissingPackageError
        If the package of the search is not installed.
    ParameterError
        If there is no such search.
    """
    run = {
        "differential-evolution": _differential_evolution,
        "cma-es": _cma_es,
        "genetic": _genetic,
        "hill-climbing": _hill_climbing,
    }[require_known(kind, SEARCHES, what="search")]
    counted = Counted(cost, most_evaluations)
    with contextlib.suppress(SpentError):
        run(counted, dimensions, start, most_evaluations, seed)
    return counted


def _first_points(dimensions: int, start: Floats | None, seed: int) -> Floats:
    """Return a population: spread over the box, or half of it about a known point, which comes first."""
    rng = np.random.default_rng(seed)
    points = rng.uniform(size=(_POPULATION, dimensions))
    if start is not None:
        near = _POPULATION // 2
        points[:near] = np.clip(start + _STEP * rng.standard_normal((near, dimensions)), 0.0, 1.0)
        points[0] = start
    return points


def _differential_evolution(
    cost: Counted, dimensions: int, start: Floats | None, most: int, seed: int
) -> None:
    from scipy.optimize import differential_evolution

    differential_evolution(
        cost,
        [(0.0, 1.0)] * dimensions,
        init=_first_points(dimensions, start, seed),
        maxiter=most,
        tol=1e-4,
        polish=False,
        seed=seed,
    )


def _cma_es(cost: Counted, dimensions: int, start: Floats | None, most: int, seed: int) -> None:
    require_installed("cma", what="the search cma-es")
    import cma

    first = np.full(dimensions, 0.5) if start is None else start
    options = {"bounds": [0.0, 1.0], "seed": seed + 1, "maxfevals": most, "verbose": -9}
    strategy = cma.CMAEvolutionStrategy(first, 0.3 if start is None else _STEP, options)
    if start is not None:
        cost(start)
    while not strategy.stop():
        points = strategy.ask()
        strategy.tell(points, [cost(point) for point in points])


def _genetic(cost: Counted, dimensions: int, start: Floats | None, most: int, seed: int) -> None:
    require_installed("pygad", what="the genetic search")
    import pygad

    def fitness(_population: Any, genes: Any, _index: Any) -> float:
        # pygad would print an exception: what comes after the last evaluation is the worst instead.
        return -cost(genes) if cost.evaluations < most else -math.inf

    pygad.GA(
        num_generations=max(1, most // (_POPULATION - 1)),
        num_parents_mating=_POPULATION // 2,
        fitness_func=fitness,
        initial_population=_first_points(dimensions, start, seed),
        gene_space={"low": 0.0, "high": 1.0},
        parent_selection_type="tournament",
        crossover_type="uniform",
        mutation_type="random",
        mutation_by_replacement=False,
        random_mutation_min_val=-_STEP,
        random_mutation_max_val=_STEP,
        mutation_probability=2.0 / dimensions,
        keep_elitism=1,
        random_seed=seed,
        suppress_warnings=True,
    ).run()


def _hill_climbing(cost: Counted, dimensions: int, start: Floats | None, _most: int, seed: int) -> None:
    # Written out: no well-kept library has it without a grid, and it is the whole of its idea.
    rng = np.random.default_rng(seed)
    at = np.full(dimensions, 0.5) if start is None else start
    here, step = cost(at), _STEP if start is not None else 3.0 * _STEP
    while step > _LEAST_STEP:
        tried = np.clip(at + step * rng.standard_normal(dimensions) / math.sqrt(dimensions), 0.0, 1.0)
        there = cost(tried)
        if there < here:
            at, here, step = tried, there, min(2.0 * step, 0.5)
        else:
            # One success in five keeps the step as it is.
            step *= 2.0**-0.25
