"""Onsets, beats and chords: on signals whose answer is known, and against librosa on the whole signal."""

from __future__ import annotations

import librosa
import numpy as np
import pytest
from synthetic import clicks

from mixrules.corpus.extraction import rhythm
from mixrules.corpus.extraction.chords import chord_changes
from mixrules.corpus.extraction.descriptors import beats_of, descriptors_of
from mixrules.corpus.extraction.snippets import Snippets
from mixrules.corpus.extraction.spectral import describe_frames

RATE = 22_050


def test_the_tempo_of_clicks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rhythm, "_FRAMES_AT_ONCE", 100)
    audio = clicks(16.0, 100.0, rate=RATE)[:, None]
    frames, snippets = describe_frames(audio, RATE), Snippets(len(audio), 32_768, 16_384)
    song, parts = beats_of(frames, snippets)
    assert song.tempo_bpm == pytest.approx([100.0], rel=0.01)
    assert song.beat_density_per_s == pytest.approx(
        [100 / 60], rel=0.15
    )  # librosa trims weak beats at the ends
    assert parts.tempo_bpm[2:-2] == pytest.approx(100.0, rel=0.05)
    _, beats = librosa.beat.beat_track(
        onset_envelope=frames.onset_strength, sr=RATE, hop_length=frames.hop, units="samples"
    )
    assert rhythm.beat_times(frames).tolist() == beats.tolist()
    # Each snippet has the beats that lie in it.
    counts = [((beats >= a) & (beats < b)).sum() for a, b in zip(snippets.starts, snippets.ends, strict=True)]
    assert parts.beat_density_per_s == pytest.approx(np.array(counts) * RATE / 32_768)
    own, _ = descriptors_of(frames, snippets)
    assert own.onset_density_per_s == pytest.approx([100 / 60], rel=0.1)


def test_silence_has_neither_beats_nor_descriptors() -> None:
    silence = describe_frames(np.zeros((30_000, 1), np.float32), RATE)
    snippets = Snippets(30_000, 20_000, 10_000)
    song, parts = beats_of(silence, snippets)
    assert np.isnan(song.tempo_bpm).all()
    assert np.isnan(parts.tempo_bpm).all()
    assert np.isnan(parts.beat_density_per_s).all()
    for each in descriptors_of(silence, snippets):
        assert np.isnan([each.onset_density_per_s, each.spectral_centroid_hz, each.spectral_flux]).all()


def tone(hz: float, *, cents: float = 0.0, seconds: float = 4.0, rate: int = RATE) -> np.ndarray:
    """Eight harmonics, gliding six times a second so many cents up and down."""
    time = np.arange(round(seconds * rate)) / rate
    glide = 2.0 ** (cents / 1200 * np.sin(2 * np.pi * 6.0 * time))
    phase = 2 * np.pi * hz * np.cumsum(glide) / rate
    return np.asarray(0.05 * np.sum([np.sin(n * phase) / n for n in range(1, 9)], axis=0))


CD = 44_100
STEADY = {
    "sine": 0.5 * np.sin(2 * np.pi * 440.0 * np.arange(4 * CD) / CD),
    "pad chord": sum(tone(hz, rate=CD) for hz in (220.0, 277.18, 329.63)),
    "detuned pad": sum(tone(hz, rate=CD) for hz in (220.0, 220.7, 329.63, 330.5)),
    "vibrato": tone(440.0, cents=50.0, rate=CD),
    "wide vibrato": tone(440.0, cents=100.0, rate=CD),
}


@pytest.mark.parametrize("name", STEADY)
def test_a_sustained_sound_has_no_onsets_no_tempo_and_no_beats(name: str) -> None:
    audio = np.asarray(STEADY[name], np.float32)[:, None]
    frames, snippets = describe_frames(audio, CD), Snippets(len(audio), 65_536, 32_768)
    assert librosa.onset.onset_detect(onset_envelope=frames.onset_strength, sr=CD).size > 20
    for own, beats in zip(descriptors_of(frames, snippets), beats_of(frames, snippets), strict=True):
        assert not own.onset_density_per_s.any()
        assert np.isnan(beats.tempo_bpm).all()
        assert np.isnan(beats.beat_density_per_s).all()


