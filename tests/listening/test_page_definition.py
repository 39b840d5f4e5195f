"""What a definition asks for, on the real page: all kinds of test, consent, a way back, true counts, the end."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from simulate_panel import kept_state, session_order, take_test

from listening.browsing import (
    ENDS_OF_TONES,
    LOOK_EVERY_MS,
    NO_BROWSER,
    ONE_SENT,
    QUICK,
    SECONDS,
    finish,
    only_file,
    run,
    serve,
    until,
    wait_for,
)
from listening.small_listening import definition, write_small_test
from mixrules.listening import Completion, Consent, ListeningTest, Question, Results, Scale

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = NO_BROWSER
AB = Scale(kind="ab")


def paired(kind: str, **changes: Any) -> ListeningTest:
    fields: dict[str, Any] = {"scale": Scale(kind=kind, trials=2), **QUICK, "conditions": 3}  # type: ignore[arg-type]
    if kind == "abx":
        fields["attributes"] = ()
    return definition(**(fields | changes)).with_revision()


def liking(test: ListeningTest) -> Callable[[str, str, str], float]:
    """A taste that tells every two stimuli of a test apart."""
    ids = sorted(s.id for page in test.pages for s in page.stimuli)
    return lambda _page, stimulus, _attribute: ids.index(stimulus) / len(ids)


@pytest.mark.parametrize("layout", ["one", "all"])
def test_ab_keeps_which_was_chosen_and_how_it_was_shown(
    tmp_path: Path, open_page: Callable[..., Page], layout: Any
) -> None:
    test = write_small_test(tmp_path, paired("ab", layout=layout, repeat=True), seconds=SECONDS)
    rate = liking(test)
    with serve(tmp_path) as running:
        page = open_page(running.url)
        run(page, take_test(page, test, rate))
        results = only_file(running)
    turns = session_order(test, results.seed)
    assert [p.page_id for p in results.pages] == [t["page_id"] for t in turns]
    for rated, turn in zip(results.pages, turns, strict=True):
        asked = [(t["a"], t["b"], a.id) for t in turn["trials"] for a in test.attributes]
        assert [(t.a, t.b, t.attribute) for t in rated.trials] == asked
        for trial in rated.trials:
            better = max((trial.a, trial.b), key=lambda s: rate("", s, ""))
            assert trial.chosen == better
            assert min(trial.listened_a, trial.listened_b) > 0.9 * SECONDS
    assert results.complete
    assert results.definition == test.revision


def test_abx_plays_x_and_asks_which_it_is(tmp_path: Path, open_page: Callable[..., Page]) -> None:
    test = write_small_test(tmp_path, paired("abx", songs=1), seconds=SECONDS)
    with serve(tmp_path) as running:
        page = open_page(running.url)
        run(page, take_test(page, test, liking(test)))
        results = only_file(running)
    (rated,) = results.pages
    assert len(rated.trials) == 3 * 2
    assert all(trial.correct and trial.listened_x > 0.9 * SECONDS for trial in rated.trials)
    assert sorted(t.number for t in rated.trials) == [1, 1, 1, 2, 2, 2]


@pytest.mark.parametrize("kind", ["ab", "abx"])
def test_sides_and_x_are_fair_draws(kind: str) -> None:
    test = paired(kind, songs=4, conditions=4)
    ids = [s.id for page in test.pages for s in page.stimuli]
    trials = [trial for seed in range(100) for turn in session_order(test, seed) for trial in turn["trials"]]
    first = sum(ids.index(t["a"]) < ids.index(t["b"]) for t in trials)
    assert abs(first - len(trials) / 2) < 4 * np.sqrt(len(trials)) / 2
    if kind == "abx":
        assert abs(sum(t["x"] == t["a"] for t in trials) - len(trials) / 2) < 4 * np.sqrt(len(trials)) / 2


def test_songs_are_shared_out_evenly() -> None:
    test = definition(songs=5, songs_per_listener=2, **QUICK)
    given = [turn["page_id"] for number in range(5) for turn in session_order(test, 17 * number, number)]
    assert {page: given.count(page) for page in set(given)} == {f"page-{n:02d}": 2 for n in range(1, 6)}
    # Without a number from the server the seed stands for it: even on average.
    drawn = [
        turn["page_id"] for seed in range(1000) for turn in session_order(test, seed * 2654435761 % 2**32)
    ]
    assert all(300 < drawn.count(page.id) < 500 for page in test.pages)


def test_a_session_rates_its_share_of_songs(tmp_path: Path, open_page: Callable[..., Page]) -> None:
    test = write_small_test(
        tmp_path,
        definition(songs=3, songs_per_listener=2, **QUICK).with_revision(),
        seconds=SECONDS,
    )
    with serve(tmp_path) as running:
        for number in range(3):
            page = open_page(f"{running.url}?listener=P-{number}")
            finish(page, test)
            page.close()
        sessions = [Results.load(path) for path in running.ratings.sessions()]
    for results in sessions:
        results.require_belongs(test)
    assert sorted(str(results.turn) for results in sessions) == ["0", "1", "2"]
    rated = [page.page_id for results in sessions for page in results.pages]
    assert sorted(rated) == sorted([page.id for page in test.pages] * 2)


def test_screens_are_counted_and_the_way_back_changes_a_rating(
    tmp_path: Path, open_page: Callable[..., Page]
) -> None:
    test = write_small_test(tmp_path, definition(**QUICK | {"conditions": 3}), seconds=SECONDS)
    with serve(tmp_path) as running:
        page = open_page(running.url)
        page.wait_for_selector("#volume")
        where: list[str] = []
        for _ in take_test(page, test, lambda *_: 0.5):
            shown = page.locator("#where").inner_text()
            if shown and shown.split(" · ")[0] not in where:
                where.append(shown.split(" · ")[0])
                assert "minute" in shown
            if shown.startswith("Screen 4 of 5"):
                break
            page.wait_for_timeout(LOOK_EVERY_MS)
        assert where == [f"Screen {number} of 5" for number in range(1, 5)]
        for number in (3, 2):
            page.locator("#back").click()
            page.wait_for_selector(f".where:text('Screen {number} of 5')")
            page.wait_for_selector(".row")
        assert page.locator(".step input:checked").count() == 3
        page.locator(".row").first.locator("input").nth(4).check()
        # All was heard already: nothing is left to do.
        assert page.locator("#missing.ready").count() == 1
        page.locator("#next").click()
        page.wait_for_selector(".where:text('Screen 3 of 5')")
        finish(page, test)
        results = only_file(running)
    first = results.pages[0]
    changed = next(r for r in first.ratings if r.stimulus_id == first.order[0] and r.attribute == "reverb")
    assert changed.value == 5


def test_without_consent_nothing_begins(tmp_path: Path, open_page: Callable[..., Page]) -> None:
    given = definition(songs=1, consent=Consent(text="One.\n\nTwo.", label="I do."), **QUICK)
    test = write_small_test(tmp_path, given.with_revision(), seconds=SECONDS)
    with serve(tmp_path) as running:
        page = open_page(running.url)
        page.locator("#next").click()
        assert "please tick the box" in page.locator("#missing.urgent").inner_text()
        assert page.evaluate("document.activeElement.id") == "consent"
        assert page.locator("main p").all_inner_texts()[:2] == ["One.", "Two."]
        page.get_by_label("I do.").check()
        finish(page, test)
        assert only_file(running).consent is not None


def test_the_training_says_what_is_missing(tmp_path: Path, open_page: Callable[..., Page]) -> None:
    test = write_small_test(tmp_path, definition(songs=1, questions=()), seconds=SECONDS)
    with serve(tmp_path) as running:
        page = open_page(running.url)
        until(page, test, "main[data-screen=training]")
        page.locator("#next").click()
        assert (
            page.locator("#missing.urgent").inner_text()
            == "Please listen to the end: “A good mix” and “A bad mix”."
        )
        assert page.evaluate("document.activeElement.className").startswith("stimulus")


@pytest.mark.parametrize(
    ("given", "says"),
    [("", "Please answer: Your age"), ("17", "from 18 to 99: Your age"), ("1e", "from 18 to 99: Your age")],
)
def test_a_number_is_asked_for_within_its_bounds(
    tmp_path: Path, open_page: Callable[..., Page], given: str, says: str
) -> None:
    age = Question(
        id="age", label="Your age", number=True, minimum=18, maximum=99, required=True, when="after"
    )
    test = write_small_test(tmp_path, definition(songs=1, training=False, questions=(age,)), seconds=SECONDS)
    with serve(tmp_path) as running:
        page = open_page(running.url)
        until(page, test, "main[data-screen=after] #question-age")
        page.locator("#question-age").fill("")
        page.locator("#question-age").press_sequentially(given)
        page.locator("#next").click()
        assert page.locator("#missing.urgent").inner_text().endswith(says)
        finish(page, test)
        assert only_file(running).answers == {"age": "18"}


def test_the_end_gives_a_code_and_a_way_back(tmp_path: Path, open_page: Callable[..., Page]) -> None:
    completion = Completion(text="Well done.", code="C 1", url="https://example.org/?cc={code}&id={listener}")
    test = write_small_test(
        tmp_path,
        definition(
            songs=1, completion=completion, listener_parameter="PID", contact="me@example.org", **QUICK
        ),
        seconds=SECONDS,
    )
    with serve(tmp_path) as running:
        page = open_page(f"{running.url}?PID=P-17&listener=nobody")
        assert page.locator("#contact a").get_attribute("href") == "mailto:me@example.org"
        finish(page, test)
        page.locator("#return").wait_for()
        assert page.locator("h1").inner_text() == "You have finished."
        assert page.locator("#code").inner_text() == "C 1"
        assert page.locator("#return").get_attribute("href") == "https://example.org/?cc=C%201&id=P-17"
        assert only_file(running).listener_id == "P-17"


def test_an_id_that_cannot_be_used_is_said(tmp_path: Path, open_page: Callable[..., Page]) -> None:
    write_small_test(tmp_path, definition(songs=1, **QUICK), seconds=SECONDS)
    with serve(tmp_path) as running:
        page = open_page(f"{running.url}?listener=a%20b")
        page.wait_for_selector("#connection:has-text('cannot be used')")


def test_a_german_page_has_no_english_words(tmp_path: Path, open_page: Callable[..., Page]) -> None:
    test = write_small_test(
        tmp_path,
        definition(songs=1, language="de", words={"next": "Los"}, **QUICK).with_revision(),
        seconds=SECONDS,
    )
    with serve(tmp_path) as running:
        page = open_page(running.url)
        page.wait_for_selector("h1:text('Willkommen')")
        assert page.evaluate("document.documentElement.lang") == "de"
        texts = set()
        for _ in take_test(page, test, lambda *_: 0.5):
            texts.add(page.locator("main").inner_text())
            page.wait_for_timeout(LOOK_EVERY_MS)
        assert any("Los" in text for text in texts)
        assert "gespeichert" in page.locator(".verdict").inner_text()
        for text in texts:
            for word in ("Still", "Screen", "Next", "Play", "hear", "rated", "Comment", "Volume"):
                assert word not in text.split(), text


def test_the_reference_is_heard_and_not_rated(tmp_path: Path, open_page: Callable[..., Page]) -> None:
    test = definition(songs=1, kind="continuous", **QUICK)
    (song,) = test.pages
    reference = definition(songs=2).pages[1].stimuli[0]
    pages = (dataclasses.replace(song, reference=reference),)
    test = write_small_test(tmp_path, dataclasses.replace(test, pages=pages, comments="mix"), seconds=SECONDS)
    with serve(tmp_path) as running:
        page = open_page(running.url)
        until(page, test, ".row")
        assert page.locator(".refer .stimulus").inner_text() == "Reference"
        until(page, test, ".comment")
        page.locator(".comment summary").click()
        page.get_by_label("Comment on mix B").fill("thin")
        finish(page, test)
        heard = kept_state(page)["drafts"]["page-01"]["heard"]
        (rated,) = only_file(running).pages
    assert heard["reference"]["all"]
    assert rated.comments == {rated.order[1]: "thin"}
    assert {r.stimulus_id for r in rated.ratings} == {s.id for s in song.stimuli}


def test_a_definition_that_changed_meanwhile_keeps_what_was_rated(
    tmp_path: Path, open_page: Callable[..., Page]
) -> None:
    test = write_small_test(tmp_path, definition(**QUICK).with_revision(), seconds=SECONDS)
    with serve(tmp_path) as running:
        page = open_page(running.url)
        until(page, test, ".where:text('Screen 4 of 5')")
        wait_for(page, ONE_SENT)
        (first,) = running.ratings.sessions()
        context = page.context
        page.close()
        changed = dataclasses.replace(test, title="Another title", comments="off").with_revision()
        (tmp_path / "site" / "test.json").write_text(changed.to_json())
        page = open_page(running.url, context)
        page.wait_for_selector("p:has-text('has been changed since your last visit')")
        finish(page, changed)
        results = [Results.load(path) for path in running.ratings.sessions()]
    whole = next(r for r in results if r.complete)
    whole.require_belongs(changed)
    assert whole.definition == changed.revision
    # What the server had of the earlier definition is still there.
    assert first.exists()


def test_the_check_for_headphones_counts_the_softest_tones(
    tmp_path: Path, open_page: Callable[..., Page]
) -> None:
    """The tones as they are played: one 6 dB softer, one in antiphase, which a sum of both sides cancels."""
    test = write_small_test(
        tmp_path, definition(songs=1, headphone_check="required", **QUICK), seconds=SECONDS
    )
    with serve(tmp_path) as running:
        page = open_page(running.url)
        page.evaluate(ENDS_OF_TONES)
        until(page, test, ".tones")
        for right in (False, True):
            for number in range(6):
                page.locator(".tones .play").click()
                wait_for(page, f"window.played === {6 * right + number + 1}")
                levels, sums = page.evaluate("[window.levels, window.sums]")
                softest = int(np.argmin(levels))
                assert 20 * np.log10(max(levels) / min(levels)) == pytest.approx(6.0, abs=0.05)
                assert min(sums) < 1e-6
                assert int(np.argmin(sums)) != softest
                chosen = softest if right else int(np.argmin(sums))
                page.locator(".verdicts input").nth(chosen).check()
                page.locator("#next").click()
            page.wait_for_selector(".verdict")
            if not right:
                assert page.locator("#next").count() == 0
                page.locator("#again").click()
        page.locator("#next").click()
        check = kept_state(page)["headphones"]
    assert check == {"correct": 6, "of": 6, "passed": True, "attempts": 2}
