"""Tables of a TOML document, read key by key; what is wrong is collected, a line each, and reading goes on."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Sequence
from typing import Any

from mixrules._support.arguments import shown_value

_MOST_TEXT = 20_000


class Table:
    """One table.

    Parameters
    ----------
    content : object
        What stands in the document.
    path : str
        Where, ``""`` for the top.
    mistakes : list of str
        Where a line is added for each mistake: the key, what is accepted, what was found.
    """

    def __init__(self, content: Any, path: str, mistakes: list[str]) -> None:
        self.path = path
        self.mistakes = mistakes
        self.content: dict[str, Any] = content if isinstance(content, dict) else {}
        if not isinstance(content, dict):
            self.mistakes.append(f"{path}: a table is accepted, got {shown_value(content)}")
        self.read: set[str] = set()

    def wrong(self, key: str, accepted: str, value: Any = None) -> None:
        """Add a line on a key."""
        found = "" if value is None else f", got {shown_value(value)}"
        self.mistakes.append(f"{self._named(key)}: {accepted}{found}")

    def text(self, key: str, default: str = "", *, needed: bool = False) -> str:
        """Return a text; a text that is `needed` must be there and not be empty."""
        value = self._value(key, default)
        if not isinstance(value, str) or len(value) > _MOST_TEXT:
            self.wrong(key, f"a text of at most {_MOST_TEXT} characters is accepted", value)
            return default
        if needed and not value.strip():
            self.wrong(key, "a text is needed, it is missing or empty")
        return value.strip()

    def one_of(self, key: str, accepted: Sequence[str], default: str) -> Any:
        """Return one of several words."""
        value = self._value(key, default)
        if value not in accepted:
            self.wrong(key, f"one of {', '.join(accepted)} is accepted", value)
            return default
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        """Return true or false."""
        value = self._value(key, default)
        if not isinstance(value, bool):
            self.wrong(key, "true or false is accepted", value)
            return default
        return value

    def whole(self, key: str, low: int, high: int, default: int) -> int:
        """Return a whole number from `low` to `high`."""
        value = self._value(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.wrong(key, f"a whole number from {low} to {high} is accepted", value)
            return default
        return value

    def number(self, key: str) -> float | None:
        """Return a number, None where there is none."""
        value = self._value(key, None)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            self.wrong(key, "a number is accepted", value)
            return None
        return float(value)

    def texts(self, key: str, default: Sequence[str] = (), *, count: int | None = None) -> tuple[str, ...]:
        """Return a list of texts, `count` of them where that is given."""
        value = self._value(key, list(default))
        good = isinstance(value, list) and all(isinstance(item, str) and item.strip() for item in value)
        if not good or (count is not None and len(value) != count):
            texts = "texts, none of them empty," if count is None else f"{count} texts, none of them empty,"
            self.wrong(key, f"a list of {texts} is accepted", value)
            return tuple(default)
        return tuple(item.strip() for item in value)

    def words(self, known: Iterable[str] | None) -> dict[str, str]:
        """Return all of the table as texts by their keys, which must be among those `known`, where that is given."""
        listed = None if known is None else list(known)
        for key, value in self.content.items():
            self.read.add(key)
            if listed is not None and key not in listed:
                self.wrong(key, self._not_known(key, listed))
            elif not isinstance(value, str):
                self.wrong(key, "a text is accepted", value)
        return {key: value for key, value in self.content.items() if isinstance(value, str)}

    def table(self, key: str) -> Table:
        """Return a table below; an empty one where there is none."""
        return Table(self._value(key, {}), self._named(key), self.mistakes)

    def has(self, key: str) -> bool:
        """Whether the key is there."""
        return key in self.content

    def tables(self, key: str) -> list[Table]:
        """Return the tables of a list."""
        value = self._value(key, [])
        if not isinstance(value, list):
            self.wrong(key, f"a list of tables, [[{self._named(key)}]], is accepted", value)
            return []
        return [Table(item, f"{self._named(key)}[{i}]", self.mistakes) for i, item in enumerate(value, 1)]

    def end(self) -> None:
        """Add a line for each key that nobody has asked for."""
        for key in self.content:
            if key not in self.read:
                self.wrong(key, self._not_known(key, sorted(self.read)))

    def _value(self, key: str, default: Any) -> Any:
        self.read.add(key)
        return self.content.get(key, default)

    def _named(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    @staticmethod
    def _not_known(key: str, known: Sequence[str]) -> str:
        close = difflib.get_close_matches(key, known, n=1)
        return (
            f"unknown key; did you mean {close[0]}?"
            if close
            else f"unknown key, known are {', '.join(known)}"
        )
