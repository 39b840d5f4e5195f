"""The one form that ratings have, wherever they came from: a tidy table, a row for each value given."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Literal, NamedTuple

from mixrules._support.arguments import is_finite, shown_value
from mixrules._support.field_types import require_field_types
from mixrules.errors import ListeningTestError
from mixrules.listening.format.testfile import LIKERT_LABELS, ROUNDING
from mixrules.ratings.group_names import ALL, groups_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleRange:
    """The scale of a table of ratings: its ends, its words from worst to best, and whether it has steps."""

    low: float = 1.0
    high: float = 5.0
    labels: tuple[str, ...] = LIKERT_LABELS
    steps: bool = True

    def __post_init__(self) -> None:
        require_field_types(self)
        if not (is_finite(self.low) and is_finite(self.high) and self.low < self.high):
            raise ListeningTestError(
                f"a scale goes from low to high, got {shown_value(self.low)} to {shown_value(self.high)}"
            )

    @property
    def span(self) -> float:
        """The width of the scale, in its own points."""
        return self.high - self.low

    def normalised(self, value: float) -> float:
        """Return a value as 0 (worst) to 1 (best)."""
        return (value - self.low) / self.span

    def snapped(self, value: float) -> float:
        """Return the value of this scale that a number is, to within `ROUNDING`; NaN where it is none."""
        nearest = (
            round(value) if self.steps and math.isfinite(value) else min(max(value, self.low), self.high)
        )
        close = abs(value - nearest) <= ROUNDING * self.span
        return float(nearest) if close and self.contains(nearest) else math.nan

    def contains(self, value: float) -> bool:
        """Whether a value can be given on this scale."""
        on_it = self.low <= value <= self.high
        return on_it and (not self.steps or float(value).is_integer())


LIKERT = ScaleRange()
CONTINUOUS = ScaleRange(low=0.0, high=100.0, steps=False)
UNIT = ScaleRange(low=0.0, high=1.0, steps=False)


class Row(NamedTuple):
    """One value: who gave it to what, for what, on which page, and how long that page took (s, or NaN)."""

    listener: str
    group: str
    song: str
    condition: str
    attribute: str
    value: float
    page: str
    repeat: int
    page_s: float = math.nan


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RatingTable:
    """Ratings as columns of equal length.

    Parameters
    ----------
    listener, group, song, condition, attribute, page : tuple of str
        Who rated (empty in tables of counts, which do not say), and what.
    value : tuple of float
        In points of `scale`.
    repeat : tuple of int
        0 where a page was seen for the first time, 1 where again, and so on.
    page_s : tuple of float
        Seconds spent on the page; NaN where not known.
    scale : ScaleRange
        What was rated on.
    design : {"within", "independent"}
        Whether every listener rated every condition, or nothing ties the values of two conditions together.
    """

    listener: tuple[str, ...]
    group: tuple[str, ...]
    song: tuple[str, ...]
    condition: tuple[str, ...]
    attribute: tuple[str, ...]
    value: tuple[float, ...]
    page: tuple[str, ...]
    repeat: tuple[int, ...]
    page_s: tuple[float, ...]
    scale: ScaleRange = LIKERT
    design: Literal["within", "independent"] = "within"

    def __post_init__(self) -> None:
        lengths = {len(getattr(self, f.name)) for f in fields(self) if f.name not in ("scale", "design")}
        if len(lengths) != 1:
            raise ListeningTestError(f"the columns of a table of ratings differ in length: {sorted(lengths)}")
        for row in self.rows():
            if not self.scale.contains(row.value):
                kind = "whole numbers from" if self.scale.steps else "values from"
                raise ListeningTestError(
                    f"{row.value:g} for {row.condition!r} is not on the scale: "
                    f"{kind} {self.scale.low:g} to {self.scale.high:g} are accepted"
                )

    def __len__(self) -> int:
        return len(self.value)

    @classmethod
    def from_rows(
        cls,
        rows: Iterable[Row],
        *,
        scale: ScaleRange = LIKERT,
        design: Literal["within", "independent"] = "within",
    ) -> RatingTable:
        """Return a table of rows.

        Parameters
        ----------
        rows : iterable of Row
            In any order.
        scale : ScaleRange
            What was rated on.
        design : {"within", "independent"}
            How the values of two conditions belong together.

        Returns
        -------
        RatingTable

        Raises
        ------
        ListeningTestError
            If a value is not on the scale.
        """
        columns = list(zip(*rows, strict=True)) or [()] * len(Row._fields)
        return cls(**dict(zip(Row._fields, columns, strict=True)), scale=scale, design=design)

    def rows(self) -> list[Row]:
        """Return the rows."""
        columns = [getattr(self, name) for name in Row._fields]
        return [Row(*cells) for cells in zip(*columns, strict=True)]

    def with_rows(self, rows: Iterable[Row]) -> RatingTable:
        """Return a table of other rows on the same scale, of the same design."""
        return RatingTable.from_rows(rows, scale=self.scale, design=self.design)

    def independent(self) -> RatingTable:
        """Return the same rows as if nothing tied the values of two conditions together."""
        return replace(self, design="independent")

    def names(self, column: str) -> tuple[str, ...]:
        """Return the different entries of a column of words, in the order in which they come."""
        return tuple(dict.fromkeys(getattr(self, column)))

    def groups(self) -> tuple[str, ...]:
        """Return ``all`` and, where there are two or more, the groups of listeners."""
        return groups_of(self.names("group"))

    def of_group(self, group: str) -> RatingTable:
        """Return the rows of a group; ``all`` is what the table calls so, else everything."""
        if group == ALL and ALL not in self.group:
            return self
        return self.with_rows(row for row in self.rows() if row.group == group)
