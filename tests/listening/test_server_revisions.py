"""Ratings for another version of the test: checked against the definition that they name, kept, told, and read by it."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from listening.answers import SESSION, ratings
from listening.asking import JSON, ask
from listening.browsing import serve
from listening.small_listening import definition, write_small_test
from mixrules.errors import ListeningTestError
from mixrules.listening import Key, ListeningTest, Results, Scale
from mixrules.listening.serving.collection import RatingsFolder, Saved
from mixrules.listening.serving.limits import max_body_bytes
from mixrules.ratings import read_ratings

LATER = "2026-11-25T04:20:00.000Z"
WORDS = ("Awful", "Bad", "So-so", "Fine", "Superb")


def changed(folder: Path, *tests: ListeningTest) -> tuple[ListeningTest, ...]:
    """Write a test's folder as it is after its definition was changed: the last one is shown, all are kept."""
    revisions = tuple(test.with_revision() for test in tests)
    write_small_test(folder, revisions[-1], seconds=0.05)
    (folder / "definitions").mkdir()
    for test in revisions:
        (folder / "definitions" / f"{test.revision}.json").write_text(test.to_json())
    return revisions


def save(folder: Path, test: ListeningTest, number: int = 0, **changes: Any) -> Saved:
    """Send ratings of `test` to the folder, as a listener of their own."""
    shown = ListeningTest.load(folder / "site" / "test.json")
    who: dict[str, Any] = {"listener_id": f"listener-{number}", "session_id": f"{number:032x}", "version": 2}
    document = ratings(test, definition=test.revision, **who) | changes
    return RatingsFolder(folder / "ratings", shown).save(json.dumps(document).encode())


def test_ratings_of_an_earlier_definition_are_kept_with_the_others(tmp_path: Path) -> None:
    before, now = changed(tmp_path, definition(songs=3), definition(songs=2))
    saved = save(tmp_path, before)
    assert (saved.aside, saved.earlier, saved.pages, saved.asked) == ("", before.revision, 3, 3)
    partial = save(tmp_path, now, 1, pages=ratings(now)["pages"][:1], complete=False)
    assert (partial.aside, partial.earlier, partial.pages, partial.asked) == ("", "", 1, 2)


@pytest.mark.parametrize(
    ("value", "why"), [(55, "value must be 1, 2, 3, 4 or 5, got 55"), (2.5, "got 2.5"), (0, "got 0")]
)
def test_values_are_checked_by_the_scale_that_was_shown(tmp_path: Path, value: float, why: str) -> None:
    before, now = changed(tmp_path, definition(), definition(kind="continuous"))
    document = ratings(before)
    document["pages"][0]["ratings"][0]["value"] = value
    saved = save(tmp_path, before, pages=document["pages"])
    assert why in saved.aside
    # Nothing is lost: it lies there as it came.
    kept = Results.load(saved.path)
    assert kept.pages[0].ratings[0].value == value
    # What the present scale has is right for who was shown it.
    assert save(tmp_path, now, 1).aside == ""


@pytest.mark.parametrize(
    ("place", "name", "why"),
    [
        ("stimulus_id", "ab" * 6, "has no stimulus abababababab"),
        ("attribute", "sheen", "no attribute 'sheen'"),
    ],
)
def test_what_no_definition_has_is_told(tmp_path: Path, place: str, name: str, why: str) -> None:
    before, _ = changed(tmp_path, definition(), definition(songs=1))
    document = ratings(before)
    document["pages"][0]["ratings"][0][place] = name
    saved = save(tmp_path, before, pages=document["pages"])
    assert why in saved.aside
    assert saved.path.is_file()


def test_a_definition_that_is_not_kept_is_told(tmp_path: Path) -> None:
    _, now = changed(tmp_path, definition(songs=3), definition(songs=2))
    saved = save(tmp_path, dataclasses.replace(now, revision="0123456789abcdef"))
    assert saved.aside == (
        "they are for the definition 0123456789abcdef of the test, which is not kept here; the present one is "
        f"{now.revision}"
    )
    assert saved.path.is_file()
    # A damaged one is as one that is not there.
    (tmp_path / "definitions" / "0123456789abcdef.json").write_text("{")
    assert (
        "0123456789abcdef.json"
        in save(tmp_path, dataclasses.replace(now, revision="0123456789abcdef"), 1).aside
    )


def test_long_ratings_of_an_earlier_definition_find_room(tmp_path: Path) -> None:
    before, now = changed(
        tmp_path,
        definition(songs=4, conditions=4, comments="mix"),
        definition(songs=1, conditions=2, comments="off"),
    )
    document = ratings(before, definition=before.revision, version=2)
    for page in document["pages"]:
        page["comments"] = dict.fromkeys(page["order"], "\x01" * 2000)
    assert max_body_bytes(now) < len(json.dumps(document)) < max_body_bytes(before)
    with serve(tmp_path) as running:
        status, _, content = ask(running, "POST", "/ratings", document, JSON)
        assert (status, json.loads(content)["aside"]) == (200, "")
        assert [path.stem for path in running.ratings.sessions()] == [SESSION]
        assert ask(running, "POST", "/ratings", b" " * (max_body_bytes(before) + 1), JSON)[0] == 413


def test_a_session_is_read_by_its_own_words_and_scale(tmp_path: Path) -> None:
    before, other, now = changed(
        tmp_path,
        definition(scale=Scale(labels=WORDS)),
        definition(kind="continuous"),
        definition(),
    )
    # The file of another scale comes first in the folder, and still puts nobody out.
    for number, test in enumerate((other, before, now, now)):
        save(tmp_path, test, number)
    reading = read_ratings([tmp_path])
    assert reading.table.names("listener") == ("listener-1", "listener-2", "listener-3")
    assert reading.table.scale.labels == now.scale.labels
    (left_out,) = reading.left_out
    assert left_out.file.endswith(f"{0:032x}.json")
    assert "its scale is 0 to 100" in left_out.reason
    assert f"it rated the definition {other.revision}, and can be read alone" in left_out.reason
    (note,) = reading.notes
    assert note.startswith("1 of 3 sessions rated another definition of the test than the present one")
    alone = read_ratings([tmp_path / "ratings" / f"{0:032x}.json"])
    assert (alone.table.scale.high, alone.table.scale.steps) == (100.0, False)


def test_results_call_conditions_as_the_definition_does(tmp_path: Path) -> None:
    (test,) = changed(tmp_path, definition())
    key = Key.load(tmp_path / "key.json")
    named = dataclasses.replace(key, labels={"human": "The engineer"}, reference="human", anchors=("random",))
    (tmp_path / "key.json").write_text(named.to_json())
    save(tmp_path, test)
    reading = read_ratings([tmp_path])
    assert set(reading.table.names("condition")) == {"random", "survey-2022", "The engineer"}
    assert reading.anchors == ("random",)
    with pytest.raises(ListeningTestError, match="'random' and 'human' are both called 'random'"):
        dataclasses.replace(key, labels={"human": "random"})
