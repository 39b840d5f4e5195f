"""Writing tables as CSV: a cell of text that a spreadsheet would run as a formula is escaped.

Excel and others take a cell that begins with ``=``, ``+``, ``-``, ``@``, a tab or a line break for a formula. Such text
gets an apostrophe in front, which they do not show; `unescaped` takes it away again. Numbers stay numbers.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

# Full-width signs too: spreadsheets set to Japanese or Chinese take them for the same.
# A sign alone, such as a dash for nothing, is no formula.
_FORMULA = re.compile(r"'*(?:[=+\-@\uff1d\uff0b\uff0d\uff20].|[\t\r\n])", re.DOTALL)
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?(?:inf|nan)")


def escaped(value: Any) -> Any:
    """Return a cell's value as it is written: text that begins a formula behind an apostrophe.

    Parameters
    ----------
    value : object
        Any value of a cell. Numbers, and text that is a number, stay as they are.
    """
    if isinstance(value, str) and _FORMULA.match(value) and not _NUMBER.fullmatch(value):
        return f"'{value}"
    return value


def unescaped(cell: str) -> str:
    """Return a cell's text without the apostrophe that `escaped` put in front."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def csv_text(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> str:
    """Return rows as CSV with a head.

    Parameters
    ----------
    rows : iterable of mapping
        The cells by column; None is an empty cell.
    columns : sequence of str
        The columns in their order.

    Returns
    -------
    str
        With line feeds; text that begins a formula is escaped, in the head too.
    """
    lines = _Lines()
    # Ends of lines as in the format's own rule, so that a carriage return in a cell is quoted; written as line feeds.
    writer = csv.writer(lines, lineterminator="\r\n")
    writer.writerow(escaped(name) for name in columns)
    for row in rows:
        writer.writerow("" if row[name] is None else escaped(row[name]) for name in columns)
    return "".join(lines)


class _Lines(list[str]):
    """What a CSV writer writes to."""

    def write(self, line: str) -> None:
        """Take a line."""
        self.append(line.removesuffix("\r\n") + "\n")
