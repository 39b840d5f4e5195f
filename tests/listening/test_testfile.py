"""The documents of a listening test: what is written is read, and what does not belong is one line."""

from __future__ import annotations

import dataclasses
import json
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from listening.answers import ratings
from listening.small_listening import definition, key_of, stimulus, write_small_test
from mixrules.errors import ListeningTestError, MixrulesError
from mixrules.listening import Key, ListeningTest, Results, Scale
from mixrules.listening.serving.site import PAGE_FILES, page_files


def put(document: dict[str, Any], path: str, value: Any) -> str:
    """The document as JSON with the value at a dotted path replaced, or taken out where it is `...`."""
    *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    place: Any = document
    for part in way:
        place = place[part]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return json.dumps(document)


@pytest.mark.parametrize("kind", ["likert", "continuous"])
@pytest.mark.parametrize("layout", ["one", "all"])
def test_a_definition_is_read_as_it_was_written(tmp_path: Path, kind: Any, layout: Any) -> None:
    test = definition(kind=kind, layout=layout, repeat=True)
    (tmp_path / "test.json").write_text(test.to_json(), encoding="utf-8")
    assert ListeningTest.load(tmp_path / "test.json") == test
    document = json.loads(test.to_json())
    assert list(document)[:3] == ["format", "version", "test_id"]
    assert document["pages"][-1]["repeat_of"] == "page-01"


def test_a_key_is_read_as_it_was_written_and_fits(tmp_path: Path) -> None:
    test = definition()
    key = key_of(test)
    (tmp_path / "key.json").write_text(key.to_json(), encoding="utf-8")
    assert Key.load(tmp_path / "key.json") == key
    key.require_fits(test)
    assert key.conditions() == ("random", "survey-2022", "human")
    with pytest.raises(ListeningTestError, match="only the test has the stimulus"):
        dataclasses.replace(key, pages=key.pages[:1]).require_fits(test)
    with pytest.raises(ListeningTestError, match="the key is for the test ffff"):
        dataclasses.replace(key, test_id="f" * 16).require_fits(test)


def test_ratings_are_read_as_they_were_written() -> None:
    test = definition()
    results = Results.from_json(json.dumps(ratings(test)))
    results.require_belongs(test)
    assert Results.from_json(results.to_json()) == results
    assert len(results.given()) == 2 * 3 * 2
    # A step of a Likert scale stays a whole number in the file.
    assert json.loads(results.to_json())["pages"][0]["ratings"][0]["value"] == 3


@pytest.mark.parametrize(
    ("path", "value", "match"),
    [
        ("test_id", "../../etc", "test_id must be 16 hexadecimal digits"),
        ("format", "webmushra", "is something else"),
        ("version", 3, "this release reads 1 and 2"),
        ("condition", "human", r"\$.condition: unknown field"),
        ("pages.0.stimuli.0.condition", "human", r"\$.pages\[0\].stimuli\[0\].condition: unknown field"),
        ("pages.0.stimuli.0.id", "human", "must be 8 to 64 hexadecimal digits, got 'human'"),
        ("pages.0.stimuli.0.file", "../key.json", "audio/HEX.wav or audio/HEX.flac"),
        ("pages.0.stimuli.0.file", "audio/abcdabcd.wav/../../x", "audio/HEX.wav or audio/HEX.flac"),
        ("pages.0.stimuli", [], "a page needs one"),
        ("pages", [], "pages are needed"),
        ("attributes", [], "attributes and pages are needed"),
        ("pages.1.id", "page-01", "'page-01' stands twice"),
        ("pages.1.repeat_of", "page-01", "has other stimuli than 'page-01'"),
        ("pages.1.repeat_of", "page-77", "which is no page to repeat"),
        ("training.lines.0.attribute", "loudness", "training: a line is for 'loudness'"),
        ("training.stimuli", [], "the training needs one at least"),
        ("scale.kind", "mushra", r"\$.scale.kind"),
        ("scale.labels", ["bad", "good"], "labels must be 5 words"),
        ("layout", "two", r"\$.layout"),
        ("seed", "7", r"\$.seed: a whole number is needed"),
        ("title", ..., "the field title is missing"),
    ],
)
def test_a_definition_that_is_wrong_is_one_line(tmp_path: Path, path: str, value: Any, match: str) -> None:
    (tmp_path / "test.json").write_text(
        put(json.loads(definition().to_json()), path, value), encoding="utf-8"
    )
    with pytest.raises(ListeningTestError, match=match) as caught:
        ListeningTest.load(tmp_path / "test.json")
    assert "\n" not in str(caught.value)
    assert "test.json" in str(caught.value)


