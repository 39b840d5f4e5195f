"""How many listeners a planned test needs: simulated panels, analysed as the real one will be."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules._support.arguments import shown_value
from mixrules._support.field_types import require_field_types
from mixrules._support.validation import require_between
from mixrules.errors import ParameterError
from mixrules.statistics import holm, signed_rank_p_values, smallest_signed_rank_p

Floats = npt.NDArray[np.float64]

_EXACT_UP_TO = 20
"""Most listeners for whom p is exact; above, the normal p understates the power by up to 0.02, but is much quicker."""
_LEVEL = 3.0
"""The middle of the five-point scale, where the plain conditions lie."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedTest:
    """A planned test.

    Parameters
    ----------
    conditions : int
        How many are compared.
    effect : float
        How far one condition lies above all the others, in points of the scale.
    sd : float
        Standard deviation of one rating about its listener's and condition's mean, in points.
    songs : int
        Rated by every listener in every condition; their ratings are averaged.
    pairs : int or None
        Pairs of conditions that Holm's correction spans: those with the better condition come first; None for all.
    alpha, power : float
        Level of the family, and the power wanted.
    scale : {"likert", "continuous"}
        Whether ratings are rounded to 1 to 5, or are as they fall (cut at 0 and 100).
    simulations : int
        Panels a number of listeners.
    max_listeners : int
        Where the search ends.
    seed : int
        What the panels are drawn from.
    """

    conditions: int
    effect: float
    sd: float
    songs: int = 1
    pairs: int | None = None
    alpha: float = 0.05
    power: float = 0.8
    scale: str = "likert"
    simulations: int = 2000
    max_listeners: int = 200
    seed: int = 0

    def __post_init__(self) -> None:
        require_field_types(self)
        require_between(self, conditions=(2, 20), songs=(1, 1000), alpha=(1e-6, 0.5), power=(0.01, 0.999))
        require_between(self, simulations=(100, 100_000), max_listeners=(2, 2000), seed=(0, 2**31 - 1))
        top = 4.0 if self.scale == "likert" else 100.0
        require_between(self, effect=(1e-6, top), sd=(1e-6, 10 * top))
        if self.scale not in ("likert", "continuous"):
            raise ParameterError(f"scale must be likert or continuous, got {shown_value(self.scale)}")
        if self.pairs is not None and not 1 <= self.pairs <= self.all_pairs:
            raise ParameterError(
                f"pairs must be 1 to {self.all_pairs} with {self.conditions} conditions, got {shown_value(self.pairs)}"
            )

    @property
    def all_pairs(self) -> int:
        """How many pairs the conditions make."""
        return self.conditions * (self.conditions - 1) // 2

    def tested(self) -> tuple[tuple[int, int], ...]:
        """Return the pairs that are tested; the better condition is the first."""
        return tuple(itertools.combinations(range(self.conditions), 2))[: self.pairs]


@dataclass(frozen=True, slots=True)
class PowerAt:
    """The power with `listeners`: to find one given true difference, and all of those tested.

    The errors are the standard errors that come from the limited number of simulations.
    """

    listeners: int
    power: float
    error: float
    power_all: float
    error_all: float


@dataclass(frozen=True, slots=True)
class PowerResult:
    """The power by number of listeners, and the first at which the wanted power is reached; None if none is."""

    plan: PlannedTest
    rows: tuple[PowerAt, ...]
    needed: int | None


def plan_listeners(plan: PlannedTest) -> PowerResult:
    """Estimate how many listeners a test needs.

    For each number of listeners panels are drawn, their ratings averaged over songs, every pair tested by the
    two-sided signed-rank test, and Holm's correction applied. The search goes up until the power wanted is
    passed clearly.

    Parameters
    ----------
    plan : PlannedTest
        The planned test.

    Returns
    -------
    PowerResult
    """
    rows: list[PowerAt] = []
    needed = None
    for listeners in _steps(plan):
        row = power_at(plan, listeners)
        rows.append(row)
        if row.power >= plan.power and needed is None:
            needed = listeners
        elif row.power < plan.power:
            needed = None  # one lucky estimate is not enough
        if needed is not None and (
            row.power > plan.power + (1 - plan.power) / 2 or listeners >= 1.4 * needed
        ):
            break
    return PowerResult(plan, tuple(rows), needed)


def power_at(plan: PlannedTest, listeners: int) -> PowerAt:
    """Estimate the power with one number of listeners.

    Parameters
    ----------
    plan : PlannedTest
        The planned test.
    listeners : int
        How many.

    Returns
    -------
    PowerAt
    """
    rng = np.random.default_rng((plan.seed, listeners))
    means = _panels(plan, listeners, rng)
    pairs = plan.tested()
    # Means of the same steps can differ in the last bit; equal ones must count as tied.
    differences = [np.round(means[:, :, a] - means[:, :, b], 9) for a, b in pairs]
    p = np.stack([signed_rank_p_values(d, exact_up_to=_EXACT_UP_TO) for d in differences], axis=1)
    true = [i for i, pair in enumerate(pairs) if 0 in pair]
    found = (holm(p) < plan.alpha)[:, true]  # False where nothing differs
    each, every = found.mean(axis=1), found.all(axis=1)
    n = plan.simulations
    return PowerAt(
        listeners,
        float(each.mean()),
        float(each.std(ddof=1) / math.sqrt(n)),
        float(every.mean()),
        float(every.std(ddof=1) / math.sqrt(n)),
    )


def listeners_needed(conditions: int, alpha: float = 0.05) -> int:
    """Return the fewest listeners with whom a signed-rank test can pass Holm's first step.

    Parameters
    ----------
    conditions : int
        2 or more; every pair of them is tested.
    alpha : float
        Level of the family.
    """
    pairs = max(1, conditions * (conditions - 1) // 2)
    n = 1
    while smallest_signed_rank_p(n) > alpha / pairs:
        n += 1
    return n


def _panels(plan: PlannedTest, listeners: int, rng: np.random.Generator) -> Floats:
    """Return listeners' means, shape (simulations, listeners, conditions)."""
    likert = plan.scale == "likert"
    centre = _LEVEL if likert else 50.0
    # The effect straddles the middle, so that the ends of the scale cut both sides alike.
    levels = np.full(plan.conditions, centre - plan.effect / 2)
    levels[0] = centre + plan.effect / 2
    total = np.zeros((plan.simulations, listeners, plan.conditions))
    for _ in range(plan.songs):
        ratings = levels + plan.sd * rng.standard_normal(total.shape)
        total += np.clip(np.rint(ratings), 1, 5) if likert else np.clip(ratings, 0, 100)
    return total / plan.songs


def _steps(plan: PlannedTest) -> list[int]:
    least = max(2, listeners_needed(plan.conditions, plan.alpha) - 1) if plan.pairs is None else 4
    steps = [
        n for n in range(least, plan.max_listeners + 1) if n <= 30 or (n <= 60 and n % 2 == 0) or n % 5 == 0
    ]
    return steps or [plan.max_listeners]
