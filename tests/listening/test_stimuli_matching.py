"""Loudness matching, read with another meter."""

from __future__ import annotations

import numpy as np
import pyloudnorm
import pytest
from synthetic import RATE, clicks, noise

from mixrules.errors import AudioError
from mixrules.listening.making.matching import match_loudness
from mixrules.loudness import true_peak


def lufs(audio: np.ndarray) -> float:
    return float(pyloudnorm.Meter(RATE, filter_class="DeMan").integrated_loudness(audio.astype(np.float64)))


def stereo(mono: np.ndarray, gain: float = 1.0) -> np.ndarray:
    return np.stack([mono, 0.5 * mono], 1) * np.float32(gain)


def test_all_reach_the_target() -> None:
    mixes = {
        "a": stereo(noise(5.0, 100, 1000)),
        "b": stereo(noise(5.0, 500, 9000), 0.01),
        "c": stereo(clicks(5.0, 120)),
    }
    before = {name: mix.copy() for name, mix in mixes.items()}
    matched = match_loudness(mixes, RATE, target_lufs=-28.0)
    assert matched.lowered_db == 0.0
    for name, mix in matched.audio.items():
        assert lufs(mix) == pytest.approx(-28.0, abs=0.02)
        assert np.array_equal(mixes[name], before[name])


def test_where_one_would_clip_all_become_quieter_together() -> None:
    peaky = np.zeros(5 * RATE, np.float32)
    peaky[:: RATE // 2] = 1.0
    mixes = {"steady": stereo(noise(5.0, 100, 1000)), "peaky": stereo(peaky)}
    matched = match_loudness(mixes, RATE, target_lufs=-16.0)
    assert matched.highest == "peaky"
    assert matched.lowered_db > 5.0
    assert matched.target_lufs == pytest.approx(-16.0 - matched.lowered_db)
    assert true_peak(matched.audio["peaky"], RATE) == pytest.approx(-1.01, abs=0.005)
    measured = [lufs(mix) for mix in matched.audio.values()]
    assert max(measured) - min(measured) < 0.05


def test_silence_has_no_loudness() -> None:
    with pytest.raises(AudioError, match="quiet is silent in the excerpt"):
        match_loudness({"quiet": np.zeros((RATE, 2), np.float32)}, RATE, target_lufs=-28.0)
