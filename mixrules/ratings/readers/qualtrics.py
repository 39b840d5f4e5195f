"""Qualtrics' CSV export: lines of head (names, question texts, mostly import ids), then a line a response.

A column is a rating if our export named it, or its name or question text holds a stimulus id of our key and the
attribute; without a key, if its name is ``SONG__CONDITION__ATTRIBUTE``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from mixrules.files.tables.numbers import NumberFormat, is_missing
from mixrules.ratings.readers.csv_rows import CsvTable
from mixrules.ratings.readers.figures import is_figure
from mixrules.ratings.readers.resolve import Meaning, Resolver
from mixrules.ratings.readers.told import Told
from mixrules.ratings.readers.values import described, unusable, value_on
from mixrules.ratings.reading import Batch, FileRatings, LeftOut, UnusableError
from mixrules.ratings.table import CONTINUOUS, LIKERT, Row, ScaleRange

FORMAT = "qualtrics"
_RECORDED = re.compile(
    r"StartDate|EndDate|Status|IPAddress|Progress|Duration.*|Finished|RecordedDate|ResponseId|Recipient.*"
    r"|ExternalReference|Location.*|DistributionChannel|UserLanguage|Q_.*"
)
_NAMES = ("ResponseId", "Status", "Finished", "Progress", "StartDate", "EndDate", "DistributionChannel")
_NO_ANSWER = 1 | 2 | 8
"""Bits of a numeric status: survey preview, survey test, spam."""
_UNFINISHED = ("false", "0", "no", "falsch", "nein", "faux", "falso")
_MOSTLY = 0.9
_FEW = 10


def is_qualtrics(table: CsvTable) -> bool:
    """Whether a table is an export of Qualtrics: a ``ResponseId``, and its own columns or import ids beside it.

    Parameters
    ----------
    table : CsvTable
        Any table.
    """
    head = table.named(_NAMES).head
    return "ResponseId" in head and (len(set(_NAMES) & set(head)) >= 3 or _head_lines(table) == 2)


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
        If no column is a rating, or none of their cells is a number or a word of the scale.
    """
    table = table.named(_NAMES)
    skip = _head_lines(table)
    texts = dict(zip(table.head, table.lines[0][1], strict=False)) if skip else {}
    ours = _our_columns(resolver)
    columns = {
        name: found for name in table.head if (found := _meaning(name, texts.get(name, ""), resolver, ours))
    }
    if not columns:
        raise UnusableError(
            "no column of it is a rating: names or texts with stimulus ids of the key are accepted, or columns "
            "named SONG__CONDITION__ATTRIBUTE"
        )
    table.require_once({*columns, "ResponseId"})
    about = [n for n in table.head if n and n not in columns and not _RECORDED.fullmatch(n)]
    told = Told()
    lines = _responses(table, columns, skip, told)
    form = table.format_of(columns, skip)
    scale = resolver.scale() or _scale_of([cells[c] for _, cells in lines for c in columns], form)
    batches = []
    for number, cells in lines:
        listener = cells["ResponseId"] or f"line {number}"
        reason = _no_response(cells)
        rows = () if reason else _rows(cells, columns, scale, form, listener, f"line {number}", told)
        if not rows:
            told.add(reason or "without a rating", unit="responses")
            continue
        batches.append(
            Batch(
                source=source,
                listener=listener,
                session=listener,
                started=cells.get("StartDate", ""),
                rows=rows,
                answers={n: cells[n] for n in about},
            )
        )
    if not batches:
        raise UnusableError("no response in it holds a rating" + told.why())
    said = (*table.left_out, *told.sentences())
    return FileRatings(
        format=FORMAT,
        scale=scale,
        batches=tuple(batches),
        left_out=tuple(LeftOut(source, what) for what in said),
    )


def _responses(
    table: CsvTable, columns: Mapping[str, Meaning], skip: int, told: Told
) -> list[tuple[int, dict[str, str]]]:
    """Return the lines of responses with their numbers, without a head that stands there again."""
    lines = []
    for number, cells in table.numbered(told, {"ResponseId", *columns}, skip):
        if _is_head(cells["ResponseId"]):
            told.add("the head again", f"line {number}", "lines")
        else:
            lines.append((number, cells))
    return lines


def _rows(
    cells: Mapping[str, str],
    columns: Mapping[str, Meaning],
    scale: ScaleRange,
    form: NumberFormat,
    listener: str,
    where: str,
    told: Told,
) -> tuple[Row, ...]:
    """Return a response's ratings; what is no value of the scale is told."""
    rows = []
    for name, meaning in columns.items():
        if is_missing(cells[name]):
            continue
        value = value_on(cells[name], scale, form)
        if math.isnan(value):
            told.add(f"{name} must be {described(scale)}", f"{where}: got {unusable(cells[name])}")
        else:
            rows.append(meaning.row(listener, value))
    return tuple(rows)


def _head_lines(table: CsvTable) -> int:
    """Return how many lines below the names belong to the head: question texts, import ids."""
    place = {name: p for p, name in enumerate(table.named(_NAMES).head)}.get("ResponseId", 0)
    count = 0
    for number, (_, cells) in enumerate(table.lines[:2], 1):
        if _is_head(cells[place] if place < len(cells) else ""):
            count = number
    return count


def _is_head(response_id: str) -> bool:
    return "ImportId" in response_id or re.sub(r"[\s_-]", "", response_id).lower() == "responseid"


def _no_response(cells: Mapping[str, str]) -> str:
    """Return why a line is no response of a listener, or nothing."""
    recorded = [cell for name, cell in cells.items() if _RECORDED.fullmatch(name) and cell]
    if all(map(is_figure, recorded)):
        return "nothing was recorded of them but figures"
    status = cells.get("Status", "").lower()
    number = int(status) if status.isascii() and status.isdigit() and len(status) < 4 else 0
    channel = cells.get("DistributionChannel", "").lower()
    if "spam" in status or number & 8:
        return "spam, says their status"
    if re.search("preview|test|vorschau", status) or number & _NO_ANSWER or channel in ("preview", "test"):
        return "previews or tests of the survey"
    progress = cells.get("Progress", "")
    if cells.get("Finished", "").lower() in _UNFINISHED or (
        "Finished" not in cells and progress.isascii() and progress.isdigit() and int(progress[:4]) < 100
    ):
        return "not finished"
    return ""


def _our_columns(resolver: Resolver) -> dict[str, Meaning | None]:
    """Return what the columns of our own export mean."""
    if resolver.test is None:
        return {}
    from mixrules.listening.exports.qualtrics_survey import qualtrics_columns

    rows = CsvTable.parse(qualtrics_columns(resolver.test)).numbered(Told())
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


def _scale_of(cells: Sequence[str], form: NumberFormat) -> ScaleRange:
    """Return the scale that cells lie on: five words or 1 to 5, else 0 to 100.

    A slip of the pen among many answers does not change the scale.
    """
    given = [cell for cell in cells if not is_missing(cell)]
    five = sum(not math.isnan(value_on(cell, LIKERT, form)) for cell in given)
    usable = sum(not math.isnan(value_on(cell, CONTINUOUS, form)) for cell in given)
    mostly = len(given) >= _FEW and five >= _MOSTLY * len(given)
    return LIKERT if five and (mostly or five >= usable) else CONTINUOUS
