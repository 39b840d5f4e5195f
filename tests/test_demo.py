"""The demo song: the same on every run, in tune, badly balanced, nothing clipped."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyloudnorm
import pytest

from mixrules.demo import demo_stems, write_demo
from mixrules.demo.composition import (
    BEATS_A_BAR,
    CHORDS,
    DURATION_S,
    SECONDS_A_BEAT,
    SECTIONS,
    bars,
    melody,
    pitch_hz,
)
from mixrules.errors import AudioFileError, ParameterError
from mixrules.stems import load_stems

RATE = 44_100
CHANNELS = {"vocals": 1, "drums": 2, "bass": 1, "guitar": 1, "keys": 2, "tambourine": 1}


@pytest.fixture(scope="module")
def song(demo_song: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return demo_song


def loudness_lufs(audio: np.ndarray, rate: int = RATE) -> float:
    return float(pyloudnorm.Meter(rate).integrated_loudness(audio.astype(np.float64)))


def section_of(audio: np.ndarray, number: int) -> np.ndarray:
    before = sum(len(section.chords) for section in SECTIONS[:number])
    bar = BEATS_A_BAR * SECONDS_A_BEAT * RATE
    return audio[round(before * bar) : round((before + len(SECTIONS[number].chords)) * bar)]


def fundamental_hz(audio: np.ndarray, near_hz: float) -> float:
    """The lag of the highest autocorrelation within half an octave around `near_hz`."""
    spectrum = np.abs(np.fft.rfft(audio - audio.mean(), 1 << 17)) ** 2
    correlation = np.fft.irfft(spectrum)
    low, high = int(RATE / (near_hz * 1.41)), int(RATE / (near_hz / 1.41))
    lag = low + int(np.argmax(correlation[low:high]))
    a, b, c = correlation[lag - 1 : lag + 2]
    return float(RATE / (lag + 0.5 * (a - c) / (a - 2.0 * b + c)))


def test_shape(song: dict[str, np.ndarray]) -> None:
    assert {name: stem.shape[1] for name, stem in song.items()} == CHANNELS
    assert {len(stem) for stem in song.values()} == {round(DURATION_S * RATE)}
    assert 36.0 <= DURATION_S <= 45.0
    for stem in song.values():
        assert stem.dtype == np.float32
        assert np.isfinite(stem).all()
        assert -20.0 <= 20.0 * np.log10(np.max(np.abs(stem))) <= -1.0


def test_same_samples_on_every_run() -> None:
    """At a rate that takes a fifth of the work; test_golden knows the mixes of the usual one."""
    first, again = demo_stems(8_000), demo_stems(8_000)
    for name, stem in first.items():
        np.testing.assert_array_equal(again[name], stem)


def test_no_stem_is_off_centre_in_value(song: dict[str, np.ndarray]) -> None:
    for name, stem in song.items():
        rms = np.sqrt(np.mean(stem.astype(np.float64) ** 2))
        assert abs(float(np.mean(stem.astype(np.float64)))) < 0.01 * rms, name


def test_balance_is_bad(song: dict[str, np.ndarray]) -> None:
    lufs = {name: loudness_lufs(stem) for name, stem in song.items()}
    assert lufs["keys"] - lufs["vocals"] > 8.0
    assert lufs["bass"] - lufs["vocals"] > 8.0
    assert lufs["bass"] - lufs["drums"] > 8.0
    assert max(lufs.values()) < -10.0


def test_vocal_is_wide_in_dynamics(song: dict[str, np.ndarray]) -> None:
    verse, chorus, pause = (loudness_lufs(section_of(song["vocals"], n)) for n in (1, 2, 3))
    assert chorus - verse > 8.0
    assert verse - pause > 3.0
    assert pyloudnorm.Meter(RATE).loudness_range(song["vocals"].astype(np.float64)) > 14.0


def test_the_guitar_booms_where_the_voice_lives(song: dict[str, np.ndarray]) -> None:
    """In the verse the guitar has more energy than the voice in the bands of the voice's first formants."""

    def band_db(audio: np.ndarray, low_hz: float, high_hz: float) -> float:
        power = np.abs(np.fft.rfft(audio[:, 0].astype(np.float64))) ** 2
        f = np.fft.rfftfreq(len(audio), 1.0 / RATE)
        return float(10.0 * np.log10(power[(f > low_hz) & (f < high_hz)].sum()))

    vocals, guitar = (section_of(song[name], 1) for name in ("vocals", "guitar"))
    for low_hz, high_hz in ((200.0, 400.0), (400.0, 800.0), (800.0, 1600.0)):
        assert band_db(guitar, low_hz, high_hz) - band_db(vocals, low_hz, high_hz) > 3.0


