"""Onsets against click trains whose times are known, and what is left of a reverb against a made one."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mixrules.analysis import left_at_next_note, note_gap_s, onset_times_s

RATE = 44_100


def plucks(seconds: float, gap_s: float) -> np.ndarray:
    """Return decaying tones, one every `gap_s` seconds."""
    audio = np.zeros(round(seconds * RATE))
    time_s = np.arange(round(0.2 * RATE)) / RATE
    tone = 0.3 * np.exp(-time_s / 0.04) * np.sin(2 * np.pi * 700 * time_s)
    for start in range(RATE // 10, len(audio) - len(tone), round(gap_s * RATE)):
        audio[start : start + len(tone)] += tone
    return audio[:, np.newaxis]


@pytest.mark.parametrize("gap_s", [0.125, 0.25, 0.5])
@pytest.mark.parametrize("gain", [1.0, 1e-3])
def test_the_gap_between_plucks_is_found_at_any_level(gap_s: float, gain: float) -> None:
    assert note_gap_s(gain * plucks(12.0, gap_s), RATE) == pytest.approx(gap_s, rel=0.08)


def test_onsets_lie_where_the_plucks_begin() -> None:
    times = onset_times_s(plucks(6.0, 0.5), RATE)
    expected = np.arange(0.1, 6.0 - 0.2, 0.5)
    assert times.size == expected.size
    assert np.abs(times - expected).max() < 0.05


def test_the_densest_part_counts() -> None:
    song = np.concatenate([plucks(12.0, 1.0), plucks(6.0, 0.125)])
    assert note_gap_s(song, RATE) == pytest.approx(0.125, rel=0.1)
    assert note_gap_s(song, RATE, densest_share=0.9) == pytest.approx(1.0, rel=0.1)


@pytest.mark.parametrize(
    "audio", [np.zeros((RATE * 4, 1)), np.zeros((1, 1)), np.full((RATE * 4, 2), 0.1), np.ones((100, 1))]
)
def test_what_has_no_notes_has_endless_gaps(audio: np.ndarray) -> None:
    assert math.isinf(note_gap_s(audio, RATE))


@pytest.mark.parametrize("rate", [8000, 192_000])
def test_other_sample_rates(rate: int, rng: np.random.Generator) -> None:
    audio = np.zeros((6 * rate, 1))
    for start in range(rate // 10, len(audio) - rate // 20, rate // 4):
        audio[start : start + rate // 20, 0] = 0.3 * rng.standard_normal(rate // 20)
    assert note_gap_s(audio, rate) == pytest.approx(0.25, rel=0.1)


def test_nothing_is_left_after_an_endless_gap_and_all_of_it_without_one() -> None:
    assert left_at_next_note(math.inf, 2.0) == 0.0
    assert left_at_next_note(60.0, 0.1) == 0.0
    assert left_at_next_note(1e-6, 2.0) == pytest.approx(1.0, abs=1e-4)
