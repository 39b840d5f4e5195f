"""Peaks of sums and limited peaks that are predicted, beside the audio."""

from __future__ import annotations

import numpy as np
import pytest
from synthetic import RATE, noise

from mixrules import integrated_loudness
from mixrules.analysis import PeakTrace, peak_db, summed_lufs, summed_peaks
from mixrules.analysis.level_scan import LevelScanStream
from mixrules.errors import ParameterError
from mixrules.processors import LimiterParams, limit

SECONDS = 8.0


def trace_of(audio: np.ndarray) -> PeakTrace:
    scan = LevelScanStream(RATE, audio.shape[1])
    for update in scan.updates:
        update(audio)
    found = scan.result()
    return PeakTrace.of(found.envelope, found.energies)


def bursts(seed: int) -> np.ndarray:
    audio = 0.1 * noise(SECONDS, 100, 6000, seed=seed)
    loud = np.arange(len(audio)) % RATE < RATE // 50
    return np.where(loud[:, None] if audio.ndim == 2 else loud, 6.0 * audio, audio).reshape(len(audio), -1)


def test_peaks_are_those_of_ten_milliseconds() -> None:
    audio = bursts(1)
    hop = RATE // 100
    whole = len(audio) // hop * hop
    if RATE % 100 == 0:
        expected = np.abs(audio[:whole]).reshape(-1, hop).max(axis=1)
        np.testing.assert_array_equal(trace_of(audio).peaks[: len(expected)], expected)
    assert trace_of(audio).highest == np.abs(audio).max()


def test_the_loudness_of_a_sum_of_what_is_not_correlated() -> None:
    first, second = bursts(1), bursts(2)
    predicted = summed_lufs([trace_of(first), trace_of(second)])
    assert predicted == pytest.approx(integrated_loudness(first + second, RATE), abs=0.1)


def test_an_exponent_of_one_is_never_under_the_peaks_of_the_sum() -> None:
    first, second = bursts(1), bursts(2)
    bound = summed_peaks([trace_of(first), trace_of(second)], 1.0)
    assert np.all(bound >= trace_of(first + second).peaks * (1 - 1e-6))


def test_what_a_limiter_leaves() -> None:
    audio = bursts(3)
    params = LimiterParams(ceiling_dbtp=-18.0, release_ms=50.0)
    ceiling = 10.0 ** (params.ceiling_dbtp / 20.0)
    predicted, real = (
        trace_of(audio).limited(ceiling, params.release_ms),
        trace_of(limit(audio, RATE, params)),
    )
    assert np.abs(audio).max() > 1.5 * ceiling
    assert predicted.integrated_lufs == pytest.approx(real.integrated_lufs, abs=0.3)
    assert 20 * np.log10(predicted.highest / real.highest) == pytest.approx(0.0, abs=0.5)


def test_what_lies_under_the_ceiling_stays() -> None:
    trace = trace_of(bursts(3))
    assert trace.limited(trace.highest, 50.0) is trace
    with pytest.raises(ParameterError, match="ceiling must be above 0"):
        trace.limited(0.0, 50.0)


def test_the_crest_of_a_steady_tone_and_of_silence() -> None:
    tone = 0.5 * np.sin(2 * np.pi * 997 * np.arange(RATE * 4) / RATE)[:, None]
    # A sine's peak lies 3 dB above its RMS, and one channel of it reads 0.691 - 0.691 dB beside that.
    assert trace_of(tone).crest_db == pytest.approx(3.01, abs=0.05)
    silence = trace_of(np.zeros((RATE, 1)))
    assert np.isnan(silence.crest_db)
    assert peak_db(silence.peaks) == -np.inf
