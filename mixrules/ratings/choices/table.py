"""The one form that choices have: a row for each answer to "which of the two?" or "which one is X?"."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from mixrules.ratings.group_names import ALL, groups_of


class Choice(NamedTuple):
    """One answer: of two conditions one was chosen, or neither.

    `first` and `second` are the two in the order of the test's conditions, `shown_first` is the one that was A.
    `chosen` is empty where there was no preference. In an ABX test `x` is the one that X was, else empty. `number`
    counts the trials of a pair on a page, `repeat` how often the page had been seen before.
    """

    listener: str
    group: str
    song: str
    first: str
    second: str
    attribute: str
    chosen: str
    x: str
    shown_first: str
    page: str
    repeat: int
    number: int
    seconds: float

    @property
    def score(self) -> int:
        """1 for the first of the pair, -1 for the second, 0 for no preference."""
        return (self.chosen == self.first) - (self.chosen == self.second)

    @property
    def correct(self) -> bool:
        """Whether what was chosen is X."""
        return self.chosen == self.x


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceTable:
    """All answers of a test.

    Parameters
    ----------
    rows : tuple of Choice
        The answers.
    kind : {"ab", "abx"}
        What was asked.
    conditions : tuple of str
        All conditions, in the order of the test.
    """

    rows: tuple[Choice, ...]
    kind: Literal["ab", "abx"]
    conditions: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.rows)

    def names(self, column: str) -> tuple[str, ...]:
        """Return the different entries of a column of words, in the order in which they come."""
        return tuple(dict.fromkeys(getattr(row, column) for row in self.rows))

    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Return the pairs that were compared, in the order of the conditions."""
        place = {name: i for i, name in enumerate(self.conditions)}
        return tuple(
            sorted({(r.first, r.second) for r in self.rows}, key=lambda p: (place[p[0]], place[p[1]]))
        )

    def groups(self) -> tuple[str, ...]:
        """Return ``all`` and, where there are two or more, the groups of listeners."""
        return groups_of(self.names("group"))

    def of_group(self, group: str) -> ChoiceTable:
        """Return the rows of a group; ``all`` is everything."""
        return self if group == ALL else self.with_rows(row for row in self.rows if row.group == group)

    def with_rows(self, rows: Iterable[Choice]) -> ChoiceTable:
        """Return a table of other rows."""
        return replace(self, rows=tuple(rows))
