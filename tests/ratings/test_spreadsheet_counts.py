"""Tables of counts after a spreadsheet: which columns are words of the scale, and which lines count ratings."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_runner import Run  # noqa: TC002

from mixrules.errors import MixrulesError
from mixrules.ratings import Reading, read_ratings

COUNTS = "condition,attribute,poor,fair,good\nA,eq,3,9,12\nB,eq,11,9,4\nC,eq,5,5,5\n"


def read(tmp_path: Path, text: str) -> Reading:
    path = tmp_path / "t.csv"
    path.write_bytes(text.encode())
    return read_ratings([path])


@pytest.mark.parametrize("name", ["total", "Summe", " GESAMT ", "n", "Grand Total", "Σ"])
def test_a_column_of_totals_is_no_word_of_the_scale(tmp_path: Path, name: str) -> None:
    lines = COUNTS.splitlines()
    text = "\n".join(
        [f"{lines[0]},{name}", *(f"{x},{n}" for x, n in zip(lines[1:], (24, 24, 15), strict=True))]
    )
    reading = read(tmp_path, text)
    assert (len(reading.table), reading.table.scale.labels) == (63, ("Poor", "Fair", "Good"))
    assert "the sum of the others" in reading.left_out[0].reason


def test_a_column_that_is_always_the_sum_is_a_total_whatever_it_is_called(tmp_path: Path) -> None:
    lines = COUNTS.splitlines()
    text = "\n".join(
        [f"{lines[0]},alles", *(f"{x},{n}" for x, n in zip(lines[1:], (24, 24, 15), strict=True))]
    )
    assert len(read(tmp_path, text).table) == 63
    # In two lines it may be chance: here "good" is.
    assert len(read(tmp_path, "condition,attribute,poor,fair,good\nA,eq,1,2,3\nB,eq,2,2,4\n").table) == 14


def test_a_total_that_is_wrong_costs_its_line_or_the_file(tmp_path: Path) -> None:
    reading = read(tmp_path, "condition,attribute,no,yes,total\nA,eq,1,2,3\nB,eq,2,2,4\nC,eq,2,2,5\n")
    assert reading.table.names("condition") == ("A", "B")
    assert "the words of a line must sum up to its total (line 4: 4)" in reading.left_out[1].reason
    with pytest.raises(MixrulesError, match="'total' is no word of a scale and not the sum of the others"):
        read(tmp_path, "condition,attribute,no,yes,total\nA,eq,1,2,30\nB,eq,2,2,40\n")


@pytest.mark.parametrize("name", ["mean", "Mittelwert", "SD", "median", "listeners", "year", "%", "N"])
def test_other_columns_of_numbers_are_told(tmp_path: Path, name: str) -> None:
    lines = COUNTS.splitlines()
    text = "\n".join([f"{lines[0]},{name}", *(f"{line},{n}" for n, line in enumerate(lines[1:], 1990))])
    reading = read(tmp_path, text)
    assert (len(reading.table), reading.table.scale.high) == (63, 3)
    assert repr(name) in reading.left_out[0].reason


def test_comments_titles_and_numbers_of_lines_in_counts(tmp_path: Path) -> None:
    lines = [
        "\ufeffResults of May;;;;;;;",
        "By Ann;;;;;;;",
        ";;;;;;;",
        "Unnamed: 0;Condition ;ATTRIBUTE;Very Poor;fair;remark;;",
    ]
    lines += ["0;A;eq;3;4;;;", "1;B;eq;1.234;5;see page 3;;"]
    reading = read(tmp_path, "\r\n".join(lines))
    assert (len(reading.table), reading.table.scale.labels) == (1246, ("Very poor", "Fair"))
    assert [part.reason for part in reading.left_out] == [
        "2 lines left out: a title above the head (line 1, line 2)",
        "1 column left out: it numbers the lines (column 1)",
        "1 column left out: no word of the scale ('remark')",
    ]


def test_a_column_of_text_is_no_word_of_the_scale(tmp_path: Path) -> None:
    reading = read(tmp_path, "condition,attribute,bad,good,engineer\nA,eq,1,2,Ann\nB,eq,3,4,\n")
    assert reading.table.scale.labels == ("Bad", "Good")
    assert "it holds text, no counts ('engineer')" in reading.left_out[0].reason


def test_lines_of_totals_and_means(tmp_path: Path) -> None:
    more = "Total,eq,19,23,21\nMean,eq,6.33,7.67,7\nGesamt,,19,23,21\nmedian,eq,5,9,5\nSD,eq,4,2,4\nMax,,11,9,12\n"
    reading = read(tmp_path, COUNTS + more)
    assert len(reading.table) == 63
    assert (
        "6 lines left out: totals or other figures of the lines above (line 5, line 6, line 7 and 3 more)"
        in str(reading.left_out)
    )


def test_totals_of_a_group_and_of_a_song(tmp_path: Path) -> None:
    lines = ["group,song,condition,attribute,bad,good", "pro,s,A,eq,1,2", "pro,s,B,eq,3,4", "pro,Total,,,4,6"]
    lines += ["lay,s,A,eq,5,6", "lay,s,B,eq,7,8", "lay,Total,,,12,14", "Grand Total,,,,16,20"]
    assert len(read(tmp_path, "\n".join(lines)).table) == 36


def test_a_mix_may_be_called_sum(tmp_path: Path) -> None:
    assert "sum" in read(tmp_path, COUNTS + "sum,eq,9,2,1\n").table.names("condition")


@pytest.mark.parametrize("cell", ["", "-", "03-Sep", "12 %", "1,5", "-3", "1E+03", "WAHR", "3 or 4"])
def test_a_line_of_counts_with_a_bad_cell_is_left_out(tmp_path: Path, cell: str) -> None:
    reading = read(tmp_path, COUNTS.replace(",", ";").replace("B;eq;11", f"B;eq;{cell}"))
    assert reading.table.names("condition") == ("A", "C")
    assert "1 line left out: poor must be a whole number from 0" in reading.left_out[0].reason
    assert "line 3" in reading.left_out[0].reason


@pytest.mark.parametrize("cells", ["11.0,9.0,4.0", "１１,９,４", '"11",9 , 4'])
def test_whole_numbers_as_data_frames_and_keyboards_write_them(tmp_path: Path, cells: str) -> None:
    assert len(read(tmp_path, COUNTS.replace("11,9,4", cells)).table) == 63


def test_points_of_the_scale_as_columns(tmp_path: Path) -> None:
    """A pivot table lacks the points that nobody chose, and may go down."""
    reading = read(tmp_path, "condition,attribute,5,4,2,1\nA,eq,10,0,0,1\nB,eq,0,0,3,0\n")
    assert reading.table.scale.labels == ("1", "2", "3", "4", "5")
    assert sorted(r.value for r in reading.table.rows()) == [1, 2, 2, 2] + [5] * 10
    assert (
        read(tmp_path, "condition,attribute,1 (bad),2,3 (good)\nA,eq,0,0,7\n").table.scale.labels[2]
        == "3 (good)"
    )


def test_words_of_a_known_scale_are_read_from_worst_to_best(tmp_path: Path) -> None:
    reading = read(tmp_path, "condition,attribute,good,fair,poor\nA,eq,5,0,1\n")
    assert (reading.table.scale.labels, sorted(reading.table.value)) == (
        ("Poor", "Fair", "Good"),
        [1, 3, 3, 3, 3, 3],
    )
    assert "from best to worst" in reading.notes[0]
    with pytest.raises(MixrulesError, match=r"its words \(fair, good, poor\) are in no order"):
        read(tmp_path, "condition,attribute,fair,good,poor\nA,eq,5,0,1\n")


def test_a_group_of_counts_is_asked_for_by_its_name_alone(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "c.csv"
    path.write_text(COUNTS)
    result = run("ratings", str(path), "--group-by", "nope")
    assert result.returncode == 2
    assert result.stderr.strip() == (
        "mixrules: --group-by nope: a table of counts holds no answers of listeners, it has no column group"
    )
    path.write_text("group,condition,attribute,bad,good\npro,A,eq,1,2\namateur,A,eq,1,2\n")
    assert len(read_ratings([path], group_by="group").table) == 6
    with pytest.raises(MixrulesError, match=r"known is its column group \(pro, amateur\)"):
        read_ratings([path], group_by="level")


def test_words_of_a_scale_that_also_mean_mean(tmp_path: Path) -> None:
    assert (
        read(tmp_path, "condition,attribute,bassa,media,alta\nA,eq,1,2,4\n").table.scale.labels[1] == "Media"
    )
