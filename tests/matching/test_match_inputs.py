"""Bad and odd input of match: explained as far as it goes, refused in one line, never sure of what it does not know."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile
from matching.placed_mixes import RATE, Samples, bursts, later, mixed, slower, song

from mixrules.errors import AudioError, AudioFileError
from mixrules.matching import Match, match
from mixrules.matching.match_result import verdict
from mixrules.stems import Stems

SECONDS = 5.0


@pytest.fixture(scope="module")
def stems() -> Stems:
    return song(SECONDS, 3)


@pytest.fixture(scope="module")
def mix(stems: Stems) -> Samples:
    return mixed(stems, (0.5, 1.0, 0.25))


def level_db(found: Match, name: str) -> float:
    """The gain of a mono stem in the middle, on either side, in dB: the pan law taken off."""
    strip = found.plan.stem(name)
    return strip.gain_db + strip.input_gain_db + found.plan.master.gain_db - 3.01


def words(found: Match) -> str:
    """Everything that is said to the reader."""
    decisions = (decision.sentence for decision in found.plan.decisions)
    return " ".join([*found.notes, *found.plan.notes, found.alignment.sentence, *decisions])


def test_another_song_is_not_explained(stems: Stems) -> None:
    found = match(stems, mixed(song(SECONDS, 3, seed=7)))
    assert found.explained_share < 0.2
    assert not found.alignment.told
    assert "cannot be told" in words(found)


def test_a_mix_that_is_late_drifts_and_is_upside_down(stems: Stems, mix: Samples) -> None:
    found = match(stems, -later(slower(mix, Fraction(2001, 2000)), 300.0))
    assert found.alignment.inverted
    assert found.explained_share > 0.99
    assert level_db(found, "track 0") == pytest.approx(-6.02, abs=0.2)


def test_a_mix_that_ends_before_its_stems(stems: Stems, mix: Samples) -> None:
    found = match(stems, mix[: 3 * RATE])
    assert level_db(found, "track 1") == pytest.approx(0.0, abs=0.2)


def test_a_clipped_mix_says_so(stems: Stems, mix: Samples) -> None:
    loud = np.clip(mix * 4.0 / np.abs(mix).max(), -1.0, 1.0)
    found = match(stems, loud)
    assert "clipped" in words(found)
    assert found.explained_share < 0.999


def test_an_mp3_of_it(stems: Stems, mix: Samples, tmp_path: Path) -> None:
    path = tmp_path / "mix.mp3"
    soundfile.write(path, mix, RATE)
    found = match(stems, path)
    assert found.explained_share > 0.9
    assert level_db(found, "track 1") == pytest.approx(0.0, abs=0.5)


def test_a_mix_at_another_rate(stems: Stems, mix: Samples, tmp_path: Path) -> None:
    path = tmp_path / "mix.wav"
    soundfile.write(path, slower(mix, Fraction(3)), 3 * RATE, subtype="FLOAT")
    found = match(stems, path)
    assert "resampled from 48000 to 16000 Hz" in words(found)
    assert level_db(found, "track 1") == pytest.approx(0.0, abs=0.2)


def test_a_mono_mix_tells_no_place() -> None:
    wide = Stems.from_arrays(
        {
            "pad": np.stack([bursts(SECONDS, seed=1), bursts(SECONDS, seed=2)], axis=1),
            "lead": bursts(SECONDS, seed=3),
        },
        RATE,
    )
    found = match(wide, mixed(wide).mean(axis=1))
    assert "mono" in words(found)


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (np.zeros((RATE, 2)), "silent"),
        (np.full((RATE, 2), np.nan), "nan"),
        (np.zeros((0, 2)), "empty"),
        (np.ones((RATE, 6)) * 0.1, "6 channels"),
    ],
)
def test_what_is_no_mix_is_refused(stems: Stems, bad: Samples, says: str) -> None:
    with pytest.raises(AudioError, match=says):
        match(stems, bad)


def test_a_file_that_is_not_there(stems: Stems, tmp_path: Path) -> None:
    with pytest.raises(AudioFileError, match=r"none\.wav"):
        match(stems, tmp_path / "none.wav")


def test_one_sample(stems: Stems) -> None:
    with pytest.raises(AudioError, match=r"covers 0\.00 s of the stems"):
        match(stems, np.array([[0.5, 0.5]]))


def test_a_mix_that_is_upside_down_is_called_so(stems: Stems, mix: Samples) -> None:
    found = match(stems, -mix)
    assert found.alignment.inverted
    assert "upside down" in words(found)
    assert not any(strip.invert_polarity for strip in found.plan.stems)


def test_a_stem_that_is_not_in_the_mix(stems: Stems) -> None:
    found = match(stems, mixed(stems, (0.5, 1.0, 0.0)))
    strip = found.plan.stem("track 2")
    assert strip.mute or strip.gain_db < -40.0
    assert "track 2" in words(found)


def test_a_stem_of_the_opposite_polarity(stems: Stems) -> None:
    found = match(stems, mixed(stems, (0.5, -1.0, 0.25)))
    assert found.plan.stem("track 1").invert_polarity != found.plan.stem("track 0").invert_polarity
    assert found.explained_share > 0.99


def test_two_copies_of_a_stem_cannot_be_told_apart(stems: Stems, mix: Samples) -> None:
    arrays = {stem.name: stem.audio for stem in stems} | {"copy": stems["track 1"].audio}
    found = match(Stems.from_arrays(arrays, RATE), mix)
    assert found.explained_share > 0.99
    both = sum(
        0.0 if found.plan.stem(name).mute else 10.0 ** (level_db(found, name) / 20.0)
        for name in ("track 1", "copy")
    )
    assert both == pytest.approx(1.0, rel=0.05)
    assert "copy" in words(found)


def test_stems_that_hold_the_mix(stems: Stems, mix: Samples) -> None:
    arrays = {stem.name: stem.audio for stem in stems} | {"printed": mix}
    found = match(Stems.from_arrays(arrays, RATE), mix)
    assert found.explained_share > 0.99
    assert all(name in words(found) for name in ("can be made of", "printed"))
    # No level that could as well be another is given as if it were known.
    assert {name for name, level in found.levels.items() if math.isinf(level.interval_db)} >= {"printed"}
    assert any(note.startswith("Each of ") and "printed" in note for note in found.plan.notes)


def test_a_silent_stem_among_others(stems: Stems, mix: Samples) -> None:
    arrays = {stem.name: stem.audio for stem in stems} | {"empty": np.zeros(stems.samples, np.float32)}
    assert match(Stems.from_arrays(arrays, RATE), mix).explained_share > 0.99


@pytest.mark.parametrize(
    ("share", "says"),
    [
        (1.0, "100 %"),
        (0.999648, "99.965 %"),
        (0.995, "99.5 %"),
        (0.97, "97 %"),
        (0.5, "50 %"),
        (-0.1, "-10 %"),
    ],
)
def test_a_share_is_all_only_where_nothing_is_left(share: float, says: str) -> None:
    assert f"explains {says} of the power of x" in verdict(share, "x")
