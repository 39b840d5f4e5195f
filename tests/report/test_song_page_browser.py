"""The page of a mix in a real browser: players switch in place, by keyboard too; small and dark screens, print."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from listening.browsing import NO_BROWSER, wait_for
from synthetic import RATE, band

from mixrules import Stems, mix, presets
from mixrules.report.song.page import write_song_page

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = NO_BROWSER
PLAYER = "document.querySelector('.player')"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    stems = Stems.from_arrays(
        {name: audio[:, None] for name, audio in band(5.0).items()}, RATE, title="A song"
    )
    path: Path = tmp_path_factory.mktemp("page") / "report.html"
    write_song_page(path, stems, mix(stems), rules=presets.load("default"))
    return path.as_uri()


def test_one_player_is_shown_at_a_time_and_switching_keeps_the_place(
    open_page: Callable[..., Page],
    address: str,
) -> None:
    page = open_page(address)
    first = page.locator(".player").first
    assert first.locator("audio:visible").count() == 1
    page.evaluate(f"{PLAYER}.querySelector('audio').load()")
    wait_for(page, f"{PLAYER}.querySelector('audio').readyState > 0")
    page.evaluate(f"{PLAYER}.querySelector('audio').currentTime = 2.5")
    first.locator("label").nth(1).click()
    wait_for(page, f"Math.abs({PLAYER}.querySelectorAll('audio')[1].currentTime - 2.5) < 0.05")
    visible = first.locator("audio:visible")
    assert visible.count() == 1
    assert visible.get_attribute("aria-label") == "the song: after"
    assert page.evaluate(f"[...{PLAYER}.querySelectorAll('audio')].every(audio => audio.paused)")


def test_while_it_plays_switching_goes_on_and_only_one_is_heard(
    open_page: Callable[..., Page],
    address: str,
) -> None:
    page = open_page(address)
    page.evaluate(f"{PLAYER}.querySelector('audio').play()")
    wait_for(page, f"{PLAYER}.querySelector('audio').currentTime > 0.2")
    page.locator(".player").first.locator("label").nth(1).click()
    wait_for(page, f"!{PLAYER}.querySelectorAll('audio')[1].paused && {PLAYER}.querySelector('audio').paused")
    assert page.evaluate(f"{PLAYER}.querySelectorAll('audio')[1].currentTime") >= 0.2
    # Another player takes over.
    page.evaluate("document.querySelectorAll('.player')[1].querySelector('audio').play()")
    wait_for(page, f"{PLAYER}.querySelectorAll('audio')[1].paused")


def test_the_choice_is_made_by_keyboard(
    open_page: Callable[..., Page],
    address: str,
) -> None:
    page = open_page(address)
    choices = page.locator(".player").first.locator("input")
    choices.first.focus()
    page.keyboard.press("ArrowRight")
    assert choices.nth(1).is_checked()
    wait_for(page, f"getComputedStyle({PLAYER}.querySelectorAll('.sound')[1]).display !== 'none'")


def test_without_scripts_every_sound_has_its_player(
    open_page: Callable[..., Page],
    address: str,
) -> None:
    page = open_page(address, java_script_enabled=False)
    first = page.locator(".player").first
    assert first.locator("audio").nth(1).is_visible()
    assert first.locator(".name").all_inner_texts() == ["before", "after"]


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (390, "dark"), (1400, "dark")])
def test_it_fits_small_and_dark_screens(
    open_page: Callable[..., Page],
    address: str,
    width: int,
    scheme: str,
) -> None:
    page = open_page(address, viewport={"width": width, "height": 844}, color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(255, 255, 255)") == (scheme == "light")
    text = page.evaluate("getComputedStyle(document.querySelector('figure svg text')).fill")
    assert text == page.evaluate("getComputedStyle(document.body).color")


def test_letters_of_figures_can_be_read_on_a_phone(
    open_page: Callable[..., Page],
    address: str,
) -> None:
    page = open_page(address, viewport={"width": 390, "height": 844})
    smallest = page.evaluate(
        "Math.min(...[...document.querySelectorAll('.figures svg text')].map(text => text.getBoundingClientRect())"
        ".map(box => Math.min(box.width, box.height)).filter(size => size > 0))"
    )
    assert smallest >= 4.0
    heights = page.evaluate(
        "[...document.querySelectorAll('.figures svg text')].map(text => parseFloat(getComputedStyle(text).fontSize) *"
        " text.ownerSVGElement.getBoundingClientRect().width / text.ownerSVGElement.viewBox.baseVal.width)"
    )
    assert min(heights) >= 8.0


def test_it_prints_in_light_without_players(
    open_page: Callable[..., Page],
    address: str,
) -> None:
    page = open_page(address, color_scheme="dark")
    page.emulate_media(media="print")
    assert page.locator(".player:visible").count() == 0
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.locator("figure:visible").count() > 10


def test_nothing_is_asked_of_anyone(
    open_page: Callable[..., Page],
    address: str,
) -> None:
    page = open_page("about:blank")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    page.wait_for_load_state("networkidle")
    assert [url for url in asked if not url.startswith(("data:", "file:"))] == []
