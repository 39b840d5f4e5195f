"""The page in Firefox, by puppeteer-core over WebDriver BiDi: a whole test of each kind."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from listening.browsing import SECONDS, only_file, serve
from listening.small_listening import definition, write_small_test
from mixrules.listening import Scale

RUN = Path(__file__).with_name("firefox_run.mjs")
NO_SOUND = 3
no_device: list[str] = []
"""Why there is no sound, where one run of Firefox has found out: starting it costs ten seconds of a core."""
FIREFOX = next(filter(None, map(shutil.which, ("firefox-esr", "firefox"))), None)


def puppeteer() -> Path | None:
    """Where puppeteer-core is: in the folder named by MIXRULES_PUPPETEER, or installed for all by npm."""
    named = os.environ.get("MIXRULES_PUPPETEER")
    npm = shutil.which("npm")
    if not named and npm is not None:
        root = subprocess.run(
            [npm, "root", "--global"], capture_output=True, text=True, check=False
        ).stdout.strip()
        named = f"{root}/puppeteer-core"
    found = Path(named or "") / "lib" / "esm" / "puppeteer" / "puppeteer-core.js"
    return found if named and found.is_file() else None


@pytest.mark.skipif(FIREFOX is None, reason="no Firefox on this machine (Debian: firefox-esr)")
@pytest.mark.skipif(shutil.which("node") is None, reason="no node on this machine")
@pytest.mark.skipif(
    puppeteer() is None,
    reason="puppeteer-core is not installed (npm install --global puppeteer-core), or named by MIXRULES_PUPPETEER",
)
@pytest.mark.parametrize(
    ("kind", "layout"), [("likert", "one"), ("continuous", "one"), ("ab", "one"), ("abx", "one")]
)
def test_a_whole_run_in_firefox(tmp_path: Path, kind: Any, layout: Any) -> None:
    if no_device:
        pytest.skip(no_device[0])
    fields: dict[str, Any] = {
        "scale": Scale(kind=kind, trials=1),
        "layout": layout,
        "songs": 1,
        "conditions": 2,
    }
    if kind == "abx":
        fields |= {"attributes": (), "training": False}
    write_small_test(tmp_path, definition(**fields), seconds=SECONDS)
    with serve(tmp_path) as running:
        command = ["node", str(RUN), str(puppeteer()), str(FIREFOX), running.url]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
        if done.returncode == NO_SOUND:
            # What a listener is told, too.
            assert done.stdout.strip() == "No sound comes: is a playback device connected?"
            no_device.append("Firefox has no device to play on (a sound server with a null sink is one)")
            pytest.skip(no_device[0])
        assert done.returncode == 0, done.stderr
        assert "error:" not in done.stdout
        assert "All your answers are saved." in done.stdout
        assert only_file(running).complete
