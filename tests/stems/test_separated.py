"""Exports of source separators: nothing is mixed twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from stem_folders import left_out, roles, song

from mixrules.errors import StemsError
from mixrules.stems import load_stems


@pytest.mark.parametrize(
    "whole", ["no_vocals", "accompaniment", "Instrumental", "Song (Karaoke)", "minus_vocals"]
)
def test_the_rest_beside_its_parts_is_left_out(tmp_path: Path, whole: str) -> None:
    song(tmp_path, "vocals.wav", f"{whole}.wav", "drums.wav", "bass.wav", "other.wav")
    assert load_stems(tmp_path).names == ("bass", "drums", "other", "vocals")
    assert left_out(tmp_path) == {f"{whole}.wav": "drums.wav and bass.wav are parts of it"}
    assert len(load_stems(tmp_path, roles={whole: "accompaniment"})) == 5


@pytest.mark.parametrize(
    "pair",
    [
        ("vocals.wav", "no_vocals.wav"),
        ("vocals.wav", "accompaniment.wav"),
        ("1_Song_(Vocals).wav", "1_Song_(Instrumental).wav"),
        ("Song_(Vocals)_htdemucs_ft.wav", "Song_(Instrumental)_htdemucs_ft.wav"),
        ("drums.wav", "no_drums.wav"),
    ],
)
def test_a_pair_is_mixed(tmp_path: Path, pair: tuple[str, str]) -> None:
    stems = load_stems(song(tmp_path, *pair))
    assert {stem.file_name for stem in stems} == set(pair)
    assert stems.notes == ()


def test_parts_beside_a_lead_and_a_title_that_says_instrumental(tmp_path: Path) -> None:
    files = ("My Instrumental - Kick.wav", "My Instrumental - Bass.wav", "My Instrumental - Lead Vox.wav")
    assert len(load_stems(song(tmp_path, *files))) == 3


def test_several_models_are_not_mixed_together(tmp_path: Path) -> None:
    song(tmp_path, "S_(Vocals)_htdemucs.wav", "S_(Vocals)_MDX.wav", "S_(Instrumental)_MDX.wav")
    with pytest.raises(StemsError, match=r"by several models.*ignore"):
        load_stems(tmp_path)
    (tmp_path / "stems.toml").write_text('ignore = ["*htdemucs*"]')
    assert set(roles(load_stems(tmp_path)).values()) == {"vocal", "accompaniment"}


def test_several_songs_in_one_folder(tmp_path: Path) -> None:
    song(
        tmp_path,
        *(f"{n}_{title}_({part}).wav" for n, title in ((1, "A"), (2, "B")) for part in ("Vocals", "Drums")),
    )
    with pytest.raises(StemsError, match=r"parts of 2 songs .*\(A, B\)"):
        load_stems(tmp_path)


def test_microphones_in_brackets_are_no_models(tmp_path: Path) -> None:
    song(
        tmp_path, "Lead (Vocals) 1.wav", "Lead (Vocals) 2.wav", "Kick (Drums) In.wav", "Snare (Drums) Top.wav"
    )
    assert len(load_stems(tmp_path)) == 4
