"""Fixtures for everyone: a seeded generator, songs, the command; and what test processes side by side need."""

from __future__ import annotations

import functools
import gc
import importlib.util
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from cli_runner import Run, once_compiled
from synthetic import Song, band

from mixrules._support.cores import usable_cores
from mixrules.cli import main
from mixrules.demo import demo_stems, write_demo

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

FIRST = ("test_warmup", "test_panel", "test_mutants", "test_minimal_installation", "test_reverb_time_study")
"""Files whose tests take longest: they begin at once, so that no process is left with one when the others are through."""

COMPILING = "from mixrules.corpus.extraction.librosa_loops import compile_in_turn; compile_in_turn()"


@pytest.fixture
def rng() -> np.random.Generator:
    """A generator that starts from the same seed in every test."""
    return np.random.default_rng(2026)


@pytest.fixture(scope="session")
def first_files() -> tuple[str, ...]:
    """The names of the files whose tests begin first."""
    return FIRST


@pytest.fixture(scope="session")
def make_band() -> Callable[[float], Song]:
    """Make the small band of a given length."""
    return band


@pytest.fixture(scope="session")
def demo_song() -> Song:
    """The demo song's stems at 44.1 kHz, not to be written to: synthesising them takes seconds."""
    song = demo_stems()
    for audio in song.values():
        audio.flags.writeable = False
    return song


@pytest.fixture(scope="session")
def demo_folder(demo_song: Song, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo song's files, not to be changed."""
    folder = tmp_path_factory.mktemp("demo_song") / "demo"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mixrules.demo.render.demo_stems", lambda sample_rate: demo_song)
        write_demo(folder)
    return folder


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """Run ``mixrules`` with arguments in the test's own folder."""
    monkeypatch.chdir(tmp_path)
    handler = signal.getsignal(signal.SIGTERM)

    def program(*arguments: object) -> subprocess.CompletedProcess[str]:
        words = [str(argument) for argument in arguments]
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(words)
        out, err = capfd.readouterr()
        return once_compiled(subprocess.CompletedProcess(words, int(ended.value.code or 0), out, err))

    yield program
    signal.signal(signal.SIGTERM, handler)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Look for no garbage while tests are collected, and later not among the half a million objects they are."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Start one test process more than there are cores: tests wait for commands, for pages that play, for timers."""
    return usable_cores() + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the longest tests begin first; all others keep their order."""
    items.sort(key=lambda item: item.path.stem not in FIRST)


def pytest_configure(config: pytest.Config) -> None:
    """Let one test process at a time save a compiled kernel: numba numbers the variants of one without a lock."""
    run = getattr(config, "workerinput", {}).get("testrunuid")
    if run is None:
        if config.getoption("numprocesses", None):
            compile_loops_of_librosa()
        return
    fcntl = pytest.importorskip("fcntl", reason="locks on files are POSIX's")
    from numba.core.caching import IndexDataCacheFile

    save: Callable[..., None] = IndexDataCacheFile.save
    lock = Path(tempfile.gettempdir()) / f"mixrules-tests-{run}.lock"

    @functools.wraps(save)
    def save_alone(self: IndexDataCacheFile, *arguments: Any) -> None:
        with lock.open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            save(self, *arguments)

    patch = pytest.MonkeyPatch()
    patch.setattr(IndexDataCacheFile, "save", save_alone)
    config.add_cleanup(patch.undo)
    config.add_cleanup(lambda: lock.unlink(missing_ok=True))


def compile_loops_of_librosa() -> None:
    """Let the commands that tests start find librosa's loops compiled, so that they save none beside the tests."""
    librosa = importlib.util.find_spec("librosa")
    if librosa is not None and not any(Path(str(librosa.origin)).parent.rglob("*.nbi")):
        subprocess.run([sys.executable, "-c", COMPILING], check=True)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium, started once a file of tests."""
    from playwright.sync_api import sync_playwright
    from simulate_panel import launch

    with sync_playwright() as playwright:
        started = launch(playwright)
        yield started
        started.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open a page in a context of its own, or in a given one; errors in the page fail the test."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def opened(url: str, context: BrowserContext | None = None, **options: Any) -> Page:
        if context is None:
            context = browser.new_context(**options)
            contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(120_000)  # a page may wait for a busy machine
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(url)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not errors
