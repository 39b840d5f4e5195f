"""The real page where the server has no room, has other ratings, or another test: nothing is lost, each is said."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from simulate_panel import kept_state, take_test

from listening.answers import ratings
from listening.browsing import (
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
from mixrules.errors import AudioFileError
from mixrules.listening import Results
from mixrules.listening.serving import collection

if TYPE_CHECKING:
    import pytest
    from playwright.sync_api import Page, Route

pytestmark = NO_BROWSER


def test_where_the_sessions_file_is_damaged_the_ratings_get_one_of_their_own(
    tmp_path: Path, open_page: Callable[..., Page]
) -> None:
    test = write_small_test(tmp_path, definition(songs=1, **QUICK), seconds=SECONDS)
    with serve(tmp_path) as running:
        page = open_page(running.url)
        page.wait_for_selector("#volume")
        until(page, test, ".row")
        damaged = running.ratings.folder / f"{kept_state(page)['session_id']}.json"
        damaged.write_text("not ours")
        until(page, test, "#anew")
        page.wait_for_selector("#connection:has-text('saved as a session of its own')")
        page.wait_for_selector(".verdict:has-text('All your answers are saved')")
        (own,) = set(running.ratings.sessions()) - {damaged}
    assert damaged.read_text() == "not ours"
    assert Results.load(own).complete


def test_a_session_that_goes_on_in_two_places_becomes_two(
    tmp_path: Path, open_page: Callable[..., Page]
) -> None:
    test = write_small_test(tmp_path, definition(**QUICK), seconds=SECONDS)
    with serve(tmp_path) as running:
        one = open_page(running.url)
        until(one, test, ".where:text('Screen 4 of 5')")
        wait_for(one, ONE_SENT)
        # A copy of the browser's profile on another device.
        other = open_page(running.url, storage_state=one.context.storage_state())
        for page, place in ((one, 0.25), (other, 1.0)):
            run(page, take_test(page, test, lambda *_, place=place: place))
        other.wait_for_selector("#connection:has-text('went on in another tab')")
        results = [Results.load(path) for path in running.ratings.sessions()]
    assert len({r.session_id for r in results}) == 2
    assert len({r.listener_id for r in results}) == 1
    assert all(r.complete for r in results)
    last = sorted(r.pages[-1].ratings[0].value for r in results)
    assert last == [2, 5]


def test_a_full_disk_is_said_and_waited_for(
    tmp_path: Path, open_page: Callable[..., Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    test = write_small_test(tmp_path, definition(songs=1, **QUICK), seconds=SECONDS)

    def full(path: Path, text: str) -> None:
        raise AudioFileError(f"{path.name} cannot be written: the disk is full")

    with serve(tmp_path) as running:
        page = open_page(running.url)
        with monkeypatch.context() as patched:
            patched.setattr(collection, "write_text_atomic", full)
            until(page, test, "#anew")
            page.wait_for_selector("#connection:has-text('no room for your answers')")
            assert not running.ratings.sessions()
        # By itself, without a click.
        page.wait_for_selector(".verdict:has-text('All your answers are saved')")
        assert only_file(running).complete


def test_another_test_in_place_of_the_one_that_is_taken(
    tmp_path: Path, open_page: Callable[..., Page]
) -> None:
    test = write_small_test(tmp_path, definition(songs=1, **QUICK), seconds=SECONDS)
    with serve(tmp_path) as running:
        page = open_page(running.url)
        until(page, test, ".row")
        write_small_test(tmp_path, definition(songs=1, test_id="f" * 16, **QUICK), seconds=SECONDS)
        finish(page, test)
        page.wait_for_selector("#connection:has-text('saved, apart from the others')")
        (path,) = running.ratings.aside()
        assert not running.ratings.sessions()
    assert Results.load(path).complete
    assert path.parent.name == test.test_id


def test_a_page_that_is_left_open_for_a_day(tmp_path: Path, open_page: Callable[..., Page]) -> None:
    test = write_small_test(tmp_path, definition(**QUICK), seconds=SECONDS)
    with serve(tmp_path) as running:
        port = running.server_address[1]
        page = open_page("about:blank")
        page.clock.install()
        page.goto(running.url)
        until(page, test, ".where:text('Screen 4 of 5')")
    page.clock.fast_forward("24:00:00")
    with serve(tmp_path, port) as running:
        finish(page, test)
        results = only_file(running)
    assert results.complete
    assert results.updated[:10] > results.started[:10]


def test_what_an_earlier_visit_could_not_send_is_sent_by_the_next(
    tmp_path: Path, open_page: Callable[..., Page]
) -> None:
    test = write_small_test(tmp_path, definition(songs=1, **QUICK), seconds=SECONDS)
    document = json.dumps(ratings(definition(), test_id="e" * 16))
    with serve(tmp_path) as running:
        page = open_page("about:blank")
        page.add_init_script(f"localStorage.setItem('mixrules-unsent:{'ab' * 16}', {json.dumps(document)})")
        page.goto(running.url)
        page.wait_for_selector("#volume")
        for _ in range(250):
            if running.ratings.aside():
                break
            page.wait_for_timeout(40)
        (path,) = running.ratings.aside()
        assert Results.load(path).complete
        assert test.test_id != path.parent.name


def test_a_busy_server_costs_a_wait(tmp_path: Path, open_page: Callable[..., Page]) -> None:
    test = write_small_test(tmp_path, definition(songs=1, **QUICK), seconds=SECONDS)
    refused: list[str] = []

    def once(route: Route) -> None:
        if route.request.url in refused:
            route.continue_()
            return
        refused.append(route.request.url)
        # Half of them get no answer at all.
        if len(refused) % 2:
            route.fulfill(status=503, headers={"Retry-After": "1"}, body="{}")
        else:
            route.abort()

    with serve(tmp_path) as running:
        page = open_page("about:blank")
        page.route(lambda url: url.endswith(("test.json", ".wav", "/ratings")), once)
        page.goto(running.url)
        finish(page, test)
        page.wait_for_selector(".verdict:has-text('All your answers are saved')")
        assert only_file(running).complete
    assert len(refused) == 2 + len(test.pages[0].stimuli)


def test_a_definition_that_changes_while_the_page_is_open(
    tmp_path: Path, open_page: Callable[..., Page]
) -> None:
    before = definition(songs=1, **QUICK).with_revision()
    (tmp_path / "definitions").mkdir()
    (tmp_path / "definitions" / f"{before.revision}.json").write_text(before.to_json())
    test = write_small_test(tmp_path, before, seconds=SECONDS)
    with serve(tmp_path) as running:
        page = open_page(running.url)
        until(page, test, ".row")
        # Another scale and another title: what is rated now fits only what the page showed.
        now = definition(songs=1, kind="continuous", title="Anew", **QUICK).with_revision()
        write_small_test(tmp_path, now, seconds=SECONDS)
        finish(page, test)
        page.wait_for_selector(".verdict:has-text('All your answers are saved')")
        assert page.locator("#connection").is_hidden()
        (path,) = running.ratings.sessions()
        assert not running.ratings.aside()
        # Who comes later gets the new one.
        later = open_page(running.url)
        later.wait_for_selector(".title:text('Anew')")
    results = Results.load(path)
    assert results.complete
    assert (results.scale, results.definition) == ("likert", before.revision)
