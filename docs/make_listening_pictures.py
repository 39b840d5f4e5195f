r"""Take a picture of every screen of a listening test: in all four kinds, on a desktop and a phone, light and dark.

    python docs/make_listening_pictures.py [FOLDER [LANGUAGE]]

The test is made of tones, so that it takes a minute; FOLDER is build/listening where not said. Needs Chromium.
"""

from __future__ import annotations

import dataclasses
import re
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from simulate_panel import launch, take_test

from mixrules.files import write_audio
from mixrules.listening import (
    Attribute,
    Completion,
    Consent,
    ListeningTest,
    Page,
    Question,
    Scale,
    Stimulus,
    Training,
    TrainingLine,
    TrainingStimulus,
)
from mixrules.listening.format.defaults import (
    default_attributes,
    default_labels,
    default_questions,
    training_labels,
    training_line,
)
from mixrules.listening.serving.server import ListeningServer
from mixrules.listening.serving.site import write_site

if TYPE_CHECKING:
    from playwright.sync_api import Page as BrowserPage

KINDS = (
    ("likert", "one"),
    ("likert", "all"),
    ("continuous", "one"),
    ("continuous", "all"),
    ("ab", "one"),
    ("abx", "one"),
)
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 375, "height": 760}
RATE, SECONDS = 16_000, 0.3
OWN_WORDS = {
    "en": {
        "title": "Which mix is better?",
        "song": "Song",
        "hours": "How many hours a day do you listen to music?",
        "consent": "This test is part of a study on automatic mixing at the department of music.\n\n"
        "Your answers are kept without your name. You may stop at any time.",
    },
    "de": {
        "title": "Welche Mischung ist besser?",
        "song": "Lied",
        "hours": "Wie viele Stunden am Tag hören Sie Musik?",
        "consent": "Dieser Test gehört zu einer Studie des Instituts für Musik über automatisches Mischen.\n\n"
        "Ihre Antworten werden ohne Ihren Namen gespeichert. Sie können jederzeit aufhören.",
    },
}
"""What an experimenter would write."""


def stimulus(number: int) -> Stimulus:
    """Return a stimulus with a name that says nothing."""
    name = f"{(number + 11) * 2654435761 % 2**48:012x}"
    return Stimulus(id=name, file=f"audio/{name}.wav")


def a_test(kind: str, layout: str, language: str) -> ListeningTest:
    """Return a test that has every screen: two songs in four mixes, all that can be asked."""
    pairs = kind in ("ab", "abx")
    own = OWN_WORDS.get(language, OWN_WORDS["en"])
    attributes: tuple[Attribute, ...] = default_attributes(language, pairs=pairs)
    attributes = () if kind == "abx" else attributes[-1:] if pairs else (attributes[0], attributes[-1])
    good, bad = training_labels(language)
    pages = tuple(
        Page(
            id=f"page-{song + 1:02d}",
            label=f"{own['song']} {song + 1}",
            stimuli=tuple(stimulus(10 * song + i) for i in range(2 if pairs else 4)),
            reference=stimulus(10 * song + 9) if kind == "continuous" else None,
        )
        for song in range(2)
    )
    after = Question(id="hours", label=own["hours"], number=True, minimum=0, maximum=24)
    return ListeningTest(
        test_id="00112233445566aa",
        title=own["title"],
        seed=3,
        language=language,
        scale=Scale(kind=kind, trials=2, labels=default_labels(language)),  # type: ignore[arg-type]
        attributes=attributes,
        layout=layout,  # type: ignore[arg-type]
        consent=Consent(text=own["consent"]),
        contact="listening@example.org",
        headphone_check="record" if pairs else "off",
        questions=(*default_questions(language), dataclasses.replace(after, when="after", required=True)),
        training=Training(
            stimuli=tuple(
                TrainingStimulus(id=s.id, file=s.file, label=label)
                for s, label in ((stimulus(90), good), (stimulus(91), bad))
            ),
            lines=tuple(TrainingLine(attribute=a.id, text=training_line(a, language)) for a in attributes),
        ),
        completion=Completion(code="C1A2B3", url="https://example.org/complete?cc={code}"),
        pages=pages,
    ).with_revision()


@contextmanager
def served(test: ListeningTest) -> Iterator[str]:
    """Serve a test whose excerpts are tones; yields its address."""
    with tempfile.TemporaryDirectory() as name:
        site = write_site(name, test)
        (site / "audio").mkdir()
        time_s = np.arange(round(SECONDS * RATE)) / RATE
        for number, file in enumerate(test.files()):
            tone = 0.05 * np.sin(2 * np.pi * (220 + 40 * number) * time_s)
            write_audio(site / file, np.column_stack([tone, tone]).astype(np.float32), RATE)
        with ListeningServer(Path(name), port=0) as server:
            thread = threading.Thread(target=server.serve_forever, daemon=True)
            thread.start()
            yield server.url
            server.shutdown()
            thread.join()


class Album:
    """Takes each screen once, in four ways, and once more with what is missing."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name = folder, name
        self.seen: list[str] = []

    def look(self, page: BrowserPage) -> None:
        """Take what is shown, unless it was taken before."""
        heading = page.locator("main h1")
        if not heading.count():
            return
        screen = f"{page.locator('main').get_attribute('data-screen')}-{heading.first.inner_text()}"
        if screen in self.seen:
            return
        self.seen.append(screen)
        slug = re.sub(r"\W+", "-", screen.lower()).strip("-")
        self._take(page, f"{len(self.seen):02d}-{slug}")
        if page.locator("#next").count() and page.locator("#missing").count():
            page.locator("#next").click()
            if page.locator("#missing.urgent").count():
                self._take(page, f"{len(self.seen):02d}-{slug}-missing")

    def _take(self, page: BrowserPage, name: str) -> None:
        for size, viewport in (("desktop", DESKTOP), ("phone", PHONE)):
            page.set_viewport_size(viewport)  # type: ignore[arg-type]
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                page.screenshot(path=self.folder / f"{self.name}-{name}-{size}-{scheme}.png", full_page=True)
        page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]


def main() -> None:
    """Go through a test of every kind."""
    from playwright.sync_api import sync_playwright

    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1] / "build" / "listening"
    language = sys.argv[2] if len(sys.argv) > 2 else "en"
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for kind, layout in KINDS:
            test = a_test(kind, layout, language)
            album = Album(folder, f"{kind}-{layout}")
            with served(test) as url:
                page = browser.new_context(viewport=DESKTOP).new_page()  # type: ignore[arg-type]
                page.goto(url)
                page.wait_for_selector("h1")
                album.look(page)
                for _ in take_test(page, test, lambda _page, stimulus, _attribute: int(stimulus, 16) % 5 / 4):
                    album.look(page)
                    page.wait_for_timeout(30)
                album.look(page)
                page.context.close()
            print(f"{album.name}: {len(album.seen)} screens")
        browser.close()
    print(f"{len(list(folder.glob('*.png')))} pictures are in {folder}")


if __name__ == "__main__":
    main()
