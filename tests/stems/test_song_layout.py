"""Groups, folders around a song, several songs, and folders that are no part of a song."""

from __future__ import annotations

from pathlib import Path

import pytest
from stem_folders import left_out, put, roles, song

from mixrules import cli
from mixrules.errors import AudioFileError, MixrulesError, StemsError
from mixrules.stems import load_stems
from mixrules.stems.song_files import folder_scan


def refused(folder: Path) -> str:
    with pytest.raises(StemsError) as error:
        load_stems(folder)
    assert "\n" not in str(error.value)
    return str(error.value)


# --- groups ---------------------------------------------------------------------------------------


def test_groups_beside_files_belong_to_the_song(tmp_path: Path) -> None:
    stems = load_stems(song(tmp_path, "bass.wav", "Drums/Kick.wav", "Vox/Lead Vox.wav"))
    assert roles(stems) == {"bass": "bass", "Kick": "kick", "Lead Vox": "vocal"}
    assert [stem.file_name for stem in stems] == ["bass.wav", "Drums/Kick.wav", "Vox/Lead Vox.wav"]
    assert stems.notes == ("stems read from the folders Drums, Vox",)


def test_groups_within_groups_and_names_that_say_nothing(tmp_path: Path) -> None:
    stems = load_stems(song(tmp_path, "Drums/Kick/in.wav", "Drums/Kick/out.wav", "Vox/01.wav", "Gtrs/DI.wav"))
    assert roles(stems) == {"Kick in": "kick", "Kick out": "kick", "Gtrs DI": "guitar", "Vox 01": "vocal"}
    assert load_stems(tmp_path, roles={"Kick in": "snare", "out": "toms"})["Kick in"].role == "snare"


def test_names_that_collide_take_their_folders(tmp_path: Path) -> None:
    stems = load_stems(
        song(tmp_path, "Gtr 1/DI.wav", "Gtr 1/Amp.wav", "Gtr 2/DI.wav", "Drums/Kick.wav", "Kick.wav")
    )
    assert stems.names == ("Drums Kick", "Gtr 1 Amp", "Gtr 1 DI", "Gtr 2 DI", "Kick")


def test_a_band_and_its_singers_are_groups(tmp_path: Path) -> None:
    files = ("Band/Kick.wav", "Band/Bass.wav", "Band/Gtr.wav", "Vocals/Lead.wav", "Vocals/BV.wav")
    assert len(load_stems(song(tmp_path, *files))) == len(files)


def test_a_stem_of_a_group_is_not_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = song(tmp_path / "s", "bass.wav", "Drums/Kick.wav")
    kick = folder / "Drums" / "Kick.wav"
    before = kick.read_bytes()
    with pytest.raises(SystemExit) as end:
        cli.main(["mix", str(folder), "-q", "-o", str(kick)])
    assert end.value.code == 2
    assert "is one of the stems" in capsys.readouterr().err
    assert kick.read_bytes() == before


# --- a folder around a song, and songs within a folder ----------------------------------------------


@pytest.mark.parametrize(
    "inner", ["my_song", "Stems", "Bounces", "Audio Files", "htdemucs/Song", "Raw Tracks"]
)
def test_the_only_folder_with_stems_is_read(tmp_path: Path, inner: str) -> None:
    stems = load_stems(song(tmp_path / "my_song", f"{inner}/vocals.wav", f"{inner}/bass.wav"))
    assert stems.title == "my_song"
    assert roles(stems) == {"bass": "bass", "vocals": "vocal"}
    assert f"stems read from the folder {inner}" in stems.notes
    assert [stem.file_name for stem in stems] == [f"{inner}/bass.wav", f"{inner}/vocals.wav"]


def test_a_mix_beside_the_folder_of_stems_is_the_mixture(tmp_path: Path) -> None:
    stems = load_stems(song(tmp_path, "Song mix.wav", "Stems/vocals.wav", "Stems/bass.wav"))
    assert stems.mixture_path == tmp_path / "Song mix.wav"
    assert stems.names == ("bass", "vocals")


