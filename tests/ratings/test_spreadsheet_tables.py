"""Ratings after a spreadsheet: read right, or left out cell by cell and told; never cut, never counted twice."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

import pytest

from mixrules.errors import MixrulesError
from mixrules.ratings import Reading, read_ratings
from ratings.panels import definition, stimulus_id, write_test

HEAD = ["StartDate", "Status", "Duration (in seconds)", "Finished", "ResponseId", "s1__A__eq", "s1__B__eq"]
MUSHRA = ["session_test_id", "session_uuid", "trial_id", "rating_stimulus", "rating_score", "rating_time"]
MUSHRA += ["rating_comment"]
COUNTS = "condition,attribute,poor,fair,good\nA,eq,3,9,12\nB,eq,11,9,4\nC,eq,5,5,5\n"


def text_of(rows: Iterable[Iterable[object]], separator: str = ",") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows(rows)
    return text.getvalue()


def read(tmp_path: Path, text: str | bytes) -> Reading:
    path = tmp_path / "t.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_ratings([path])


def survey(
    a: object, b: object, *, status: str = "0", finished: str = "1", rows: int = 8
) -> list[list[object]]:
    """A Qualtrics export of the same answers in every response; status and end are the first one's."""
    lines = [
        ["x", status if i == 0 else "0", "300", finished if i == 0 else "1", f"R_{i}", a, b]
        for i in range(rows)
    ]
    return [list(HEAD), list(HEAD), [f'{{"ImportId":"{c}"}}' for c in HEAD], *lines]


def mushra(*scores: object, time: object = "9000") -> list[list[object]]:
    """A webMUSHRA export in which a listener gives each condition a score."""
    lines = [
        ["t", f"u{i}", "s1", c, s, time, ""] for i in range(3) for c, s in zip("ABC", scores, strict=False)
    ]
    return [[*MUSHRA], *lines]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize(
    ("a", "b"), [("72,9", "3,9"), ("72.9", "3.9"), ("72,9 %", "3,9 %"), ("７２,９", "\u00a03,9")]
)
def test_decimals_of_any_locale_are_read_and_not_cut(tmp_path: Path, separator: str, a: str, b: str) -> None:
    table = read(tmp_path, text_of(survey(a, b), separator)).table
    assert set(table.value) == {72.9, 3.9}
    assert len(set(table.listener)) == 8


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_names_survive_the_encodings_of_spreadsheets(tmp_path: Path, encoding: str) -> None:
    reading = read(tmp_path, COUNTS.replace("A,", "Höhen,").replace(",", "\t").encode(encoding))
    assert reading.table.names("condition") == ("Höhen", "B", "C")
    assert len(reading.notes) == (encoding == "cp1252")
    assert all("read as Windows-1252" in note for note in reading.notes)


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        *(("null", "'null'"), ("NaN", "'NaN'"), ("#N/A", "'#N/A'"), ("", "not rated"), ("–", "not rated")),
        *(("03-Sep", "a date"), ("#DIV/0!", "an error of a spreadsheet"), ("WAHR", "'WAHR'")),
        *(("72 points", "'72 points'"), ("5/10/2026", "a date")),
        *(("7²", "'7²'"), ("100.1", "'100.1'"), ("-0.5", "'-0.5'"), ("1e400", "'1e400'"), ("1.2.3", "a date")),
    ],
)  # fmt: skip
def test_a_bad_cell_costs_its_own_answer(tmp_path: Path, cell: str, told: str) -> None:
    rows = mushra(40, 50, 60)
    rows[3][4] = cell
    reading = read(tmp_path, text_of(rows))
    assert len(reading.table) == 8
    (left_out,) = reading.left_out
    assert "1 row left out" in left_out.reason
    assert "line 4" in left_out.reason
    assert told in left_out.reason


def test_many_bad_cells_of_a_kind_are_one_line(tmp_path: Path) -> None:
    reading = read(tmp_path, text_of(mushra(40, "much", "loads")))
    (left_out,) = reading.left_out
    assert left_out.reason == (
        "6 rows left out: rating_score must be 0 to 100 (line 3: got 'much', line 4: got 'loads', line 6: got 'much' "
        "and 3 more)"
    )


def test_what_rounding_put_beside_the_scale_is_on_it(tmp_path: Path) -> None:
    table = read(tmp_path, text_of(mushra("100.0000001", "-1e-7", "99.99"))).table
    assert set(table.value) == {100.0, 0.0, 99.99}
    table = read(tmp_path, text_of(survey("4.0000001", "1.9999999"))).table
    assert set(table.value) == {4.0, 2.0}


def test_webmushras_times_have_thousands(tmp_path: Path) -> None:
    assert set(read(tmp_path, text_of(mushra(1, 2, 3, time="1.234,5"), ";")).table.page_s) == {1.2345}


