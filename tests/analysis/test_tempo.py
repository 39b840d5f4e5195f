import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.synth import RATE, clicks, hits, noise, read, sine
from mixrules.analysis import Tempo, estimate_tempo, fold_tempo, onset_strength
from mixrules.errors import ParameterError

Array = npt.NDArray[Any]

SONGS = {
    "sek_caesium": 130,
    "sek_potassium_multi": 90,
    "sek_hydrogen": 132,
    "sek_sodium": 140,
    "sek_rubidium": 132,
    "openmsx_theme_dry": 106,
}


def off_by(found: float, expected: float) -> float:
    """Relative error modulo octave."""
    octaves = math.log2(found / expected)
    return abs(2 ** (octaves - round(octaves)) - 1)


@pytest.mark.parametrize("bpm", [60, 63, 71, 80, 90, 97.3, 105, 111.7, 120, 128, 133.3, 150, 171, 187, 200])
def test_click_tracks_within_a_fifth_of_a_per_cent(bpm: float) -> None:
    tempo = estimate_tempo(clicks(bpm), RATE)
    assert off_by(tempo.bpm, bpm) < 0.002
    assert 60 <= tempo.bpm <= 200
    assert tempo.confidence > 0.3


@pytest.mark.parametrize("bpm", [80, 96, 110, 120, 135, 150])
def test_click_tracks_near_the_prior_keep_their_octave(bpm: int) -> None:
    assert estimate_tempo(clicks(bpm), RATE).bpm == pytest.approx(bpm, rel=0.002)


@pytest.mark.parametrize("rate", [8000, 22050, 48000, 96000, 192000])
def test_any_sample_rate(rate: int) -> None:
    assert off_by(estimate_tempo(clicks(117, 12.0, rate), rate).bpm, 117) < 0.004


def test_a_rhythm_with_off_beats_and_noise() -> None:
    beat, off = clicks(100, 30.0), clicks(200, 30.0)
    audio = beat + 0.3 * off + noise(30.0, 0.01)
    assert off_by(estimate_tempo(audio, RATE).bpm, 100) < 0.005


@pytest.mark.parametrize(("song", "bpm"), SONGS.items())
def test_real_songs(song: str, bpm: float) -> None:
    audio, rate = read("_references", f"{song}.flac")
    tempo = estimate_tempo(audio, rate)
    assert off_by(tempo.bpm, bpm) < 0.005
    assert tempo.confidence > 0.15


def test_agrees_with_librosa_on_a_click_track_and_a_song() -> None:
    librosa = pytest.importorskip("librosa")
    song, rate = read("_references", "sek_rubidium.flac")
    for audio, sample_rate in ((clicks(120, 12.0), RATE), (song, rate)):
        theirs = librosa.feature.tempo(y=audio.mean(axis=1), sr=sample_rate)[0]
        # librosa answers on its grid of lags: 2 % at these tempi.
        assert off_by(estimate_tempo(audio, sample_rate).bpm, theirs) < 0.03


@pytest.mark.parametrize(
    "audio",
    [np.ones((RATE * 5, 1)), sine(440, 5.0), sine(441.7, 5.0) + sine(1234, 5.0), 0.01 * sine(80, 5.0)],
)
def test_a_steady_tone_has_no_tempo(audio: Array) -> None:
    assert math.isnan(estimate_tempo(audio, RATE).bpm)


def test_steady_noise_has_no_sure_tempo() -> None:
    assert estimate_tempo(noise(10.0), RATE).confidence < 0.15


def test_silence_has_no_tempo() -> None:
    for audio in (np.zeros((RATE * 5, 2), np.float32), np.ones(1), clicks(120, 1.9)):
        tempo = estimate_tempo(audio, RATE)
        assert math.isnan(tempo.bpm)
        assert tempo.confidence == 0.0


def test_gain_and_channel_count_do_not_matter() -> None:
    audio = clicks(104) + noise(20.0, 0.01).astype(np.float32)
    expected = estimate_tempo(audio, RATE)
    assert estimate_tempo(0.001 * audio, RATE).bpm == pytest.approx(expected.bpm, rel=1e-5)
    assert estimate_tempo(np.repeat(audio, 2, axis=1), RATE).bpm == pytest.approx(expected.bpm, rel=1e-5)


def test_range_folds_the_answer() -> None:
    audio = clicks(120)
    assert estimate_tempo(audio, RATE, low_bpm=30, high_bpm=100).bpm == pytest.approx(60, rel=2e-3)
    assert estimate_tempo(audio, RATE, low_bpm=130, high_bpm=270).bpm == pytest.approx(240, rel=2e-3)


def test_onset_strength_peaks_where_things_begin() -> None:
    strength, hop_s = onset_strength(hits(8.0, every_s=0.5), RATE)
    peaks = np.flatnonzero(strength > 0.5 * strength.max()) * hop_s
    gaps = np.diff(peaks)
    assert gaps[gaps > 0.1] == pytest.approx(0.5, abs=0.025)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.floats(1.0, 2000.0), st.floats(40.0, 100.0))
def test_folding_lands_in_any_range_of_an_octave(bpm: float, low: float) -> None:
    folded = fold_tempo(bpm, low, 2.0 * low)
    assert low * (1 - 1e-12) <= folded <= 2.0 * low * (1 + 1e-12)
    octaves = math.log2(folded / bpm)
    assert octaves == pytest.approx(round(octaves), abs=1e-9)


def test_folding_leaves_nan_and_refuses_nonsense() -> None:
    assert math.isnan(fold_tempo(math.nan, 60, 200))
    assert fold_tempo(55.0, 60.0, 100.0) == 55.0  # no octave of it lies in the range
    for arguments in ((0.0, 60, 200), (-1.0, 60, 200), (120, 200, 60), (120, 0, 60), (math.inf, 60, 200)):
        with pytest.raises(ParameterError):
            fold_tempo(*arguments)


def test_tempo_is_frozen() -> None:
    with pytest.raises(AttributeError):
        Tempo(bpm=1.0, confidence=0.0, raw_bpm=1.0).bpm = 2.0  # type: ignore[misc]


def test_threads_change_nothing() -> None:
    audio = np.concatenate([hits(30.0, every_s=0.5), noise(5.0)])
    np.testing.assert_array_equal(onset_strength(audio, RATE, threads=3)[0], onset_strength(audio, RATE)[0])
    assert estimate_tempo(audio, RATE, threads=3) == estimate_tempo(audio, RATE)


@pytest.mark.parametrize("threads", [0, -3, 1.5])
def test_bad_thread_counts_are_refused(threads: float) -> None:
    with pytest.raises(ParameterError, match="threads must be a whole number"):
        onset_strength(noise(5.0), RATE, threads=threads)  # type: ignore[arg-type]
