"""Leaving listeners out, by rules that are stated before and reported after.

Each rule has a threshold and can be switched off (None). None of them looks at which condition a listener
preferred.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Self

import numpy as np

from mixrules._support.arguments import is_finite, require_text, shown_value
from mixrules._support.field_types import require_field_types
from mixrules.errors import ParameterError
from mixrules.ratings.consistency import repeat_differences
from mixrules.ratings.table import RatingTable

_TEXTS = {
    "same": "all ratings the same: their range is at most {:.0%} of the scale",
    "fast": "too fast: the median page took under {:g} s",
    "inconsistent": "inconsistent: on repeated pages the ratings moved by more than {:.0%} of the scale on average",
    "incomplete": "incomplete: rated under {:.0%} of what the most complete listener rated",
    "reference": "reference: rated the hidden reference under 90 in more than {:.0%} of the items (BS.1534-3, 4.1.2)",
    "anchor": "anchor: rated an anchor over 90 in more than {:.0%} of the items (BS.1534-3, 4.1.2)",
}
_BOUNDS = {
    "same": 0.5,
    "fast": 3600.0,
    "inconsistent": 1.0,
    "incomplete": 1.0,
    "reference": 1.0,
    "anchor": 1.0,
}
_OF_BS_1534 = ("reference", "anchor")
_SCORE = 90.0
"""Of BS.1534-3, 4.1.2: below it the reference, above it an anchor, is not recognised."""
_GOOD_ANCHOR = 0.25
"""An item whose anchor more than so many listeners rate above that score does not count (the same clause)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectionRules:
    """Thresholds of the rules; None switches one off.

    Parameters
    ----------
    same : float or None
        A listener whose ratings span at most this share of the scale said nothing.
    fast : float or None
        Seconds; below this a listener's median page cannot have been listened to.
    inconsistent : float or None
        Share of the scale; independent uniform answers on five steps would differ by 0.4 on average.
    incomplete : float or None
        Share of the ratings of the listener who gave most.
    reference : float or None
        Share of the items in which the hidden reference may lie under 90, where the test gives the reference openly on a
        scale from 0 to 100 (ITU-R BS.1534-3, 4.1.2).
    anchor : float or None
        Share of the items in which an anchor may lie over 90, in such a test. Items whose anchor more than a quarter
        of the listeners rate so high do not count (the same clause, which names the mid-range anchor).
    """

    same: float | None = 0.0
    fast: float | None = 5.0
    inconsistent: float | None = 0.3
    incomplete: float | None = 0.5
    reference: float | None = 0.15
    anchor: float | None = 0.15

    def __post_init__(self) -> None:
        require_field_types(self)
        for name, high in _BOUNDS.items():
            value = getattr(self, name)
            if value is not None and not (is_finite(value) and 0 <= value <= high):
                raise ParameterError(f"reject {name} takes 0 to {high:g} or off, got {shown_value(value)}")

    @classmethod
    def none(cls) -> Self:
        """Return rules that leave nobody out."""
        return cls(**dict.fromkeys(_BOUNDS))

    def with_text(self, text: str) -> RejectionRules:
        """Return the rules changed by ``none``, ``NAME=off`` or ``NAME=THRESHOLD``."""
        if require_text(text, name="a rule of rejection") == "none":
            return RejectionRules.none()
        name, equals, value = text.partition("=")
        if not equals or name not in _BOUNDS:
            raise ParameterError(f"--reject takes none or NAME=VALUE with {', '.join(_BOUNDS)}; got {text!r}")
        if value == "off":
            return replace(self, **{name: None})
        try:
            return replace(self, **{name: float(value)})
        except ValueError as error:
            if isinstance(error, ParameterError):
                raise
            raise ParameterError(f"--reject {name} takes a number or off, got {value!r}") from None

    def sentences(self, *, mushra: bool = True) -> tuple[str, ...]:
        """Return what each rule says, with its threshold.

        Parameters
        ----------
        mushra : bool
            Whether the rules of BS.1534 apply.
        """
        given = [(f.name, getattr(self, f.name)) for f in fields(self) if mushra or f.name not in _OF_BS_1534]
        return tuple(
            _TEXTS[name].format(value) if value is not None else f"{name}: off" for name, value in given
        )


