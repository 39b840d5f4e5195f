"""The excerpt: chosen by rule, cut, faded; and beats found where the clicks are."""

from __future__ import annotations

import numpy as np
import pytest
import real_songs
from synthetic import RATE, clicks, noise

from mixrules import Stems, load_stems
from mixrules.errors import AudioError, MixrulesError, ParameterError
from mixrules.listening.making.beats import find_beats
from mixrules.listening.making.excerpt_choice import FADE_IN_S, Excerpt, choose_excerpt, cut


def verse_and_chorus(vocal_in: tuple[float, float] = (0.0, 24.0)) -> Stems:
    """24 s with a beat at 120 BPM: soft until 12 s, 8 dB louder from there, silent in the last 4 s."""
    seconds, loud_from, ends = 24.0, 12.0, 20.0
    time_s = np.arange(round(seconds * RATE)) / RATE
    level = np.where(time_s < loud_from, 0.4, 1.0) * (time_s < ends)
    sings = (time_s >= vocal_in[0]) & (time_s < vocal_in[1]) & (time_s < ends)
    arrays = {
        "vocals": (noise(seconds, 200, 5000, seed=1) * sings).astype(np.float32),
        "pad": (noise(seconds, 100, 3000, seed=2) * level * 2).astype(np.float32),
        "drums": (3 * clicks(seconds, 120) * (time_s < ends)).astype(np.float32),
    }
    return Stems.from_arrays(arrays, RATE, title="song")


def off_beat_s(start_s: float, bpm: float) -> float:
    beat_s = 60 / bpm
    return abs((start_s + 0.5 * beat_s) % beat_s - 0.5 * beat_s)


@pytest.mark.parametrize("bpm", [90.0, 120.0, 133.0])
@pytest.mark.parametrize("rate", [22_050, 48_000])
def test_beats_are_where_the_clicks_are(bpm: float, rate: int) -> None:
    late_s = 0.123
    audio = np.concatenate([np.zeros(round(late_s * rate), np.float32), clicks(12.0, bpm, rate=rate)])
    beats = find_beats(audio[:, np.newaxis], rate)
    assert beats.bpm == pytest.approx(bpm, rel=0.005)
    assert max(off_beat_s(t - late_s, bpm) for t in beats.times_s) < 0.015


def test_without_a_tempo_there_are_still_places() -> None:
    beats = find_beats(noise(10.0, 100, 5000)[:, np.newaxis], RATE)
    assert not beats.found
    assert len(beats.times_s) >= 15


def test_the_change_from_verse_to_chorus_is_in_the_middle_and_the_start_on_a_beat() -> None:
    chosen = choose_excerpt(verse_and_chorus(), seconds=8.0)
    assert chosen.start_s == pytest.approx(8.0, abs=0.6)
    assert off_beat_s(chosen.start_s + FADE_IN_S, 120) < 0.02
    assert "LU louder than the first" in chosen.reason
    assert "120 BPM" in chosen.reason
    assert "the lead vocal sounds throughout" in chosen.reason


def test_the_vocal_comes_before_the_contrast() -> None:
    chosen = choose_excerpt(verse_and_chorus(vocal_in=(0.0, 9.0)), seconds=8.0)
    assert chosen.start_s < 4.0


def test_the_end_is_not_in_the_tail() -> None:
    for seconds in (2.0, 5.0, 12.0):
        chosen = choose_excerpt(verse_and_chorus(), seconds=seconds)
        assert chosen.start_s + seconds <= 20.2


def test_no_vocal_is_said() -> None:
    stems = Stems.from_arrays({"drums": clicks(8.0, 100), "bass": noise(8.0, 40, 150)}, RATE)
    assert "there is no lead vocal" in choose_excerpt(stems, seconds=3.0).reason


def test_a_silent_vocal_is_said() -> None:
    silent = np.zeros(8 * RATE, np.float32)
    stems = Stems.from_arrays({"vocals": silent, "bass": noise(8.0, 40, 150)}, RATE)
    assert "the lead vocal is silent" in choose_excerpt(stems, seconds=3.0).reason


def test_a_given_start_is_taken() -> None:
    chosen = choose_excerpt(verse_and_chorus(), seconds=5.0, at_s=3.25)
    assert (chosen.start_s, chosen.seconds) == (3.25, 5.0)
    assert "as was asked for" in chosen.reason


@pytest.mark.parametrize(
    ("seconds", "at_s", "error", "says"),
    [
        (0.5, None, ParameterError, "seconds must be 1 to 600"),
        (float("nan"), None, ParameterError, "seconds must be 1 to 600"),
        (25.0, None, ParameterError, "song lasts 24.00 s, an excerpt of 25 s is longer"),
        (10.0, 15.0, ParameterError, "may start at 0 to 14.00 s, not at 15 s"),
        (10.0, -1.0, ParameterError, "not at -1 s"),
        (3.0, 20.5, AudioError, "song is silent from 20.50 s to 23.50 s"),
    ],
)
def test_excerpts_that_cannot_be(
    seconds: float, at_s: float | None, error: type[MixrulesError], says: str
) -> None:
    stems = verse_and_chorus()
    with pytest.raises(error, match=says):
        choose_excerpt(stems, seconds=seconds, at_s=at_s)


def test_a_song_with_too_short_a_body_starts_with_its_first_sound() -> None:
    chosen = choose_excerpt(verse_and_chorus(), seconds=23.0)
    assert chosen.start_s == 0.0
    assert "no beat leaves room for it before the tail" in chosen.reason


def test_a_song_that_is_mostly_silent_has_no_excerpt() -> None:
    audio = noise(20.0, 100, 1000)
    audio[3 * RATE :] = 0
    with pytest.raises(AudioError, match="no 8 s of sound on end"):
        choose_excerpt(Stems.from_arrays({"pad": audio}, RATE, title="song"), seconds=8.0)


def test_a_cut_is_those_samples_with_short_fades() -> None:
    audio = np.ones((5 * RATE, 2), np.float32)
    excerpt = Excerpt(start_s=1.0, seconds=2.0, reason="")
    part = cut(audio, RATE, excerpt)
    assert part.shape == (2 * RATE, 2)
    assert part[0, 0] < 0.001
    assert part[-1, 1] < 0.001
    assert np.all(np.diff(part[: RATE // 100, 0]) > 0)
    assert np.all(part[RATE // 50 : -RATE // 10] == 1.0)
    assert np.all(audio == 1.0)


def test_a_mix_that_ends_early_is_padded() -> None:
    part = cut(np.ones((RATE, 2), np.float32), RATE, Excerpt(start_s=0.5, seconds=1.0, reason=""))
    assert part.shape == (RATE, 2)
    assert not part[RATE // 2 :].any()


def test_real_songs_get_excerpts_that_sound() -> None:
    for folder in real_songs.songs():
        stems = load_stems(folder)
        chosen = choose_excerpt(stems, seconds=10.0)
        assert 0 <= chosen.start_s <= stems.duration_s - 10.0
        assert chosen.reason.startswith("From ")
