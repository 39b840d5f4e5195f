"""The real page in a headless Chromium: whole runs, keyboard, phone, and what it sounds like."""

from __future__ import annotations

from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from simulate_panel import kept_state, session_order, take_test

from listening.browsing import (
    COMBINATIONS,
    LOOK_EVERY_MS,
    NO_BROWSER,
    QUICK,
    SECONDS,
    finish,
    only_file,
    run,
    serve,
    until,
    wait_for,
)
from listening.small_listening import CONDITIONS, definition, write_small_test
from mixrules.files import write_audio
from mixrules.listening.format.defaults import ATTRIBUTES

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = NO_BROWSER


@pytest.mark.parametrize(("kind", "layout"), COMBINATIONS)
def test_a_whole_run(tmp_path: Path, open_page: Callable[..., Page], kind: Any, layout: Any) -> None:
    test = write_small_test(tmp_path, definition(kind=kind, layout=layout, repeat=True), seconds=SECONDS)
    given: dict[tuple[str, str, str], float] = {}
    asked: list[str] = []

    def rate(page_id: str, stimulus_id: str, attribute: str) -> float:
        place = len(given) * 7 % 5 / 4
        given[page_id, stimulus_id, attribute] = (
            round(4 * place) + 1 if kind == "likert" else round(100 * place)
        )
        return place

    with serve(tmp_path) as running:
        page = open_page("about:blank")
        page.on("request", lambda request: asked.append(request.url))
        page.goto(running.url)
        run(page, take_test(page, test, rate))
        assert "saved" in page.locator(".verdict").inner_text()
        results = only_file(running)
        url = running.url

    assert results.complete
    assert results.answers.keys() == {q.id for q in test.questions}
    rated = {(p.page_id, r.stimulus_id, r.attribute): r.value for p in results.pages for r in p.ratings}
    assert rated == given
    turns = session_order(test, results.seed)
    assert [(p.page_id, list(p.order)) for p in results.pages] == [(t["page_id"], t["order"]) for t in turns]
    for rated_page, turn in zip(results.pages, turns, strict=True):
        assert {(r.stimulus_id, r.attribute): r.initial for r in rated_page.ratings} == turn["initial"]
        # All of it was heard, in real time.
        assert all(0.9 * SECONDS < r.seconds_listened < 20 for r in rated_page.ratings)
        assert rated_page.seconds >= 3 * 0.9 * SECONDS
    # Nothing but the test's own files, and nothing of the key.
    assert asked
    assert all(address.startswith(url) for address in asked)
    names = {address.removeprefix(url) for address in asked}
    assert not names & {"key.json"}
    assert not [name for name in names for condition in CONDITIONS if condition in name]


def test_orders_differ_between_listeners_and_repeats_come_later(tmp_path: Path) -> None:
    test = definition(songs=4, repeat=True, kind="continuous")
    turns = [session_order(test, seed) for seed in range(200)]
    firsts = [t[0]["page_id"] for t in turns]
    for page in test.pages[:4]:
        assert 25 < firsts.count(page.id) < 80  # a fair draw of 200 among 4: 50 ± 6
    for turn in turns:
        pages = [t["page_id"] for t in turn]
        assert pages.index("page-99") >= pages.index("page-01") + 2
    initial = [value for turn in turns for t in turn for value in t["initial"].values()]
    assert set(initial) == set(range(101))
    assert abs(np.mean(initial) - 50) < 1.5


def test_what_is_missing_is_said(tmp_path: Path, open_page: Callable[..., Page]) -> None:
    test = write_small_test(tmp_path, definition(songs=1, questions=definition().questions, training=False))
    with serve(tmp_path) as running:
        page = open_page(running.url)
        page.locator("#next").click()
        assert page.locator("#missing").inner_text() == "Please answer: What you listen with"
        page.get_by_label("headphones").check()
        page.locator("#next").click()
        assert "play the excerpt" in page.locator("#missing").inner_text()
        page.locator(".play").click()
        page.locator("#next").click()
        page.wait_for_selector(".row")
        page.locator("#next").click()
        assert (
            page.locator("#missing").inner_text()
            == "Still to do: hear A, B and C to the end; rate A, B and C."
        )
        wait_for(page, "document.getElementById('live').textContent.startsWith('Still to do')")
        assert page.evaluate("document.activeElement.className").startswith("stimulus")
        page.locator(".row").nth(1).locator("input").nth(2).check()
        assert page.locator("#missing").inner_text().endswith("rate A and C.")
        finish(page, test)
        assert only_file(running).complete