@pytest.mark.parametrize(
    "files",
    [
        ("A/vocals.wav", "A/bass.wav", "B/vocals.wav", "B/bass.wav"),
        ("Piano Man/drums.wav", "Piano Man/vox.wav", "Bass Down Low/Drums.wav", "Bass Down Low/Vox.wav"),
        ("First/Kick.wav", "First/LeadVox.wav", "Second/gtr.wav", "Second/voice.wav"),
        ("01/01.wav", "01/02.wav", "02/01.wav", "02/02.wav"),
        ("Dry/vocals.wav", "Dry/bass.wav", "Wet/vocals.wav", "Wet/bass.wav"),
        ("htdemucs/S/vocals.wav", "htdemucs/S/bass.wav", "mdx/S/vocals.wav", "mdx/S/bass.wav"),
        ("readme.wav", "A/vocals.wav", "A/bass.wav", "B/vocals.wav", "B/bass.wav"),
    ],
)
def test_several_songs_are_named(tmp_path: Path, files: tuple[str, ...]) -> None:
    text = refused(song(tmp_path, *files))
    for name in {file.split("/")[0] for file in files if "/" in file}:
        assert name in text
    assert "or mix them all by mixrules batch" in text


def test_many_songs_make_one_short_line(tmp_path: Path) -> None:
    song(tmp_path, *(f"Song {n}/{part}.wav" for n in range(40) for part in ("vocals", "bass")))
    text = refused(tmp_path)
    assert "Song 0, Song 1, Song 2" in text
    assert "28 more" in text


@pytest.mark.parametrize("inner", ["Stems", "Multitracks", "01 Tracks"])
def test_finished_mixes_beside_the_folder_of_stems(tmp_path: Path, inner: str) -> None:
    song(tmp_path, "Song.wav", "Song (Acapella).wav", "Song mix.wav", "Click.wav", "Extra/thing.wav")
    stems = load_stems(
        song(tmp_path, *(f"{inner}/{name}.wav" for name in ("vocals", "bass", "drums", "keys")))
    )
    assert stems.names == ("bass", "drums", "keys", "vocals")
    found = left_out(tmp_path)
    assert set(found) == {"Song.wav", "Song (Acapella).wav", "Song mix.wav", "Click.wav", "Extra/"}
    assert f"beside the folder {inner}" in found["Song.wav"]


def test_a_render_beside_a_daw_s_recordings(tmp_path: Path) -> None:
    song(tmp_path, "Song_rendered.wav", "Media/01-Kick.wav", "Media/02-Vox.wav", "Backups/x.wav")
    assert load_stems(tmp_path).names == ("01-Kick", "02-Vox")
    assert set(left_out(tmp_path)) == {"Song_rendered.wav", "Backups/"}


def test_groups_in_the_only_folder(tmp_path: Path) -> None:
    stems = load_stems(
        song(tmp_path, "mix.wav", "Audio/01 Drums/1.wav", "Audio/02 Vox/2.wav", "Audio/bass.wav")
    )
    assert roles(stems) == {"01 Drums 1": "drums", "02 Vox 2": "vocal", "bass": "bass"}


def test_a_submix_beside_its_parts_is_asked_about(tmp_path: Path) -> None:
    stems = load_stems(song(tmp_path, "Drums.wav", "bass.wav", "Drums/Kick.wav", "Drums/Snare.wav"))
    assert len(stems) == 4
    assert "Drums.wav may hold the stems in Drums/ already: if so, ignore it in stems.toml" in stems.notes


@pytest.mark.parametrize("inner", ["Mixdown", "Master", "Mixes", "Final Mix"])
def test_a_lone_folder_of_stems_may_be_called_as_mixes_are(tmp_path: Path, inner: str) -> None:
    song(tmp_path, *(f"{inner}/{name}.wav" for name in ("vox", "bass", "drums")))
    stems = load_stems(tmp_path)
    assert stems.names == ("bass", "drums", "vox")
    assert stems.notes == (f"stems read from the folder {inner}",)


