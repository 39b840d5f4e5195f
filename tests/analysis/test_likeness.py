"""Likeness of two signals, against scipy's coherence and correlation and signals whose relation is known."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from scipy import signal

from mixrules.analysis import BlockSpectra, Likeness
from mixrules.errors import ParameterError

RATE = 22_050
BLOCK = 8192
BLOCKS = 32
LOW_HZ, HIGH_HZ = 60.0, 2000.0
Samples = npt.NDArray[np.float64]


def likeness(one: Samples, two: Samples, max_delay_ms: float = 10.0) -> Likeness:
    spectra = [
        BlockSpectra(
            (each[start : start + BLOCK] for start in range(0, BLOCKS * BLOCK, BLOCK)),
            RATE,
            low_hz=LOW_HZ,
            high_hz=HIGH_HZ,
        )
        for each in (one, two)
    ]
    return spectra[0].likeness(spectra[1], max_delay_ms=max_delay_ms)


def noise(seed: int) -> Samples:
    return np.random.default_rng(seed).standard_normal(BLOCKS * BLOCK)


def test_a_signal_is_itself_at_no_delay() -> None:
    found = likeness(noise(1), noise(1))
    assert found.coherence == pytest.approx(1.0)
    assert found.correlation == pytest.approx(1.0)
    assert found.delay_ms == 0.0
    assert found.blocks == BLOCKS


@pytest.mark.parametrize("samples", [-150, -7, 0, 3, 88])
@pytest.mark.parametrize("gain", [1.0, -0.2])
def test_delay_and_polarity_are_found(samples: int, gain: float) -> None:
    found = likeness(noise(2), gain * np.roll(noise(2), samples))
    assert found.delay_ms == pytest.approx(1e3 * samples / RATE)
    assert found.correlation == pytest.approx(np.sign(gain), abs=0.06)
    assert found.coherence > 0.9


def test_unrelated_signals_have_nothing_in_common() -> None:
    found = likeness(noise(3), noise(4))
    assert found.coherence < 0.02
    assert abs(found.correlation) < 0.1


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_the_coherence_of_a_signal_in_noise_is_scipys(share: float) -> None:
    one = noise(5)
    two = np.sqrt(share) * one + np.sqrt(1.0 - share) * noise(6)
    hz, expected = signal.coherence(one, two, RATE, "boxcar", BLOCK, 0, detrend=False)
    band = (hz >= LOW_HZ) & (hz < HIGH_HZ)
    biased = float(expected[band].mean())
    assert likeness(one, two).coherence == pytest.approx((BLOCKS * biased - 1) / (BLOCKS - 1), abs=0.02)


def test_a_filter_costs_correlation_and_no_coherence() -> None:
    filtered = signal.lfilter([1.0, 0.0, 0.0, 0.0, 0.9], [1.0, -0.7], noise(7))
    found = likeness(noise(7), filtered)
    assert found.coherence > 0.95
    assert 0.5 < found.correlation < 0.99


def test_blocks_count_alike_however_loud() -> None:
    gains = np.repeat(np.where(np.arange(BLOCKS) == 5, 100.0, 1.0), BLOCK)
    assert likeness(gains * noise(8), gains * noise(9)).coherence < 0.05


def test_blocks_in_which_one_is_silent_are_not_counted() -> None:
    one = noise(10)
    one[: 24 * BLOCK] = 0.0
    assert likeness(one, noise(10)).blocks == 8
    nothing = likeness(np.zeros_like(one), noise(10))
    assert (nothing.blocks, nothing.coherence, nothing.correlation) == (0, 0.0, 0.0)


def test_a_correlation_that_is_still_rising_at_the_longest_delay_is_no_delay() -> None:
    one = signal.lfilter(*signal.butter(2, [60.0, 70.0], "bandpass", fs=RATE), noise(11))
    found = likeness(one, np.roll(one, round(0.006 * RATE)), max_delay_ms=3.0)
    assert found.delay_ms in (0.0, pytest.approx(-2.0, abs=0.9))


def test_a_band_without_a_bin_is_refused() -> None:
    with pytest.raises(ParameterError, match="has no bin"):
        BlockSpectra([np.ones(16)], RATE, low_hz=60.0, high_hz=61.0)