def test_with_the_keyboard_alone(tmp_path: Path, open_page: Callable[..., Page]) -> None:
    test = write_small_test(
        tmp_path,
        definition(songs=1, attributes=ATTRIBUTES[-1:], **QUICK | {"conditions": 3}),
        seconds=SECONDS,
    )
    with serve(tmp_path) as running:
        page = open_page(running.url)
        page.wait_for_selector("#volume")
        press = page.keyboard.press

        def tab_to(selector: str) -> None:
            for _ in range(40):
                if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
                    return
                press("Tab")
            pytest.fail(f"{selector} cannot be reached with the tab key")

        tab_to(".play")
        press("Space")
        page.wait_for_selector(".play.on")
        tab_to("#volume")
        press("ArrowLeft")
        assert kept_state(page)["volume_db"] == -1
        tab_to("#next")
        press("Enter")
        page.wait_for_selector(".row")
        assert page.evaluate("document.activeElement.tagName") == "H1"
        press("Space")
        page.wait_for_selector(".stimulus.sounding")
        for number in ("1", "2", "3"):
            press(number)
            page.wait_for_selector(f".row:nth-child({number}) .stimulus.sounding.done")
        press("l")
        assert page.locator(".loop").get_attribute("aria-pressed") == "false"
        press("l")
        for row in range(3):
            tab_to(f".row:nth-child({row + 1}) .step input")
            press("Space")
            for _ in range(row + 1):
                press("ArrowRight")
        press("Space")
        wait_for(page, "!document.querySelector('.stimulus.sounding')")
        tab_to("#next")
        press("Enter")
        page.wait_for_selector("#anew")
        page.wait_for_selector(".verdict.good")
        results = only_file(running)
    values = {r.stimulus_id: r.value for r in results.pages[0].ratings}
    assert [values[s] for s in results.pages[0].order] == [2, 3, 4]
    assert test.pages[0].id == results.pages[0].page_id


def test_a_slider_is_not_rated_until_it_is_touched(tmp_path: Path, open_page: Callable[..., Page]) -> None:
    write_small_test(
        tmp_path, definition(kind="continuous", songs=1, **QUICK | {"conditions": 3}), seconds=SECONDS
    )
    with serve(tmp_path) as running:
        page = open_page(running.url)
        page.locator(".play").click()
        page.locator("#next").click()
        page.wait_for_selector(".row")
        slider = page.locator(".slider input").first
        assert slider.get_attribute("aria-valuetext") == "not rated yet"
        start = slider.input_value()
        slider.press("Enter")
        assert (slider.get_attribute("aria-valuetext") or "").startswith(f"{start}, ")
        slider.press("ArrowLeft" if int(start) > 50 else "ArrowRight")
        assert abs(int(slider.input_value()) - int(start)) == 1
        assert page.locator("#missing").inner_text().endswith("rate B and C.")


def test_a_listener_named_in_the_address(tmp_path: Path, open_page: Callable[..., Page]) -> None:
    test = write_small_test(tmp_path, definition(songs=1, **QUICK), seconds=SECONDS)
    with serve(tmp_path) as running:
        page = open_page(f"{running.url}?listener=P-17")
        finish(page, test)
        assert only_file(running).listener_id == "P-17"