def test_stems_in_a_folder_called_as_mixes_beside_a_mix(tmp_path: Path) -> None:
    song(tmp_path, "mix.wav", "Mixdown/vox.wav", "Mixdown/bass.wav", "Reference/ref.wav")
    assert load_stems(tmp_path).names == ("bass", "vox")
    assert set(left_out(tmp_path)) == {"mix.wav", "Reference/"}


@pytest.mark.parametrize("beside", ["vox.wav", "Audio/vox.wav", "Vocals/Lead.wav"])
def test_stems_elsewhere_leave_a_folder_of_mixes_what_it_is(tmp_path: Path, beside: str) -> None:
    song(tmp_path, beside, "Mixdown/vox.wav", "Mixdown/bass.wav", "Mixdown/drums.wav")
    assert len(load_stems(tmp_path)) == 1
    assert "finished mixes" in left_out(tmp_path)["Mixdown/"]


@pytest.mark.parametrize("mixes", [("mix.wav",), ("Song mix 1.wav", "Song master.wav")])
@pytest.mark.parametrize("inner", ["Bounced Files", "Bounces", "Friday"])
def test_a_folder_of_mixes_alone_is_no_song(tmp_path: Path, inner: str, mixes: tuple[str, ...]) -> None:
    song(tmp_path, "Audio/vox.wav", "Audio/bass.wav", *(f"{inner}/{mix}" for mix in mixes))
    stems = load_stems(tmp_path)
    assert stems.names == ("bass", "vox")
    assert stems.mixture_path in {tmp_path / inner / mix for mix in mixes}
    assert left_out(tmp_path) == {f"{inner}/{mix}": "it is a mixture" for mix in mixes}


def test_folders_that_are_left_out_are_named_where_there_is_no_stem(tmp_path: Path) -> None:
    text = refused(song(tmp_path, "Temp/vox.wav", "Temp/bass.wav", "mix.wav"))
    assert (
        "Temp/: its name says that it holds what is not used (2 audio files), mix.wav: it is a mixture"
        in text
    )


# --- folders that are no part of the song -----------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Mix", "finished mixes"),
        ("Masters", "finished mixes"),
        ("Rough Mixes 2", "finished mixes"),
        ("old", "not used"),
        ("Old takes", "not used"),
        ("_Backup", "not used"),
        ("UNUSED", "not used"),
        ("Alt", "not used"),
        ("Rendered", "versions of the stems"),
        ("Bounced Files", "versions of the stems"),
        ("Samples", "versions of the stems"),
        ("MP3", "versions of the stems"),
        ("Stems", "versions of the stems"),
        ("Fade Files", "a program keeps"),
        ("Guides", "holds guides"),
        ("My Song Mixdown", "versions of the stems"),
        ("Song.logicx", "a DAW's project"),
        (".Trashes", "hidden"),
    ],
)
def test_folders_that_are_not_mixed_are_named(tmp_path: Path, name: str, why: str) -> None:
    folder = song(tmp_path, "vocals.wav", "bass.wav", f"{name}/something.wav")
    assert load_stems(folder).names == ("bass", "vocals")
    assert why in left_out(folder)[f"{name}/"]


