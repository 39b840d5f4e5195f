"""Each layout on a small data set with the real names: songs, artists, splits, stems, roles, mixture, and the audio."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from corpus.trees import PARTS, TREES, parts_in, write

from mixrules.corpus.catalogue import Catalogue, open_catalogue
from mixrules.corpus.layouts import NAMES, guess_layout, layout_named, songs_of
from mixrules.stems.described_song import load_described, read_parts
from mixrules.stems.song_description import SongDescription

BuildTree = Callable[[str], Path]


class Expected(NamedTuple):
    """What a layout says of the first song, and which songs there are."""

    songs: tuple[str, ...]
    names: tuple[str, str, str]
    splits: tuple[str, ...]
    stems: dict[str, tuple[str, bool, set[str]]]
    mixture: set[str]


BAND = {
    "vocals": ("vocal", True, {"vocals"}),
    "drums": ("drums", False, {"drums"}),
    "bass": ("bass", False, {"bass"}),
    "other": ("other", False, {"other"}),
}
BAND_MIX = set(PARTS)
TWO_CHANNELS = {
    "accompaniment": ("accompaniment", False, {"accompaniment"}),
    "vocals": ("vocal", True, {"vocals"}),
}
TRACKS = {"01_Kick": "drums", "02_Bass": "bass", "03_ElecGtr": "guitar", "04_LeadVox": "vocals"}
MUSDB = Expected(
    (
        "train/Actions - One Minute Smile",
        "train/Music Delta - 80s Rock",
        "test/AM Contra - Heart Peripheral",
        "test/Punkdisco - Oral Hygiene",
    ),
    ("One Minute Smile", "Actions", ""),
    ("validation", "train", "test", "test"),
    BAND,
    BAND_MIX,
)
MOISES = Expected(
    (
        "moisesdb_v0.1/0f2b4c6e-1a3d-4e5f-8a7b-9c0d1e2f3a4b",
        "moisesdb_v0.1/5b7d9f1a-2c4e-4a6b-8c8d-0e1f2a3b4c5d",
    ),
    ("Rainy Days", "Bright Sparks", ""),
    ("", ""),
    {
        "vocals": ("vocal", True, {"vocals", "backing vocals"}),
        "drums": ("drums", False, {"drums"}),
        "bass": ("bass", False, {"bass"}),
        "guitar": ("guitar", False, {"guitar", "other"}),
    },
    {"vocals", "backing vocals", "drums", "bass", "guitar", "other"},  # and no click
)
MEDLEY = Expected(
    ("LizNelson_Rainfall", "Meaxic_TakeAStep"),
    ("Rainfall", "Liz Nelson", "Small Songs"),
    ("", ""),
    {
        "01 male singer": ("vocal", True, {"vocals"}),
        "02 drum set": ("drums", False, {"drums"}),
        "03 acoustic guitar, piano": ("guitar", False, {"guitar", "piano"}),
        "04 vocalists": ("backing_vocal", True, {"backing vocals"}),
    },
    {"vocals", "drums", "guitar", "piano", "backing vocals"},
)
EXPECTED = {
    "musdb18": MUSDB,
    "musdb18hq": MUSDB,
    "dsd100": Expected(
        ("Dev/055 - Angels In Amplifiers - I'm Alright", "Test/005 - Angela Thomas Wade - Milk Cow Blues"),
        ("I'm Alright", "Angels In Amplifiers", ""),
        ("train", "test"),
        BAND,
        BAND_MIX,
    ),
    "moisesdb": MOISES,
    "moisesdb-tracks": MOISES._replace(
        stems={
            "lead_female_singer": ("vocal", True, {"vocals"}),
            "background_vocals": ("backing_vocal", True, {"backing vocals"}),
            "kick_drum": ("kick", False, {"drums"}),
            "full_acoustic_drumkit": ("drums", False, {"drums"}),
            "bass_guitar": ("bass", False, {"bass"}),
            "clean_electric_guitar 1": ("guitar", False, {"guitar"}),
            "clean_electric_guitar 2": ("guitar", False, {"other"}),
        }
    ),
    "medleydb": MEDLEY,
    "medleydb-raw": MEDLEY._replace(
        stems={
            "01_01 male singer": ("vocal", True, {"vocals"}),
            "01_02 male singer": ("vocal", True, {"vocals"}),  # not labelled: what its stem has
            "02_01 kick drum": ("kick", False, {"drums"}),
            "02_02 drum set": ("drums", False, {"drums"}),
            "03_01 acoustic guitar": ("guitar", False, {"guitar"}),
            "03_02 piano": ("piano", False, {"piano"}),
            "04_01 female singer": ("vocal", True, {"backing vocals"}),
        }
    ),
    "cambridge-mt": Expected(
        ("3DMARCo_ACapella_Edited", "AngelsInAmplifiers_ImAlright_Full", "JamesMay_AllSoulsMoon_Full"),
        ("ACapella", "3DMARCo", ""),
        ("", "", ""),
        {
            name: (role, part == "vocals", {part})
            for (name, part), role in zip(TRACKS.items(), ("kick", "bass", "guitar", "vocal"), strict=True)
        },
        set(),
    ),
    "mir1k": Expected(
        ("abjones_1_01", "abjones_1_02", "abjones_1_10", "amy_3_04"),
        ("abjones_1", "abjones", ""),
        ("", "", "", ""),
        TWO_CHANNELS,
        set(TWO_CHANNELS),
    ),
    "mir1k-songs": Expected(
        ("abjones_1", "amy_3"), ("abjones_1", "abjones", ""), ("", ""), TWO_CHANNELS, set(TWO_CHANNELS)
    ),
    "ikala": Expected(
        ("10161_chorus", "10161_verse", "21025_verse"),
        ("10161", "singer 1", ""),
        ("", "", ""),
        TWO_CHANNELS,
        set(TWO_CHANNELS),
    ),
    "ccmixter": Expected(
        ("_ghost_-_Ice_and_Chilli", "Admiral Bob - Choice"),
        ("_ghost_-_Ice_and_Chilli", "", ""),
        ("", ""),
        {
            "background": ("accompaniment", False, {"accompaniment"}),
            "vocals": ("vocal", True, {"vocals"}),
        },
        {"accompaniment", "vocals"},
    ),
    "damp-vsep": Expected(
        ("10/RU/en/374273983_2783055897", "18/RU/en/1002157620_2796433719"),
        ("374273983", "", ""),
        ("", ""),
        {
            "background": ("accompaniment", False, {"accompaniment"}),
            "vocal1": ("vocal", True, {"vocals"}),
            "vocal2": ("vocal", True, {"vocals"}),
        },
        {"accompaniment", "vocals"},
    ),
    "demucs": Expected(
        ("01 First", "02 Second", "10 Third"),
        ("01 First", "", ""),
        ("", "", ""),
        {
            "vocals": ("vocal", True, {"vocals"}),
            "no_vocals": ("accompaniment", False, {"drums", "bass", "other"}),
        },
        BAND_MIX,
    ),
    "spleeter": Expected(
        ("first", "second"),
        ("first", "", ""),
        ("", ""),
        {
            "vocals": ("vocal", True, {"vocals"}),
            "accompaniment": ("accompaniment", False, {"accompaniment"}),
        },
        {"vocals", "accompaniment"},
    ),
    "folders": Expected(
        ("Grouped Song", "Lone Song", "Some Artist/First Album/01 One", "Some Artist/First Album/02 Two"),
        ("Grouped Song", "", ""),
        ("", "", "", ""),
        {
            "Drums 01": ("drums", False, {"drums"}),
            "Guitars 01": ("guitar", False, {"guitar"}),
            "Vox 01": ("vocal", True, {"vocals"}),
        },
        set(),
    ),
    "manifest": Expected(
        ("one", "two"),
        ("One", "Someone", ""),
        ("train", "test"),
        {"voice": ("vocal", True, {"vocals"}), "kit": ("drums", False, {"drums", "bass"})},
        {"vocals", "drums", "bass"},
    ),
}


def test_every_layout_is_here() -> None:
    assert list(TREES) != []
    assert set(EXPECTED) == set(TREES) == set(NAMES)


@pytest.mark.parametrize("name", EXPECTED)
def test_songs_with_their_artists_and_splits(tree: BuildTree, name: str) -> None:
    expected = EXPECTED[name]
    songs = list(songs_of(tree(name), name))
    assert tuple(song.song for song in songs) == expected.songs
    assert (songs[0].title, songs[0].artist, songs[0].album) == expected.names
    assert tuple(song.split for song in songs) == expected.splits
    assert [song.problem for song in songs] == [""] * len(songs)


@pytest.mark.parametrize("name", EXPECTED)
def test_stems_have_their_roles_and_are_read_from_the_right_place(tree: BuildTree, name: str) -> None:
    song = next(songs_of(tree(name), name))
    stems = load_described(song)
    found = {
        stem.name: (
            stem.role,
            song.is_vocal(stem.name, stem.role),
            parts_in(stem.audio[:], stems.sample_rate),
        )
        for stem in stems
    }
    assert found == EXPECTED[name].stems


@pytest.mark.parametrize("name", EXPECTED)
def test_the_mixture_is_the_human_mix(tree: BuildTree, name: str) -> None:
    song = next(songs_of(tree(name), name))
    heard = set()
    if song.mixture:
        mixture = read_parts(song.mixture)
        heard = parts_in(mixture.audio, mixture.sample_rate)
    assert heard == EXPECTED[name].mixture


@pytest.mark.parametrize("name", EXPECTED)
def test_a_folder_tells_its_layout_only_where_that_is_sure(tree: BuildTree, name: str) -> None:
    # Variants of a data set lie in one folder; stems in folders may be anything.
    told = {"moisesdb-tracks": "moisesdb", "medleydb-raw": "medleydb", "mir1k-songs": "mir1k", "folders": ""}
    assert guess_layout(tree(name)) == told.get(name, name)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_catalogue_is_listed_again_in_another_process(tree: BuildTree, name: str) -> None:
    catalogue = pickle.loads(pickle.dumps(open_catalogue(tree(name), name)))
    assert catalogue == Catalogue(tree(name), name)
    assert list(catalogue) == list(catalogue)
    assert pickle.loads(pickle.dumps(list(catalogue))) == list(catalogue)


@pytest.mark.parametrize("name", EXPECTED)
def test_no_audio_is_read_to_list_songs(tree: BuildTree, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tree(name)
    for reader in ("soundfile.SoundFile", "av.open"):
        module = pytest.importorskip(reader.partition(".")[0])
        monkeypatch.setattr(module, reader.partition(".")[2], None)
    assert len(list(songs_of(root, name))) == len(EXPECTED[name].songs)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_layout_says_what_it_is(name: str) -> None:
    layout = layout_named(name)
    assert layout.name == name
    assert layout.title
    assert layout.tree
    assert layout.source or name in ("folders", "manifest")


def songs_by_name(root: Path, layout: str) -> dict[str, SongDescription]:
    return {song.song: song for song in songs_of(root, layout)}


def test_bleed_is_carried_through(tree: BuildTree) -> None:
    medley = songs_by_name(tree("medleydb"), "medleydb")
    assert [song.has_bleed for song in medley.values()] == [False, True]
    moises = songs_by_name(tree("moisesdb"), "moisesdb")
    assert [song.has_bleed for song in moises.values()] == [True, True]
    assert songs_by_name(tree("spleeter"), "spleeter")["first"].has_bleed is None


def test_mixes_of_cambridge_mt_are_found_beside_the_songs(tree: BuildTree) -> None:
    songs = songs_by_name(tree("cambridge-mt"), "cambridge-mt")
    assert {name: [part.path.name for part in song.mixture] for name, song in songs.items()} == {
        "3DMARCo_ACapella_Edited": [],
        "AngelsInAmplifiers_ImAlright_Full": ["ImAlright_UnmasteredWAV.wav"],
        "JamesMay_AllSoulsMoon_Full": ["AllSoulsMoon_UnmasteredWAV.wav"],
    }


def test_a_mix_of_an_excerpt_or_of_another_artist_is_not_taken(tmp_path: Path) -> None:
    for name in ("A_Home_Full", "A_Home_Excerpt", "B_Home_Full", "C_Away_Full", "D_Far_Edited"):
        write(tmp_path / name / "01_Kick.wav", "drums")
    for name in (
        *("AHome_Excerpt_Preview", "BHome_Full_Preview", "B_Home_UnmasteredWAV", "Home_UnmasteredWAV"),
        *("Away_Full_Preview", "DFar_Full_Preview", "Away_Excerpt_Preview"),
    ):
        (tmp_path / f"{name}.wav").touch()
    songs = songs_by_name(tmp_path, "cambridge-mt")
    assert {name: [part.path.stem for part in song.mixture] for name, song in songs.items()} == {
        "A_Home_Excerpt": ["AHome_Excerpt_Preview"],
        "A_Home_Full": [],
        "B_Home_Full": ["B_Home_UnmasteredWAV"],
        "C_Away_Full": ["Away_Full_Preview"],
        "D_Far_Edited": ["DFar_Full_Preview"],
    }


def test_demucs_with_six_stems(tree: BuildTree) -> None:
    song = songs_by_name(tree("demucs"), "demucs")["10 Third"]
    assert [stem.role for stem in song.stems] == ["vocal", "drums", "bass", "guitar", "piano", "other"]
    assert load_described(song).names == ("vocals", "drums", "bass", "guitar", "piano", "other")


def test_an_album_is_the_folder_around_its_songs(tree: BuildTree) -> None:
    song = songs_by_name(tree("folders"), "folders")["Some Artist/First Album/02 Two"]
    assert (song.title, song.album, song.artist) == ("02 Two", "First Album", "Some Artist")