@dataclass(frozen=True, slots=True)
class Rejected:
    """A listener who was left out, the rule's name, and what was found."""

    listener: str
    rule: str
    found: str


def follows_bs1534(table: RatingTable, reference: str | None) -> bool:
    """Whether the rules of BS.1534 apply: an open reference, hidden too, on a scale from 0 to 100.

    Parameters
    ----------
    table : RatingTable
        All ratings.
    reference : str or None
        The condition that is the hidden reference of an open one.
    """
    return reference is not None and (table.scale.low, table.scale.high, table.scale.steps) == (
        0.0,
        100.0,
        False,
    )


def reject(
    table: RatingTable, rules: RejectionRules, *, reference: str | None = None, anchors: Sequence[str] = ()
) -> tuple[RatingTable, tuple[Rejected, ...]]:
    """Leave out the listeners whom the rules reject.

    Parameters
    ----------
    table : RatingTable
        All ratings; without known listeners (counts) nothing is left out.
    rules : RejectionRules
        What to look for.
    reference : str or None
        The condition that is the hidden reference of an open one.
    anchors : sequence of str
        The conditions that are anchors.

    Returns
    -------
    table : RatingTable
        The ratings of the others.
    rejected : tuple of Rejected
        A line for each listener and rule.
    """
    if table.design == "independent":
        return table, ()
    values: dict[str, list[float]] = defaultdict(list)
    seconds: dict[str, dict[str, float]] = defaultdict(dict)
    for row in table.rows():
        values[row.listener].append(table.scale.normalised(row.value))
        if not math.isnan(row.page_s):
            seconds[row.listener][row.page] = row.page_s
    moved = {name: float(np.mean(np.abs(d))) for name, d in repeat_differences(table).items()}
    most = max(map(len, values.values()), default=0)
    found: list[Rejected] = []
    for listener, given in values.items():
        spread, median = max(given) - min(given), _median(seconds[listener])
        share, shift = len(given) / most, moved.get(listener, math.nan)
        if rules.same is not None and len(given) > 2 and spread <= rules.same:
            found.append(Rejected(listener, "same", f"{len(given)} ratings span {spread:.0%} of the scale"))
        if rules.fast is not None and median < rules.fast:
            found.append(Rejected(listener, "fast", f"the median page took {median:.1f} s"))
        if rules.inconsistent is not None and shift > rules.inconsistent:
            found.append(
                Rejected(listener, "inconsistent", f"repeated ratings moved by {shift:.0%} of the scale")
            )
        if rules.incomplete is not None and share < rules.incomplete:
            found.append(Rejected(listener, "incomplete", f"gave {len(given)} of {most} ratings"))
    if follows_bs1534(table, reference):
        found += _of_bs1534(table, rules, str(reference), anchors)
    out = {r.listener for r in found}
    return table.with_rows(row for row in table.rows() if row.listener not in out), tuple(found)


def _of_bs1534(
    table: RatingTable, rules: RejectionRules, reference: str, anchors: Sequence[str]
) -> list[Rejected]:
    """Return those whom BS.1534-3, 4.1.2 leaves out; an item is a song rated for an attribute on a page."""
    rows = table.rows()
    high: dict[tuple[str, str, str], list[bool]] = defaultdict(list)
    for row in rows:
        if row.condition in anchors:
            high[row.condition, row.song, row.attribute].append(row.value > _SCORE)
    useless = {item for item, above in high.items() if np.mean(above) > _GOOD_ANCHOR}
    missed: dict[str, list[bool]] = defaultdict(list)
    praised: dict[str, list[bool]] = defaultdict(list)
    for row in rows:
        if row.condition == reference:
            missed[row.listener].append(row.value < _SCORE)
        elif row.condition in anchors and (row.condition, row.song, row.attribute) not in useless:
            praised[row.listener].append(row.value > _SCORE)
    found = []
    for name, threshold, by_listener, what in (
        ("reference", rules.reference, missed, "the hidden reference under 90"),
        ("anchor", rules.anchor, praised, "an anchor over 90"),
    ):
        for listener, items in by_listener.items():
            if threshold is not None and np.mean(items) > threshold:
                found.append(Rejected(listener, name, f"rated {what} in {sum(items)} of {len(items)} items"))
    return found


def _median(pages: dict[str, float]) -> float:
    return float(np.median(list(pages.values()))) if pages else math.nan
