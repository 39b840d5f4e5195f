"""How many listeners a planned A/B or ABX test needs: exactly, without a simulation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mixrules._support.arguments import shown_value
from mixrules._support.field_types import require_field_types
from mixrules._support.validation import require_between
from mixrules.errors import ParameterError
from mixrules.statistics import discrimination_power, preference_power

_BEYOND = 30
"""So many more listeners are looked at after the power wanted is reached: with counts it goes up and down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedChoices:
    """A planned A/B or ABX test.

    Parameters
    ----------
    kind : {"ab", "abx"}
        A/B: a sign test over listeners. ABX: a one-sided binomial test over all trials.
    share : float
        A/B: of choices for the better one, of those that choose one; ABX: of right answers. Over 0.5.
    trials : int
        A/B: how often each listener chooses between the two (songs); ABX: how many trials each listener does.
    no_preference : float
        Share of choices without a preference, in A/B tests.
    between : float
        Standard deviation of the share over listeners; 0 where all are alike.
    pairs : int
        How many pairs are tested: the first step of Holm's procedure is made at alpha / pairs.
    alpha, power : float
        Level of the family, and the power wanted.
    max_listeners : int
        Where the search ends.
    """

    kind: Literal["ab", "abx"]
    share: float
    trials: int = 1
    no_preference: float = 0.0
    between: float = 0.0
    pairs: int = 1
    alpha: float = 0.05
    power: float = 0.8
    max_listeners: int = 300

    def __post_init__(self) -> None:
        require_field_types(self)
        if self.kind not in ("ab", "abx"):
            raise ParameterError(f"kind must be ab or abx, got {shown_value(self.kind)}")
        require_between(
            self, share=(0.5001, 1.0), trials=(1, 500), no_preference=(0.0, 0.99), between=(0.0, 0.5)
        )
        require_between(
            self, pairs=(1, 1000), alpha=(1e-6, 0.5), power=(0.01, 0.999), max_listeners=(1, 2000)
        )
        if self.kind == "abx" and self.no_preference:
            raise ParameterError("no_preference is of A/B tests: in ABX every answer is one of two")
        if self.between**2 >= self.share * (1.0 - self.share) and self.between > 0.0:
            most = (self.share * (1.0 - self.share)) ** 0.5
            raise ParameterError(
                f"between must be under {most:.3g} with a share of {self.share:g}, got {shown_value(self.between)}"
            )


@dataclass(frozen=True, slots=True)
class ChoicePower:
    """The exact power with `listeners`."""

    listeners: int
    power: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoicePlan:
    """The power by number of listeners, and the first from which the wanted power is kept; None if it is not reached."""

    plan: PlannedChoices
    rows: tuple[ChoicePower, ...]
    needed: int | None


def plan_choices(plan: PlannedChoices) -> ChoicePlan:
    """Compute how many listeners an A/B or ABX test needs.

    Parameters
    ----------
    plan : PlannedChoices
        The planned test.

    Returns
    -------
    ChoicePlan

    Examples
    --------
    >>> plan_choices(PlannedChoices(kind="abx", share=0.75)).needed
    28
    """
    rows: list[ChoicePower] = []
    needed = None
    for listeners in range(1, plan.max_listeners + 1):
        power = choice_power(plan, listeners)
        rows.append(ChoicePower(listeners, power))
        if power < plan.power:
            needed = None
        elif needed is None:
            needed = listeners
        if needed is not None and listeners >= needed + _BEYOND:
            break
    return ChoicePlan(plan=plan, rows=tuple(rows), needed=needed)


def choice_power(plan: PlannedChoices, listeners: int) -> float:
    """Return the exact power with one number of listeners.

    Parameters
    ----------
    plan : PlannedChoices
        The planned test.
    listeners : int
        How many.
    """
    level = plan.alpha / plan.pairs
    if plan.kind == "abx":
        return discrimination_power(
            listeners, plan.share, trials=plan.trials, between=plan.between, alpha=level
        )
    return preference_power(
        listeners,
        plan.share,
        choices=plan.trials,
        no_preference=plan.no_preference,
        between=plan.between,
        alpha=level,
    )
