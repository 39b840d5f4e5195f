"""CSV files as rows of named cells: what spreadsheets add to a table is taken away, and told."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from mixrules.files.tables.numbers import NumberFormat
from mixrules.files.tables.reading import TableText, numbers_lines, table_of
from mixrules.ratings.readers.told import Told
from mixrules.ratings.reading import UnusableError


@dataclass(frozen=True, slots=True)
class CsvTable:
    """A CSV file: its head, its other lines as they are, what separates cells, and what was taken away."""

    head: tuple[str, ...]
    lines: tuple[tuple[int, tuple[str, ...]], ...]
    separator: str = ","
    left_out: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> CsvTable:
        """Read CSV, separated by commas, semicolons, tabs or ``|``.

        Parameters
        ----------
        text : str
            The file's content.

        Returns
        -------
        CsvTable
            Its head, and the lines that are not empty; without titles above the head, heads that come again, columns
            that are empty and a column that numbers the lines.

        Raises
        ------
        UnusableError
            If it is empty.
        AudioFileError
            If it is no CSV.
        """
        found = table_of(text, "")
        told = Told()
        lines = list(found.lines)
        first = next((p for p, (_, cells) in enumerate(lines) if sum(map(bool, cells)) > 1), 0)
        for number, _ in lines[:first]:
            told.add("a title above the head", f"line {number}", "lines")
        lines = lines[first:]
        if not lines:
            raise UnusableError("it is empty")
        head = lines[0][1]
        again = [number for number, cells in lines[1:] if _key(cells) == _key(head)]
        # Right below it, it is what a survey asked, in the same words.
        for number in again[1 if len(lines) > 1 and again[:1] == [lines[1][0]] else 0 :]:
            told.add("the head again", f"line {number}", "lines")
        body = [line for line in lines[1:] if line[0] not in again]
        return cls._with_columns(TableText(found.separator, tuple([lines[0], *body])), told)

    @classmethod
    def _with_columns(cls, table: TableText, told: Told) -> CsvTable:
        (_, head), body = table.lines[0], table.lines[1:]
        kept = []
        for place, name in enumerate(head):
            column = [c[place] for _, c in body if place < len(c)]
            if not name and not any(column):
                continue
            if numbers_lines(name, column):
                told.add("it numbers the lines", f"column {place + 1}", "columns")
                continue
            kept.append(place)
        width = len(head)
        lines = []
        for number, cells in body:
            # Cells that are empty beyond the head are no cells, unless "27,5" between commas may have moved those before
            # them. Cells that lack stay so.
            moved = table.separator == "," and any(cells[width - 1 : width])
            beyond = cells[width:] if moved or any(cells[width:]) else ()
            lines.append((number, (*(cells[p] for p in kept if p < len(cells)), *beyond)))
        names = tuple(head[p] or f"column {p + 1}" for p in kept)
        return cls(names, tuple(lines), table.separator, tuple(told.sentences()))

    def named(self, names: Iterable[str]) -> CsvTable:
        """Return the table with its columns under known names, whatever their case, blanks and underscores.

        Parameters
        ----------
        names : iterable of str
            The names that are known.
        """
        known = {_squeezed(name): name for name in names}
        return replace(self, head=tuple(known.get(_squeezed(name), name) for name in self.head))

    def require_once(self, names: Collection[str]) -> None:
        """Raise `UnusableError` if a column of these stands twice."""
        for name in self.head:
            if name in names and self.head.count(name) > 1:
                raise UnusableError(f"the column {name!r} stands twice in its head")

    def format_of(self, columns: Collection[str], skip: int = 0) -> NumberFormat:
        """Return how the numbers of some columns are written; see `numbered` for `skip`."""
        places = [place for place, name in enumerate(self.head) if name in columns]
        cells = (c[p] for _, c in self.lines[skip:] for p in places if p < len(c))
        return NumberFormat.of(cells, self.separator)

    def numbered(
        self, told: Told, needed: Collection[str] | None = None, skip: int = 0
    ) -> Iterator[tuple[int, dict[str, str]]]:
        """Yield the line number and the cells by name of each line.

        A line with more cells than the head, or without a cell that is needed, is told and left out.

        Parameters
        ----------
        told : Told
            Who is told.
        needed : collection of str, optional
            Columns whose cells must be there, by default all: spreadsheets leave out empty cells at a line's end.
        skip : int
            How many lines after the head to leave out.
        """
        wanted = [p for p, name in enumerate(self.head) if needed is None or name in needed]
        least = max(wanted, default=-1) + 1
        for number, cells in self.lines[skip:]:
            if least <= len(cells) <= len(self.head):
                yield number, dict(zip(self.head, cells + ("",) * (len(self.head) - len(cells)), strict=True))
            else:
                told.add(
                    "another number of cells than in the head",
                    f"line {number} has {len(cells)} cells, its head has {len(self.head)}",
                )


def _key(cells: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(_squeezed, cells))


def _squeezed(name: str) -> str:
    return re.sub(r"[\s_\-]+", "", name.casefold())
