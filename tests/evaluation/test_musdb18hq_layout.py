"""MUSDB18-HQ as it lies on the disk: four stems and their sum in a folder for each song, under its songs' names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from synthetic import RATE, band

from mixrules.corpus.layouts.song_folders import find_songs
from mixrules.evaluation.comparison import compare
from mixrules.files import write_audio
from mixrules.stems.song_description import AudioPart
from mixrules.systems import load_song, parse_systems

SONGS = (
    "AM Contra - Heart Peripheral",
    "Angels In Amplifiers - I'm Alright",
    "Punkdisco - Oral Hygiene",
    "The Easton Ellises (Baumi) - SDRNR",
    "Triviul feat. The Fiend - Widow",
)
ROLES = {"vocals": "vocal", "drums": "drums", "bass": "bass", "other": "other"}


@pytest.fixture(scope="module")
def data_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    top = tmp_path_factory.mktemp("musdb18hq") / "test"
    parts = band(4.0)
    parts["other"] = parts.pop("guitar")
    for number, song in enumerate(SONGS):
        (top / song).mkdir(parents=True)
        stems = {
            name: np.repeat((0.3 + 0.1 * number) * audio[:, None], 2, axis=1) for name, audio in parts.items()
        }
        for name, audio in {**stems, "mixture": np.add.reduce(list(stems.values()))}.items():
            write_audio(top / song / f"{name}.wav", audio, RATE, subtype="PCM_16")
    return top


@pytest.mark.parametrize("song", SONGS)
def test_the_stems_have_their_roles_and_the_mixture_is_the_engineers_mix(data_set: Path, song: str) -> None:
    loaded = load_song(data_set / song)
    assert loaded.name == song
    assert {stem.name: stem.role for stem in loaded.stems} == ROLES
    assert loaded.human == (AudioPart(path=data_set / song / "mixture.wav"),)


def test_the_plain_sum_of_the_stems_is_the_mixture(data_set: Path, tmp_path: Path) -> None:
    found = compare(
        find_songs(data_set).folders[:3],
        parse_systems("none,equal"),
        parse_systems("human")[0],
        tmp_path,
        groups=("balance",),
        excerpt_s=0.0,
        constants=False,
    )
    assert found.songs == SONGS[:3]
    assert not found.left_out
    assert found.values("none", "stem_balance_error_lu") == pytest.approx([0.0, 0.0, 0.0], abs=0.01)
    assert min(found.values("equal", "stem_balance_error_lu")) > 0.5
