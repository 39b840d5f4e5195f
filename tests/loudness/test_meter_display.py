"""What a display shows while the stream goes on: momentary and short-term loudness up to now, and a new start."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pyebur128
import pytest

from mixrules.loudness import LoudnessMeter

MODES = pyebur128.MeasurementMode


def noise(seconds: float, sample_rate: int, channels: int = 2) -> np.ndarray:
    audio = np.random.default_rng(8).standard_normal((round(seconds * sample_rate), channels))
    return audio * np.interp(np.arange(len(audio)), [0, len(audio)], [0.3, 0.003])[:, np.newaxis]


def libebur128_at(audio: np.ndarray, sample_rate: int, ends: list[int]) -> list[tuple[float, float]]:
    """Momentary and short-term loudness after so many samples."""
    state = pyebur128.R128State(audio.shape[1], sample_rate, MODES.MODE_M | MODES.MODE_S)
    readings, start = [], 0
    for end in ends:
        block = np.ascontiguousarray(audio[start:end])
        if len(block):
            state.add_frames(block.ravel(), len(block))
        readings.append((pyebur128.get_loudness_momentary(state), pyebur128.get_loudness_shortterm(state)))
        start = end
    return readings


@pytest.mark.parametrize(
    ("sample_rate", "channels", "block"),
    [
        *((8_000, 2, block) for block in (1, 480, 4410, 100_000)),
        *((rate, 1, block) for rate in (44_100, 48_000) for block in (480, 4410, 100_000)),
    ],
)
def test_equals_libebur128(sample_rate: int, channels: int, block: int) -> None:
    """Read after every block; libebur128 after the last 10 ms that were complete then."""
    seconds = 3.2 if block == 1 else max(8.0, 3 * block / sample_rate)
    audio = noise(seconds, sample_rate, channels)
    meter = LoudnessMeter(sample_rate, channels)
    ours, ends = [], []
    for start in range(0, len(audio), block):
        meter.update(audio[start : start + block])
        done = min(len(audio), start + block)
        if block > 1 or done % 997 == 0:
            ours.append((meter.momentary_lufs, meter.short_term_lufs))
            ends.append(done - done % (sample_rate // 100))
    theirs = libebur128_at(audio, sample_rate, ends)
    assert len(ours) > 2
    for end, mine, reference in zip(ends, ours, theirs, strict=True):
        for window_s, one, other in zip((0.4, 3.0), mine, reference, strict=True):
            if end < round(window_s * sample_rate):
                assert math.isnan(one)
            else:
                assert one == pytest.approx(other, abs=1e-5)


def test_the_highest_of_all_readings_is_the_maximum() -> None:
    audio = noise(5, 22_050)
    meter = LoudnessMeter(22_050, 2)
    ends = [(hop * 22_050 + 50) // 100 for hop in range(501)]
    readings = []
    for start, end in itertools.pairwise(ends):
        meter.update(audio[start:end])
        readings.append((meter.momentary_lufs, meter.short_term_lufs))
    highest = np.nanmax(readings, axis=0)
    got = meter.result()
    np.testing.assert_allclose(highest, [got.momentary_max_lufs, got.short_term_max_lufs], atol=1e-9)


def test_silence_and_too_little() -> None:
    meter = LoudnessMeter(48_000, 1)
    assert math.isnan(meter.momentary_lufs)
    assert math.isnan(meter.short_term_lufs)
    meter.update(np.zeros(19_199))
    assert math.isnan(meter.momentary_lufs)
    meter.update(np.zeros(1))
    assert meter.momentary_lufs == -math.inf
    assert math.isnan(meter.short_term_lufs)


def test_reset_begins_anew() -> None:
    first, second = noise(4, 44_100), noise(3.5, 44_100)[::-1]
    meter, fresh = LoudnessMeter(44_100, 2), LoudnessMeter(44_100, 2)
    meter.update(first)
    meter.reset()
    assert (meter.result().duration_s, meter.block_energies().energies.size) == (0.0, 0)
    assert math.isnan(meter.momentary_lufs)
    for one in (meter, fresh):
        one.update(second)
    assert meter.result() == fresh.result()
    assert (meter.momentary_lufs, meter.short_term_lufs) == (fresh.momentary_lufs, fresh.short_term_lufs)
