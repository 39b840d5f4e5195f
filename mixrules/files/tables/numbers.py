"""Numbers in the cells of a table, as people and spreadsheets of any country write them.

A cell is a number as a whole or it is none: nothing is cut off it. Where a comma or a point may separate decimals or
thousands, the other cells of the column decide.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

MISSING = frozenset(
    (
        *("", "-", "--", "---", ".", "?", "na", "n/a", "n.a.", "#n/a", "#nv", "<na>", "nan"),
        *("null", "none", "nil", "k.a.", "k. a.", "missing", "undefined"),
    )
)
"""What a cell without a value holds, in lower case."""

_LONGEST = 60
_MINUS = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d"), "-")
_SPACES = dict.fromkeys(
    map(ord, "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u3000"), " "
)
_OTHERS = {
    **{0xFF0B: "+", 0xFF05: "%", 0xFF0E: ".", 0xFF0C: ",", 0x066A: "%", 0x066B: ",", 0x066C: "'"},
    **{0x2019: "'", 0x02BC: "'", 0xFF07: "'"},
}
_PLAIN = _MINUS | _SPACES | _OTHERS
_NUMBER = re.compile(r"([+-]?) ?([\d., ']*\d[.,]?)(e[+-]?\d{1,3})? ?(%?)", re.IGNORECASE)
_GROUPED = re.compile(r"\d{1,3}([ '])\d{3}(?:\1\d{3})*(?:[.,]\d+)?")
_MONTH = (
    r"(?:jan|feb|mar|mär|mrz|apr|may|mai|jun|jul|aug|sep|sept|oct|okt|nov|dec|dez|ene|abr|ago|dic|fév|avr|aoû|déc|mag|giu|lug|set|ott)"
    r"[a-zäéû]{0,6}\.?"
)
_DATE = re.compile(
    rf"\d{{1,4}}[.\-/ ]+{_MONTH}(?:[.\-/ ]+\d{{2,4}})?|{_MONTH}[.\-/ ]+\d{{1,4}}"
    r"|\d{1,4}([./-])\d{1,2}\1\d{1,4}(?:[ T].*)?|\d{1,2}:\d{2}(?::\d{2})?",
    re.IGNORECASE,
)


class CellNumber(NamedTuple):
    """A number in a cell, and whether a percent sign follows it."""

    value: float
    percent: bool


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """How the numbers of a column are written.

    Parameters
    ----------
    decimal : {".", ","}
        What stands before the decimals.
    sure : bool
        Whether a number of the column leaves no doubt of it.
    plain : bool
        Whether some number of the column has neither mark.
    """

    decimal: str = "."
    sure: bool = False
    plain: bool = True

    @classmethod
    def of(cls, cells: Iterable[str], separator: str = ",") -> NumberFormat:
        """Return the format of a column's numbers.

        Parameters
        ----------
        cells : iterable of str
            The column.
        separator : str
            What separates the table's cells: where it is a semicolon and no number tells, decimals follow a comma.
        """
        votes = {".": 0, ",": 0}
        plain = False
        for cell in cells:
            found = _NUMBER.fullmatch(_plain(cell))
            if found is None:
                continue
            decimal, doubtful = _marks(found[2])
            plain = plain or decimal == ""
            if decimal and not doubtful:
                votes[decimal] += 1
        default = "," if separator == ";" else "."
        other = "." if default == "," else ","
        return cls(other if votes[other] > votes[default] else default, any(votes.values()), plain)


def is_missing(cell: str) -> bool:
    """Return whether a cell says that it has no value."""
    return _plain(cell).lower() in MISSING


def cell_number(cell: str, form: NumberFormat, *, whole: bool = False) -> CellNumber | None:
    """Return the number that a cell is, or None.

    Parameters
    ----------
    cell : str
        The cell.
    form : NumberFormat
        How the column's numbers are written.
    whole : bool
        Whether the column holds whole numbers; then a single mark in doubt, as in 1.234, separates thousands if the
        format says so and other numbers of the column have no mark.

    Returns
    -------
    CellNumber or None
    """
    text = _plain(cell)
    found = _NUMBER.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        return None
    sign, body, exponent, percent = found.groups()
    body = body.strip()
    if " " in body or "'" in body:
        if not _GROUPED.fullmatch(body):
            return None
        body = body.replace(" ", "").replace("'", "")
        decimal = next((c for c in body if c in ".,"), "")
    else:
        decimal, doubtful = _marks(body)
        if decimal is None:
            return None
        if doubtful:
            groups = form.decimal != decimal and (form.sure or (whole and form.plain))
            if form.decimal != decimal and whole and not groups:
                return None
            decimal = "" if groups else decimal
    grouping = {".": ",", ",": ".", "": ".,"}[decimal]
    digits = body.translate(dict.fromkeys(map(ord, grouping))).replace(decimal or ".", ".")
    value = float(f"{sign}{digits}{exponent or ''}")
    return CellNumber(value, percent == "%") if math.isfinite(value) else None


def not_a_number(cell: str) -> str:
    """Return what a cell that is no number may be, in brackets after a blank, or nothing."""
    text = _plain(cell)
    if _DATE.fullmatch(text):
        return " (a date: a spreadsheet may have made it of a number)"
    if text.startswith("#") or re.fullmatch(r"err:\d+", text, re.IGNORECASE):
        return " (an error of a spreadsheet)"
    return ""


def is_date(cell: str) -> bool:
    """Return whether a cell is a date, as spreadsheets make of ``3.9`` or ``3-9``."""
    return _DATE.fullmatch(_plain(cell)) is not None


def _plain(cell: str) -> str:
    """Return a cell with the signs, blanks and digits of ASCII."""
    text = cell.translate(_PLAIN).strip()
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)


def _marks(body: str) -> tuple[str | None, bool]:
    """Return the decimal mark of a number (empty: it has none; None: it is no number) and whether that is in doubt."""
    body = body.strip().replace(" ", "").replace("'", "")
    points, commas = body.count("."), body.count(",")
    if not points and not commas:
        return "", False
    if points and commas:
        decimal = max(".,", key=body.rfind)
        group = "," if decimal == "." else "."
        whole, _, _ = body.partition(decimal)
        fits = body.count(decimal) == 1 and re.fullmatch(rf"\d{{1,3}}(?:{re.escape(group)}\d{{3}})+", whole)
        return (decimal, False) if fits else (None, False)
    mark = "." if points else ","
    if points + commas > 1:
        # Grouped twice: what is left for the decimals is the other mark.
        fits = re.fullmatch(rf"\d{{1,3}}(?:{re.escape(mark)}\d{{3}})+", body)
        return ("," if mark == "." else ".", False) if fits else (None, False)
    before, _, after = body.partition(mark)
    doubtful = len(after) == 3 and 1 <= len(before) <= 3 and not before.startswith("0")
    return mark, doubtful
