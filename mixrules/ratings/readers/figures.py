"""What spreadsheets add to a table to sum it up: totals, means and other figures, known by name and by number."""

from __future__ import annotations

import math
import re
import statistics
from collections.abc import Sequence

TOTALS = frozenset(
    (
        *("total", "totals", "sum", "sums", "summe", "summen", "gesamt", "insgesamt"),
        *("gesamtsumme", "gesamtergebnis", "grand total", "row total", "subtotal", "zwischensumme"),
        *("teilergebnis", "n", "∑", "σ", "count", "anzahl", "counta", "n total", "total n"),
        *("somme", "total général", "totale", "totale complessivo", "suma", "suma total"),
        *("total general", "totaal", "eindtotaal", "totalt", "suma końcowa", "итого", "всего"),
        *("сумма", "合計", "总计", "합계"),
    )
)
"""What totals are called, in lower case."""
# Not "mittel" or "media": these are words of scales as well.
MEANS = frozenset(
    (
        *("mean", "means", "average", "avg", "mittelwert", "mw", "durchschnitt", "schnitt"),
        *("moyenne", "gemiddelde", "medelvärde", "gjennomsnitt"),
        *("średnia", "среднее", "平均", "평균"),
    )
)
"""What means are called, in lower case."""
FIGURES = MEANS | frozenset(
    (
        *("median", "sd", "std", "stdev", "std dev", "stddev", "stabw", "standardabweichung"),
        *("var", "variance", "varianz", "se", "sem", "ci", "min", "max", "mode", "modus"),
        *("percent", "percentage", "prozent", "%", "share", "anteil"),
    )
)
"""What else sums up a column or line is called."""
_SPREADS = frozenset(
    (
        *("sd", "std", "stdev", "std dev", "stddev", "stabw", "standardabweichung", "var"),
        *("variance", "varianz", "se", "sem"),
    )
)


def plain_name(name: str) -> str:
    """Return a name in lower case, with single blanks for what separates its words."""
    return " ".join(re.sub(r"[_\s]+", " ", name.casefold()).split()).strip(" .:")


def is_figure(cell: str) -> bool:
    """Return whether a name of a line says that it holds totals, means or other figures of the lines above."""
    return plain_name(cell) in TOTALS | FIGURES


def is_figure_of(cell: str, count: int | None, others: Sequence[int]) -> bool:
    """Return whether a count is what the name of its line says: the sum of others, their mean or another figure.

    Parameters
    ----------
    cell : str
        The name.
    count : int or None
        The count; None where the cell is no whole number, as that of a mean seldom is.
    others : sequence of int
        The counts of the other lines.
    """
    name = plain_name(cell)
    if name in _SPREADS or (name in FIGURES and count is None):
        return True
    if count is None or not others:
        return False
    if name in MEANS | {"median"}:
        middle = sum(others) / len(others) if name in MEANS else statistics.median(others)
        return math.isclose(count, middle, abs_tol=0.51)
    return count == {"min": min, "max": max}.get(name, sum)(others)
