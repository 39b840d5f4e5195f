"""The feature distances: frame features against librosa, errors against sums by hand."""

from __future__ import annotations

import math

import librosa
import numpy as np
import pytest
from synthetic import clicks, noise

from mixrules.evaluation import Rendition, evaluate
from mixrules.evaluation.measures.feature_distance import relative_error, running_mean
from mixrules.evaluation.measures.frame_features import HOP, LENGTH, dynamic, panning, spectral, window

RATE = 44_100


@pytest.fixture(scope="module")
def channel() -> np.ndarray:
    audio = noise(3.0, 50, 22_000, rate=RATE, seed=3) + clicks(3.0, 100, rate=RATE, seed=4)
    audio[:6000] = 0.0
    return audio.astype(np.float32)


def test_spectral_features_are_those_of_librosa(channel: np.ndarray) -> None:
    spectrum = np.abs(
        librosa.stft(channel, n_fft=LENGTH, hop_length=HOP, window=window(LENGTH), center=False)
    )
    feature = librosa.feature
    contrast = feature.spectral_contrast(S=spectrum, sr=RATE, fmin=250.0, n_bands=4, quantile=0.02)
    theirs = {
        "centroid": feature.spectral_centroid(S=spectrum, sr=RATE)[0],
        "bandwidth": feature.spectral_bandwidth(S=spectrum, sr=RATE)[0],
        "rolloff": feature.spectral_rolloff(S=spectrum, sr=RATE)[0],
        "flatness": feature.spectral_flatness(S=spectrum)[0],
        "contrast_low": contrast[0],
        "contrast_mid": contrast[1:4].mean(axis=0),
        "contrast_high": contrast[4],
    }
    ours = spectral(channel, RATE)
    assert ours.keys() == theirs.keys()
    for name, values in theirs.items():
        np.testing.assert_allclose(ours[name], values, rtol=2e-3, atol=2e-3, err_msg=name)


def test_panning_of_a_centred_and_of_a_hard_panned_mix(channel: np.ndarray) -> None:
    centred = panning(np.stack([channel, channel], axis=1), RATE, length=2048)
    hard = panning(np.stack([channel, 0 * channel], axis=1), RATE, length=2048)
    assert max(values.max() for values in centred.values()) == 0.0
    assert hard["panning_total"][-1] == pytest.approx(1.0)
    # left at half the level of right: phi = 2 * 0.5 / 1.25 = 0.8
    half = panning(np.stack([0.5 * channel, channel], axis=1), RATE, length=4096)
    for values in half.values():
        assert values[-1] == pytest.approx(0.2, abs=1e-5)


def test_dynamics_of_a_sine_in_both_readings() -> None:
    tone = (0.5 * np.sin(2 * np.pi * 997 / RATE * np.arange(RATE) + 0.1))[:, None]
    paper, coded = dynamic(tone, as_coded=False), dynamic(tone, as_coded=True)
    assert paper["rms_level"].mean() == pytest.approx(-9.03, abs=0.01)
    assert paper["crest_factor"].mean() == pytest.approx(3.01, abs=0.01)
    assert coded["crest_factor"].mean() == pytest.approx(-6.02 / -9.03, abs=0.01)
    # The mean of 20 log10 |sin| is -20 log10 2 = -6.02 dB, 3.01 dB below the RMS.
    assert coded["dynamic_spread"].mean() == pytest.approx(-3.01, abs=0.05)
    assert paper["dynamic_spread"].mean() > 3.01


def test_relative_errors_by_hand() -> None:
    target, output = np.array([2.0, -4.0]), np.array([3.0, -5.0])
    assert relative_error(target, output) == pytest.approx((0.5 + 0.25) / 2)
    assert math.isnan(relative_error(np.array([]), np.array([])))
    assert math.isnan(relative_error(np.array([-np.inf]), np.array([1.0])))
    np.testing.assert_allclose(running_mean(np.array([1.0, 2.0, 3.0, 4.0]), 2), [1.5, 2.5, 3.5])
    np.testing.assert_allclose(running_mean(np.array([1.0, 2.0]), 40), [1.5])


def test_loudness_of_a_mix_six_decibels_quieter(channel: np.ndarray) -> None:
    loud, quiet = Rendition(channel, RATE), Rendition(channel * np.float32(0.5), RATE)
    found = evaluate(quiet, loud, groups=["features"])
    assert found["lufs_mape"] == pytest.approx(6.02 / abs(loud.integrated_lufs()), abs=1e-3)
    # Everything else is measured with the highest sample at -1 dBFS.
    assert found["spectral_mape"] == pytest.approx(0.0, abs=1e-5)
    assert found["dynamic_mape"] == pytest.approx(0.0, abs=1e-5)


def test_silence_in_the_loudness_frames_is_seen_only_in_the_mode_as_coded(channel: np.ndarray) -> None:
    quiet = channel.copy()
    quiet[:30_000] = 0.0
    mix, reference = Rendition(quiet, RATE), Rendition(channel, RATE)
    found = evaluate(mix, reference, groups=["features", "features_as_coded"])
    assert math.isfinite(found["loudness_mape"])
    assert math.isnan(found["as_coded_loudness_mape"])
    assert math.isfinite(found["as_coded_spectral_mape"])


def test_a_mono_reference_leaves_panning_undefined(channel: np.ndarray) -> None:
    mono = Rendition(channel, RATE)
    assert math.isnan(evaluate(mono, mono, groups=["features"])["panning_mape"])
