"""The page by the rules of axe-core, and a whole test with nothing but the keyboard."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from simulate_panel import take_test

from listening.browsing import ENDS_OF_TONES, LOOK_EVERY_MS, NO_BROWSER, SECONDS, only_file, serve, wait_for
from listening.small_listening import definition, write_small_test
from mixrules.listening import Completion, Consent, ListeningTest, Question, Scale

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = NO_BROWSER

KINDS = [
    ("likert", "one"),
    ("likert", "all"),
    ("continuous", "one"),
    ("continuous", "all"),
    ("ab", "all"),
    ("abx", "one"),
]
AT_REST = "Promise.all(document.getAnimations().map((animation) => animation.finished))"
"""Where something fades or grows, the end of it."""
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def axe_file() -> Path | None:
    """Where axe-core is: named by MIXRULES_AXE, or installed for all by npm."""
    named = os.environ.get("MIXRULES_AXE")
    if named:
        return Path(named)
    npm = shutil.which("npm")
    if npm is None:
        return None
    root = subprocess.run(
        [npm, "root", "--global"], capture_output=True, text=True, check=False
    ).stdout.strip()
    found = Path(root) / "axe-core" / "axe.min.js"
    return found if root and found.is_file() else None


def whole(kind: str, layout: str, **more: Any) -> ListeningTest:
    """A test that has every screen."""
    fields: dict[str, Any] = {
        "scale": Scale(kind=kind, trials=1),  # type: ignore[arg-type]
        "layout": layout,
        "songs": 1,
        "conditions": 2,
        "consent": Consent(text="Your answers are kept.\n\nYou may stop."),
        "contact": "ask@example.org",
        "headphone_check": "record" if kind == "ab" else "off",
        "completion": Completion(text="Thanks.", code="C1", url="https://example.org/{code}"),
        "questions": (
            *definition().questions[-1:],
            Question(id="age", label="Your age", number=True, minimum=18),
            Question(id="why", label="Why?", when="after", required=True),
        ),
    }
    if kind == "abx":
        fields |= {"attributes": (), "training": False}
    return definition(**(fields | more)).with_revision()


@pytest.mark.skipif(
    axe_file() is None,
    reason="axe-core is not installed (npm install --global axe-core), or named by MIXRULES_AXE",
)
@pytest.mark.parametrize(("kind", "layout"), KINDS)
def test_axe_finds_nothing_on_any_screen(
    tmp_path: Path, open_page: Callable[..., Page], kind: str, layout: str
) -> None:
    test = write_small_test(tmp_path, whole(kind, layout), seconds=SECONDS)
    source = axe_file()
    assert source is not None
    axe = source.read_text(encoding="utf-8")
    seen: dict[str, list[str]] = {}

    def look(page: Page) -> None:
        heading = page.locator("main h1")
        screen = f"{page.locator('main').get_attribute('data-screen')}: {heading.inner_text() if heading.count() else ''}"
        if screen in seen or not heading.count():
            return
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.evaluate(AT_REST)
            result = page.evaluate("(levels) => axe.run(document, { runOnly: levels })", LEVELS)
            assert len(result["passes"]) > 15  # the rules were applied
            found = [f"{v['id']}: {' '.join(n['html'] for n in v['nodes'])}" for v in result["violations"]]
            seen[screen] = [*seen.get(screen, []), *found]

    with serve(tmp_path) as running:
        page = open_page(running.url)
        page.wait_for_selector("h1")
        page.evaluate(axe)
        page.evaluate(ENDS_OF_TONES)
        for _ in take_test(page, test, lambda *_: 0.5):
            look(page)
            page.wait_for_timeout(LOOK_EVERY_MS)
        look(page)
        page.evaluate("document.querySelector('main').append(document.createElement('button'))")
        spoilt = page.evaluate("(levels) => axe.run(document, { runOnly: levels })", LEVELS)
        assert [v["id"] for v in spoilt["violations"]] == [
            "button-name"
        ]  # what is wrong would have been found
    assert len(seen) >= 5
    assert {screen: found for screen, found in seen.items() if found} == {}


class Keyboard:
    """A listener without a mouse, who goes by what has the focus."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.press = page.keyboard.press

    def to(self, selector: str) -> None:
        """Press Tab until something has the focus."""
        for _ in range(60):
            if self.page.evaluate("(s) => document.activeElement.matches(s)", selector):
                return
            self.press("Tab")
        pytest.fail(f"{selector} cannot be reached with the tab key")

    def go(self, button: str = "#next") -> None:
        """Press a button, and wait for the next screen, whose heading has the focus."""
        self.to(button)
        self.page.evaluate("window.shown = document.querySelector('main').firstElementChild")
        self.press("Enter")
        for _ in range(250):
            if not self.page.evaluate("window.shown.isConnected"):
                break
            self.page.wait_for_timeout(LOOK_EVERY_MS)
        self.page.wait_for_selector("h1:focus")

    def hear(self, count: int) -> None:
        """Listen to so many excerpts to the end, by their digits."""
        for number in range(1, count + 1):
            self.press(str(number))
            for _ in range(250):
                classes = self.page.locator(".stimulus").nth(number - 1).get_attribute("class") or ""
                if "done" in classes.split():
                    break
                self.page.wait_for_timeout(LOOK_EVERY_MS)


