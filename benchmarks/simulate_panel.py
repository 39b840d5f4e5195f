r"""Drive a panel of simulated listeners, whose preferences are known, through the real page in a real browser.

The listeners are programs that do what people do: they answer the questions, listen to every excerpt in real
time, rate and go on. What they rate is what `preferences` says of a condition, plus noise from a seed, so that the
statistics of the ratings can be checked against what went in.

    python benchmarks/simulate_panel.py test/ --listeners 12 \
        --preferences random=0.2,survey-2022=0.4,default=0.5,human=0.7,model=0.45
"""

from __future__ import annotations

import argparse
import random
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mixrules.listening import Key, ListeningTest
from mixrules.listening import Page as TestPage
from mixrules.listening.serving.server import ListeningServer

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Playwright

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)
CHROMIUMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
WATCH_TONES = """
() => {
  window.lit = false;
  new MutationObserver(() => { window.lit ||= document.querySelector(".tone.on") !== null; })
    .observe(document.querySelector(".tones"), { attributes: true, subtree: true });
}
"""
Rate = Callable[[str, str, str], float]
"""Gives a page's, a stimulus's and an attribute's id a place on the scale, 0 (worst) to 1 (best)."""


def chromium_path() -> str | None:
    """Return where the system's Chromium is, None where there is none; the one without windows costs half as much."""
    return next(filter(None, map(shutil.which, CHROMIUMS)), None)


def launch(playwright: Playwright) -> Browser:
    """Start the system's Chromium, headless and without talking to anybody."""
    return playwright.chromium.launch(executable_path=chromium_path(), args=list(FLAGS))


def drive(
    url: str,
    test: ListeningTest,
    key: Key,
    preferences: Mapping[str, float | Mapping[str, float]],
    listeners: int,
    *,
    seed: int = 0,
    noise: float = 0.1,
    at_once: int = 8,
) -> None:
    """Let `listeners` take the test at `url`.

    `preferences` gives a condition's place on the scale, 0 to 1, or one for each attribute. Each listener adds an
    offset of its own and noise to each rating, both normal with standard deviation `noise`.
    """
    from playwright.sync_api import sync_playwright

    condition = {(p.id, s.id): s.condition for p in key.pages for s in p.stimuli}

    def rater(number: int) -> Rate:
        chance = random.Random(f"{seed}:{number}")
        offset = chance.gauss(0.0, noise)

        def rate(page_id: str, stimulus_id: str, attribute: str) -> float:
            liked = preferences[condition[page_id, stimulus_id]]
            place = liked[attribute] if isinstance(liked, Mapping) else liked
            return min(max(place + offset + chance.gauss(0.0, noise), 0.0), 1.0)

        return rate

    with sync_playwright() as playwright:
        browser = launch(playwright)
        for first in range(0, listeners, at_once):
            panel = []
            for number in range(first, min(first + at_once, listeners)):
                page = browser.new_context().new_page()
                page.goto(f"{url}?listener=panel-{seed}-{number:03d}")
                panel.append((page, take_test(page, test, rater(number))))
            together(panel)
            for page, _ in panel:
                page.context.close()
        browser.close()


def together(panel: list[tuple[Page, Iterator[None]]]) -> None:
    """Let several listeners go on in turns until all have finished."""
    while panel:
        panel = [(page, steps) for page, steps in panel if next(steps, panel) is not panel]
        if panel:
            panel[0][0].wait_for_timeout(60)


def take_test(page: Page, test: ListeningTest, rate: Rate) -> Iterator[None]:
    """Take a test from whichever screen is shown to its end; yields wherever a person would wait.

    In an A/B comparison the stimulus whose `rate` is higher is chosen, and no preference where they are equal and that
    may be said. In ABX `rate` is asked for the attribute ``""``: X is recognised where the two differ, else A is chosen.
    """
    while not page.locator("#anew").count():
        yield
        if page.locator("main h1:text-is('Welcome back')").count():
            yield from _next(page, "button.main")
        elif page.locator("#consent").count():
            page.locator("#consent").check()
            yield from _next(page)
        elif page.locator("#volume").count():
            yield from _welcome(page, test)
        elif page.locator("main[data-screen=headphones] #again").count():
            yield from _next(page)
        elif page.locator("main[data-screen=headphones]").count():
            yield from _tones(page)
        elif page.locator("main[data-screen=training] .cards").count():
            yield from _listen(page)
            yield from _next(page)
        elif page.locator("main[data-screen=pair] .pair").count():
            yield from _listen(page)
            _choose(page, test, rate)
            yield from _next(page)
        elif page.locator(".row, .panel").count():
            yield from _listen(page)
            _rate(page, test, rate)
            yield from _next(page)
        elif page.locator("main[data-screen=after] .question").count():
            _answer(page, test, "after")
            yield from _next(page)
    while not page.locator(".verdict.good").count() and page.locator("#download").is_hidden():
        yield