def test_a_folder_without_audio_is_no_one_s_loss(tmp_path: Path) -> None:
    song(tmp_path, "vocals.wav")
    for name in ("__MACOSX/._vocals.wav", "Docs/readme.txt", "Mix/notes.txt"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes(b"\0\5\26\7 text")
    assert load_stems(tmp_path).notes == ()


def test_only_folders_that_are_not_mixed(tmp_path: Path) -> None:
    assert "old/: its name says" in refused(song(tmp_path, "old/vocals.wav", "old/bass.wav"))


def test_copies_of_the_stems_are_not_mixed_again(tmp_path: Path) -> None:
    song(tmp_path, "vocals.wav", "bass.wav", "Drums/Kick.wav", "Vox/OH L.wav", "Vox/OH R.wav")
    song(tmp_path / "48k", "vocals.flac", "bass.flac", "Drums Kick.wav", "OH.wav")
    stems = load_stems(tmp_path)
    assert stems.names == ("bass", "Kick", "vocals", "OH")
    assert "called as the stems beside it" in left_out(tmp_path)["48k/"]


def test_what_this_package_wrote_is_not_mixed(tmp_path: Path) -> None:
    folder = song(
        tmp_path, "vocals.wav", "bass.wav", "c/audio/a.wav", "t/site/b.wav", "m/x.wav", "page/y.wav"
    )
    for name in ("c/comparison.json", "t/key.json", "m/x.plan.json", "page/index.html"):
        (folder / name).write_text("{}")
    assert load_stems(folder).names == ("bass", "vocals")
    assert list(left_out(folder)) == ["c/", "m/", "page/", "t/"]


def test_rendered_stems_in_the_song_s_folder_are_not_mixed_again(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    song(folder, "vocals.wav", "bass.wav", "Drums/Kick.wav", "Drums/Snare.wav")
    before = load_stems(folder).names
    (folder / "out").mkdir()
    out = ["-o", str(folder / "out" / "m.wav"), "--stems-out", str(folder / "sound")]
    with pytest.raises(SystemExit) as end:
        cli.main(["mix", str(folder), "-q", *out])
    assert not end.value.code
    assert load_stems(folder).names == before
    assert set(left_out(folder)) == {"out/", "sound/"}


# --- walks that end -------------------------------------------------------------------------------


def test_links_in_circles_are_followed_once(tmp_path: Path) -> None:
    song(tmp_path, "bass.wav", "Drums/Kick.wav")
    (tmp_path / "Drums" / "up").symlink_to("..")
    (tmp_path / "again").symlink_to("Drums")
    stems = load_stems(tmp_path)
    assert stems.names == ("bass", "Kick")
    assert any("link to a folder that is read already" in note for note in stems.notes)


def test_the_whole_disk_is_refused() -> None:
    assert "whole disk" in refused(Path("/"))


def test_more_files_than_a_song_has_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_scan, "ENTRIES_MAX", 20)
    song(tmp_path, "vocals.wav", *(f"d{n}/x.wav" for n in range(15)))
    assert "over 20 files" in refused(tmp_path)


def test_depth_is_bounded(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["Drums"] * 20)
    put(deep / "Kick.wav")
    song(tmp_path, "bass.wav")
    assert load_stems(tmp_path).names == ("bass",)
    assert any("folders deep" in note for note in load_stems(tmp_path).notes)


def test_a_folder_that_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    song(tmp_path, "bass.wav", "Drums/Kick.wav")
    entries = folder_scan._entries

    def denied(path: Path) -> object:
        if path.name == closed:
            raise PermissionError(13, "Permission denied")
        return entries(path)

    monkeypatch.setattr(folder_scan, "_entries", denied)
    closed = "Drums"
    assert left_out(tmp_path) == {"Drums/": "it cannot be read (permission denied) and may hold stems"}
    closed = tmp_path.name
    with pytest.raises(AudioFileError, match="cannot be read: permission denied"):
        load_stems(tmp_path)


@pytest.mark.parametrize("name", ["a" * 5000, "a\0b", "no/such/place"])
def test_places_that_cannot_be(name: str) -> None:
    with pytest.raises(MixrulesError):
        load_stems(name)


def test_a_stem_as_the_song_s_folder(tmp_path: Path) -> None:
    path = song(tmp_path, "bass.wav") / "bass.wav"
    with pytest.raises(AudioFileError, match="name the folder of all of them"):
        load_stems(path)
    with pytest.raises(AudioFileError, match=r"bass\.wav is a file, a folder of stems is needed"):
        load_stems(path / "x")
