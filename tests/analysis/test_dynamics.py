import math
from typing import Any

import naive_analysis
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.synth import RATE, hits, noise, sine
from mixrules.analysis import (
    crest_factor_db,
    crest_factor_squared_smoothed,
    level_envelope,
    low_frequency_share,
    percussivity,
    rms_dbfs,
)
from mixrules.errors import ParameterError
from mixrules.loudness import block_energies


def test_rms_and_crest_factor_of_known_signals() -> None:
    assert rms_dbfs(sine(1000)) == pytest.approx(-3.01, abs=0.005)
    assert crest_factor_db(0.1 * sine(1000)) == pytest.approx(3.01, abs=0.005)
    square = np.where(sine(100) >= 0, 0.5, -0.5)
    assert rms_dbfs(square) == pytest.approx(-6.02, abs=0.005)
    assert crest_factor_db(square) == pytest.approx(0.0, abs=1e-9)
    assert rms_dbfs(noise(10.0, 0.1, channels=2)) == pytest.approx(-20.0, abs=0.05)


def test_silence_has_no_level_and_no_crest() -> None:
    silent = np.zeros((100, 2), np.float32)
    assert rms_dbfs(silent) == -math.inf
    assert crest_factor_db(silent) == 0.0
    assert crest_factor_squared_smoothed(silent, RATE) == 1.0
    assert percussivity(silent, RATE) == 0.0
    assert low_frequency_share(silent, RATE, 200) == 0.0
    assert not level_envelope(silent, RATE).any()


def test_smoothed_crest_factor_of_a_steady_sine_is_two() -> None:
    # The mean-square detector rises over 0.2 s, which weighs little over 30 s.
    assert crest_factor_squared_smoothed(0.3 * sine(1000, 30.0), RATE) == pytest.approx(2.0, rel=0.02)


def test_smoothed_crest_factor_ignores_pauses_and_gain() -> None:
    burst = hits(4.0, every_s=0.1)
    sparse = np.concatenate((burst, np.zeros((8 * RATE, 1))))
    expected = crest_factor_squared_smoothed(burst, RATE)
    assert crest_factor_squared_smoothed(sparse, RATE) == pytest.approx(expected, rel=0.02)
    assert crest_factor_squared_smoothed(0.01 * burst, RATE) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_kernels_agree_with_their_slow_twins(dtype: type[np.floating[Any]]) -> None:
    audio = (hits(0.6, every_s=0.2) * [1.0, -0.7] + noise(0.6, 0.02, channels=2)).astype(dtype)
    for rate in (11025, 22050, 44100, 48000):
        assert np.array_equal(level_envelope(audio, rate), naive_analysis.peak_envelope(audio, rate, 0.002))
    ours = crest_factor_squared_smoothed(audio, RATE)
    assert ours == pytest.approx(naive_analysis.crest_squared(audio, RATE), rel=1e-5)


@pytest.mark.parametrize("rate", [8000, 11025, 22050, 44100, 48000, 96000, 192000])
def test_envelope_hops_line_up_with_loudness_hops(rate: int) -> None:
    audio = noise(3.0, rate=rate)[: 3 * rate - 7]
    energies = block_energies(audio, rate)
    envelope = level_envelope(audio, rate)
    hops = energies.energies.size
    assert 5 * hops - 5 < envelope.size <= 5 * hops
    peaks = [
        np.abs(audio[a:b]).max() for a, b in zip(energies.boundaries, energies.boundaries[1:], strict=False)
    ]
    assert np.array_equal(np.maximum.reduceat(envelope, np.arange(hops) * 5), peaks)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    st.integers(1, 3000), st.sampled_from([8000, 11025, 44100, 96000]), st.sampled_from([0.001, 0.002, 0.005])
)
def test_envelope_covers_every_sample(samples: int, rate: int, hop_s: float) -> None:
    audio = np.zeros((samples, 1))
    audio[-1] = 1.0
    envelope = level_envelope(audio, rate, hop_s=hop_s)
    assert envelope[-1] == 1.0
    assert envelope.sum() == 1.0


def test_percussivity_orders_sounds() -> None:
    clicks = percussivity(hits(), RATE)
    longer = percussivity(hits(decay_s=0.2), RATE)
    steady = [percussivity(sine(110, 4.0), RATE), percussivity(noise(4.0), RATE)]
    assert clicks > 0.85
    assert 0.1 < longer < clicks
    assert max(steady) < 0.02


def test_percussivity_does_not_depend_on_gain_or_channels() -> None:
    expected = percussivity(hits(), RATE)
    assert percussivity(0.01 * hits(), RATE) == pytest.approx(expected, abs=1e-9)
    assert percussivity(np.repeat(hits(), 2, axis=1), RATE) == pytest.approx(expected, abs=1e-9)
    for samples in (1, 10, 1000):
        assert 0.0 <= percussivity(hits()[:samples], RATE) <= 1.0


def test_low_frequency_share() -> None:
    both = sine(60, 4.0) + sine(3000, 4.0)
    assert low_frequency_share(both, RATE, 1000) == pytest.approx(0.5, abs=0.005)
    assert low_frequency_share(noise(20.0), RATE, 2205) == pytest.approx(0.1, abs=0.005)
    for corner_hz in (0.0, RATE / 2, math.nan):
        with pytest.raises(ParameterError, match="corner_hz"):
            low_frequency_share(both, RATE, corner_hz)


def test_hops_shorter_than_a_sample_are_refused() -> None:
    with pytest.raises(ParameterError, match="hop_s"):
        level_envelope(noise(0.1), RATE, hop_s=1e-5)
