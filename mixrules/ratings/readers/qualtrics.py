"""Qualtrics' CSV export: three lines of head (names, question texts, import ids), then a line a response.

A column is a rating if our export named it, or its name or question text holds a stimulus id of our key and the
attribute; without a key, if its name is ``SONG__CONDITION__ATTRIBUTE``.
"""

from __future__ import annotations

import math
import re
from collections import Counter

from mixrules.ratings.readers.csv_rows import CsvTable
from mixrules.ratings.readers.resolve import Meaning, Resolver
from mixrules.ratings.reading import Batch, FileRatings, LeftOut, UnusableError
from mixrules.ratings.table import CONTINUOUS, LIKERT, Row, ScaleRange

FORMAT = "qualtrics"
_RECORDED = re.compile(
    r"StartDate|EndDate|Status|IPAddress|Progress|Duration.*|Finished|RecordedDate|ResponseId|Recipient.*"
    r"|ExternalReference|Location.*|DistributionChannel|UserLanguage|Q_.*"
)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def is_qualtrics(table: CsvTable) -> bool:
    """Whether a table is an export of Qualtrics.

    Parameters
    ----------
    table : CsvTable
        Any table.
    """
    return "ResponseId" in table.head and len(table.lines) >= 2 and "ImportId" in "".join(table.lines[1][1])


def read_qualtrics(table: CsvTable, source: str, resolver: Resolver) -> FileRatings:
    """Read a CSV export of Qualtrics, of choice texts or of numeric values.

    Parameters
    ----------
    table : CsvTable
        The table.
    source : str
        The file's name.
    resolver : Resolver
        With the key of our test.

    Returns
    -------
    FileRatings

    Raises
    ------
    UnusableError
        If no column is a rating, or a cell is neither a number nor a word of the scale.
    """
    texts = dict(zip(table.head, table.lines[0][1], strict=False))
    ours = _our_columns(resolver)
    columns = {
        name: found for name in table.head if (found := _meaning(name, texts.get(name, ""), resolver, ours))
    }
    if not columns:
        raise UnusableError(
            "no column of it is a rating: names or texts with stimulus ids of the key are accepted, or columns "
            "named SONG__CONDITION__ATTRIBUTE"
        )
    about = [n for n in table.head if n and n not in columns and not _RECORDED.fullmatch(n)]
    lines = list(table.numbered(skip=2))
    scale = resolver.scale() or _scale_of([cells[c] for _, cells in lines for c in columns])
    batches, skipped = [], Counter[str]()
    for number, cells in lines:
        if cells.get("Status", "") in ("Survey Preview", "Survey Test", "1", "2"):
            skipped["previews of the survey"] += 1
            continue
        listener = cells["ResponseId"] or f"line {number}"
        rows = []
        for name, meaning in columns.items():
            if not cells[name]:
                continue
            value = _value(cells[name], scale, number, name)
            rows.append(
                Row(
                    listener=listener,
                    group="",
                    song=meaning.song,
                    condition=meaning.condition,
                    attribute=meaning.attribute,
                    value=value,
                    page=meaning.page,
                    repeat=meaning.repeat,
                )
            )
        if not rows:
            skipped["responses without a rating"] += 1
            continue
        batches.append(
            Batch(
                source=source,
                listener=listener,
                session=listener,
                started=cells.get("StartDate", ""),
                rows=tuple(rows),
                answers={n: cells[n] for n in about},
            )
        )
    if not batches:
        raise UnusableError("no response in it holds a rating")
    left_out = tuple(LeftOut(source, f"{n} lines left out: {what}") for what, n in skipped.items())
    return FileRatings(format=FORMAT, scale=scale, batches=tuple(batches), left_out=left_out)


def _our_columns(resolver: Resolver) -> dict[str, Meaning | None]:
    """Return what the columns of our own export mean."""
    if resolver.test is None:
        return {}
    from mixrules.listening.exports.qualtrics_survey import qualtrics_columns

    rows = CsvTable.parse(qualtrics_columns(resolver.test)).numbered()
    return {
        cells["column"]: resolver.meaning(cells["page"], cells["stimulus_id"], cells["attribute"])
        for _, cells in rows
    }


def _meaning(name: str, text: str, resolver: Resolver, ours: dict[str, Meaning | None]) -> Meaning | None:
    if _RECORDED.fullmatch(name):
        return None
    if name in ours:
        return ours[name]
    if resolver.key is not None:
        return resolver.meaning(f"{name} {text}", "")
    parts = name.split("__")
    if len(parts) != 3 or not all(parts):
        return None
    song, condition, attribute = parts
    return Meaning(page=song, song=song, condition=condition, attribute=attribute, repeat=0)


def _scale_of(cells: list[str]) -> ScaleRange:
    """Return the scale that all cells lie on: five words or 1 to 5, else 0 to 100."""
    words = {label.lower() for label in LIKERT.labels}
    numbers = [_NUMBER.match(cell) for cell in cells if cell and cell.lower() not in words]
    five = all(number is not None and LIKERT.contains(float(number[0])) for number in numbers)
    return LIKERT if five else CONTINUOUS


def _value(cell: str, scale: ScaleRange, line: int, column: str) -> float:
    words = {label.lower(): scale.low + i for i, label in enumerate(scale.labels)}
    number = _NUMBER.search(cell)
    value = words.get(cell.lower(), math.nan) if scale.steps else math.nan
    if math.isnan(value) and number:
        value = float(number[0])
    if not scale.contains(value):
        accepted = f"{scale.low:g} to {scale.high:g}" + (" or a word of the scale" if scale.steps else "")
        raise UnusableError(f"line {line}: {column} must be {accepted}, got {cell[:40]!r}")
    return value
