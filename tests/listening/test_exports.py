"""The exports: what each tool's own loader takes.

The rules checked here were read off the tools: webMUSHRA's startup.js, pages and documentation, WAET's
xml/test-schema.xsd (GPL-3.0, so it is not shipped; the output was validated against it with lxml, and
webMUSHRA's YAML with its own reader), and Qualtrics' description of its advanced text format.
"""

from __future__ import annotations

import csv
import io
import os
import re
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as Xml

import pytest
import yaml

from mixrules.listening.exports import (
    qualtrics_columns,
    qualtrics_survey,
    waet_project,
    webmushra_mushra,
    webmushra_without_reference,
)
from mixrules.listening.exports.common import letter
from mixrules.listening.format.defaults import ATTRIBUTES, QUESTIONS
from mixrules.listening.format.testfile import (
    Attribute,
    ListeningTest,
    Page,
    Question,
    Scale,
    Stimulus,
    Training,
    TrainingLine,
    TrainingStimulus,
)

NASTY = 'A "test": <b>é</b> & \\ # \' - [[Block]] ☃'


def stimulus_id(page: int, number: int) -> str:
    return f"{page:02d}{number:014d}"  # digits only: what a reader of YAML may take for a number


@pytest.fixture(params=["likert", "continuous"])
def test(request: pytest.FixtureRequest) -> ListeningTest:
    pages = [
        Page(
            id=f"page-{page:02d}",
            label=f"Song {page}",
            stimuli=tuple(
                Stimulus(id=stimulus_id(page, n), file=f"audio/{stimulus_id(page, n)}.wav") for n in range(4)
            ),
        )
        for page in (1, 2)
    ]
    pages.append(replace(pages[0], id="page-03", label="Song 3", repeat_of="page-01"))
    return ListeningTest(
        test_id="00000000000000e4",
        title=NASTY,
        seed=1,
        scale=Scale(kind=request.param),
        attributes=(*ATTRIBUTES, Attribute(id="own", label="1: x # y", hint=NASTY)),
        questions=(*QUESTIONS, Question(id="free", label="Anything else: #")),
        training=Training(
            stimuli=(TrainingStimulus(id="f" * 16, file=f"audio/{'f' * 16}.wav", label="it's good"),),
            lines=(TrainingLine(attribute="own", text=NASTY),),
        ),
        pages=tuple(pages),
    )


