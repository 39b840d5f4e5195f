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
    chromium_path() is None, reason="no Chromium on this machine (Debian: chromium)"
)
COMBINATIONS = [(kind, layout) for kind in ("likert", "continuous") for layout in ("one", "all")]
SECONDS = 0.4
LOOK_EVERY_MS = 40
"""How often a test looks whether a page has gone on: looking costs more of a core than the page does."""
QUICK: dict[str, Any] = {"questions": (), "training": False}


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
