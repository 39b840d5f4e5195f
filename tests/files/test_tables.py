"""Cells and tables as spreadsheets of any country save them, read and written."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest

import mixrules
from mixrules.errors import AudioFileError
from mixrules.files import write_text_atomic
from mixrules.files.tables.numbers import NumberFormat, cell_number, is_missing, not_a_number
from mixrules.files.tables.reading import numbers_lines, read_any_text, table_of
from mixrules.files.tables.writing import csv_text, unescaped

LARGEST = 1 << 20


def value(cell: str, *others: str, separator: str = ",", whole: bool = False) -> float | None:
    found = cell_number(cell, NumberFormat.of([cell, *others], separator), whole=whole)
    return None if found is None else found.value


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        *(("72,9", 72.9), ("72.9", 72.9), ("0,125", 0.125), (",5", 0.5), ("72,", 72.0), ("1.234,5", 1234.5)),
        *(("1,234.5", 1234.5), ("1.234.567", 1234567.0), ("1 234", 1234.0), ("1\u202f234,5", 1234.5)),
        *(("1'234.5", 1234.5), ("1’234", 1234.0), ("−5,5", -5.5), ("–5", -5.0), ("+5", 5.0), ("7,29E+01", 72.9)),
        *(("７２，９", 72.9), ("٧٢٫٩", 72.9), ("\u00a072,9\u00a0", 72.9), ("72,900000000000006", 72.900000000000006)),
    ],
)  # fmt: skip
def test_a_number_is_read_whole_in_any_locale(cell: str, expected: float) -> None:
    assert value(cell) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize(
    "cell",
    [
        *("72,9 dB", "72 9", "7²", "1.2.3", "1,23,4", "03-Sep", "1_000", "0x1F", "inf", "1e999", "TRUE", "72/100"),
        *("1" * 70, "1.234,567,8", "12.34.567", "1 2345", "½", "#DIV/0!", "--5", "5-", "12:30"),
    ],
)  # fmt: skip
def test_a_cell_that_is_not_a_number_as_a_whole_is_none(cell: str) -> None:
    assert value(cell) is None


@pytest.mark.parametrize(
    ("column", "separator", "whole", "expected"),
    [
        # A comma or point before three digits: the others of the column decide, then whether counts are wanted.
        (("72,915", "3,9"), ",", False, 72.915),
        (("72,915", "1,000.5"), ",", False, 72915.0),
        (("72.915", "3,9"), ";", False, 72915.0),
        (("72.915",), ";", False, 72.915),
        (("1.234", "12"), ";", True, 1234.0),
        (("1,234", "12"), ",", True, 1234.0),
        (("1.234", "12"), ",", True, 1.234),
        (("33.333", "66.667"), ";", True, None),
    ],
)
def test_what_a_mark_in_doubt_means(
    column: tuple[str, ...], separator: str, whole: bool, expected: float | None
) -> None:
    assert value(*column, separator=separator, whole=whole) == expected


def test_a_percent_sign_is_told() -> None:
    assert cell_number("72,5 %", NumberFormat(decimal=",")) == (72.5, True)


@pytest.mark.parametrize(
    "cell", ["", "-", "–", "NA", "n/a", "#N/A", "#NV", "NaN", "null", "NULL", "None", " ", "<NA>", "k. A."]
)
def test_cells_without_a_value(cell: str) -> None:
    assert is_missing(cell)
    assert not is_missing(f"{cell}0")


@pytest.mark.parametrize(
    ("cell", "hint"),
    [
        *(("03-Sep", "date"), ("3. Sep", "date"), ("Mrz 09", "date"), ("2026-03-09 00:00:00", "date")),
        *(("3.9.26", "date"), ("14:30", "date"), ("#DIV/0!", "error"), ("#WERT!", "error")),
        *(("Err:502", "error"), ("good", "")),
    ],
)  # fmt: skip
def test_what_a_cell_that_is_no_number_may_be(cell: str, hint: str) -> None:
    assert hint in not_a_number(cell)
    assert bool(not_a_number(cell)) == bool(hint)


TABLE = "condition;attribute;würde\nA;Höhen;3\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
)
def test_text_of_any_encoding(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(TABLE.encode(encoding))
    text, found = read_any_text(path, largest=LARGEST)
    assert text == TABLE
    assert (found == "Windows-1252") == (encoding == "cp1252")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"PK\x03\x04...[Content_Types].xml", r"Excel workbook \(.xlsx\), not text: save the sheet as CSV"),
        (b"PK\x03\x04mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "OpenDocument sheet"),
        (b"PK\x03\x04Index/Document.iwa", "Numbers document"),
        (b"PK\x03\x04ratings.csv", "zip archive: unpack it"),
        (b"\xd0\xcf\x11\xe0", r"Excel workbook \(.xls\)"),
        (b"\x1f\x8b\x08", "compressed with gzip"),
        (b"\xff\xfea\0b", "not text"),
        (b"a,b\n1,\x002\n", r"line 2 holds '\\x00'"),
        (b"\x89PNG\r\n\x1a\n", "not text"),
        (b'{"name": "\xe4"}', "not text"),  # JSON is UTF-8
        (b"x" * (LARGEST + 1), "larger than 1 MiB"),
    ],
)  # fmt: skip
def test_what_is_no_text_says_what_it_is(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with pytest.raises(AudioFileError, match=reason) as raised:
        read_any_text(path, largest=LARGEST)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        ("a,b\n1,2\n", ","),
        ("a;b\n1,5;2,5\n", ";"),
        ("a\tb, or c, or d, all in all\n1\t2\n", "\t"),
        ("a|b\n1|2\n", "|"),
        ("sep=;\r\na;b\r\n1,5;2\r\n", ";"),
        ("sep=,\na,b;c\n1,2\n", ","),
        ('"a,b"\n"1,2"\n', ","),  # each line in quotes
        ("\n;;\na;b\n\n1;2\n;\n", ";"),
    ],
)
def test_what_separates_the_cells(text: str, separator: str) -> None:
    found = table_of(text, "t.csv")
    assert found.separator == separator
    assert [len(cells) for _, cells in found.lines] == [2, 2]


def test_lines_keep_their_numbers_and_cells_lose_what_is_around_them() -> None:
    found = table_of('a, "b"\r\n\r\n"two\r\nlines",\u00a0x\u00a0\r\n="007",\'=1+1\r\n', "t.csv")
    assert found.lines == ((1, ("a", "b")), (3, ("two\r\nlines", "x")), (5, ("007", "=1+1")))


def test_quotes_within_quotes_are_read_and_quotes_that_never_end_refused() -> None:
    assert table_of('a,b\n1,"good" mix\n', "t.csv").lines[1][1] == ("1", "good mix")
    with pytest.raises(AudioFileError, match=r"t.csv .*line 2: a quotation mark is not closed"):
        table_of('a,b\n1,"good\n2,x\n', "t.csv")
    with pytest.raises(AudioFileError, match="line 2: a cell is longer than 131072 characters"):
        table_of("a,b\n1," + "x" * 200_000 + "\n", "t.csv")


@pytest.mark.parametrize(
    ("name", "cells", "expected"),
    [
        ("", ["0", "1", "2"], True),
        ("Unnamed: 0", ["7", "3", "12"], True),
        ("index", ["1", "2", "3"], True),
        ("index", ["1", "3", "2"], False),
        ("", ["1", "1", "2"], False),
        ("good", ["1", "2", "3"], False),
        ("", [], False),
    ],
)
def test_columns_that_number_the_lines(name: str, cells: list[str], expected: bool) -> None:
    assert numbers_lines(name, cells) == expected


NAMES = [
    *("=1+1", "+49 30", "-drums", "@home", "\tx", "\rx", "'=x", "'s Gravenhage", "＝1"),
    *('Song, "live"', "a\r\nb", "plain"),
]


def test_text_that_begins_a_formula_is_escaped_and_comes_back() -> None:
    text = csv_text([{"name": name, "=head": -3.5} for name in NAMES], ["name", "=head"])
    head, *rows = csv.reader(io.StringIO(text, newline=""))
    assert head == ["name", "'=head"]
    assert not [cell for cell, _ in rows if cell[:1] in tuple("=+-@\t\r")]
    assert [unescaped(cell) for cell, _ in rows] == NAMES
    assert {cell for _, cell in rows} == {"-3.5"}  # a number stays one


def test_numbers_written_as_text_stay_numbers() -> None:
    text = csv_text([{"a": "-14.0000", "b": "-inf", "c": None, "d": "-14 LUFS"}], "abcd")
    assert text.splitlines()[1] == "-14.0000,-inf,,'-14 LUFS"


def test_names_that_are_not_utf8_can_be_written(tmp_path: Path) -> None:
    write_text_atomic(tmp_path / "t.csv", "file\n\udcff.wav\n")
    assert (tmp_path / "t.csv").read_text("utf-8") == "file\n\\udcff.wav\n"


def test_every_table_is_written_by_the_same_writer() -> None:
    package = Path(mixrules.__file__).parent
    own = [p.name for p in package.rglob("*.py") if re.search(r"csv\.(Dict)?[wW]riter", p.read_text("utf-8"))]
    assert own == ["writing.py"]
