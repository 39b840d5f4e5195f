"""The real page on a small phone: no word of a scale is cut off, in any language that has words here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from listening.browsing import NO_BROWSER, QUICK, SECONDS, serve, until
from listening.small_listening import definition, write_small_test
from mixrules.listening import Scale
from mixrules.listening.format.defaults import LANGUAGES, default_labels

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = NO_BROWSER

# Of each word of the scale: what it is, how wide it is where it is not broken, and how wide the space for it is.
WORDS = """
[...document.querySelectorAll(".step, .along > *")].map((element) => {
  element.style.hyphens = "manual";
  element.style.overflowWrap = "normal";
  const range = document.createRange();
  range.selectNodeContents(element);
  return [element.innerText, range.getBoundingClientRect().width, element.getBoundingClientRect().width];
})
"""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("kind", "layout"), [("likert", "one"), ("likert", "all"), ("continuous", "one")])
def test_words_of_the_scale_fit(
    tmp_path: Path, open_page: Callable[..., Page], kind: Any, layout: Any, language: str
) -> None:
    scale = Scale(kind=kind, labels=default_labels(language))
    test = write_small_test(
        tmp_path, definition(scale=scale, layout=layout, language=language, **QUICK), seconds=SECONDS
    )
    with serve(tmp_path) as running:
        page = open_page(running.url, viewport={"width": 360, "height": 740})
        until(page, test, ".row, .panel")
        words = page.evaluate(WORDS)
        scrolled = page.evaluate("document.documentElement.scrollWidth")
    assert len(words) >= 5
    for text, needed, space in words:
        assert needed <= space, f"{text!r} needs {needed:.1f} pixels and has {space:.1f}"
    assert scrolled <= 360
