"""A simulated panel, driven through the real page in a real browser: its ratings show what it prefers."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from simulate_panel import chromium_path, drive

from listening.browsing import SECONDS
from listening.small_listening import definition, key_of, write_small_test
from mixrules.listening import Results
from mixrules.listening.format.defaults import ATTRIBUTES
from mixrules.listening.serving.server import ListeningServer

pytestmark = pytest.mark.skipif(
    chromium_path() is None, reason="no Chromium on this machine (Debian: chromium-headless-shell)"
)

PREFERENCES = {"random": 0.25, "survey-2022": 0.5, "human": 0.8}


def test_a_panels_preferences_are_recovered(tmp_path: Path) -> None:
    test = definition(kind="continuous", attributes=ATTRIBUTES[-1:], questions=(), training=False)
    write_small_test(tmp_path, test, seconds=SECONDS)
    key = key_of(test)
    with ListeningServer(tmp_path, port=0) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        drive(server.url, test, key, PREFERENCES, 8, seed=3, noise=0.08)
        server.shutdown()
        thread.join()
    panel = [Results.load(path) for path in server.ratings.sessions()]
    assert len({r.listener_id for r in panel}) == 8
    assert all(r.complete for r in panel)
    condition = {(p.id, s.id): s.condition for p in key.pages for s in p.stimuli}
    for name, place in PREFERENCES.items():
        values = [
            r.value
            for results in panel
            for p in results.pages
            for r in p.ratings
            if condition[p.page_id, r.stimulus_id] == name
        ]
        assert len(values) == 16
        # Eight offsets and sixteen draws, each of 8: a mean within 2.6 standard errors (3.5 each).
        assert np.mean(values) == pytest.approx(100 * place, abs=9)
