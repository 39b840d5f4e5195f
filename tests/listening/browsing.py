"""What the tests of the page share: a server in a thread, and steps through the page."""

from __future__ import annotations

import functools
import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from simulate_panel import chromium_path, take_test

from mixrules.listening import ListeningTest, Results
from mixrules.listening.serving.server import ListeningServer

if TYPE_CHECKING:
    from playwright.sync_api import Page

NO_BROWSER = pytest.mark.skipif(
    chromium_path() is None, reason="no Chromium on this machine (Debian: chromium-headless-shell)"
)
COMBINATIONS = [(kind, layout) for kind in ("likert", "continuous") for layout in ("one", "all")]
SECONDS = 0.25
"""Excerpts are heard in real time; the page counts what was heard in parts of 0.05 s."""
LOOK_EVERY_MS = 40
"""How often a test looks whether a page has gone on: looking costs more of a core than the page does."""
ENDS_OF_TONES = """
() => {
  window.played = 0;
  const start = AudioBufferSourceNode.prototype.start;
  AudioBufferSourceNode.prototype.start = function (...when) {
    if (when.length) return start.apply(this, when);
    const sides = [0, 1].map((side) => this.buffer.getChannelData(side));
    const power = (first, of) => {
      let sum = 0;
      for (let i = first; i < first + 17640; i++) sum += of(i) ** 2;
      return sum / 17640;
    };
    const middles = [0, 1, 2].map((tone) => Math.round((1.5 * tone + 0.3) * 44100));
    window.levels = middles.map((first) => Math.sqrt(power(first, (i) => sides[0][i])));
    window.sums = middles.map((first) => Math.sqrt(power(first, (i) => sides[0][i] + sides[1][i])));
    this.addEventListener("ended", () => { window.played += 1; });
    return start.call(this, 0, window.played % 6 ? this.buffer.duration - 0.25 : 0);
  };
}
"""
"""Of the check for headphones the first three tones are played whole, of the others the end: four seconds each are long.

What was to be played is measured: in the middle 0.4 s of each tone, its left side's RMS and that of both sides' sum.
"""
ONE_SENT = (
    "Object.entries(localStorage).some(([k, v]) => k.startsWith('mixrules:') && JSON.parse(v).sent !== null)"
)
"""The server has confirmed the pages that were rated."""
QUICK: dict[str, Any] = {"questions": (), "training": False, "conditions": 2}
"""Of a test that is about something else than its excerpts: listening to them takes the time."""


@contextmanager
def serve(folder: Path, port: int = 0) -> Iterator[ListeningServer]:
    with ListeningServer(folder, port=port) as running:
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@contextmanager
def static_host(site: Path) -> Iterator[str]:
    """Serve a folder as a web server does that knows nothing of tests; yields its address."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

    handler = functools.partial(Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as host:
        threading.Thread(target=host.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{host.server_address[1]}/"
        host.shutdown()


def run(page: Page, steps: Iterator[None]) -> None:
    for _ in steps:
        page.wait_for_timeout(LOOK_EVERY_MS)


def wait_for(page: Page, expression: str) -> None:
    """Wait until an expression holds; Playwright's own would be evaluated in the page, which its policy forbids."""
    for _ in range(250):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(LOOK_EVERY_MS)
    pytest.fail(f"{expression} does not come true")


def finish(page: Page, test: ListeningTest, place: float = 0.5) -> None:
    run(page, take_test(page, test, lambda *_: place))


def until(page: Page, test: ListeningTest, selector: str) -> None:
    """Take the test until something is shown."""
    for _ in take_test(page, test, lambda *_: 0.5):
        if page.locator(selector).count():
            return
        page.wait_for_timeout(LOOK_EVERY_MS)


def only_file(running: ListeningServer) -> Results:
    (path,) = running.ratings.sessions()
    results = Results.load(path)
    results.require_belongs(running.test)
    assert results.session_id == path.stem
    return results