def _welcome(page: Page, test: ListeningTest) -> Iterator[None]:
    _answer(page, test, "before")
    page.locator(".play").click()
    while "on" not in (page.locator(".play").get_attribute("class") or "").split():
        yield
    yield from _next(page)


def _answer(page: Page, test: ListeningTest, when: str) -> None:
    for question in test.questions:
        if question.when != when:
            continue
        if question.options:
            page.locator(f"input[name=question-{question.id}]").first.check()
        elif question.number:
            least = question.minimum if question.minimum is not None else question.maximum
            page.locator(f"#question-{question.id}").fill(f"{30 if least is None else least:g}")
        else:
            page.locator(f"#question-{question.id}").fill("something")


def _tones(page: Page) -> Iterator[None]:
    """Listen to three tones and choose the first: that is a guess, as loudspeakers make it."""
    if not page.locator(".tones").count():
        yield from _next(page)
        return
    page.evaluate(WATCH_TONES)  # however short, and however busy the machine: no light is missed
    page.locator(".tones .play").click()
    while not page.evaluate("window.lit && !document.querySelector('.tone.on')"):
        yield
    page.locator(".verdicts input").first.check()
    yield from _next(page)


def _listen(page: Page) -> Iterator[None]:
    stimuli = page.locator(".stimulus")
    for index in range(stimuli.count()):
        stimuli.nth(index).click()
        while "done" not in (stimuli.nth(index).get_attribute("class") or "").split():
            yield


def _rate(page: Page, test: ListeningTest, rate: Rate) -> None:
    turn, attributes = _shown(page, test)
    for index, stimulus_id in enumerate(turn["order"]):
        if test.layout == "all":
            page.locator(".tabs .stimulus").nth(index).click()
        places = page.locator(".panel" if test.layout == "all" else ".row").nth(index)
        for number, attribute in enumerate(attributes):
            place = rate(turn["page_id"], stimulus_id, attribute)
            if test.scale.kind == "likert":
                places.locator(".likert").nth(number).locator("input").nth(round(4 * place)).check()
            else:
                places.locator(".slider input").nth(number).fill(str(round(100 * place)))


def _choose(page: Page, test: ListeningTest, rate: Rate) -> None:
    turn, attributes = _shown(page, test)
    trial = turn["trials"][int(page.locator("main section").get_attribute("data-trial") or 0)]
    for number, attribute in enumerate(attributes):
        place_a, place_b = (rate(turn["page_id"], trial[side], attribute) for side in "ab")
        if test.scale.kind == "abx":
            choice = "b" if place_a != place_b and trial["x"] == trial["b"] else "a"
        elif place_a == place_b:
            choice = "none" if test.scale.no_preference else "a"
        else:
            choice = "a" if place_a > place_b else "b"
        page.locator(".verdicts").nth(number).locator(f"input[value={choice}]").check()


def _shown(page: Page, test: ListeningTest) -> tuple[dict[str, Any], list[str]]:
    """Return the turn that is on the screen, and the attributes that are asked for."""
    state = kept_state(page)
    section = page.locator("main section").first
    page_id, asked = section.get_attribute("data-page"), section.get_attribute("data-attributes")
    turns = session_order(test, state["seed"], state["turn"])
    return next(t for t in turns if t["page_id"] == page_id), (asked or "").split(" ")


def _next(page: Page, button: str = "#next") -> Iterator[None]:
    page.evaluate("window.shown = document.querySelector('main').firstElementChild")
    page.locator(button).click()
    while page.evaluate("window.shown.isConnected"):
        yield