def test_columns_that_a_spreadsheet_added_tell_no_sessions_apart(tmp_path: Path) -> None:
    head = [
        "",
        "Session Test ID",
        "age",
        "trial_id",
        "stimuli_rating",
        "stimuli",
        "rating_time",
        "checked by",
        "",
    ]
    rows = [[n, "t", 30, "s1", n % 5 + 1, c, 900, f"me {n}", ""] for n, c in enumerate("ABCABC")]
    reading = read(tmp_path, text_of([head, *rows]))
    assert set(reading.table.listener) == {"session-001", "session-002"}
    assert reading.left_out[0].reason == "1 column left out: it numbers the lines (column 1)"


def test_lines_with_too_many_or_too_few_cells(tmp_path: Path) -> None:
    rows = mushra(40, 50, 60)
    rows[2] = rows[2][:6]  # a comment that is empty was left out
    rows[3] = rows[3][:4]
    rows[4] = [*rows[4], "", ""]
    rows[5] = [*rows[5], "x"]
    reading = read(tmp_path, text_of(rows))
    assert len(reading.table) == 7
    assert "2 rows left out: another number of cells" in reading.left_out[0].reason
    assert "line 4 has 4 cells, its head has 7, line 6 has 8 cells" in reading.left_out[0].reason


def test_decimal_commas_between_commas_are_not_cut(tmp_path: Path) -> None:
    rows = [[*row[:4], "27", "5", *row[5:]] if n else row for n, row in enumerate(mushra(40, 50, 60))]
    with pytest.raises(MixrulesError, match="another number of cells than in the head"):
        read(tmp_path, text_of(rows))


def test_a_cell_of_many_letters_is_no_step_of_a_scale(tmp_path: Path) -> None:
    rows = mushra(40, 50, 60)
    rows[2][4] = "x" * 100_000
    assert len(read(tmp_path, text_of(rows)).table) == len(rows) - 2


def test_files_that_were_put_together(tmp_path: Path) -> None:
    reading = read(tmp_path, text_of([*mushra(1, 2, 3), ["T", *MUSHRA[1:]], MUSHRA, *mushra(1, 2, 3)[1:2]]))
    assert "1 line left out: the head again (line 12)" in [part.reason for part in reading.left_out]
    later = [[*line[:4], f"S{line[4]}", *line[5:]] for line in survey(50, 60)[3:]]
    reading = read(tmp_path, text_of([*survey(50, 60), *survey(1, 2)[:3], *later]))
    assert (len(set(reading.table.listener)), len(reading.table)) == (16, 32)


@pytest.mark.parametrize(
    ("status", "finished", "told"),
    [
        *(("Spam", "1", "spam"), ("8", "1", "spam"), ("12", "TRUE", "spam"), ("Offline Spam", "1", "spam")),
        *(("Survey Preview", "1", "preview"), ("1", "1", "preview"), ("17", "1", "preview"), ("2", "1", "test")),
        *(("0", "0", "not finished"), ("IP Address", "False", "not finished"), ("0", "FALSCH", "not finished")),
    ],
)  # fmt: skip
def test_responses_that_are_none(tmp_path: Path, status: str, finished: str, told: str) -> None:
    reading = read(tmp_path, text_of(survey(72, 30, status=status, finished=finished), ";"))
    assert set(reading.table.listener) == {f"R_{i}" for i in range(1, 8)}
    (left_out,) = reading.left_out
    assert "1 response left out" in left_out.reason
    assert told in left_out.reason


@pytest.mark.parametrize("status", ["0", "IP Address", "4", "Imported", "16", ""])
def test_responses_that_count(tmp_path: Path, status: str) -> None:
    assert len(set(read(tmp_path, text_of(survey(72, 30, status=status))).table.listener)) == 8


@pytest.mark.parametrize("kept", [(0, 1, 2), (0, 1), (0,), (0, 2)])
def test_qualtrics_heads_of_one_to_three_lines(tmp_path: Path, kept: tuple[int, ...]) -> None:
    rows = survey(72, 30)
    rows[1] = ["Start Date", "Response Type", "Duration", "Finished", "Response ID", "EQ of A", "EQ of B"]
    reading = read(tmp_path, text_of([*(rows[i] for i in kept), *rows[3:]]))
    assert (len(reading.table), reading.left_out) == (16, ())


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        *(("Very good", 5), ("very  GOOD", 5), ("5 - Very good", 5), ("5 (Very good)", 5), ("4 = better", 4)),
        ("Poor: 2", 2),
        *(("4", 4), ("4,0", 4), ("4 - Poor", None), ("4 - Sep", None), ("4.5", None), ("44", None), ("80 %", None)),
    ],
)  # fmt: skip
def test_labels_numbers_and_both(tmp_path: Path, cell: str, expected: float | None) -> None:
    rows = survey(3, 3, rows=12)
    rows[5][5] = cell
    reading = read(tmp_path, text_of(rows))
    values = [r.value for r in reading.table.rows() if (r.listener, r.condition) == ("R_2", "A")]
    assert values == ([expected] if expected else [])
    # One slip of the pen makes no other scale of it.
    assert reading.table.scale.high == 5


