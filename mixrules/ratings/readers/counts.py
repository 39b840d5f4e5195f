"""A plain table of counts: for each condition and attribute, how often each word of the scale was given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mixrules.files.tables.numbers import NumberFormat, cell_number
from mixrules.ratings.group_names import ALL
from mixrules.ratings.readers.count_columns import (
    NAMES,
    Steps,
    scale_columns,
    steps_of,
)
from mixrules.ratings.readers.csv_rows import CsvTable
from mixrules.ratings.readers.figures import is_figure, is_figure_of
from mixrules.ratings.readers.told import Told
from mixrules.ratings.readers.values import unusable
from mixrules.ratings.reading import FileRatings, LeftOut, UnusableError
from mixrules.ratings.table import RatingTable, Row, ScaleRange

FORMAT = "counts"
_MOST = 1_000_000
_LINES = "lines"

Line = tuple[int, dict[str, str]]


def is_counts(table: CsvTable) -> bool:
    """Whether a table's head is that of counts.

    Parameters
    ----------
    table : CsvTable
        Any table.
    """
    head = table.named(NAMES).head
    return "condition" in head and "attribute" in head and sum(name not in NAMES for name in head) >= 2


def read_counts(table: CsvTable, source: str) -> FileRatings:
    """Read a table of counts: columns condition, attribute, optionally group and song, then the scale's words.

    The words stand from worst to best. Listeners are not known from such a table, so values count as
    independent. Totals, means and comments among the columns and lines are told and left out; so is a line with a cell
    that is no count.

    Parameters
    ----------
    table : CsvTable
        The table.
    source : str
        The file's name.

    Returns
    -------
    FileRatings

    Raises
    ------
    UnusableError
        If no line can be used, a line stands twice, or it is not known which columns are words of the scale.
    """
    table = table.named(NAMES)
    table.require_once(table.head)
    told = Told()
    lines = list(table.numbered(told))
    names = [name for name in table.head if name not in NAMES]
    form = table.format_of(names)
    grid = {name: [_count(cells[name], form) for _, cells in lines] for name in names}
    cells = {name: [cells[name] for _, cells in lines] for name in names}
    words, totals = scale_columns(cells, grid, told)
    if len(words) < 2:
        raise UnusableError("fewer than two of its columns are words of a scale" + told.why(_LINES))
    steps = steps_of(words)
    scale = ScaleRange(
        low=float(steps.low), high=float(steps.low + len(steps.labels) - 1), labels=steps.labels
    )
    good = _good_lines(lines, grid, words, totals, told)
    rows = _rows(good, grid, steps)
    if not rows:
        raise UnusableError("it counts no ratings" + told.why(_LINES))
    said = (*table.left_out, *told.sentences(_LINES))
    return FileRatings(
        format=FORMAT,
        scale=scale,
        counted=RatingTable.from_rows(rows, scale=scale, design="independent"),
        left_out=tuple(LeftOut(source, what) for what in said),
        notes=("its words stand from best to worst and are read so",) if _reversed(steps, words) else (),
    )


def _reversed(steps: Steps, words: Sequence[str]) -> bool:
    return [column for column in steps.columns if column] != list(words)


def _count(cell: str, form: NumberFormat) -> int | None:
    """Return the whole number from 0 that a cell is, or None; powers of ten have lost their last digits."""
    number = cell_number(cell, form, whole=True)
    if number is None or number.percent or "e" in cell.lower():
        return None
    return int(number.value) if 0 <= number.value <= 1e12 and number.value.is_integer() else None


def _good_lines(
    lines: Sequence[Line],
    grid: Mapping[str, Sequence[int | None]],
    words: Sequence[str],
    totals: Sequence[str],
    told: Told,
) -> list[tuple[int, int, dict[str, str]]]:
    """Return the lines that count ratings: each with its place among all, its number and its cells."""
    good: list[tuple[int, int, dict[str, str]]] = []
    marked = []
    for place, (number, cells) in enumerate(lines):
        names = [cells.get(name, "") for name in NAMES]
        if any(map(is_figure, names)):
            marked.append((place, number, cells))
            continue
        if not cells["condition"] or not cells["attribute"]:
            told.add("condition or attribute is empty, every line needs both", f"line {number}", _LINES)
        elif _countable(place, number, cells, grid, words, totals, told):
            good.append((place, number, cells))
    for place, number, cells in marked:
        if _sums_up(place, cells, [(p, c) for p, _, c in good], grid, words):
            told.add("totals or other figures of the lines above", f"line {number}", _LINES)
        elif not cells["condition"] or not cells["attribute"]:
            told.add("condition or attribute is empty, every line needs both", f"line {number}", _LINES)
        # A mix may be called "sum".
        elif _countable(place, number, cells, grid, words, totals, told):
            good.append((place, number, cells))
    return sorted(good, key=lambda line: line[0])


def _countable(
    place: int,
    number: int,
    cells: Mapping[str, str],
    grid: Mapping[str, Sequence[int | None]],
    words: Sequence[str],
    totals: Sequence[str],
    told: Told,
) -> bool:
    """Whether each word of a line is counted, and they sum up to its totals."""
    for word in words:
        if grid[word][place] is None:
            what = "empty; write 0 where nobody chose it" if not cells[word] else unusable(cells[word])
            got = "is" if not cells[word] else "got"
            told.add(f"{word} must be a whole number from 0, {got} {what}", f"line {number}", _LINES)
            return False
    counted = sum(grid[word][place] or 0 for word in words)
    for name in totals:
        if grid[name][place] not in (None, counted):
            told.add(f"the words of a line must sum up to its {name}", f"line {number}: {counted}", _LINES)
            return False
    return True


def _sums_up(
    place: int,
    cells: Mapping[str, str],
    others: Sequence[tuple[int, Mapping[str, str]]],
    grid: Mapping[str, Sequence[int | None]],
    words: Sequence[str],
) -> bool:
    """Whether a line holds the sums, means or other figures of those others that share its names."""
    own = {name: cells.get(name, "") for name in NAMES}
    said = next(cell for cell in own.values() if is_figure(cell))
    same = {name: cell for name, cell in own.items() if cell and not is_figure(cell)}
    summed = [p for p, c in others if all(c.get(name, "") == cell for name, cell in same.items())]
    return all(is_figure_of(said, grid[word][place], [grid[word][p] or 0 for p in summed]) for word in words)


def _rows(
    lines: Sequence[tuple[int, int, Mapping[str, str]]],
    grid: Mapping[str, Sequence[int | None]],
    steps: Steps,
) -> list[Row]:
    rows: list[Row] = []
    seen: dict[tuple[str, ...], int] = {}
    for place, number, cells in lines:
        names = tuple(cells.get(name, "") for name in NAMES)
        if names in seen:
            raise UnusableError(
                f"line {number} counts the same as line {seen[names]}: {', '.join(filter(None, names))}"
            )
        seen[names] = number
        for value, column in enumerate(steps.columns, start=steps.low):
            count = (grid[column][place] or 0) if column else 0
            if len(rows) + count > _MOST:
                raise UnusableError(f"line {number}: over {_MOST} ratings in all")
            group = cells.get("group") or ALL
            row = Row("", group, cells.get("song", ""), cells["condition"], cells["attribute"], value, "", 0)
            rows += [row] * count
    return rows