def trials(text: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    document = yaml.safe_load(text)
    (shuffled,) = [page for page in document["pages"] if isinstance(page, list)]
    assert shuffled[0] == "random"
    return document, shuffled[1:]


def test_webmushra_gets_what_its_loader_asks_for(test: ListeningTest) -> None:
    document, pages = trials(webmushra_without_reference(test))
    assert document["testname"] == NASTY
    assert document["bufferSize"] in (256, 512, 1024, 2048, 4096, 8192, 16384)
    assert document["remoteService"] == "service/write.php"
    assert [p["type"] for p in document["pages"] if isinstance(p, dict)] == ["volume", "generic", "finish"]
    volume, finish = document["pages"][0], document["pages"][-1]
    assert 0 <= volume["defaultVolume"] <= 1
    assert finish["writeResults"] is True
    assert {q["type"] for q in finish["questionnaire"]} <= {"text", "number", "likert", "long_text"}
    assert len(pages) == len(test.pages) * len(test.attributes)
    assert len({p["id"] for p in pages}) == len(pages)
    for page in pages:
        page_id, _, attribute = page["id"].partition(".")
        assert page["type"] == "likert_multi_stimulus"
        assert page["mustPlayback"] in ("ended", "processUpdate")
        assert list(page["stimuli"]) == [s.id for s in test.page(page_id).stimuli]
        assert attribute in {a.id for a in test.attributes}
        assert [r["label"] for r in page["response"]] == list(test.scale.labels)
        assert page["stimuli"][page_id[-2:].replace("03", "01") + "0" * 14].startswith("configs/resources/")


def test_mushra_plays_the_human_mix_as_reference_and_not_twice(test: ListeningTest) -> None:
    reference = {page.id: page.stimuli[1].id for page in test.pages}
    _, pages = trials(webmushra_mushra(test, reference, seconds=10, audio_url="https://x.org/a"))
    for page in pages:
        expected = reference[page["id"].partition(".")[0]]
        assert page["type"] == "mushra"
        assert page["reference"] == f"https://x.org/a/{expected}.wav"
        assert len(page["stimuli"]) == 3
        assert expected not in page["stimuli"]
        assert page["strict"] is True
        assert page["showConditionNames"] is False
    _, longer = trials(webmushra_mushra(test, reference, seconds=12.5))
    assert not any(page["strict"] for page in longer)


def test_webmushras_reader_wants_a_list_in_a_list_on_lines_of_its_own(test: ListeningTest) -> None:
    assert not re.search(r"^\s*- -", webmushra_without_reference(test), re.MULTILINE)


def test_waet_projects_keep_to_its_schema(test: ListeningTest) -> None:
    root = Xml.fromstring(waet_project(test))
    assert root.tag == "waet"
    assert [child.tag for child in root] == ["setup", *["page"] * (len(root) - 1)]
    setup = root[0]
    assert [child.tag for child in setup] == ["exitText", "survey", "metric", "interface"]
    assert setup.get("interface") == ("APE" if test.scale.kind == "continuous" else "discrete")
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[A-Za-z_][\w.-]*", name or "") for name in ids)
    for entry in setup.iterfind("survey/*"):
        assert entry.tag in ("surveystatement", "surveyradio", "surveyquestion")
        assert entry[0].tag == "statement"
        assert entry.get("mandatory") in ("true", "false", None)
    for option in setup.iter("interfaceoption"):
        assert option.get("type") in ("check", "show", "option")
    for page in root[1:]:
        assert {"id", "hostURL", "label"} <= set(page.keys())
        tags = [child.tag for child in page]
        assert tags == ["title", *["interface"] * tags.count("interface"), *["audioelement"] * 4]
        for label in page.iter("scalelabel"):
            assert 0 <= int(label.get("position") or -1) <= 100
        for audio in page.iter("audioelement"):
            assert str(audio.get("url")) == f"{audio.get('name')}.wav"


def test_waets_own_schema_accepts_the_project(test: ListeningTest) -> None:
    schema = os.environ.get("MIXRULES_WAET_SCHEMA")
    if not schema:
        pytest.skip("no schema: set MIXRULES_WAET_SCHEMA to the tool's xml/test-schema.xsd")
    etree = pytest.importorskip("lxml.etree")
    etree.XMLSchema(etree.parse(schema)).assertValid(etree.fromstring(waet_project(test).encode()))


def test_waet_has_one_axis_a_page_where_the_interface_has_only_one(test: ListeningTest) -> None:
    pages = Xml.fromstring(waet_project(test)).findall("page")
    axes = [[i.get("name") for i in page.findall("interface")] for page in pages]
    wanted = [a.id for a in test.attributes]
    if test.scale.kind == "continuous":
        assert axes == [wanted] * 3
    else:
        assert axes == [[name] for name in wanted] * 3
        positions = [label.get("position") for label in pages[0].iter("scalelabel")]
        assert positions == ["0", "25", "50", "75", "100"]


def test_qualtrics_gets_only_marks_that_it_knows(test: ListeningTest) -> None:
    text = qualtrics_survey(test, audio_url="https://x.org/a/")
    assert text.startswith("[[AdvancedFormat]]\n")
    marks = re.findall(r"\[\[([^\]:]+)(?::([^\]]*))?\]\]", text)
    assert {mark for mark, _ in marks} <= {
        "AdvancedFormat", "Block", "Question", "ID", "Choices", "AdvancedAnswers", "Answer"
    }  # fmt: skip
    kinds = {value for mark, value in marks if mark == "Question"}
    assert kinds <= {"DB", "MC:SingleAnswer:Vertical", "TE:SingleLine", "Matrix"}
    ids = [value for mark, value in marks if mark == "ID"]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"\w+", name) for name in ids)
    for file in test.files():
        assert f'src="https://x.org/a/{file.removeprefix("audio/")}"' in text
    assert "&#91;&#91;Block&#93;&#93;" in text


def test_qualtrics_columns_name_every_rating(test: ListeningTest) -> None:
    text = qualtrics_survey(test)
    rows = list(csv.DictReader(io.StringIO(qualtrics_columns(test))))
    assert len(rows) == 3 * len(test.attributes) * 4
    assert len({row["column"] for row in rows}) == len(rows)
    for row in rows:
        place = [s.id for s in test.page(row["page"]).stimuli].index(row["stimulus_id"]) + 1
        assert row["column"].endswith(f"__{row['attribute']}_{place}")
        question = row["column"] if test.scale.kind == "continuous" else row["column"].rpartition("_")[0]
        assert f"[[ID:{question}]]" in text
    if test.scale.kind == "likert":
        matrix = text.partition("[[Question:Matrix]]")[2].partition("[[Question:")[0]
        assert re.findall(r"\[\[Answer:(\d)\]\]\n(.+)", matrix) == [
            (str(n), label) for n, label in enumerate(test.scale.labels, 1)
        ]
        assert "[[Choices]]\nA\nB\nC\nD\n[[AdvancedAnswers]]" in matrix


def test_letters_go_on_after_z() -> None:
    assert [letter(n) for n in (0, 1, 25, 26, 27, 51, 52)] == ["A", "B", "Z", "AA", "AB", "AZ", "BA"]
