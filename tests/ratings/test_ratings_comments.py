"""What listeners wrote: read from every format that has it, told by song and by mix, in tables and on the page."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from mixrules.files.tables.writing import unescaped
from mixrules.ratings import RejectionRules, Settings, analyse, read_ratings
from mixrules.ratings.comments import Comment, conditions_named
from mixrules.report.ratings.folder import write_results
from mixrules.report.ratings.page import ratings_page
from ratings.panels import write_panel

ORDER = ("random", "default", "human")
KEEP_ALL = Settings(resamples=0, rejection=RejectionRules.none())


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Mix B drowns", ("default",)),
        ("mix A was better", ("random",)),
        ("MIX A WAS BETTER", ("random",)),
        ("mix a was better", ()),
        ("I would mix a bit more bass", ()),
        ("I'd mix A bit more bass", ()),
        ("better than mix A, I think", ("random",)),
        ("mix A's vocal", ("random",)),
        ("too much low C", ()),
        ("the C string buzzes, C# too, and so does C minor", ()),
        ("in the key of C", ()),
        ("low end of C is thin", ("human",)),
        ("drums too loud in C", ("human",)),
        ("Mix B: too much low C", ("default",)),
        ("A good song", ()),
        ("I like it", ()),
        ("A and C were the same", ("random", "human")),
        ("C > A, B is worst", ORDER),
        ("B's vocal", ()),
        ("the B-side, Dolby D", ()),
        ("Version C", ("human",)),
        ("mix D", ()),
    ],
)
def test_a_comment_names_mixes_by_their_letters(text: str, named: tuple[str, ...]) -> None:
    assert conditions_named(text, ORDER) == named


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("the mix I liked least", ()),
        ("THE MIX I LIKED LEAST", ()),
        ("Mix I is best", ("i",)),
        ("like mix I.", ("i",)),
        ("best: mix I", ("i",)),
        ("the G string, and G major", ()),
    ],
)
def test_the_ninth_letter_is_a_word_too(text: str, named: tuple[str, ...]) -> None:
    assert conditions_named(text, "abcdefghi") == named


def test_letters_say_what_a_listener_heard() -> None:
    comment = Comment(listener="x", text="y", song="s", page="p", order=ORDER)
    assert comment.heard_as == "A = random, B = default, C = human"
    assert Comment(listener="x", text="y", song="s", page="p").heard_as == ""


@pytest.fixture
def panel(tmp_path: Path) -> Path:
    """Three listeners: one wrote of a mix in an order of its own, one HTML and a formula, one nothing."""
    write_panel(tmp_path, {"random": 2.0, "default": 3.0, "human": 4.0}, 3)
    first, second, _ = sorted((tmp_path / "ratings").iterdir())
    document = json.loads(first.read_text())
    document["pages"][0] |= {
        "comment": "  Mix A is thin.\nB too.  ",
        "order": document["pages"][0]["order"][::-1],
    }
    first.write_text(json.dumps(document))
    document = json.loads(second.read_text())
    document["pages"][1]["comment"] = "=1+1 <script>alert(1)</script> " + "word " * 80
    document["pages"][2]["comment"] = "   "
    second.write_text(json.dumps(document))
    return tmp_path


def test_comments_of_our_own_files(panel: Path) -> None:
    comments = read_ratings([panel / "ratings"]).comments
    assert [(c.song, c.listener, c.conditions) for c in comments] == [
        ("song of page-01", "listener-00", ("human", "default")),
        ("song of page-02", "listener-01", ()),
    ]
    assert comments[0].heard_as == "A = human, B = default, C = random"
    assert comments[0].text == "Mix A is thin.\nB too."


def test_a_copy_of_a_session_says_it_once(panel: Path) -> None:
    first, *_ = sorted((panel / "ratings").iterdir())
    (panel / "ratings" / "copy.json").write_text(first.read_text())
    reading = read_ratings([panel / "ratings"])
    assert len(reading.comments) == 2
    assert len(reading.left_out) == 1


def test_the_table_and_the_page(panel: Path) -> None:
    analysis = analyse(read_ratings([panel / "ratings"]), KEEP_ALL)
    (panel / "out").mkdir()
    assert "comments.csv" in write_results(analysis, panel / "out", figures=False)
    with (panel / "out" / "comments.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["conditions"] for row in rows] == ["human; default", ""]
    assert rows[1]["comment"].startswith("'=1+1")  # a spreadsheet runs no formula of a listener's
    assert unescaped(rows[1]["comment"]) == analysis.reading.comments[1].text
    document = json.loads((panel / "out" / "results.json").read_text(encoding="utf-8"))
    assert [c["comment"] for c in document["comments"]] == [c.text for c in analysis.reading.comments]

    page = ratings_page(analysis, [])
    assert "Mix A is thin.<br>B too." in page
    assert "listener-00 (A = human, B = default, C = random)" in page
    assert page.index("<h4>human, default</h4>") < page.index("Mix A is thin.")
    assert page.index("<h4>The page as a whole</h4>") < page.index("<summary>=1+1")
    assert "<script>" not in page
    folded = page[page.index("<summary>=1+1") :]
    assert escape("<script>alert(1)</script>") in folded[: folded.index("</summary>")]
    assert folded[: folded.index("</details>")].count("word") > 80


def test_comments_of_a_listener_left_out_are_kept_and_said_to_be(panel: Path) -> None:
    first, *_ = sorted((panel / "ratings").iterdir())
    document = json.loads(first.read_text())
    for page in document["pages"]:
        page["seconds"] = 0.5
    first.write_text(json.dumps(document))
    analysis = analyse(read_ratings([panel / "ratings"]), Settings(resamples=0))
    assert "listener-00" not in analysis.table.listener
    assert "listener-00, left out of the statistics" in ratings_page(analysis, [])


def test_comments_of_webmushra(tmp_path: Path) -> None:
    (tmp_path / "mushra.csv").write_text(
        "session_test_id,session_uuid,trial_id,rating_stimulus,rating_score,rating_time,rating_comment\n"
        'test,u1,song,ours,80,9000,"warm, but dull"\n'
        "test,u1,song,theirs,20,9000,\n"
    )
    (comment,) = read_ratings([tmp_path / "mushra.csv"]).comments
    assert (comment.listener, comment.song, comment.conditions) == ("u1", "song", ("ours",))
    assert comment.text == "warm, but dull"


def test_comments_of_the_web_audio_evaluation_tool(tmp_path: Path) -> None:
    (tmp_path / "save.xml").write_text(
        '<waetresult key="k1"><page ref="song" state="complete">'
        '<audioelement ref="ours" type="normal"><comment><question>Comment</question><response> too loud </response>'
        '</comment><value interface-name="null">0.4</value></audioelement>'
        '<audioelement ref="theirs" type="normal"><comment><question>Comment</question><response/></comment>'
        '<value interface-name="null">0.6</value></audioelement></page></waetresult>'
    )
    (comment,) = read_ratings([tmp_path / "save.xml"]).comments
    assert (comment.listener, comment.song, comment.conditions, comment.text) == (
        "k1",
        "song",
        ("ours",),
        "too loud",
    )
