"""Files of ratings: each format by its own tool's columns, and everything that can be wrong with a file."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from mixrules.errors import MixrulesError
from mixrules.listening.exports.qualtrics_survey import qualtrics_columns
from mixrules.ratings import RatingTable, read_ratings
from ratings.panels import definition, key_of, session, stimulus_id, write_panel, write_test

NAMES = ("random", "default", "human")


def flat(page: Any, place: int, attribute: str) -> int:
    return place + 2


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A test's folder with two listeners' ratings."""
    test = definition()
    write_test(tmp_path, test, NAMES)
    for number, name in enumerate(("ann", "bob")):
        document = session(test, name, flat, session_id=f"{number:016x}")
        (tmp_path / "ratings" / f"{name}.json").write_text(json.dumps(document))
    return tmp_path


def csv_text(rows: Iterable[Iterable[object]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def values(table: RatingTable, attribute: str = "overall") -> dict[tuple[str, str, str, int], float]:
    return {
        (r.listener, r.song, r.condition, r.repeat): r.value for r in table.rows() if r.attribute == attribute
    }


def test_our_own_results_are_read_with_the_key_above_them(folder: Path) -> None:
    reading = read_ratings([folder / "ratings"])
    assert (reading.format, reading.title, reading.left_out) == ("mixrules", "Which mix?", ())
    assert reading.labels == {"level_balance": "Level balance", "overall": "Overall"}
    found = values(reading.table)
    assert len(reading.table) == 2 * 3 * 3 * 2
    assert found["ann", "song of page-01", "human", 0] == 4
    assert found["ann", "song of page-01", "human", 1] == 4  # page-99 repeats page-01
    assert found["bob", "song of page-02", "random", 0] == 2


def change(**fields: Any) -> Callable[[Path], None]:
    def edit(path: Path) -> None:
        path.write_text(json.dumps(json.loads(path.read_text()) | fields))

    return edit


def rating(**fields: Any) -> Callable[[Path], None]:
    def edit(path: Path) -> None:
        document = json.loads(path.read_text())
        document["pages"][0]["ratings"][0] |= fields
        path.write_text(json.dumps(document))

    return edit


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (lambda p: p.write_text(p.read_text()[:300]), "not JSON"),
        (lambda p: p.write_text(""), "it is empty"),
        (lambda p: p.write_bytes(b"\xff\xfe\x00"), "not text"),
        (lambda p: p.write_text("[]"), "something else"),
        (lambda p: p.write_text('{"format": "mixrules-listening-key"}'), "something else"),
        (change(version=3), "version"),
        (change(test_id="ffffffffffffffff"), "of another test"),
        (change(scale="continuous"), "continuous scale"),
        (change(pages=[], complete=False), "nothing was rated"),
        (change(nonsense=1), "unknown field"),
        (rating(value=6), "value must be 1, 2, 3, 4 or 5"),
        (rating(value="good"), "a number is needed"),
        (rating(stimulus_id="00000000ffff"), "no stimulus"),
        (rating(attribute="loudness"), "no attribute"),
    ],
)
def test_a_file_that_cannot_be_used_costs_one_line_and_no_other_file(
    folder: Path, edit: Callable[[Path], None], reason: str
) -> None:
    edit(folder / "ratings" / "bob.json")
    reading = read_ratings([folder / "ratings"])
    assert set(reading.table.listener) == {"ann"}
    (left_out,) = reading.left_out
    assert left_out.file.endswith("bob.json")
    assert reason in left_out.reason
    assert "\n" not in str(left_out)


def test_a_copy_of_a_session_counts_once(folder: Path) -> None:
    (folder / "ratings" / "copy.json").write_text((folder / "ratings" / "ann.json").read_text())
    reading = read_ratings([folder / "ratings"])
    assert len(reading.table) == 36
    (left_out,) = reading.left_out
    assert left_out.file.endswith("copy.json")
    assert "18 ratings of listener ann are left out" in left_out.reason
    assert "nothing else is in it" in left_out.reason


def test_of_two_sessions_of_a_listener_the_first_counts_and_the_second_adds_what_it_lacks(
    folder: Path,
) -> None:
    ann = folder / "ratings" / "ann.json"
    document = json.loads(ann.read_text())
    late = document | {"session_id": "f" * 16, "started": "2026-11-25T05:00:00+00:00"}
    for page in late["pages"]:
        for given in page["ratings"]:
            given["value"] = 1
    (folder / "ratings" / "a-second-tab.json").write_text(json.dumps(late))
    first = json.loads(ann.read_text())
    ann.write_text(json.dumps(first | {"pages": first["pages"][:1], "complete": False}))
    reading = read_ratings([folder / "ratings"])
    found = values(reading.table)
    assert found["ann", "song of page-01", "human", 0] == 4
    assert found["ann", "song of page-02", "human", 0] == 1
    (left_out,) = reading.left_out
    assert "a-second-tab.json" in left_out.file
    assert "6 ratings of listener ann" in left_out.reason
    assert "its other 12 ratings are used" in left_out.reason


