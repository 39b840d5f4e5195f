"""True peak beside the signal on a grid of 32 times its rate, up to the top of the band."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy import signal

from mixrules import loudness

Array = npt.NDArray[Any]
SAMPLES = 2520
WINDOW = signal.windows.tukey(SAMPLES, 0.5)


def reference_dbtp(audio: Array) -> float:
    return float(20 * np.log10(np.abs(signal.resample(audio, 32 * SAMPLES)).max()))


def tone(part: float, phase: float) -> Array:
    audio: Array = 0.5 * WINDOW * np.cos(2 * np.pi * part * np.arange(SAMPLES) + phase)
    return audio


def noise(part: float, seed: int) -> Array:
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(SAMPLES))
    spectrum[np.arange(len(spectrum)) > part * SAMPLES] = 0.0
    audio: Array = 0.1 * WINDOW * np.fft.irfft(spectrum, SAMPLES)
    return audio


# Parts of the rate where all samples of a tone meet few phases, the worst that there are; 48 kHz and 72 kHz at 192.
@pytest.mark.parametrize("part", [1 / 8, 1 / 4, 1 / 3, 3 / 8, 2 / 5, 5 / 12, 9 / 20])
@pytest.mark.parametrize("sample_rate", [44_100, 96_000, 192_000, 384_000])
def test_tones(sample_rate: int, part: float) -> None:
    for phase in np.arange(4) * np.pi / 4:
        audio = tone(part, phase)
        deviation = loudness.true_peak(audio, sample_rate) - reference_dbtp(audio)
        assert -0.45 < deviation < 0.12


@pytest.mark.parametrize(
    ("sample_rate", "part", "low_db"),
    [(44_100, 0.4, -0.25), (44_100, 0.45, -0.6), (96_000, 0.45, -0.25), (192_000, 0.45, -0.25)],
)
def test_noise(sample_rate: int, part: float, low_db: float) -> None:
    for seed in range(4):
        audio = noise(part, seed)
        assert low_db < loudness.true_peak(audio, sample_rate) - reference_dbtp(audio) < 0.1


def test_a_tone_above_hearing_reads_the_same_at_both_high_rates() -> None:
    """48 kHz, its samples at 192 kHz all 3 dB under its crests."""
    at_192 = 0.5 * WINDOW * np.cos(2 * np.pi * np.arange(SAMPLES) / 4 + np.pi / 4)
    at_384 = signal.resample(at_192, 2 * SAMPLES)
    assert loudness.sample_peak(at_192) == pytest.approx(-9.03, abs=0.01)
    assert loudness.true_peak(at_192, 192_000) == pytest.approx(loudness.true_peak(at_384, 384_000), abs=0.01)
    assert loudness.true_peak(at_192, 192_000) == pytest.approx(-6.02, abs=0.02)