def kept_state(page: Page) -> dict[str, Any]:
    """Return the session as the page keeps it in the browser."""
    state: dict[str, Any] = page.evaluate(
        "JSON.parse(Object.entries(localStorage).find(([key]) => key.startsWith('mixrules:'))[1])"
    )
    return state


def session_order(test: ListeningTest, seed: int, turn: int | None = None) -> list[dict[str, Any]]:
    """Return what the page draws from a recorded seed: pages, stimuli, trials and where sliders start.

    Written after the description in docs/listening-test.md, as a twin of the page's own order.js.
    """
    numbers = _splitmix32(seed)

    def below(count: int) -> int:
        return int(next(numbers) / 2**32 * count)

    def shuffled(items: Sequence[Any]) -> list[Any]:
        items = list(items)
        for i in range(len(items) - 1, 0, -1):
            j = below(i + 1)
            items[i], items[j] = items[j], items[i]
        return items

    songs = [p for p in test.pages if p.repeat_of is None]
    if test.songs_per_listener is not None and test.songs_per_listener < len(songs):
        first = (seed if turn is None else turn) * test.songs_per_listener % len(songs)
        taken = {(first + i) % len(songs) for i in range(test.songs_per_listener)}
        songs = [song for index, song in enumerate(songs) if index in taken]
    repeats = [p for p in test.pages if p.repeat_of in {song.id for song in songs}]
    if test.repeats_per_listener is not None:
        repeats = shuffled(repeats)[: test.repeats_per_listener]
    order = shuffled(songs)
    for repeat in shuffled(repeats):
        at = [p.id for p in order].index(repeat.repeat_of or "")
        if at > 0 and at == len(order) - 1:
            order[at - 1], order[at] = order[at], order[at - 1]
            at -= 1
        order.insert(at + 2 + below(len(order) - at - 1), repeat)
    turns = []
    for page in order:
        if test.scale.compares:
            turns.append(
                {
                    "page_id": page.id,
                    "order": [],
                    "initial": {},
                    "trials": _trials(test, page, shuffled, below),
                }
            )
            continue
        stimuli = shuffled([s.id for s in page.stimuli])
        sliders = test.scale.kind == "continuous"
        initial = {(s, a.id): below(101) if sliders else None for s in stimuli for a in test.attributes}
        turns.append({"page_id": page.id, "order": stimuli, "initial": initial, "trials": []})
    return turns


def _trials(
    test: ListeningTest,
    page: TestPage,
    shuffled: Callable[[Sequence[Any]], list[Any]],
    below: Callable[[int], int],
) -> list[dict[str, Any]]:
    abx = test.scale.kind == "abx"
    tried: dict[tuple[str, str], int] = {}
    trials = []
    for one, other in shuffled(
        [pair for pair in page.all_pairs() for _ in range(test.scale.trials if abx else 1)]
    ):
        a, b = (one, other) if below(2) == 0 else (other, one)
        tried[one, other] = tried.get((one, other), 0) + 1
        x = None if not abx else a if below(2) == 0 else b
        trials.append({"a": a, "b": b, "x": x, "number": tried[one, other]})
    return trials


def _splitmix32(state: int) -> Iterator[int]:
    while True:
        state = z = (state + 0x9E3779B9) % 2**32
        z = (z ^ z >> 16) * 0x85EBCA6B % 2**32
        z = (z ^ z >> 13) * 0xC2B2AE35 % 2**32
        yield z ^ z >> 16


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="the test's folder")
    parser.add_argument("--preferences", required=True, help="condition=place,… with places from 0 to 1")
    parser.add_argument("--listeners", type=int, default=12)
    parser.add_argument("--noise", type=float, default=0.1)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    preferences = {
        name: float(place) for name, _, place in (p.partition("=") for p in given.preferences.split(","))
    }
    with ListeningServer(given.folder, port=0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        key = Key.load(given.folder / "key.json")
        drive(server.url, server.test, key, preferences, given.listeners, seed=given.seed, noise=given.noise)
        print(f"{len(server.ratings.sessions())} sessions are in {server.ratings.folder}")
        server.shutdown()


if __name__ == "__main__":
    main()