def test_without_a_key_the_conditions_are_not_known(folder: Path) -> None:
    (folder / "key.json").unlink()
    with pytest.raises(MixrulesError, match=r"ann.json: there is no key.json .*--key \(and 1 more files\)"):
        read_ratings([folder / "ratings"])


def test_a_key_of_another_test_is_refused(folder: Path, tmp_path: Path) -> None:
    other = definition()
    key = json.loads(key_of(other, NAMES).to_json()) | {"test_id": "f" * 16}
    path = tmp_path / "other.json"
    path.write_text(json.dumps(key))
    with pytest.raises(MixrulesError, match=r"is the key of f{16}, .* is 00112233445566aa"):
        read_ratings([folder / "ratings"], key=path)


WEBMUSHRA = ["session_test_id", "playback", "session_uuid", "trial_id", "rating_stimulus", "rating_score",
             "rating_time", "rating_comment"]  # fmt: skip


def test_webmushras_mushra_csv(folder: Path) -> None:
    rows: list[list[object]] = [[*WEBMUSHRA]]
    for uuid, page in (("u1", "page-01"), ("u2", "page-01"), ("u1", "page-99")):
        for place in range(2):
            rows.append(
                ["t", "headphones", uuid, f"{page}.overall", stimulus_id(0, place), 30 + place, 41000, ""]
            )
        rows.append(["t", "headphones", uuid, f"{page}.overall", "reference", 90, 41000, ""])
    rows.append(["t", "headphones", "u1", "training.overall", "good", 90, 1000, ""])
    path = folder / "mushra.csv"
    path.write_text(csv_text(rows))
    (folder / "site" / "test.json").unlink()
    reading = read_ratings([path], key=folder / "key.json", group_by="playback")
    assert reading.format == "webmushra"
    assert {
        (r.listener, r.condition, r.value, r.repeat) for r in reading.table.rows() if r.listener == "u1"
    } == {("u1", c, v, n) for c, v in (("random", 30), ("default", 31), ("human", 90)) for n in (0, 1)}
    assert reading.table.page_s[0] == 41.0
    assert set(reading.table.group) == {"headphones"}
    assert "1 row left out: stimulus 'good'" in reading.left_out[0].reason


def test_webmushras_files_are_read_without_a_key_of_ours(tmp_path: Path) -> None:
    rows = [WEBMUSHRA] + [["t", "", "u", song, c, 50, 1, ""] for song in ("s1", "s2") for c in ("A", "B")]
    (tmp_path / "mushra.csv").write_text(csv_text(rows))
    table = read_ratings([tmp_path]).table
    assert table.names("song") == ("s1", "s2")
    assert table.names("condition") == ("A", "B")
    assert table.names("attribute") == ("rating",)


def test_webmushras_likert_csv_tells_sessions_with_the_same_answers_apart(folder: Path) -> None:
    head = ["session_test_id", "playback", "trial_id", "stimuli_rating", "stimuli", "rating_time"]
    rows: list[list[object]] = [[*head]]
    for value in (2, 5):
        for place in range(3):
            rows.append(["t", "headphones", "page-02.overall", f" {value} ", stimulus_id(1, place), 900])
    rows.append(["t", "headphones", "page-02.level_balance", "NA", stimulus_id(1, 0), 900])
    path = folder / "lms.csv"
    path.write_text(csv_text(rows))
    reading = read_ratings([path], key=folder / "key.json")
    assert {(r.listener, r.value) for r in reading.table.rows()} == {("session-001", 2), ("session-002", 5)}
    assert {r.song for r in reading.table.rows()} == {"song of page-02"}
    assert "not rated" in reading.left_out[0].reason


def test_webmushras_lss_csv_with_several_scales(folder: Path) -> None:
    head = [
        "session_test_id",
        "name",
        "trial_id",
        "stimuli_rating1",
        "stimuli_rating2",
        "stimuli",
        "rating_time",
    ]
    rows: list[list[object]] = [[*head], ["t", "eve", "page-01", 4, 2, stimulus_id(0, 2), 900]]
    path = folder / "lss.csv"
    path.write_text(csv_text(rows))
    reading = read_ratings([path], key=folder / "key.json")
    assert {(r.attribute, r.value) for r in reading.table.rows()} == {("level_balance", 4), ("overall", 2)}


