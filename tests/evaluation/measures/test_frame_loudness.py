"""Loudness in frames as the published code measures it: beside pyloudnorm called directly, and our own meter."""

from __future__ import annotations

import math
import warnings

import librosa
import numpy as np
import pyloudnorm
import pytest
from synthetic import clicks, noise

from mixrules.evaluation import Rendition, evaluate
from mixrules.evaluation.measures.frame_loudness import frame_loudness
from mixrules.loudness import momentary_loudness

RATE = 44_100


def song(seconds: float, *, rate: int = RATE, seed: int = 0) -> np.ndarray:
    """A bass, clicks and noise that swell: low notes, attacks and quiet passages, unlike in the two channels."""
    seconds_of = np.arange(round(seconds * rate)) / rate
    bass = 0.3 * np.sin(2 * np.pi * 41.2 * seconds_of) * (np.sin(2 * np.pi * 0.3 * seconds_of) > -0.5)
    swell = 10 ** (-2 * np.abs(np.sin(2 * np.pi * 0.1 * seconds_of)))
    sides = [
        bass + swell * noise(seconds, 100, 9000, rate=rate, seed=seed + side) + clicks(seconds, 3, rate=rate)
        for side in (0, 1)
    ]
    return (0.3 * np.stack(sides, axis=1)).astype(np.float32)


def published(audio: np.ndarray, rate: int, length: int, hop: int) -> tuple[np.ndarray, np.ndarray]:
    """A meter for every frame, each frame cut by librosa: what the published code does."""
    frames = librosa.util.frame(audio, frame_length=length, hop_length=hop, axis=0)
    lufs = [pyloudnorm.Meter(rate, block_size=0.4).integrated_loudness(frame) for frame in frames]
    with np.errstate(divide="ignore"):
        return np.array(lufs), 20 * np.log10(np.abs(frames).max(axis=(1, 2)))


@pytest.mark.parametrize(("rate", "length", "hop"), [(44_100, 17_640, 8_820), (48_000, 19_200, 9_600)])
def test_every_frame_reads_as_pyloudnorm_reads_it(rate: int, length: int, hop: int) -> None:
    audio = song(3.1, rate=rate)
    audio[rate : 2 * rate] = 0.0
    lufs, peaks = frame_loudness(audio, rate)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        their_lufs, their_peaks = published(audio, rate, length, hop)
    assert np.isneginf(lufs).sum() == np.isneginf(peaks).sum() == 4  # the frames that are wholly silent
    np.testing.assert_allclose(lufs, their_lufs, atol=1e-6)
    np.testing.assert_allclose(peaks, their_peaks, atol=1e-6)


def test_the_error_of_loudness_is_the_published_one() -> None:
    target, output = song(12.0, seed=5), song(12.0, seed=9) * np.float32(0.7)
    found = evaluate(Rendition(output, RATE), Rendition(target, RATE), groups=["features_as_coded"])
    for measure, which in (("as_coded_lufs_mape", 0), ("as_coded_peak_mape", 1)):
        means = [
            np.convolve(published(audio, RATE, 17_640, 8_820)[which], np.ones(40) / 40, mode="valid")
            for audio in (target, output)
        ]
        expected = np.mean(np.abs(means[0] - means[1]) / np.abs(means[0]))
        assert found[measure] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("rate", [11_025, 44_056, 44_100, 192_000])
def test_one_frame_is_long_enough_for_pyloudnorm_and_a_sample_less_is_none(rate: int) -> None:
    length = math.ceil(0.4 * rate)
    audio = song(0.5, rate=rate)
    assert [values.size for values in frame_loudness(audio[:length], rate)] == [1, 1]
    assert [values.size for values in frame_loudness(audio[: length - 1], rate)] == [0, 0]


def test_a_mix_shorter_than_a_frame_has_no_loudness_as_coded() -> None:
    short = Rendition(song(0.3), RATE)
    found = evaluate(short, short, groups=["features", "features_as_coded"])
    assert found["loudness_mape"] == 0.0
    for name in ("lufs", "peak", "loudness"):
        assert math.isnan(found[f"as_coded_{name}_mape"])
    assert found["as_coded_dynamic_mape"] == pytest.approx(0.0, abs=1e-12)


def test_silence_reads_minus_infinity_without_a_warning() -> None:
    for gain in (0.0, 1e-5):
        lufs, _ = frame_loudness(song(1.0) * np.float32(gain), RATE)
        assert np.isneginf(lufs).all()


def test_how_far_the_frames_read_from_our_meter() -> None:
    """0.04 LU by the filter on steady noise; on a low note up to 0.11 LU, because the filter starts anew."""
    steady = np.repeat(noise(4.0, 300, 9000, rate=RATE)[:, None], 2, axis=1)
    ours = momentary_loudness(steady, RATE, hop_s=0.1)[1][::2]
    theirs, _ = frame_loudness(steady, RATE)
    assert (theirs - ours).mean() == pytest.approx(-0.04, abs=0.01)
    assert np.abs(theirs - ours).max() < 0.06
    low = np.sin(2 * np.pi * 41.2 * np.arange(4 * RATE) / RATE).astype(np.float32)[:, None]
    ours = momentary_loudness(low, RATE, hop_s=0.1)[1][::2]
    theirs, _ = frame_loudness(low, RATE)
    assert 0.06 < np.abs(theirs - ours).max() < 0.15
