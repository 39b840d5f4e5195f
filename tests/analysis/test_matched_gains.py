"""Gains of stems in a mix, against gains that are known and against a plain least-squares solver."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mixrules.analysis import matched_gains as module
from mixrules.analysis.matched_gains import matched_gains

NAMES = ("a", "b", "c")


@pytest.fixture
def stems(rng: np.random.Generator) -> dict[str, np.ndarray]:
    return {name: rng.standard_normal((5000, 1 + (name == "b"))).astype(np.float32) for name in NAMES}


def test_gains_that_are_known_are_found(stems: dict[str, np.ndarray]) -> None:
    gains = {"a": 0.5, "b": 2.0, "c": 0.1}
    mix = sum(gains[name] * np.broadcast_to(stem, (5000, 2)) for name, stem in stems.items())
    found = matched_gains(stems, np.asarray(mix))
    assert found.explained_share == pytest.approx(1.0)
    for name, gain in gains.items():
        assert found.gains_db[name] == pytest.approx(20.0 * math.log10(gain), abs=1e-4)


def test_blocks_make_no_difference(stems: dict[str, np.ndarray], monkeypatch: pytest.MonkeyPatch) -> None:
    mix = np.random.default_rng(5).standard_normal((4000, 2))
    whole = matched_gains(stems, mix)
    monkeypatch.setattr(module, "_BLOCK_SAMPLES", 777)
    blocks = matched_gains(stems, mix)
    assert blocks.explained_share == pytest.approx(whole.explained_share, rel=1e-9)
    columns = np.stack([np.broadcast_to(s[:4000], (4000, 2)).reshape(-1) for s in stems.values()], axis=1)
    solved = np.linalg.lstsq(columns.astype(np.float64), mix.reshape(-1), rcond=None)[0]
    if (solved > 0).all():
        for gain, name in zip(solved, NAMES, strict=True):
            assert blocks.gains_db[name] == pytest.approx(20.0 * math.log10(gain), abs=1e-4)


def test_a_stem_that_is_not_there_has_no_gain(stems: dict[str, np.ndarray]) -> None:
    found = matched_gains(stems, np.asarray(stems["b"] - 0.5 * stems["c"]))
    assert found.gains_db["c"] == -math.inf
