"""The page opened from the disk, where browsers load no modules: it says how it is opened."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from listening.browsing import NO_BROWSER, QUICK, SECONDS, serve
from listening.small_listening import definition, write_small_test
from mixrules.listening.serving.site import write_site

if TYPE_CHECKING:
    from playwright.sync_api import Page

COMMAND = "mixrules listen FOLDER"


def test_the_page_says_without_any_script_how_it_is_opened(tmp_path: Path) -> None:
    site = write_site(tmp_path, definition(**QUICK))
    assert COMMAND in (site / "index.html").read_text("utf-8")


@NO_BROWSER
@pytest.mark.parametrize(
    "name", ["site/index.html", "site/index.html#listener", "site/index.html?listener=P-17"]
)
def test_opened_from_the_disk_it_is_shown(tmp_path: Path, open_page: Callable[..., Page], name: str) -> None:
    write_small_test(tmp_path, definition(**QUICK), seconds=SECONDS)
    page = open_page(f"{tmp_path.as_uri()}/{name}")
    page.locator("#server").wait_for(state="visible")
    assert COMMAND in page.locator("main").inner_text()


@NO_BROWSER
def test_opened_from_a_server_it_is_not(tmp_path: Path, open_page: Callable[..., Page]) -> None:
    write_small_test(tmp_path, definition(**QUICK), seconds=SECONDS)
    with serve(tmp_path) as running:
        page = open_page(running.url)
        page.locator("h1").wait_for()
        assert page.locator("#server").count() == 0
        assert COMMAND not in page.locator("body").inner_text()
