"""Gains that are known are found again in a finished mix."""

from __future__ import annotations

import math

import numpy as np
import pytest
from synthetic import RATE, band

from mixrules.evaluation import Rendition
from mixrules.evaluation.reference import matched_gains, with_matched_stems


def test_gains_that_are_known_are_found() -> None:
    stems = {name: stem[:, None] for name, stem in band(4.0).items()}
    gains_db = {"vocals": -3.0, "drums": 2.0, "bass": 0.0, "guitar": -9.5}
    mix = sum(stem * 10 ** (gains_db[name] / 20) for name, stem in stems.items())
    found = matched_gains(stems, np.repeat(mix, 2, axis=1))
    assert found.explained_share == pytest.approx(1.0, abs=1e-6)
    for name, gain_db in gains_db.items():
        assert found.gains_db[name] == pytest.approx(gain_db, abs=0.01)


def test_a_stem_that_the_mix_lacks_or_that_stands_twice_does_no_harm() -> None:
    stems = {name: stem[:, None] for name, stem in band(4.0).items()}
    mix = np.repeat(stems["bass"] + stems["guitar"], 2, axis=1)
    found = matched_gains(stems | {"silent": 0 * stems["bass"]}, mix)
    assert found.explained_share == pytest.approx(1.0, abs=1e-3)
    assert found.gains_db["vocals"] < -40.0
    assert found.gains_db["silent"] == -math.inf
    twice = matched_gains({"a": stems["bass"], "b": stems["bass"]}, np.repeat(2 * stems["bass"], 2, axis=1))
    assert twice.explained_share == pytest.approx(1.0, abs=1e-6)


def test_a_mix_of_something_else_has_no_balance() -> None:
    stems = {name: stem[:, None] for name, stem in band(4.0).items()}
    other = np.random.default_rng(0).standard_normal((4 * RATE, 2)).astype(np.float32) * 0.1
    mix, found = with_matched_stems(Rendition(other, RATE), stems, ("vocals",))
    assert mix.stems is None
    assert found.explained_share < 0.1