@pytest.mark.parametrize("name", ["Mean", "", "Mittelwert", "SD"])
def test_lines_of_figures_are_no_listeners(tmp_path: Path, name: str) -> None:
    table = read(tmp_path, text_of([*mushra(10, 20, 30), [name, "", "", "", "20", "", ""]])).table
    assert (len(table), set(table.listener)) == (9, {"u0", "u1", "u2"})
    reading = read(tmp_path, text_of([*survey(72, 30), ["", "", "", "", name, "72", "30"]]))
    assert len(set(reading.table.listener)) == 8
    assert "1 response left out" in reading.left_out[-1].reason


def test_our_own_tables_are_read_back(tmp_path: Path) -> None:
    """Names that begin a formula stand behind an apostrophe in files and not in tables."""
    table = read(tmp_path, "condition,attribute,bad,good\n'=A1,'-eq,1,2\n'+B,'-eq,2,1\n").table
    assert (table.names("condition"), table.names("attribute")) == (("=A1", "+B"), ("-eq",))


SAVE = (
    '<waetresult key="abc" state="{state}"><datetime><date year="2026" month="11" day="{day}"/>'
    '<time hour="{hour}" minute="5" secs="9"/></datetime>'
    '<page ref="p" state="complete"><audioelement ref="a"><value interface-name="eq">{value}</value></audioelement>'
    '<audioelement ref="b"><value interface-name="eq">{other}</value></audioelement></page></waetresult>'
)


def save(path: Path, day: int, hour: int, value: str, other: str = "0.5") -> None:
    path.write_text(SAVE.format(state="update", day=day, hour=hour, value=value, other=other))


def test_of_saves_of_one_listener_the_earliest_counts_whatever_their_names(tmp_path: Path) -> None:
    save(tmp_path / "a.xml", 9, 10, "0.1")
    save(tmp_path / "b.xml", 9, 9, "0.9")
    save(tmp_path / "c.xml", 10, 1, "0.2")
    table = read_ratings([tmp_path]).table
    assert [r.value for r in table.rows() if r.condition == "a"] == [0.9]


@pytest.mark.parametrize("value", ["NaN", "null", "", "7", "loud"])
def test_a_value_of_a_save_that_is_none_costs_itself(tmp_path: Path, value: str) -> None:
    save(tmp_path / "a.xml", 9, 10, value)
    reading = read_ratings([tmp_path])
    assert [r.condition for r in reading.table.rows()] == ["b"]
    assert "page 'p'" in reading.left_out[0].reason


def test_a_save_that_ends_a_hair_above_its_scale(tmp_path: Path) -> None:
    save(tmp_path / "a.xml", 9, 10, "1.0000000001")
    assert max(read_ratings([tmp_path]).table.value) == 1.0


def test_a_spreadsheet_of_our_survey_is_read_with_the_key(tmp_path: Path) -> None:
    write_test(tmp_path, definition(), ("x", "y", "z"))
    rows = [MUSHRA, ["t", "u", "page-01.overall", stimulus_id(0, 0), "72,5", "9000", ""]]
    path = tmp_path / "ratings" / "mushra.csv"
    path.write_bytes(text_of(rows, ";").encode("utf-16"))
    (row,) = read_ratings([path]).table.rows()
    assert (row.condition, row.value, row.page_s) == ("x", 72.5, 9.0)


@pytest.mark.parametrize(
    "text", ["<html><body><table><tr>", "<!DOCTYPE html>", '<?xml version="1.0"?>\n<Workbook>']
)
def test_a_web_page_that_is_called_a_table(tmp_path: Path, text: str) -> None:
    with pytest.raises(MixrulesError, match="save the sheet as CSV"):
        read(tmp_path, text)


def test_a_folder_with_everything_in_it(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(text_of(mushra(1, 2, 3)))
    (tmp_path / "b.txt").write_bytes(text_of(mushra(1, 2, 3)).replace("u0", "v0").encode("utf-16"))
    (tmp_path / "c.xlsx").write_bytes(b"PK\x03\x04[Content_Types].xml")
    (tmp_path / "d.csv").mkdir()
    (tmp_path / "e.json").write_text("[" * 200_000)
    (tmp_path / "f.json").write_text('{"format": "mixrules-ratings", "version": ' + "9" * 5000 + "}")
    (tmp_path / "g.xml").write_text("<waetresult>" + "<page>" * 100_000)
    (tmp_path / "h.csv").write_text("")
    (tmp_path / "i.csv").write_text("condition,attribute,bad,good\nx,eq,1," + "2" * 200_000)
    (tmp_path / "j.csv").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "~$c.xlsx").write_bytes(b"lock")
    reading = read_ratings([tmp_path])
    assert set(reading.table.listener) == {"u0", "u1", "u2", "v0"}
    told = {Path(part.file).name: part.reason for part in reading.left_out}
    assert "".join(name[0] for name in sorted(told)) == "bcdefghij"
    assert "save the sheet as CSV" in told["c.xlsx"]
    assert not [reason for reason in told.values() if "\n" in reason]


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no /dev/zero here")
def test_a_file_without_an_end_is_not_read_to_it() -> None:
    with pytest.raises(MixrulesError, match="larger than 64 MiB"):
        read_ratings(["/dev/zero"])
