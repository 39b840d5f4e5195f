"""Reading tables of text as spreadsheets save them: any encoding, any separator, one line of reason where that fails."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mixrules._support.text_encoding import encoding_by_mark
from mixrules.errors import AudioFileError
from mixrules.files.atomic import cannot_read
from mixrules.files.tables.writing import unescaped

SEPARATORS = ",;\t|"
WINDOWS = "Windows-1252"
"""The encoding that is taken for granted where text is not Unicode."""
_AS_CSV = "save the sheet as CSV and name that file"
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")
_SEP = re.compile(r'"?sep=(.)"?[ ;,\t]*(?:\r\n|\r|\n|$)', re.IGNORECASE)
_INDEX = re.compile(r"(?:unnamed:? *\d*(?:\.\d+)?|index|#|nr\.?|row|rownames|zeile|\.\.\.1|level_0)?")
_WHOLE = re.compile(r"\d{1,9}(?:\.0)?")
_INVISIBLE = "\ufeff\u200b\u200e\u200f\u2060"
_TRIED = 50


@dataclass(frozen=True, slots=True)
class TableText:
    """A table's cells: what separates them, and its lines that are not blank, each with the number it begins at."""

    separator: str
    lines: tuple[tuple[int, tuple[str, ...]], ...]


def read_any_text(path: str | os.PathLike[str], *, largest: int) -> tuple[str, str]:
    """Return a file's text in whichever encoding it is.

    Parameters
    ----------
    path : path-like
        The file: UTF-8, UTF-16 or UTF-32; else, if it is no JSON, Windows-1252.
    largest : int
        How many bytes it may have.

    Returns
    -------
    text, encoding : str

    Raises
    ------
    AudioFileError
        If it cannot be read, is too large, a workbook or an archive, or no text.
    """
    try:
        with open(path, "rb") as file:
            data = file.read(largest + 1)
    except OSError as error:
        raise cannot_read(Path(path), error) from error
    if len(data) > largest:
        raise AudioFileError(f"{path} is larger than {largest >> 20} MiB")
    other = _no_text(data)
    if other:
        raise AudioFileError(f"{path} is {other}")
    text, encoding = _decoded(data)
    text = text.removeprefix("\ufeff").removesuffix("\x1a")
    bad = _CONTROL.search(text)
    if encoding == "" or bad:
        where = (
            f" (line {text.count(chr(10), 0, bad.start()) + 1} holds {bad[0]!r})" if encoding and bad else ""
        )
        raise AudioFileError(
            f"{path} is not text that can be read{where}: UTF-8, UTF-16 or {WINDOWS} is accepted"
        )
    return text, encoding


def table_of(text: str, source: str) -> TableText:
    """Return the cells of a table.

    Parameters
    ----------
    text : str
        The table, its cells separated by commas, semicolons, tabs or ``|``, whichever fits its lines best; a first
        line ``sep=;`` decides.
    source : str
        What to call it in an error message.

    Returns
    -------
    TableText
        Its cells without blanks around them, and without the apostrophe before a formula.

    Raises
    ------
    AudioFileError
        If a quotation mark is not closed or a cell is too long.
    """
    first, skipped = 1, _SEP.match(text)
    if skipped is not None:
        text, first, separator = text[skipped.end() :], 2, skipped[1]
    else:
        separator = _separator(text)
    lines = _lines(text, separator, source, first)
    if lines and all(not any(cells[1:]) for _, cells in lines):
        # Whole lines in quotes: what a spreadsheet saves of CSV that it took for one column.
        inner = "\n".join(cells[0] for _, cells in lines)
        if _separator(inner, default="") and "\n" not in "".join(cells[0] for _, cells in lines):
            found = table_of(inner, source)
            return TableText(found.separator, tuple((lines[n - 1][0], cells) for n, cells in found.lines))
    return TableText(separator, tuple(lines))


