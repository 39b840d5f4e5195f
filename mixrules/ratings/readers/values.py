"""Values of a scale in the cells of a table: numbers, percentages, words."""

from __future__ import annotations

import math
import re

from mixrules.files.tables.numbers import NumberFormat, cell_number, is_date, not_a_number
from mixrules.ratings.table import ScaleRange

# A step with its label, as choices of a survey are often written: "4 - good", "5 (very good)", "bad = 1".
_STEP_AND_LABEL = re.compile(r"(?P<step>\d{1,2})\s*[-–—:=.()/]+\s*(?P<label>[^\d]*[^\W\d_][^\d]*)")
_LABEL_AND_STEP = re.compile(r"(?P<label>[^\d]*[^\W\d_][^\d]*?)\s*[-–—:=(/]+\s*(?P<step>\d{1,2})\)?")

_LONGEST = 200  # characters of a step with its label


def value_on(cell: str, scale: ScaleRange, form: NumberFormat) -> float:
    """Return the value of a scale that a cell is as a whole; NaN where it is none.

    Parameters
    ----------
    cell : str
        A number, a percentage of a scale without steps, a word of a scale with steps, or a step with its label.
    scale : ScaleRange
        The scale.
    form : NumberFormat
        How the column's numbers are written.
    """
    number = cell_number(cell, form)
    if number is not None:
        if not number.percent:
            return scale.snapped(number.value)
        return math.nan if scale.steps else scale.snapped(scale.low + scale.span * number.value / 100.0)
    return _step(cell, scale) if scale.steps else math.nan


def described(scale: ScaleRange) -> str:
    """Return what a cell of a scale may be."""
    return f"{scale.low:g} to {scale.high:g}" + (" or a word of the scale" if scale.steps else "")


def unusable(cell: str) -> str:
    """Return a cell as it is shown in the reason for leaving it out."""
    return f"{cell[:40]!r}{not_a_number(cell)}"


def _step(cell: str, scale: ScaleRange) -> float:
    text = " ".join(cell.lower().split())
    if len(text) > _LONGEST:
        return math.nan
    for place, label in enumerate(scale.labels):
        if text == label.lower():
            return scale.low + place
    labelled = _STEP_AND_LABEL.fullmatch(text) or _LABEL_AND_STEP.fullmatch(text)
    if labelled is None or is_date(text):
        return math.nan
    value = scale.snapped(float(labelled["step"]))
    label = labelled["label"].strip(" ()")
    # "4 - poor" contradicts itself.
    known = [scale.low + place for place, name in enumerate(scale.labels) if label == name.lower()]
    return value if not known or value in known else math.nan
