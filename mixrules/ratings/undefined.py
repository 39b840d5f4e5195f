"""Why a number is not there, in words: for tables that would show a dash or "nan"."""

from __future__ import annotations

import math

from mixrules.ratings.consistency import FEWEST_FOR_CORRELATION, Consistency
from mixrules.ratings.settings import Settings
from mixrules.ratings.verdicts import Comparison, Omnibus
from mixrules.statistics import FEWEST_FOR_INTERVAL


def interval_text(low: float, high: float, settings: Settings, *, units: str, digits: int = 3) -> str:
    """Return an interval, or why there is none.

    Parameters
    ----------
    low, high : float
        Its bounds; NaN where there is none.
    settings : Settings
        Whether there are resamples.
    units : str
        What is resampled: ``"listeners"`` or ``"values"``.
    digits : int
        Decimals of the bounds.
    """
    if not math.isnan(low):
        return f"{low + 0.0:.{digits}f} to {high + 0.0:.{digits}f}"
    return "not asked for" if settings.resamples == 0 else f"needs {FEWEST_FOR_INTERVAL} {units}"


def units_of(c: Comparison) -> str:
    """Return what a comparison's values are: of listeners where they are paired, else single values."""
    return "listeners" if c.test.startswith("Wilcoxon") else "values"


def no_p(c: Comparison) -> str:
    """Return why a comparison has no p-value: nobody rated both, or nothing differs."""
    if min(c.n_first, c.n_second) == 0:
        return "nobody rated both"
    return "rated alike" if units_of(c) == "listeners" else "all values equal"


def no_equivalence(c: Comparison) -> str:
    """Return why a comparison has no test of equivalence."""
    return f"needs 2 {units_of(c)}"


def no_omnibus(o: Omnibus) -> str:
    """Return why the test over all conditions was not made."""
    units = "listeners who rated all of them" if o.test == "Friedman" else "values"
    if o.conditions < 3:
        return (
            f"there are {o.conditions} conditions, it needs three"
            if o.conditions > 1
            else "there is one condition"
        )
    if o.n < 2:
        return f"there are {o.n} {units}, it needs two" if o.n != 1 else f"it needs two {units}, there is one"
    return "all conditions were rated alike"


def no_correlation(c: Consistency) -> str:
    """Return why a listener's repeated ratings have no correlation."""
    if c.pairs < FEWEST_FOR_CORRELATION:
        return f"needs {FEWEST_FOR_CORRELATION} pairs"
    return "always the same rating"
