"""A plain table of counts: for each condition and attribute, how often each word of the scale was given."""

from __future__ import annotations

from mixrules.ratings.readers.csv_rows import CsvTable
from mixrules.ratings.reading import FileRatings, UnusableError
from mixrules.ratings.table import ALL, RatingTable, Row, ScaleRange

FORMAT = "counts"
_NAMES = ("group", "song", "condition", "attribute")
_MOST = 1_000_000


def is_counts(table: CsvTable) -> bool:
    """Whether a table's head is that of counts.

    Parameters
    ----------
    table : CsvTable
        Any table.
    """
    return "condition" in table.head and "attribute" in table.head and len(_words(table)) >= 2


def read_counts(table: CsvTable) -> FileRatings:
    """Read a table of counts: columns condition, attribute, optionally group and song, then the scale's words.

    The words stand from worst to best. Listeners are not known from such a table, so values count as
    independent.

    Parameters
    ----------
    table : CsvTable
        The table.

    Returns
    -------
    FileRatings

    Raises
    ------
    UnusableError
        At the first cell that is no count, or a row that stands twice.
    """
    words = _words(table)
    scale = ScaleRange(low=1.0, high=float(len(words)), labels=tuple(_shown(w) for w in words))
    rows: list[Row] = []
    seen: dict[tuple[str, ...], int] = {}
    for number, cells in table.numbered():
        names = tuple(cells.get(name, "") for name in _NAMES)
        if not cells["condition"] or not cells["attribute"]:
            raise UnusableError(f"line {number}: condition or attribute is empty")
        if names in seen:
            raise UnusableError(
                f"line {number} counts the same as line {seen[names]}: {', '.join(filter(None, names))}"
            )
        seen[names] = number
        for value, word in enumerate(words, start=1):
            count = _count(cells[word], number, word)
            if len(rows) + count > _MOST:
                raise UnusableError(f"line {number}: over {_MOST} ratings in all")
            group = cells.get("group") or ALL
            row = Row("", group, cells.get("song", ""), cells["condition"], cells["attribute"], value, "", 0)
            rows += [row] * count
    if not rows:
        raise UnusableError("it counts no ratings")
    counted = RatingTable.from_rows(rows, scale=scale, design="independent")
    return FileRatings(format=FORMAT, scale=scale, counted=counted)


def _words(table: CsvTable) -> list[str]:
    return [name for name in table.head if name not in _NAMES]


def _shown(word: str) -> str:
    return word.replace("_", " ").strip().capitalize()


def _count(text: str, number: int, word: str) -> int:
    if not text.strip().isascii() or not text.strip().isdigit():
        raise UnusableError(f"line {number}: {word} must be a whole number from 0, got {text[:40]!r}")
    return int(text[:12])
