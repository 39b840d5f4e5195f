"""Ratings of A/B and ABX tests, of subsets of songs, and with consent: what belongs to the test and what does not."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from listening.answers import SESSION, trial_ratings
from listening.small_listening import definition
from mixrules.errors import ListeningTestError
from mixrules.listening import Completion, Consent, ListeningTest, Question, Results, Scale, Trial


def paired(kind: str, **changes: Any) -> ListeningTest:
    scale = Scale(kind=kind, trials=3)  # type: ignore[arg-type]
    fields: dict[str, Any] = {"scale": scale, "training": False}
    if kind == "abx":
        fields["attributes"] = ()
    return definition(**(fields | changes))


def read(document: dict[str, Any]) -> Results:
    return Results.from_json(json.dumps(document))


@pytest.mark.parametrize(("kind", "answers"), [("ab", 2 * 3 * 2), ("abx", 2 * 3 * 3)])
def test_every_pair_is_asked_for_and_kept(kind: str, answers: int) -> None:
    test = paired(kind)
    results = read(trial_ratings(test))
    results.require_belongs(test)
    assert len(results.given()) == answers == sum(map(test.answers_on, test.pages))
    assert Results.from_json(results.to_json()) == results


def test_a_trial_says_what_was_chosen() -> None:
    abx = Trial(a="aaaaaaaa", b="bbbbbbbb", x="bbbbbbbb", choice="b")
    assert (abx.chosen, abx.correct) == ("bbbbbbbb", True)
    assert dataclasses.replace(abx, choice="a").correct is False
    ab = Trial(a="aaaaaaaa", b="bbbbbbbb", attribute="overall", choice="none")
    assert (ab.chosen, ab.correct) == (None, None)
    assert ab.name() == Trial(a="bbbbbbbb", b="aaaaaaaa", attribute="overall", choice="a").name()


@pytest.mark.parametrize(
    ("kind", "change", "match"),
    [
        ("ab", {"choice": "c"}, r"choice: \"c\" is not accepted, one of these is: \"a\", \"b\", \"none\""),
        ("ab", {"attribute": "loudness"}, "no attribute 'loudness'"),
        ("ab", {"number": 2}, "no trial 2 of a pair"),
        ("ab", {"number": 0}, "number must be 1 or more"),
        ("ab", {"b": "abcdabcd"}, "does not compare"),
        ("ab", {"seconds": -1}, "seconds must be 0 or more"),
        ("abx", {"x": None, "attribute": "overall"}, "x is None in a test of kind abx"),
        ("abx", {"x": "abcdabcd"}, "x must be the stimulus of a or of b"),
        ("abx", {"choice": "none"}, "its choice is a or b"),
        ("abx", {"number": 4}, "no trial 4 of a pair"),
    ],
)
def test_a_trial_that_is_wrong_is_one_line(kind: str, change: dict[str, Any], match: str) -> None:
    test = paired(kind)
    document = trial_ratings(test)
    document["pages"][0]["trials"][0] |= change
    with pytest.raises(ListeningTestError, match=match) as caught:
        read(document).require_belongs(test)
    assert "\n" not in str(caught.value)


def test_no_preference_is_refused_where_the_test_forces_a_choice() -> None:
    test = paired("ab", scale=Scale(kind="ab", no_preference=False))
    document = trial_ratings(test)
    document["pages"][0]["trials"][0]["choice"] = "none"
    with pytest.raises(ListeningTestError, match="accepts no choice without a preference"):
        read(document).require_belongs(test)


def test_only_the_pairs_of_the_page_are_compared() -> None:
    test = paired("ab")
    one, two, _ = (s.id for s in test.pages[0].stimuli)
    pages = (dataclasses.replace(test.pages[0], pairs=((one, two),)), test.pages[1])
    few = dataclasses.replace(test, pages=pages)
    read(trial_ratings(few)).require_belongs(few)
    with pytest.raises(ListeningTestError, match="does not compare"):
        read(trial_ratings(test)).require_belongs(few)
    with pytest.raises(ListeningTestError, match="are no two stimuli of the page"):
        dataclasses.replace(test.pages[0], pairs=((one, one),))


def test_a_session_with_some_of_the_songs_rates_those() -> None:
    test = paired("ab", songs=4, songs_per_listener=2)
    some = [page.id for page in test.pages[1:3]]
    document = trial_ratings(test)
    document["pages"] = [page for page in document["pages"] if page["page_id"] in some]
    with pytest.raises(ListeningTestError, match="assigned is empty"):
        read(document).require_belongs(test)
    read(document | {"assigned": some, "turn": 4}).require_belongs(test)
    with pytest.raises(ListeningTestError, match="assigned holds 1 songs, each session gets 2"):
        read(document | {"assigned": some[:1]}).require_belongs(test)
    with pytest.raises(ListeningTestError, match="page page-02 is not among those assigned"):
        read(document | {"assigned": ["page-03", "page-04"]}).require_belongs(test)
    document["pages"].pop()
    with pytest.raises(ListeningTestError, match="6 are missing"):
        read(document | {"assigned": some}).require_belongs(test)


def test_a_repeated_page_comes_with_its_song() -> None:
    test = paired("ab", songs=3, repeat=True, songs_per_listener=2, repeats_per_listener=1)
    document = trial_ratings(test) | {"complete": False, "pages": []}
    read(document | {"assigned": ["page-01", "page-02", "page-99"]}).require_belongs(test)
    with pytest.raises(ListeningTestError, match="repeats page-01, which is not assigned"):
        read(document | {"assigned": ["page-02", "page-03", "page-99"]}).require_belongs(test)
    with pytest.raises(ListeningTestError, match="assigned holds 0 repeated pages, the session gets 1"):
        read(document | {"assigned": ["page-01", "page-02"]}).require_belongs(test)
    # The song that is not repeated has no repeated page to give.
    read(document | {"assigned": ["page-03", "page-02"]}).require_belongs(test)


def test_nothing_is_taken_without_the_consent_that_was_asked_for() -> None:
    test = paired("ab", consent=Consent(text="We keep your answers."))
    with pytest.raises(ListeningTestError, match="has not agreed"):
        read(trial_ratings(test)).require_belongs(test)
    read(trial_ratings(test, consent="2026-11-25T04:00:01.000Z")).require_belongs(test)
    with pytest.raises(ListeningTestError, match="consent must be a time in UTC"):
        read(trial_ratings(test, consent="yes"))


@pytest.mark.parametrize(
    ("answer", "match"),
    [("17", "a number from 18 up to 99 is accepted; got '17'"), ("old", "got 'old'"), ("nan", "got 'nan'")],
)
def test_a_number_is_within_its_bounds(answer: str, match: str) -> None:
    question = Question(id="age", label="Your age", number=True, minimum=18, maximum=99, when="after")
    test = paired("ab", questions=(question,))
    read(trial_ratings(test, answers={"age": "34"})).require_belongs(test)
    with pytest.raises(ListeningTestError, match=match):
        read(trial_ratings(test, answers={"age": answer})).require_belongs(test)


def test_the_revision_follows_from_all_that_is_defined() -> None:
    test = paired("ab").with_revision()
    assert len(test.revision) == 16
    assert test.with_revision() == test
    assert dataclasses.replace(test, title="Another").with_revision().revision != test.revision
    results = read(trial_ratings(test, definition=test.revision, session_id=SESSION))
    assert results.definition == test.revision


def test_a_return_address_is_one_of_the_web() -> None:
    Completion(url="https://app.example.org/complete?cc=C1&id={listener}")
    with pytest.raises(ListeningTestError, match="url must be an address that begins with https://"):
        Completion(url="javascript:alert(1)")