WAET = """<waetresult key="abc123" state="complete"><waet/>
<survey location="before" state="complete">
<surveyresult ref="question-playback" type="radio"><response name="option-1">headphones</response></surveyresult>
</survey>
<page ref="page-01" presentedId="0" state="complete"><metric><metricresult id="testTime">52.5</metricresult></metric>
<audioelement ref="page-01.{a}" type="normal"><value interface-name="overall">0.25</value>
<value interface-name="level_balance">0.5</value></audioelement>
<audioelement ref="page-01.{b}" type="normal"><value interface-name="overall">1</value></audioelement>
<audioelement ref="ref" type="outside-reference"/></page>
<page ref="page-01-repeat-0" state="complete"><metric/>
<audioelement ref="page-01.{a}" type="normal"><value interface-name="overall">0.75</value></audioelement></page>
<page ref="page-02" state="empty"><metric/></page></waetresult>"""


def test_a_save_of_the_web_audio_evaluation_tool(folder: Path) -> None:
    path = folder / "save-abc123.xml"
    path.write_text(WAET.format(a=stimulus_id(0, 0), b=stimulus_id(0, 2)))
    reading = read_ratings([path], key=folder / "key.json", group_by="playback")
    assert reading.format == "waet"
    assert values(reading.table) == {
        ("abc123", "song of page-01", "random", 0): 0.25,
        ("abc123", "song of page-01", "random", 1): 0.75,
        ("abc123", "song of page-01", "human", 0): 1.0,
    }
    assert reading.table.page_s[0] == 52.5
    assert set(reading.table.group) == {"headphones"}
    assert "not finished (page 'page-02')" in reading.left_out[0].reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<waetresult><page", "not XML"),
        ("<waet/>", "root is <waet>"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><waetresult/>', "declares a document type"),
        ("<waetresult/>", "no ratings"),
        ('<waetresult><page ref="p" state="empty"/></waetresult>', "no page of it was finished"),
        (
            '<waetresult><page ref="p" state="complete"><audioelement ref="a"><value>7</value></audioelement>'
            "</page></waetresult>",
            "must be 0 to 1, got '7'",
        ),
    ],
)
def test_a_save_that_cannot_be_used(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "save.xml").write_text(text)
    with pytest.raises(MixrulesError, match=reason):
        read_ratings([tmp_path])


def qualtrics(columns: list[str], lines: list[list[object]]) -> str:
    head = ["StartDate", "Status", "Duration (in seconds)", "Finished", "ResponseId", "playback", *columns]
    texts = ["Start Date", "Response Type", "Duration", "Finished", "Response ID", "What?", *columns]
    imports = [json.dumps({"ImportId": name}) for name in head]
    return csv_text([list(head), list(texts), list(imports), *lines])


def test_qualtrics_answers_to_our_survey(folder: Path) -> None:
    test = definition()
    columns = [line.split(",")[0] for line in qualtrics_columns(test).splitlines()[1:]]
    words = ["Very poor", "4", "good", "Fair"] * len(columns)
    path = folder / "export.csv"
    lines: list[list[object]] = [
        ["2026-11-25", "IP Address", 600, "True", "R_1", "headphones", *words[: len(columns)]],
        ["2026-11-25", "Survey Preview", 9, "True", "R_2", "headphones", *words[: len(columns)]],
    ]
    path.write_text(qualtrics(columns, lines))
    reading = read_ratings([path], key=folder / "key.json")
    assert reading.format == "qualtrics"
    assert len(reading.table) == 18
    given = dict(zip(columns, (1, 4, 4, 3) * 5, strict=False))
    third = next(
        line.split(",")
        for line in qualtrics_columns(test).splitlines()
        if line.startswith("page_01__overall_3")
    )
    assert third[3] == stimulus_id(0, 2)
    assert values(reading.table)["R_1", "song of page-01", "human", 0] == given["page_01__overall_3"]
    assert values(reading.table)["R_1", "song of page-01", "human", 1] == given["page_99__overall_3"]
    assert "previews" in reading.left_out[0].reason