def test_two_pages_do_not_share_a_stimulus_unless_one_repeats_the_other() -> None:
    test = definition()
    twice = dataclasses.replace(test.pages[1], stimuli=test.pages[0].stimuli)
    with pytest.raises(ListeningTestError, match="stands twice"):
        dataclasses.replace(test, pages=(test.pages[0], twice))


FIRST = stimulus(0, 0).id
WRONG_RATINGS = [
    ("test_id", "f" * 16, "are of the test f"),
    ("scale", "continuous", "on a continuous scale, the test's is likert"),
    ("session_id", "../../key", "session_id must be 1 to 64 letters"),
    ("listener_id", "a b", "listener_id must be 1 to 64 letters"),
    ("started", "yesterday", "started must be a time in UTC"),
    ("updated", "2026-11-25T04:10:00", "updated must be a time in UTC"),
    ("pages.0.page_id", "page-77", "no page 'page-77'"),
    ("pages.1.page_id", "page-01", "pages: 'page-01' stands twice"),
    ("pages.0.order", [FIRST], "order must list the page's stimuli"),
    ("pages.0.order.0", FIRST, "stands twice"),
    ("pages.0.seconds", -1, "seconds must be 0 or more"),
    ("pages.0.seconds", float("inf"), "is not JSON"),
    ("pages.0.comment", "x" * 2001, "comment has 2001 characters"),
    ("pages.0.ratings.0.stimulus_id", "abcdabcd", "no stimulus abcdabcd"),
    ("pages.0.ratings.0.attribute", "loudness", "no attribute 'loudness'"),
    ("pages.0.ratings.0.value", 6, "value must be 1, 2, 3, 4 or 5, got 6"),
    ("pages.0.ratings.0.value", 2.5, "value must be 1, 2, 3, 4 or 5, got 2.5"),
    ("pages.0.ratings.0.value", "3", r"value: a number is needed"),
    ("pages.0.ratings.0.initial", 9, "value must be 1, 2, 3, 4 or 5"),
    ("pages.0.ratings.0.seconds_listened", -0.5, "seconds_listened must be 0 or more"),
    ("pages.0.ratings.1.attribute", "reverb", "stands twice"),
    ("pages.0.ratings.0", ..., "say that they are complete, 1 are missing"),
    ("answers", {"playback": "a trumpet"}, "answer to playback: headphones, loudspeakers; got 'a trumpet'"),
    ("answers", {"shoe_size": "44"}, "no question 'shoe_size'"),
    ("extra", 1, r"\$.extra: unknown field"),
]


@pytest.mark.parametrize(("path", "value", "match"), WRONG_RATINGS)
def test_ratings_that_are_wrong_are_one_line(path: str, value: Any, match: str) -> None:
    test = definition()
    with pytest.raises(ListeningTestError, match=match) as caught:
        Results.from_json(put(ratings(test), path, value)).require_belongs(test)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("", "is not JSON"),
        ("[]", "is something else"),
        ('{"format": "mixrules-ratings"}', "the field version is missing"),
        ("[" * 100_000, "nested more than 100 deep"),
        (b"\xff\xfe", "is not JSON"),
    ],
)
def test_what_is_no_document_is_one_line(text: str | bytes, match: str) -> None:
    with pytest.raises(ListeningTestError, match=match):
        Results.from_json(text)


def test_a_continuous_scale_goes_from_0_to_100() -> None:
    scale = Scale(kind="continuous")
    for value in (0, 0.5, 100):
        scale.require_value(value)
    for value in (-1, 100.5, float("nan")):
        with pytest.raises(ListeningTestError, match="value must be 0 to 100"):
            scale.require_value(value)


def test_the_site_holds_the_page_and_no_name_of_a_condition(tmp_path: Path) -> None:
    test = write_small_test(tmp_path)
    site = tmp_path / "site"
    assert {p.name for p in site.iterdir()} == {*page_files(), "test.json", "audio"}
    assert ListeningTest.load(site / "test.json") == test
    served = " ".join(p.read_text(encoding="utf-8") for p in site.iterdir() if p.is_file())
    for name in ("survey-2022", "human", "Song One", "random mixer"):
        assert name not in served


def test_the_page_is_part_of_the_package() -> None:
    folder = resources.files("mixrules.listening.serving.site")
    names = {p.name for p in folder.iterdir() if p.name.endswith((".html", ".css", ".js", ".json"))}
    assert names == set(PAGE_FILES)


def test_a_site_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "site").write_text("a file")
    with pytest.raises(MixrulesError, match="site cannot be made"):
        write_small_test(tmp_path)
