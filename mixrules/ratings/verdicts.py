"""What a comparison is, and what may be said of it once its whole family of tests is known."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol, TypeVar

from mixrules.ratings.settings import Settings
from mixrules.statistics import holm

Verdict = Literal[
    "different", "different but within the margin", "equivalent", "open", "too few", "not tested"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Omnibus:
    """Whether the conditions differ at all: Friedman's test, or Kruskal and Wallis' for independent samples.

    `effect` is Kendall's W for the former and epsilon squared for the latter, both 0 to 1.
    """

    group: str
    attribute: str
    test: str
    n: int
    conditions: int
    statistic: float
    p: float
    effect: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two conditions (or, of one condition, two groups) compared for one attribute.

    `difference` is first minus second of the means, normalised (0 to 1), with a bootstrap interval that is
    not adjusted for the number of pairs. `smallest_p` is the least p that so few listeners could give, times
    the number of tests in the family. Of the `n_first` and `n_second` values `n_nonzero` decide a paired test, in which
    `for_first` listeners rated the first higher and `for_second` the second.
    """

    group: str
    attribute: str
    first: str
    second: str
    test: str
    n_first: int
    n_second: int
    n_nonzero: int
    for_first: int = 0
    for_second: int = 0
    family: int
    difference: float
    ci_low: float
    ci_high: float
    p: float
    p_holm: float
    effect_name: str
    effect: float
    p_equivalence: float
    p_equivalence_holm: float
    smallest_p: float
    verdict: Verdict


class _Judged(Protocol):
    """What a comparison needs to be judged, whether of ratings or of choices."""

    @property
    def p(self) -> float: ...
    @property
    def p_holm(self) -> float: ...
    @property
    def p_equivalence(self) -> float: ...
    @property
    def p_equivalence_holm(self) -> float: ...
    @property
    def smallest_p(self) -> float: ...


_T = TypeVar("_T", bound=_Judged)


def judged(family: list[_T], settings: Settings) -> list[_T]:
    """Return the comparisons of one family with adjusted p-values and verdicts.

    Parameters
    ----------
    family : list
        Comparisons of ratings or of choices, with unadjusted p-values.
    settings : Settings
        Whose level counts.

    Returns
    -------
    list
        Of the same kind.
    """
    tests = sum(not math.isnan(c.p) for c in family)
    adjusted = holm([c.p for c in family]).tolist()
    equivalence = holm([c.p_equivalence for c in family]).tolist()
    done = []
    for comparison, p, p_equivalence in zip(family, adjusted, equivalence, strict=True):
        corrected: Any = replace(
            comparison,  # type: ignore[type-var]  # a dataclass, which no protocol can say
            family=tests,
            p_holm=p,
            p_equivalence_holm=p_equivalence,
            smallest_p=min(1.0, comparison.smallest_p * max(1, tests)),
        )
        done.append(replace(corrected, verdict=_verdict(corrected, settings.alpha)))
    return done


def _verdict(c: _Judged, alpha: float) -> Verdict:
    small = c.p_equivalence_holm < alpha  # False for NaN
    if c.p_holm < alpha:
        return "different but within the margin" if small else "different"
    if small:
        return "equivalent"
    if c.smallest_p > alpha:
        return "too few"
    return "not tested" if math.isnan(c.p) else "open"
