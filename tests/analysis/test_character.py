import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from analysis.synth import RATE, hits, noise, read, sine, speech_like, voiced
from mixrules.analysis import describe, spectral_flatness_db

Array = npt.NDArray[Any]

REAL = [
    ("openmsx_theme_dry", "kick", {"kick"}),
    ("openmsx_theme_dry", "snare", {"percussion", "drums"}),
    ("openmsx_theme_dry", "hihat", {"percussion"}),
    ("openmsx_theme_dry", "bass", {"bass"}),
    ("openmsx_theme_dry", "bass_fretless", {"bass"}),
    ("sek_rubidium", "bass", {"bass"}),
    ("sek_potassium_multi", "bass_pad", {"bass"}),
    ("sek_potassium_multi", "bass_synth", {"bass"}),
    ("sek_potassium_multi", "snare", {"percussion", "drums"}),
    ("sek_hydrogen", "drums", {"drums"}),
    ("sek_sodium", "drums", {"drums"}),
    ("sek_caesium", "drums", {"drums", "kick"}),
    ("sek_rubidium", "drums", {"drums"}),
    ("openmsx_theme_dry", "piano", {"other"}),
    ("openmsx_theme_dry", "sax_lead", {"other"}),
    ("openmsx_theme_dry", "guitar_muted", {"other"}),
    ("openmsx_theme_dry", "strings", {"other"}),
    ("sek_caesium", "vocals", {"other"}),
    ("sek_hydrogen", "vocals", {"other"}),
    ("sek_sodium", "vocals", {"other"}),
]


@pytest.mark.parametrize(("song", "stem", "accepted"), REAL, ids=[f"{s}/{n}" for s, n, _ in REAL])
def test_real_stems(song: str, stem: str, accepted: set[str]) -> None:
    audio, rate = read(song, f"{stem}.flac")
    character = describe(audio, rate)
    assert character.sounds_like in accepted
    assert 0.0 < character.confidence <= 0.6


@pytest.mark.parametrize(
    ("audio", "sounds_like"),
    [
        (0.3 * sine(60, 4.0) * (1 + 0.5 * sine(0.5, 4.0)), "bass"),
        (hits(decay_s=0.01), "percussion"),
        (hits(hz=55, decay_s=0.05) + 0.05 * hits(decay_s=0.005), "kick"),
        (hits(hz=60, decay_s=0.05) + 2.0 * hits(decay_s=0.02), "drums"),
        (voiced(8.0), "other"),
        (speech_like(8.0), "other"),
        (noise(4.0), "other"),
    ],
    ids=["low tone", "ticks", "low hits", "hits of both", "voiced", "syllables of noise", "noise"],
)
def test_synthetic_sounds(audio: Array, sounds_like: str) -> None:
    assert describe(audio, RATE).sounds_like == sounds_like


def test_the_numbers_of_a_known_signal() -> None:
    audio = np.repeat(0.5 * sine(1000, 4.0), 2, axis=1)
    found = describe(audio, RATE)
    assert found.integrated_lufs == pytest.approx(-6.02 + 0.0, abs=0.1)
    assert found.spectral_centroid_hz == pytest.approx(1000, rel=0.03)
    assert found.dominant_band_hz == 1000
    assert found.low_share < 1e-3
    assert found.crest_factor_db == pytest.approx(3.01, abs=0.01)
    assert found.is_mono
    assert found.side_to_mid_db == -math.inf
    assert found.active_share == 1.0
    assert found.flatness_db < -30


def test_centroid_of_white_noise_is_the_middle_of_the_band() -> None:
    assert describe(noise(5.0), RATE).spectral_centroid_hz == pytest.approx(10000, rel=0.03)


def test_pauses_show_in_the_active_share() -> None:
    audio = np.concatenate((noise(1.0), np.zeros((3 * RATE, 1))))
    assert describe(audio, RATE).active_share == pytest.approx(0.25, abs=0.03)


@pytest.mark.parametrize("rate", [8000, 44100, 192000])
def test_silence_and_one_sample(rate: int) -> None:
    for audio in (np.zeros((rate, 2), np.float32), np.zeros(1)):
        found = describe(audio, rate)
        assert found.integrated_lufs == -math.inf
        assert math.isnan(found.spectral_centroid_hz)
        assert math.isnan(found.dominant_band_hz)
        assert (found.low_share, found.percussivity, found.active_share) == (0.0, 0.0, 0.0)
        assert (found.sounds_like, found.confidence) == ("other", 0.0)
    describe(np.full(1, 0.5), rate)


def test_describing_does_not_depend_on_gain() -> None:
    audio = hits() + 0.01 * noise(8.0)
    one, other = describe(audio, RATE), describe(0.01 * audio, RATE)
    assert one.integrated_lufs - other.integrated_lufs == pytest.approx(40, abs=0.01)
    assert one.percussivity == pytest.approx(other.percussivity, abs=1e-6)
    assert one.flatness_db == pytest.approx(other.flatness_db, abs=0.01)
    assert one.sounds_like == other.sounds_like


def test_flatness_of_noise_and_tones() -> None:
    # A periodogram's bins are exponentially distributed: exp(-Euler's constant), -2.51 dB.
    assert spectral_flatness_db(noise(20.0), RATE) == pytest.approx(-2.51, abs=0.1)
    assert spectral_flatness_db(sine(1000), RATE) < -40
    assert spectral_flatness_db(np.zeros(100), RATE) == -math.inf


def test_channels_in_opposite_phase_are_still_heard() -> None:
    found = describe(noise(2.0) * [1.0, -1.0], RATE)
    assert found.side_to_mid_db == math.inf
    assert not found.is_mono
    assert found.spectral_centroid_hz == pytest.approx(10000, rel=0.05)
    assert found.active_share == 1.0
