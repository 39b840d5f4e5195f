"""The pages of `ratings` and `compare` in a real browser: nothing from outside, telephone, dark and light."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from mixed_songs import write_songs
from ratings.panels import write_panel
from simulate_panel import chromium_path, launch

from mixrules.corpus.layouts.song_folders import find_songs
from mixrules.evaluation.comparison import compare
from mixrules.evaluation.comparison_cautions import cautions
from mixrules.evaluation.summary import summarise
from mixrules.evaluation.undone import Undo
from mixrules.ratings import RejectionRules, Settings, analyse, read_ratings
from mixrules.report.comparison.page import write_comparison_page
from mixrules.report.ratings.folder import write_results
from mixrules.systems import parse_systems

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = pytest.mark.skipif(
    chromium_path() is None, reason="no Chromium on this machine (Debian: chromium-headless-shell)"
)
PHONE = {"viewport": {"width": 390, "height": 844}}
LEAST_PX = 9.0
LETTERS = """() => [...document.querySelectorAll('svg')].filter(s => s.getBoundingClientRect().width).flatMap(s => {
  const scale = s.getBoundingClientRect().width / s.viewBox.baseVal.width;
  return [...s.querySelectorAll('text')].map(t => parseFloat(getComputedStyle(t).fontSize) * scale);
})"""
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = launch(playwright)
        yield started
        started.close()


@pytest.fixture
def opened(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open a page from the disk; a request to elsewhere or an error in it fails the test."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def requested(url: str) -> None:
        if not url.startswith(("file:", "data:")):
            faults.append(url)

    def open_file(path: Path, **options: Any) -> Page:
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: faults.append(message.text))
        page.on("request", lambda request: requested(request.url))
        page.goto(path.as_uri())
        return page

    yield open_file
    for context in contexts:
        context.close()
    assert not faults


@pytest.fixture(scope="module")
def ratings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of three listeners, one of whom wrote."""
    folder = tmp_path_factory.mktemp("ratings")
    write_panel(folder, {"random": 2.0, "default-without-compression": 3.0, "human": 4.0}, 3)
    path = min((folder / "ratings").iterdir())
    document = json.loads(path.read_text())
    document["pages"][0]["comment"] = "<img src=x onerror=alert(1)> Mix A\nis thin."
    document["pages"][1]["comment"] = "a long one " * 60
    path.write_text(json.dumps(document))
    analysis = analyse(
        read_ratings([folder / "ratings"]), Settings(resamples=100, rejection=RejectionRules.none())
    )
    (folder / "out").mkdir()
    write_results(analysis, folder / "out")
    return folder / "out" / "index.html"


@pytest.fixture(scope="module")
def comparison(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of two songs whose balance was undone."""
    folder = tmp_path_factory.mktemp("comparison")
    (folder / "songs").mkdir()
    found = compare(
        find_songs(write_songs(folder / "songs")).folders,
        parse_systems("none,equal,human"),
        parse_systems("human")[0],
        folder / "out",
        groups=("balance", "spectrum"),
        excerpt_s=1.0,
        undo=Undo(seed=1),
    )
    return write_comparison_page(found, summarise(found), folder / "out", cautions=cautions(found))


@pytest.mark.parametrize("name", ["ratings", "comparison"])
def test_a_page_can_be_read_on_a_telephone(
    name: str, opened: Callable[..., Page], request: pytest.FixtureRequest
) -> None:
    page = opened(request.getfixturevalue(name), **PHONE)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    sizes = page.evaluate(LETTERS)
    assert len(sizes) > 20
    assert min(sizes) >= LEAST_PX
    assert page.evaluate(OVERFLOW) <= 0


@pytest.mark.parametrize("name", ["ratings", "comparison"])
def test_a_pages_letters_stand_out_in_dark_and_light(
    name: str, opened: Callable[..., Page], request: pytest.FixtureRequest
) -> None:
    grounds = []
    for scheme in ("light", "dark"):
        page = opened(request.getfixturevalue(name), color_scheme=scheme)
        ground, *inks = page.evaluate(
            "() => [getComputedStyle(document.body).backgroundColor, ...[...document.querySelectorAll("
            "'h1, p, td, figcaption, svg text')].map(e => e.tagName === 'text' ? getComputedStyle(e).fill "
            ": getComputedStyle(e).color)]"
        )
        grounds.append(luminance(ground))
        far = [abs(luminance(ink) - luminance(ground)) for ink in inks]
        # Numbers within the bars of a scale stand on the bars' own colours.
        assert sum(distance < 0.25 for distance in far) <= (
            0.02 * len(far) if name == "comparison" else 0.1 * len(far)
        )
    assert grounds[0] > 0.9
    assert grounds[1] < 0.2


def luminance(colour: str) -> float:
    """Return a colour's luma, 0 to 1, of ``rgb(r, g, b)``."""
    red, green, blue = (float(part) for part in colour[colour.index("(") + 1 : -1].split(",")[:3])
    return (0.299 * red + 0.587 * green + 0.114 * blue) / 255.0


def test_comments_are_text_and_long_ones_unfold(ratings: Path, opened: Callable[..., Page]) -> None:
    page = opened(ratings)
    comments = page.locator(".comments li")
    assert comments.count() == 2
    assert comments.first.inner_text().startswith("<img src=x onerror=alert(1)> Mix A\nis thin.")
    assert page.locator("img").count() == 0
    fold = page.locator(".comments details")
    assert fold.count() == 1
    closed = fold.bounding_box()
    fold.locator("summary").click()
    unfolded = fold.bounding_box()
    assert closed is not None
    assert unfolded is not None
    assert unfolded["height"] > closed["height"] + 20


def test_every_figure_has_words_for_those_who_do_not_see_it(
    ratings: Path, comparison: Path, opened: Callable[..., Page]
) -> None:
    for path in (ratings, comparison):
        labels = opened(path).evaluate(
            "() => [...document.querySelectorAll('svg[role=img]')].map(s => s.getAttribute('aria-label'))"
        )
        assert len(labels) >= 4
        assert all(len(label) > 20 for label in labels)
        assert len(set(labels)) == len(labels)
