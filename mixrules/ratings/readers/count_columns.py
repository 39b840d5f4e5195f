"""Which columns of a table of counts are words of its scale, and in which order they stand."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mixrules.files.tables.numbers import is_missing
from mixrules.ratings.readers.figures import FIGURES, TOTALS, plain_name
from mixrules.ratings.readers.told import Told
from mixrules.ratings.reading import UnusableError

NAMES = ("group", "song", "condition", "attribute")
_ABOUT = frozenset(
    (
        *("listeners", "listener", "participants", "participant", "subjects", "subject", "raters"),
        *("respondents", "id", "hörer", "teilnehmer", "probanden", "year", "jahr", "date", "datum"),
        *("day", "age", "alter", "duration", "dauer", "comment", "comments", "remark", "remarks"),
        *("note", "notes", "kommentar", "kommentare", "bemerkung", "bemerkungen", "anmerkung"),
        *("anmerkungen", "seconds", "session", "sitzung", "version", "seed", "rank", "rang"),
        *("order", "page", "seite", "trial"),
    )
)
_HOW_MANY = frozenset({"n", "count", "anzahl", "counta"})
"""Totals, or how many listeners there were."""
_LEAST_FOR_A_TOTAL = 3
# From worst to best; the survey's, ITU-T P.800's, and agreement.
_KNOWN = (
    ("very poor", "poor", "fair", "good", "very good"),
    ("bad", "poor", "fair", "good", "excellent"),
    ("very bad", "bad", "fair", "good", "very good"),
    ("strongly disagree", "disagree", "neutral", "agree", "strongly agree"),
    ("sehr schlecht", "schlecht", "mittelmäßig", "gut", "sehr gut"),
    ("schlecht", "dürftig", "ordentlich", "gut", "ausgezeichnet"),
)
_POINT = re.compile(r"(\d{1,3})(?:\.0+)?(?:\s*[-–—:=.()/]+\s*\D*)?")
_MOST_STEPS = 101

Grid = Mapping[str, Sequence[int | None]]
"""The counts of each column by row; None where a cell is no whole number from 0."""


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps of a scale: from its lowest value on, what each is called, and which column counts it (or none)."""

    low: int
    labels: tuple[str, ...]
    columns: tuple[str | None, ...]


def scale_columns(cells: Mapping[str, Sequence[str]], grid: Grid, told: Told) -> tuple[list[str], list[str]]:
    """Return the columns that are words of the scale, and those of totals among the others.

    Parameters
    ----------
    cells, grid : mapping
        The table's columns beside `NAMES`, as text and as counts.
    told : Told
        Who is told of columns that are left out.

    Raises
    ------
    UnusableError
        If a column is called a total and is not the sum of the others.
    """
    words = []
    for name, column in cells.items():
        plain = plain_name(name)
        text = [cell for cell in column if not is_missing(cell)]
        if plain in FIGURES | _ABOUT:
            told.add("no word of the scale", repr(name), "columns")
        elif text and not any(count is not None for count in grid[name]) and not _digits(text):
            told.add("it holds text, no counts", repr(name), "columns")
        else:
            words.append(name)
    totals = [name for name in words if plain_name(name) in TOTALS]
    words = [name for name in words if name not in totals]
    for name in tuple(totals):
        if not _is_sum(name, words, grid, least=1):
            if plain_name(name) in _HOW_MANY:
                told.add("no word of the scale", repr(name), "columns")
                totals.remove(name)
                continue
            raise UnusableError(
                f"the column {name!r} is no word of a scale and not the sum of the others ({', '.join(words)[:80]}): "
                "correct it or take it away"
            )
        told.add("the sum of the others", repr(name), "columns")
    for name in (words[-1], words[0]) if len(words) > 2 and not totals else ():
        others = [word for word in words if word != name]
        if _is_sum(name, others, grid, least=_LEAST_FOR_A_TOTAL, always=True):
            told.add("the sum of the others", repr(name), "columns")
            return others, [name]
    return words, totals


def _is_sum(name: str, words: Sequence[str], grid: Grid, *, least: int, always: bool = False) -> bool:
    """Whether a column is the sum of others: in most rows, or always, and in so many that count something."""
    right = wrong = 0
    for place, total in enumerate(grid[name]):
        counts = [grid[word][place] for word in words]
        given = [count for count in counts if count is not None]
        if total is None or len(given) < len(counts):
            continue
        right += sum(given) == total and total > 0
        wrong += sum(given) != total
    return right >= least and (wrong == 0 if always else right > wrong)


def steps_of(words: Sequence[str]) -> Steps:
    """Return the scale that the words of a table are, from worst to best.

    Words that are numbers stand by their numbers, and a number that nobody chose is a step too. Words of a known scale
    stand in its order. Others stand in the order of the table.

    Parameters
    ----------
    words : sequence of str
        The columns that count.

    Raises
    ------
    UnusableError
        If words of a known scale are in no order, or numbers name a step twice or too many steps.
    """
    points = [_POINT.fullmatch(word.strip()) for word in words]
    if all(points):
        return _numbered(words, [int(point[1]) for point in points if point])
    plain = [plain_name(word) for word in words]
    order = list(words)
    for known in _KNOWN:
        if len(words) > 2 and set(plain) <= set(known):
            ranks = [known.index(word) for word in plain]
            if ranks == sorted(ranks, reverse=True):
                order = order[::-1]
            elif ranks != sorted(ranks):
                raise UnusableError(
                    f"its words ({', '.join(words)}) are in no order: from worst to best is accepted"
                )
            break
    return Steps(1, tuple(_label(word) for word in order), tuple(order))


def _numbered(words: Sequence[str], points: Sequence[int]) -> Steps:
    if len(set(points)) < len(points):
        raise UnusableError(f"its columns ({', '.join(words)[:80]}) name a step of the scale twice")
    low, high = min(points), max(points)
    if high - low >= _MOST_STEPS:
        raise UnusableError(
            f"its columns name steps from {low} to {high}, at most {_MOST_STEPS} are accepted"
        )
    by_point = dict(zip(points, words, strict=True))
    steps = range(low, high + 1)
    return Steps(low, tuple(by_point.get(p, str(p)) for p in steps), tuple(by_point.get(p) for p in steps))


def _digits(cells: Sequence[str]) -> bool:
    return any(re.search(r"\d", cell) for cell in cells)


def _label(word: str) -> str:
    return word.replace("_", " ").strip().capitalize()