def numbers_lines(name: str, cells: Sequence[str]) -> bool:
    """Return whether a column numbers the lines, as data frames are saved with their index.

    Parameters
    ----------
    name : str
        The column's head: empty, ``Unnamed: 0``, or a word such as index; then its numbers must go up by one.
    cells : sequence of str
        The column.
    """
    given = [cell for cell in cells if cell]
    if not given or not _INDEX.fullmatch(name.lower()) or not all(map(_WHOLE.fullmatch, given)):
        return False
    numbers = [int(float(cell)) for cell in given]
    unnamed = not name or "unnamed" in name.lower()
    return len(set(numbers)) == len(numbers) and (
        unnamed or numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    )


def _no_text(data: bytes) -> str:
    """Return what a file is that is a well-known other thing than text, or nothing."""
    if data.startswith(b"PK\x03\x04"):
        if b"xl/" in data or b"[Content_Types].xml" in data:
            return f"an Excel workbook (.xlsx), not text: {_AS_CSV}"
        if b"opendocument.spreadsheet" in data:
            return f"an OpenDocument sheet (.ods), not text: {_AS_CSV}"
        if b".iwa" in data:
            return f"a Numbers document, not text: {_AS_CSV}"
        return "a zip archive: unpack it and name the files in it"
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        return f"an Excel workbook (.xls), not text: {_AS_CSV}"
    if data.startswith(b"\x1f\x8b"):
        return "compressed with gzip: unpack it and name the file in it"
    return "a PDF, not a table" if data.startswith(b"%PDF") else ""


def _decoded(data: bytes) -> tuple[str, str]:
    """Return bytes as text and the encoding; without one if they are no text."""
    encoding = encoding_by_mark(data)
    if not encoding and b"\0" in data:
        head = data[:4096]
        low, high = head[1::2].count(0), head[0::2].count(0)
        wide = max(low, high) > len(head) // 8 and max(low, high) > 4 * min(low, high)
        encoding = ("utf-16-le" if low > high else "utf-16-be") if wide else "utf-8"
    tried = [encoding] if encoding else ["utf-8"]
    if not encoding and data.lstrip()[:1] not in (b"{", b"["):
        tried.append("cp1252")
    for name in tried:
        try:
            return data.decode(name), WINDOWS if name == "cp1252" else name
        except UnicodeDecodeError:
            continue
    return "", ""


def _separator(text: str, default: str = ",") -> str:
    """Return the separator by which most lines have as many cells as the head; of several, that of most cells."""
    best, found = (0.0, 0), default
    start = text[: 1 << 16]
    for separator in SEPARATORS:
        reader = csv.reader(io.StringIO(start, newline=""), delimiter=separator, skipinitialspace=True)
        counts: list[int] = []
        try:
            for cells in reader:
                if any(cells):
                    counts.append(len(cells))
                if len(counts) == _TRIED:
                    break
        except csv.Error:
            pass
        head = next((n for n in counts if n > 1), 0)
        score = (counts.count(head) / len(counts), head) if head else (0.0, 0)
        if score > best:
            best, found = score, separator
    return found


def _lines(text: str, separator: str, source: str, first: int) -> list[tuple[int, tuple[str, ...]]]:
    # Strictly first: a quotation mark that is never closed would swallow what follows.
    lines: list[tuple[int, tuple[str, ...]]] = []
    for strict in (True, False):
        reader = csv.reader(
            io.StringIO(text, newline=""), delimiter=separator, strict=strict, skipinitialspace=True
        )
        lines, begins = [], first
        try:
            for cells in reader:
                cleaned = tuple(_cleaned(cell) for cell in cells)
                if any(cleaned):
                    lines.append((begins, cleaned))
                begins = first + reader.line_num
        except csv.Error as error:
            if strict and "expected after" in str(error):
                continue
            why = {"unexpected end of data": "a quotation mark is not closed"}.get(str(error), str(error))
            if "field limit" in why:
                why = f"a cell is longer than {csv.field_size_limit()} characters"
            raise AudioFileError(f"{source} is not CSV that can be read (line {begins}: {why})") from None
        break
    return lines


def _cleaned(cell: str) -> str:
    cell = cell.strip().strip(_INVISIBLE).strip()
    if cell.startswith('="') and cell.endswith('"') and len(cell) > 3:
        cell = cell[2:-1]  # how spreadsheets are told that digits are text
    return unescaped(cell)
