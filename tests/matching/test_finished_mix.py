"""A finished mix as it is read for matching: stereo, at the stems' rate, and refused where there is nothing to match."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from mixrules.errors import AudioError, AudioFileError, ParameterError
from mixrules.matching.finished_mix import as_finished_mix, read_finished_mix

RATE = 44_100


def tone(seconds: float = 1.0, rate: int = RATE) -> np.ndarray:
    return 0.3 * np.sin(2 * np.pi * 440.0 * np.arange(round(seconds * rate)) / rate)


def stereo(seconds: float = 1.0, rate: int = RATE) -> np.ndarray:
    return np.stack([tone(seconds, rate), 0.5 * tone(seconds, rate)], axis=1)


def test_a_file_is_read_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "mix.wav"
    soundfile.write(path, stereo(), RATE, subtype="FLOAT")
    mix = read_finished_mix(path, RATE)
    np.testing.assert_array_equal(mix.audio, stereo().astype(np.float32))
    assert (mix.sample_rate, mix.name, mix.mono, mix.notes) == (RATE, "mix.wav", False, ())


@pytest.mark.parametrize("kind", ["mp3", "flac", "ogg"])
def test_other_formats(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"mix.{kind}"
    soundfile.write(path, stereo(), RATE)
    mix = read_finished_mix(path, RATE)
    assert abs(len(mix.audio) - RATE) < 3000
    middle = mix.audio[RATE // 4 : RATE // 2]
    assert np.sqrt(np.mean(middle[:, 0] ** 2)) == pytest.approx(0.3 / np.sqrt(2), rel=0.02)


def test_another_rate_is_brought_to_the_stems(tmp_path: Path) -> None:
    path = tmp_path / "mix.wav"
    soundfile.write(path, stereo(rate=96_000), 96_000, subtype="FLOAT")
    mix = read_finished_mix(path, RATE)
    assert mix.notes == ("mix.wav: resampled from 96000 to 44100 Hz",)
    inner = slice(1000, -1000)
    np.testing.assert_allclose(mix.audio[inner], stereo()[inner], atol=1e-5)


def test_mono_goes_to_both_sides() -> None:
    mix = as_finished_mix(tone(), RATE)
    assert mix.mono
    assert mix.audio.shape == (RATE, 2)
    assert as_finished_mix(np.stack([tone(), tone()], axis=1), RATE).notes == (
        "the mix: both sides are equal, it is mono",
    )


def test_clipping_is_noticed() -> None:
    mix = as_finished_mix(np.clip(20.0 * stereo(0.01), -1.0, 1.0), RATE)
    assert "clipped in" in mix.notes[0]


@pytest.mark.parametrize(
    ("audio", "says"),
    [
        (np.zeros(1000), "the mix is silent: a mix that holds sound is needed"),
        (np.array([0.1, np.nan]), "the mix holds nan at sample 1"),
        (np.zeros((0, 2)), "the mix is empty"),
        (np.ones((10, 6)), "the mix has 6 channels, at most 2 are accepted"),
        (np.ones(10, np.int16), "the mix holds int16 samples"),
    ],
)
def test_what_is_no_mix_is_refused(audio: np.ndarray, says: str) -> None:
    with pytest.raises(AudioError, match=says):
        as_finished_mix(audio, RATE)


def test_a_rate_out_of_range_is_refused() -> None:
    with pytest.raises(ParameterError, match="sample_rate must be"):
        as_finished_mix(tone(), 100)


def test_a_file_with_six_channels_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "surround.wav"
    soundfile.write(path, np.zeros((100, 6)) + 0.1, RATE)
    with pytest.raises(AudioFileError, match="6 channels"):
        read_finished_mix(path, RATE)


def test_one_sample_at_another_rate() -> None:
    assert as_finished_mix(np.array([0.5]), 96_000, 8_000).audio.shape == (1, 2)
