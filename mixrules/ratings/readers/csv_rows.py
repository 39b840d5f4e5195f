"""CSV files as rows of named cells."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from mixrules.ratings.reading import UnusableError


@dataclass(frozen=True, slots=True)
class CsvTable:
    """A CSV file: its head, and its other lines as they are."""

    head: tuple[str, ...]
    lines: tuple[tuple[int, tuple[str, ...]], ...]

    @classmethod
    def parse(cls, text: str) -> CsvTable:
        """Read CSV, separated by commas, semicolons or tabs.

        Parameters
        ----------
        text : str
            The file's content.

        Returns
        -------
        CsvTable
            Its head, and the lines that are not empty.

        Raises
        ------
        UnusableError
            If it is no CSV, or its head names a column twice.
        """
        first = text.partition("\n")[0]
        separator = max(",;\t", key=first.count)
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        try:
            lines = [(reader.line_num, tuple(cells)) for cells in reader if any(cells)]
        except csv.Error as error:
            raise UnusableError(f"it is not CSV that can be read (line {reader.line_num}: {error})") from None
        if not lines:
            raise UnusableError("it is empty")
        head = tuple(name.strip() for name in lines[0][1])
        for name in head:
            if name and head.count(name) > 1:
                raise UnusableError(f"the column {name!r} stands twice in its head")
        return cls(head, tuple(lines[1:]))

    def numbered(self, skip: int = 0) -> Iterator[tuple[int, dict[str, str]]]:
        """Yield the line number and the cells by name of each line.

        Parameters
        ----------
        skip : int
            How many lines after the head to leave out.

        Raises
        ------
        UnusableError
            Where a line has more or fewer cells than the head.
        """
        for number, cells in self.lines[skip:]:
            if len(cells) != len(self.head):
                raise UnusableError(f"line {number} has {len(cells)} cells, its head has {len(self.head)}")
            yield number, dict(zip(self.head, (c.strip() for c in cells), strict=True))