def test_sections_differ(song: dict[str, np.ndarray]) -> None:
    total = sum(np.mean(stem, axis=1, keepdims=True) for name, stem in song.items() if name != "keys")
    assert loudness_lufs(section_of(total, 2)) - loudness_lufs(section_of(total, 3)) > 3.0
    assert not section_of(song["vocals"], 0)[: RATE * 3].any()
    assert not section_of(song["tambourine"], 1)[RATE:].any()


def test_the_voice_sings_the_melody(song: dict[str, np.ndarray]) -> None:
    notes = [note for note, _ in melody()]
    assert len(notes) > 40
    cents = []
    for note in notes:
        start, end = ((note.beat + share * note.beats) * SECONDS_A_BEAT for share in (0.3, 0.85))
        hz = pitch_hz(note.pitch)
        sung = fundamental_hz(song["vocals"][round(start * RATE) : round(end * RATE), 0], hz)
        cents.append(1200.0 * np.log2(sung / hz))
    assert np.max(np.abs(cents)) < 40.0
    assert np.median(np.abs(cents)) < 5.0


def test_the_voice_rests(song: dict[str, np.ndarray]) -> None:
    """Between phrases it is silent but for a breath: a gate has something to find."""
    blocks = song["vocals"][: len(song["vocals"]) // 4410 * 4410].reshape(-1, 4410).astype(np.float64)
    rms = np.sqrt(np.mean(blocks**2, axis=1))
    assert 0.2 < np.mean(rms < 0.01 * rms.max()) < 0.6


@pytest.mark.parametrize("name", ["bass", "guitar"])
def test_strings_are_in_tune(song: dict[str, np.ndarray], name: str) -> None:
    """The bass plays the roots; the guitar's first note of a verse bar is the chord's second entry."""
    for beat, section, chord, _ in bars():
        if section.name != "verse":
            continue
        pitch = CHORDS[chord][0 if name == "bass" else 1]
        length = 2.0 if name == "bass" else 0.45
        a, b = ((beat + at) * SECONDS_A_BEAT for at in (0.05, length))
        hz = pitch_hz(pitch)
        played = fundamental_hz(song[name][round(a * RATE) : round(b * RATE), 0], hz)
        assert abs(1200.0 * np.log2(played / hz)) < 15.0


def test_melody_fits_the_chords() -> None:
    """Every note of a beat or more is in D major; most such notes belong to their bar's chord."""
    chord_at = {beat: {pitch % 12 for pitch in CHORDS[chord]} for beat, _, chord, _ in bars()}
    long_notes = [note for note, _ in melody() if note.beats >= 1.0]
    assert {note.pitch % 12 for note, _ in melody()} <= {2, 4, 6, 7, 9, 11, 1}
    fits = [note.pitch % 12 in chord_at[note.beat // BEATS_A_BAR * BEATS_A_BAR] for note in long_notes]
    assert np.mean(fits) > 0.7


@pytest.mark.parametrize("rate", [48_000, 8_000])
def test_other_rates(song: dict[str, np.ndarray], rate: int) -> None:
    other = demo_stems(rate)
    for name, stem in other.items():
        assert stem.shape == (round(DURATION_S * rate), CHANNELS[name])
        assert np.isfinite(stem).all()
        if rate == 48_000:
            assert loudness_lufs(stem, rate) == pytest.approx(loudness_lufs(song[name]), abs=1.0)


def test_files_hold_the_same_samples(
    tmp_path: Path, song: dict[str, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mixrules.demo.render.demo_stems", lambda sample_rate: song)
    paths = write_demo(tmp_path / "new" / "demo")
    assert [path.name for path in paths] == [f"{name}.wav" for name in CHANNELS]
    loaded = load_stems(tmp_path / "new" / "demo")
    assert loaded.sample_rate == RATE
    assert {stem.name: stem.role for stem in loaded} == {
        "vocals": "vocal",
        "drums": "drums",
        "bass": "bass",
        "guitar": "guitar",
        "keys": "keys",
        "tambourine": "percussion",
    }
    for stem in loaded:
        np.testing.assert_array_equal(stem.audio, song[stem.name])


def test_bad_places_and_rates(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(AudioFileError, match="is a file, not a folder"):
        write_demo(tmp_path / "file")
    with pytest.raises(ParameterError, match="sample_rate"):
        demo_stems(100)