@pytest.mark.parametrize(("kind", "layout"), COMBINATIONS)
def test_nothing_is_wider_than_a_phone(
    tmp_path: Path, open_page: Callable[..., Page], kind: Any, layout: Any
) -> None:
    test = write_small_test(
        tmp_path,
        definition(kind=kind, layout=layout, songs=1, conditions=5, attributes=ATTRIBUTES[-2:]),
        seconds=SECONDS,
    )
    phone = {"viewport": {"width": 360, "height": 640}, "is_mobile": True, "has_touch": True}
    with serve(tmp_path) as running:
        page = open_page(running.url, **phone)
        page.wait_for_selector("#volume")
        fits(page)
        for _ in take_test(page, test, lambda *_: 0.75):
            fits(page)
            page.wait_for_timeout(LOOK_EVERY_MS)
        fits(page)


def fits(page: Page) -> None:
    """Nothing is wider than the phone, and what is to be touched is large enough (WCAG 2.2 asks for 24 px)."""
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    small = page.evaluate(
        "[...document.querySelectorAll('button, .step, .choice')].filter((e) => e.offsetParent)"
        ".filter((e) => e.offsetHeight < 40 || e.offsetWidth < 40).map((e) => e.textContent)"
    )
    assert small == []


@pytest.mark.parametrize("layout", ["one", "all"])
def test_every_control_has_a_name(tmp_path: Path, open_page: Callable[..., Page], layout: Any) -> None:
    test = write_small_test(tmp_path, definition(layout=layout, songs=1, kind="continuous"), seconds=SECONDS)
    with serve(tmp_path) as running:
        page = open_page(running.url)
        for selector in ("#volume", ".cards", ".row, .panel", "#anew"):
            until(page, test, selector)
            nameless = page.evaluate(
                "[...document.querySelectorAll('button, input, textarea, [role=radiogroup]')].filter((e) =>"
                " !(e.getAttribute('aria-label') || e.textContent || [...(e.labels || [])].some((l) => l.textContent)))"
                ".map((e) => e.outerHTML)"
            )
            assert nameless == []
            assert page.locator("h1").count() == 1


def test_excerpts_switch_on_the_same_sample_without_a_click(
    tmp_path: Path, open_page: Callable[..., Page]
) -> None:
    # The same tone, three times as strong in the second excerpt; whole periods, so that the loop is seamless.
    rate, hz = 16_000, 440
    tone = np.sin(2 * np.pi * hz * np.arange(rate // 2) / rate)[:, np.newaxis]
    test = write_small_test(tmp_path, definition(songs=1, **QUICK))
    files = [s.file for s in test.pages[0].stimuli]
    for file, level in zip(files, (0.1, 0.3), strict=True):
        write_audio(tmp_path / "site" / file, (level * tone).astype(np.float32), rate, subtype="FLOAT")
    # The player as a module of its own, beside the page's script, which holds it.
    source = resources.files("mixrules.listening.serving.site")
    for name in ("player.js", "requests.js"):
        text = source.joinpath(name).read_text(encoding="utf-8")
        (tmp_path / "site" / name).write_text(text, encoding="utf-8")
    with serve(tmp_path) as running:
        page = open_page(running.url)
        heard = page.evaluate(
            """async ([files, rate]) => {
                const context = new OfflineAudioContext(1, 2 * rate, rate);
                const go = context.resume.bind(context);
                context.resume = async () => {};
                // To the player it runs: before it renders it is suspended, and one that stays so has no device.
                Object.defineProperty(context, "state", { value: "running" });
                window.AudioContext = function () { return context; };
                const { Player } = await import("/player.js");
                const player = new Player(() => {});
                await player.load(files, ["A", "B"]);
                await player.play();
                context.suspend(1.0).then(() => { player.switchTo(1); go(); });
                return Array.from((await context.startRendering()).getChannelData(0));
            }""",
            [files, rate],
        )
    time_s = np.arange(2 * rate) / rate
    start_s, fade_s = 0.03, 0.003
    after = np.exp(-np.maximum(time_s - 1.0, 0.0) / fade_s)
    rising = 1.0 - np.exp(-time_s / fade_s)
    expected = np.sin(2 * np.pi * hz * (time_s - start_s)) * (0.1 * after * rising + 0.3 * (1.0 - after))
    expected[time_s < start_s] = 0.0
    # 30 ms before the start the gain is up; the rest follows from the Web Audio specification's formula.
    assert np.max(np.abs(np.asarray(heard) - expected)) < 2e-3
