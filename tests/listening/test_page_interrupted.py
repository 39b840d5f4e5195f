"""The real page when something goes wrong: closed tabs, a killed server, missing audio, two of everything."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from listening.browsing import (
    NO_BROWSER,
    ONE_SENT,
    QUICK,
    SECONDS,
    finish,
    only_file,
    serve,
    static_host,
    until,
    wait_for,
)
from listening.small_listening import definition, write_small_test
from mixrules.listening import Results

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = NO_BROWSER


def test_a_closed_tab_loses_nothing(tmp_path: Path, open_page: Callable[..., Page]) -> None:
    test = write_small_test(tmp_path, definition(**QUICK), seconds=SECONDS)
    with serve(tmp_path) as running:
        page = open_page(running.url)
        until(page, test, ".where:text('Screen 4 of 5')")
        wait_for(page, ONE_SENT)
        assert len(only_file(running).pages) == 1
        page.locator(".row").nth(0).locator("input").nth(4).check()
        context = page.context
        page.close()

        page = open_page(running.url, context)
        page.wait_for_selector("p:has-text('You go on with screen 4 of 5')")
        page.locator("button.main").click()
        page.wait_for_selector(".row")
        # Even the rating of the page in hand.
        assert page.locator(".row").nth(0).locator("input").nth(4).is_checked()
        finish(page, test)
        assert len(only_file(running).pages) == 2


def test_a_killed_server_loses_nothing(tmp_path: Path, open_page: Callable[..., Page]) -> None:
    test = write_small_test(tmp_path, definition(**QUICK), seconds=SECONDS)
    program = subprocess.Popen(
        [sys.executable, "-m", "mixrules", "listen", str(tmp_path), "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    with program:
        assert program.stdout is not None
        url = program.stdout.readline().split()[-1]
        page = open_page(url)
        until(page, test, ".where:text('Screen 4 of 5')")
        page.wait_for_load_state("networkidle")
        program.kill()
    port = int(url.rstrip("/").rpartition(":")[2])
    until(page, test, "#anew")
    page.wait_for_selector("#connection:has-text('The connection is lost')")
    assert "not reached the server" in page.locator(".verdict").inner_text()
    assert page.locator("#download").is_visible()
    with serve(tmp_path, port) as running:
        page.locator("#connection button").click()
        page.wait_for_selector(".verdict:has-text('All your answers are saved')")
        assert page.locator("#connection").is_hidden()
        assert only_file(running).complete


def test_a_static_host_gives_a_file_to_download(tmp_path: Path, open_page: Callable[..., Page]) -> None:
    test = write_small_test(tmp_path, definition(kind="continuous", **QUICK), seconds=SECONDS)

    with static_host(tmp_path / "site") as url:
        page = open_page(url)
        until(page, test, "#anew")
        assert "One last step" in page.locator(".verdict").inner_text()
        with page.expect_download() as expected:
            page.locator("#download").click()
    name = expected.value.suggested_filename
    expected.value.save_as(tmp_path / name)
    results = Results.load(tmp_path / name)
    results.require_belongs(test)
    assert results.complete
    assert name == f"ratings-{results.session_id}.json"


def test_two_tabs_of_one_listener(tmp_path: Path, open_page: Callable[..., Page]) -> None:
    test = write_small_test(tmp_path, definition(**QUICK), seconds=SECONDS)
    with serve(tmp_path) as running:
        first = open_page(running.url)
        until(first, test, ".where:text('Screen 4 of 5')")
        second = open_page(running.url, first.context)
        second.wait_for_selector("h1:text('Already open in another tab')")
        second.get_by_role("button", name="Continue here").click()
        first.wait_for_selector("h1:text('Continued in another tab')")
        second.wait_for_selector("h1:text('Welcome back')")
        finish(second, test)
        assert only_file(running).complete


def test_two_listeners_at_one_computer(tmp_path: Path, open_page: Callable[..., Page]) -> None:
    test = write_small_test(tmp_path, definition(songs=1, **QUICK), seconds=SECONDS)
    with serve(tmp_path) as running:
        page = open_page(running.url)
        finish(page, test)
        page.reload()
        page.wait_for_selector("h1:text('You have finished.')")
        page.locator("#anew").click()
        page.wait_for_selector("#volume")
        finish(page, test)
        both = [Results.load(path) for path in running.ratings.sessions()]
    assert len({r.session_id for r in both}) == len({r.listener_id for r in both}) == 2
    assert all(r.complete for r in both)


def test_missing_and_damaged_audio_is_said_and_tried_again(
    tmp_path: Path, open_page: Callable[..., Page]
) -> None:
    test = write_small_test(tmp_path, definition(songs=1, **QUICK | {"conditions": 3}), seconds=SECONDS)
    with serve(tmp_path) as running:
        file = running.site / test.pages[0].stimuli[2].file
        whole = file.read_bytes()
        file.unlink()
        page = open_page(running.url)
        page.locator(".play").click()
        page.locator("#next").click()
        line = page.locator("main p").first
        page.wait_for_selector("h1:text('An excerpt is missing')")
        assert "is missing on the server" in line.inner_text()
        file.write_bytes(b"RIFF, but no audio")
        page.get_by_role("button", name="Try again").click()
        page.wait_for_selector("p:has-text('cannot be decoded')")
        assert "Mix " in line.inner_text()
        assert test.pages[0].stimuli[2].id not in line.inner_text()
        file.write_bytes(whole)
        page.get_by_role("button", name="Try again").click()
        finish(page, test)
        assert only_file(running).complete


@pytest.mark.parametrize(
    ("content", "says"),
    [("{", "definition is damaged"), ('{"format": "other"}', "does not know the test's format")],
)
def test_a_damaged_definition_is_said(
    tmp_path: Path, open_page: Callable[..., Page], content: str, says: str
) -> None:
    write_small_test(tmp_path)
    (tmp_path / "site" / "test.json").write_text(content)
    with static_host(tmp_path / "site") as url:
        page = open_page(url)
        page.wait_for_selector(f'main p:has-text("{says}")')