def test_qualtrics_columns_that_name_song_condition_and_attribute(tmp_path: Path) -> None:
    (tmp_path / "e.csv").write_text(
        qualtrics(["s1__A__eq", "s1__B__eq"], [["", "0", 1, "1", "R", "", 71, 20]])
    )
    table = read_ratings([tmp_path]).table
    assert [(r.song, r.condition, r.attribute, r.value) for r in table.rows()] == [
        ("s1", "A", "eq", 71),
        ("s1", "B", "eq", 20),
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (qualtrics(["feelings"], [["", "0", 1, "1", "R", "", "fine"]]), "no column of it is a rating"),
        (
            qualtrics(["s__A__eq"], [["", "0", 1, "1", "R", "", "superb"]]),
            "must be 0 to 100 .line 4: got 'superb'.",
        ),
        (qualtrics(["s__A__eq"], [["", "0", 1, "1", "R", "", ""]]), "no response in it holds a rating"),
        ("a,b\n1,2\n", "none of the tables that are read.*its columns are a, b"),
        ('condition,attribute,bad,good\nx,"eq,1,2\n', "not CSV"),
        ("condition,attribute,bad,good\nx,eq,1\n", "line 2 has 3 cells, its head has 4"),
        ("condition,attribute,bad,good\nx,eq,-1,2\n", "bad must be a whole number from 0, got '-1'"),
        ("condition,attribute,bad,good\nx,eq,1.5,2\n", "bad must be a whole number"),
        ("condition,attribute,bad,good\nx,eq,1,2\nx,eq,1,2\n", "line 3 counts the same as line 2: x, eq"),
        ("condition,attribute,bad,good\n,eq,1,2\n", "condition or attribute is empty"),
        ("condition,attribute,bad,good\nx,eq,0,0\n", "it counts no ratings"),
        ("condition,attribute,bad,good\nx,eq,9999999,0\n", "over 1000000 ratings"),
        ("condition,attribute,bad,bad\nx,eq,1,2\n", "'bad' stands twice"),
        ("session_test_id,trial_id\nt,p\n", "mushra.csv, lss.csv and lms.csv are accepted"),
        (
            csv_text([WEBMUSHRA, ["t", "", "u", "p", "A", "much", 1, ""]]),
            "rating_score must be 0 to 100 .line 2: got 'much'.",
        ),
        (
            csv_text([WEBMUSHRA, ["t", "", "u", "p", "A", 120, 1, ""]]),
            "rating_score must be 0 to 100 .line 2: got '120'.",
        ),
        (csv_text([WEBMUSHRA]), "holds no ratings"),
    ],
)
def test_a_table_that_cannot_be_used(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "table.csv").write_text(text)
    with pytest.raises(MixrulesError, match=reason):
        read_ratings([tmp_path / "table.csv"])


def test_counts_may_have_other_words_semicolons_and_no_group(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("condition;attribute;no;maybe;yes\nx;like;1;0;2\ny;like;0;3;0\n")
    table = read_ratings([tmp_path / "c.csv"]).table
    assert (table.scale.labels, table.scale.high, table.design) == (
        ("No", "Maybe", "Yes"),
        3.0,
        "independent",
    )
    assert [r.value for r in table.rows() if r.condition == "x"] == [1, 3, 3]


def test_files_that_do_not_go_together_are_left_out_by_name(folder: Path) -> None:
    (folder / "ratings" / "zz.csv").write_text("condition,attribute,bad,good\nx,eq,1,2\n")
    (folder / "ratings" / "zz.xml").write_text(WAET.format(a=stimulus_id(0, 0), b=stimulus_id(0, 2)))
    reading = read_ratings([folder / "ratings"])
    assert set(reading.table.listener) == {"ann", "bob"}
    reasons = [str(part) for part in reading.left_out]
    assert any("zz.csv: counts and ratings of listeners cannot be mixed" in r for r in reasons)
    assert any("zz.xml: its scale is 0 to 1" in r for r in reasons)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"paths": ["nowhere"]}, "nowhere does not exist"),
        ({"paths": ["empty"]}, "empty holds no ratings"),
        ({"paths": ["ratings"], "form": "excel"}, "format 'excel' is not known: mixrules, webmushra"),
        ({"paths": ["ratings"], "form": "waet"}, "not XML"),
        ({"paths": ["ratings"], "group_by": "shoe_size"}, "no listener answered that; known are playback"),
        ({"paths": ["ratings"], "key": "nowhere.json"}, "nowhere.json does not exist"),
    ],
)
def test_what_was_asked_for_and_cannot_be(
    folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: dict[str, Any], reason: str
) -> None:
    (folder / "empty").mkdir()
    monkeypatch.chdir(folder)
    with pytest.raises(MixrulesError, match=reason):
        read_ratings(**arguments)


def test_the_order_of_files_does_not_matter(tmp_path: Path) -> None:
    write_panel(tmp_path, {"a": 2.0, "b": 4.0}, 4)
    files = sorted((tmp_path / "ratings").iterdir())
    assert read_ratings(files).table.rows() == read_ratings(files[::-1]).table.rows()