@pytest.mark.parametrize(("kind", "layout"), KINDS)
def test_the_keyboard_gets_through_the_whole_test(
    tmp_path: Path, open_page: Callable[..., Page], kind: str, layout: str
) -> None:
    test = write_small_test(tmp_path, whole(kind, layout), seconds=SECONDS)
    with serve(tmp_path) as running:
        page = open_page(running.url)
        page.wait_for_selector("h1")
        page.evaluate(ENDS_OF_TONES)
        keys = Keyboard(page)
        keys.to("#consent")
        keys.press("Space")
        keys.go()
        keys.to("input[name=question-playback]")
        keys.press("Space")
        keys.to("#question-age")
        page.keyboard.type("34")
        keys.to(".play")
        keys.press("Space")
        page.wait_for_selector(".play.on")
        keys.go()
        while page.locator(".tones").count():
            keys.to(".tones .play")
            before = page.evaluate("window.played")
            keys.press("Space")
            wait_for(page, f"window.played === {before + 1}")
            keys.to(".verdicts input")
            keys.press("Space")
            keys.go()
        if page.locator("#again").count():
            keys.go()
        if test.training:
            keys.hear(2)
            keys.go()
        while page.locator("main[data-screen=rate], main[data-screen=pair]").count():
            keys.hear(page.locator(".stimulus").count())
            if page.locator("main[data-screen=pair]").count():
                for group in range(page.locator(".verdicts").count()):
                    keys.to(
                        f".question:nth-of-type({group + 1}) .verdicts input, .verdicts:not(:has(:checked)) input"
                    )
                    keys.press("Space")
                    page.wait_for_timeout(LOOK_EVERY_MS)
            elif layout == "all":
                for mix in range(2):
                    keys.press(str(mix + 1))
                    rate_with_keys(keys, test, ".panel:not([hidden])")
            else:
                for row in range(2):
                    rate_with_keys(keys, test, f".row:nth-child({row + 1})")
            keys.go()
        keys.to("#question-why")
        page.keyboard.type("because")
        keys.go()
        page.wait_for_selector(".verdict.good")
        keys.to("#copy")
        keys.to("#return")
        results = only_file(running)
    assert results.complete
    assert results.answers == {"playback": "headphones", "age": "34", "why": "because"}


def rate_with_keys(keys: Keyboard, test: ListeningTest, place: str) -> None:
    for number in range(keys.page.locator(f"{place} .likert, {place} .slider").count()):
        control = ".likert" if test.scale.kind == "likert" else ".slider"
        mark = f"{control}-{number}".lstrip(".")
        keys.page.evaluate(
            "([selector, number, mark]) => { document.querySelectorAll(selector)[number].dataset.mark = mark; }",
            [f"{place} {control}", number, mark],
        )
        keys.to(f"{place} [data-mark={mark}] input")
        keys.press("Space" if test.scale.kind == "likert" else "Enter")