@pytest.mark.parametrize("under", [0.0, 1.0])
def test_onsets_are_where_the_clicks_are(under: float) -> None:
    """Alone, and over a held note with vibrato that begins with the first."""
    audio = clicks(4.0, 90.0, rate=RATE) + under * 0.3 * tone(440.0, cents=30.0)
    audio = np.append(np.zeros(RATE), audio)  # librosa has no onset in the first frame
    found = rhythm.onset_times(describe_frames(audio[:, None].astype(np.float32), RATE))
    times = RATE + np.arange(6) * RATE * 60 / 90
    assert found == pytest.approx(times, abs=0.05 * RATE)


def test_onsets_of_notes_are_those_of_librosa() -> None:
    """A melody with attack and decay, and vibrato within its notes."""
    notes = [tone(220.0 * 2 ** (step / 12), cents=20.0, seconds=0.4) for step in (0, 4, 7, 12, 7, 4) * 3]
    decay = np.exp(-5.0 * np.arange(len(notes[0])) / RATE)
    audio = np.concatenate([decay * note for note in notes])[:, None].astype(np.float32)
    frames = describe_frames(audio, RATE)
    expected = librosa.onset.onset_detect(
        onset_envelope=frames.onset_strength, sr=RATE, hop_length=frames.hop, units="samples"
    )
    assert len(expected) == len(notes) - 1  # all but the one at sample 0
    assert rhythm.onset_times(frames).tolist() == expected.tolist()


@pytest.mark.parametrize("beats", [[], [5000]])
def test_one_beat_has_no_tempo(beats: list[int]) -> None:
    times = np.array(beats, np.int64)
    assert np.isnan(rhythm.tempo_of(times, RATE))
    assert np.isnan(rhythm.tempo_of_snippets(times, RATE, Snippets(50_000, 20_000, 10_000))).all()


def triad(root: int, third: int, seconds: float = 2.0) -> np.ndarray:
    time = np.arange(round(seconds * RATE)) / RATE
    hertz = [220.0 * 2 ** ((root + step) / 12) * harmonic for step in (0, third, 7) for harmonic in (1, 2, 3)]
    return np.asarray(0.05 * np.sum([np.sin(2 * np.pi * f * time) for f in hertz], axis=0))


def test_chords_change_where_they_do() -> None:
    """C, A minor, F, G twice, C: four changes."""
    chords = [triad(3, 4), triad(0, 3), triad(8, 4), triad(10, 4), triad(10, 4), triad(3, 4)]
    audio = np.concatenate(chords)[:, None].astype(np.float32)
    frames = describe_frames(audio, RATE)
    changes = chord_changes(frames.chroma, frames.chroma_hop) / RATE
    assert changes == pytest.approx([2.0, 4.0, 6.0, 10.0], abs=0.2)
    song, _ = descriptors_of(frames, Snippets(len(audio), len(audio), len(audio)))
    assert song.chord_change_density_per_s == pytest.approx([4 / 12])


def test_means_are_over_active_frames(rng: np.random.Generator) -> None:
    """Faint hiss in a pause does not change the centroid of a tone."""
    time = np.arange(4 * RATE) / RATE
    tone = 0.5 * np.sin(2 * np.pi * 500 * time) * (time < 2.0)
    audio = (tone + 1e-6 * rng.standard_normal(time.size))[:, None].astype(np.float32)
    snippets = Snippets(len(audio), RATE, RATE)
    song, parts = descriptors_of(describe_frames(audio, RATE), snippets)
    assert song.spectral_centroid_hz == pytest.approx([500.0], rel=0.1)
    assert song.zero_crossing_rate == pytest.approx([1000 / RATE], rel=0.2)  # hiss alone: 0.5
    assert np.isnan(parts.spectral_centroid_hz[3])
    assert parts.spectral_centroid_variance_hz2[0] < 50.0**2  # it begins abruptly
