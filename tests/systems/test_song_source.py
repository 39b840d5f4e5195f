"""What songs of a data set are called, and where plans and mixes of them are found."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from stem_files import FREQUENCIES, stem_mp4
from synthetic import RATE, band, noise

from mixrules import Stems, starting_plan
from mixrules.errors import AudioFileError, StemsError
from mixrules.files import write_audio
from mixrules.stems.song_description import AudioPart, SongDescription, StemDescription
from mixrules.systems import Song, SongSource, load_song, parse_systems, produce, song_sources
from mixrules.systems.finding import find_mix, find_plan, spelled
from mixrules.systems.system import folder_kind


def names_of(*songs: str | Path) -> list[str]:
    given = [song if isinstance(song, Path) else SongDescription(song=song) for song in songs]
    return [source.name for source in song_sources(given)]


def test_a_song_is_called_by_the_last_part_of_its_name() -> None:
    assert names_of("test/A - One", "train/A - Two", "Three") == ["A - One", "A - Two", "Three"]


def test_songs_of_the_same_last_part_keep_their_whole_names() -> None:
    assert names_of("htdemucs/One", "mdx/one", "mdx/Two") == ["htdemucs/One", "mdx/one", "Two"]


def test_paths_and_sources_keep_their_names(tmp_path: Path) -> None:
    (tmp_path / "One").mkdir()
    given = SongSource(name="other", description=SongDescription(song="b/One"))
    assert [source.name for source in song_sources([tmp_path / "One", given])] == ["One", "other"]
    assert names_of(tmp_path / "Two.stem.mp4", tmp_path / "Three.tar.gz") == ["Two", "Three"]
    with pytest.raises(StemsError, match="has no name"):
        song_sources([Path("/")])


@pytest.mark.parametrize("name", ["../up", "a//b", "a/.", "", "a\0b"])
def test_a_name_that_no_file_can_have_is_a_problem(name: str) -> None:
    (source,) = song_sources([SongDescription(song=name)])
    assert "files cannot have its name" in source.description.problem


@pytest.fixture
def song() -> Song:
    return Song("One", Stems.from_arrays(band(1.0), RATE), full_name="test/One")


def test_a_run_over_many_songs_is_a_folder_of_plans(tmp_path: Path, song: Song) -> None:
    """As `mixrules batch` leaves it."""
    (tmp_path / "run.json").write_text("{}")
    (tmp_path / "ledger.jsonl").write_text("")
    with pytest.raises(AudioFileError, match="holds neither plans"):
        folder_kind(tmp_path)
    (tmp_path / "test").mkdir()
    write_audio(tmp_path / "test" / "One.wav", noise(1.0, 100, 1000), RATE)
    assert folder_kind(tmp_path) == "audio"
    (mixes,) = parse_systems(f"mine={tmp_path}")
    assert find_mix(mixes, song) == (AudioPart(path=tmp_path / "test" / "One.wav"),)
    starting_plan(song.stems).save(tmp_path / "test" / "One.plan.json")
    (plans,) = parse_systems(f"mine={tmp_path}")
    assert (plans.kind, find_plan(plans, song)) == ("plans", tmp_path / "test" / "One.plan.json")


def test_the_flat_name_is_found_where_it_is_the_songs_alone(tmp_path: Path, song: Song) -> None:
    starting_plan(song.stems).save(tmp_path / "One.json")
    (plans,) = parse_systems(f"mine={tmp_path}")
    assert find_plan(plans, song) == tmp_path / "One.json"
    namesake = dataclasses.replace(song, name="test/One")
    with pytest.raises(AudioFileError, match=r"lacks song test/One: \S+/test holds no One\.plan\.json or"):
        find_plan(plans, namesake)
    (tmp_path / "One.json").unlink()
    with pytest.raises(AudioFileError, match=r"lacks song One: \S+/test and \S+ hold no One\.plan\.json or"):
        find_plan(plans, song)


def test_a_song_s_own_folder_comes_before_the_flat_name(tmp_path: Path, song: Song) -> None:
    (tmp_path / "test" / "One").mkdir(parents=True)
    for name in ("One.wav", "test/One/mixture.wav"):
        write_audio(tmp_path / name, noise(1.0, 100, 1000), RATE)
    (mixes,) = parse_systems(f"human={tmp_path}")
    assert find_mix(mixes, song) == (AudioPart(path=tmp_path / "test" / "One" / "mixture.wav"),)


def test_the_first_stream_of_a_stem_mp4_is_the_engineers_mix(tmp_path: Path) -> None:
    song = load_song(stem_mp4(tmp_path / "tune.stem.mp4"))
    assert song.name == "tune"
    assert song.human == (AudioPart(path=tmp_path / "tune.stem.mp4", stream=0),)
    made = produce(parse_systems("human")[0], song, seed=0)
    spectrum = np.abs(np.fft.rfft(made.audio[:, 0]))
    assert np.argmax(spectrum) * made.sample_rate / len(made.audio) == pytest.approx(FREQUENCIES[0], abs=2)


def test_the_engineers_mix_may_be_a_sum_of_files_and_channels(tmp_path: Path) -> None:
    left, right, third = (noise(1.0, 100, 3000, seed=seed) for seed in range(3))
    write_audio(tmp_path / "two.wav", np.stack([left, right], 1), RATE, subtype="FLOAT")
    write_audio(tmp_path / "third.wav", third[: RATE // 2], RATE, subtype="FLOAT")
    backing, vocals = (AudioPart(path=tmp_path / "two.wav", channel=channel) for channel in (0, 1))
    more = AudioPart(path=tmp_path / "third.wav")
    described = SongDescription(
        song="set/tune",
        stems=(
            StemDescription(name="backing", parts=(backing,), vocal=False),
            StemDescription(name="solo", role="guitar", parts=(vocals,), vocal=True),
            StemDescription(name="third", role="bass", parts=(more,)),
        ),
        mixture=(backing, vocals, more),
    )
    song = load_song(described)
    assert (song.name, song.full_name) == ("tune", "set/tune")
    assert song.vocal == {"backing": False, "solo": True}
    made = produce(parse_systems("human")[0], song, seed=0)
    expected = left + right + np.pad(third[: RATE // 2], (0, RATE - RATE // 2))
    assert np.max(np.abs(made.audio - expected[:, None])) < 1e-6
    assert "two.wav and 1 more: mono, on both sides" in made.notes
    assert load_song(described, roles={"solo": "keys"}).stems["solo"].role == "keys"


def test_a_song_without_a_mixture_is_told(song: Song) -> None:
    with pytest.raises(AudioFileError, match=r"has no human mix beside its stems .*, nor in its data set"):
        find_mix(parse_systems("human")[0], song)


def test_audio_in_words() -> None:
    path = Path("set/a.wav")
    assert spelled((AudioPart(path=path),), whole_path=True) == "set/a.wav"
    assert spelled((AudioPart(path=path, stream=0),)) == "a.wav, stream 1"
    assert spelled((AudioPart(path=path, channel=1),)) == "a.wav, channel 2"
    assert spelled(tuple(AudioPart(path=path, channel=channel) for channel in (0, 1))) == "a.wav"
    assert spelled((AudioPart(path=path), AudioPart(path=Path("b.wav")))) == "a.wav and 1 more"
