"""Manifests: as a person types them, as spreadsheets of several countries save them, as pandas and pyarrow write them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from corpus.trees import manifest_rows, parts_in, put, tone, write

from mixrules.corpus.layouts import guess_layout, songs_of
from mixrules.errors import AudioFileError
from mixrules.stems.described_song import load_described, read_parts
from mixrules.stems.song_description import SongDescription

BuildTree = Callable[[str], Path]


def manifest(
    folder: Path, *lines: str, files: Sequence[str] = ("a.wav", "b.wav"), name: str = "m.csv"
) -> Path:
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).touch()
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def described(path: Path) -> list[SongDescription]:
    return list(songs_of(path, "manifest"))


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_as_spreadsheets_save_it(tmp_path: Path, separator: str, encoding: str) -> None:
    (tmp_path / "Façade.wav").touch()
    lines = ["Song,Path,Role,Vocal,Artist", "Façade,Façade.wav,vocal,WAHR,Zoë"]
    text = "\r\n".join(lines).replace(",", separator)
    (tmp_path / "m.csv").write_bytes(text.encode(encoding))
    (song,) = described(tmp_path / "m.csv")
    assert (song.song, song.artist, song.problem) == ("Façade", "Zoë", "")
    assert (song.stems[0].role, song.stems[0].vocal) == ("vocal", True)


def test_as_pandas_and_pyarrow_write_it(own_tree: BuildTree, tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    root = own_tree("manifest")
    expected = described(root)
    frame = pandas.DataFrame(manifest_rows())
    for name in ("index.csv", "m.parquet"):
        path = root.parent / name
        if name.endswith("csv"):
            frame.to_csv(path)
        else:
            frame.assign(vocal=frame["vocal"].map({"no": False}), channel=None, stream=None).to_parquet(path)
        assert described(path) == expected
        assert guess_layout(path) == "manifest"


def test_channels_streams_folders_and_sums(tmp_path: Path) -> None:
    import numpy as np

    put(tmp_path / "two.wav", np.stack([tone("drums"), tone("vocals")], axis=1))
    write(tmp_path / "bass.wav", "bass")
    write(tmp_path / "in a folder" / "vocals.wav", "vocals")
    path = manifest(
        tmp_path,
        "song,path,stem,channel,kind,role",
        "one,two.wav,beat,left,stem,drums",
        "one,bass.wav,beat,,stem,drums",
        "one,two.wav,voice,2,stem,vocal",
        "one,two.wav,,1,mixture,",
        "two,in a folder,,,folder,",
        files=(),
    )
    one, two = described(path)
    stems = load_described(one)
    found = {stem.name: parts_in(stem.audio[:], stems.sample_rate) for stem in stems}
    assert found == {"beat": {"drums", "bass"}, "voice": {"vocals"}}
    mixture = read_parts(one.mixture)
    assert parts_in(mixture.audio, mixture.sample_rate) == {"drums"}
    assert load_described(two).names == ("vocals",)


def test_what_belongs_to_a_stem_is_no_part_of_it(tmp_path: Path) -> None:
    for name in ("wet", "dry", "ir"):
        write(tmp_path / f"{name}.wav", "vocals")
    rows = ("one,wet.wav,voice,", "one,dry.wav,voice,dry", "one,ir.wav,voice,impulse_response")
    (song,) = described(manifest(tmp_path, "song,path,stem,kind", *rows, files=()))
    (stem,) = song.stems
    beside = (stem.parts, stem.dry, stem.impulse_response)
    assert [part.path.name for parts in beside for part in parts] == ["wet.wav", "dry.wav", "ir.wav"]
    assert len(load_described(song)) == 1
    (song,) = described(manifest(tmp_path, "song,path,stem,kind", rows[0], "one,dry.wav,other,dry", files=()))
    assert song.problem == "row 3: there is no stem 'other', whose dry it would be"


def test_a_stream_of_a_stem_file(tree: BuildTree, tmp_path: Path) -> None:
    source = next((tree("musdb18") / "test").iterdir())
    path = manifest(tmp_path, "song,path,stem,stream", f"one,{source},v,4", f"one,{source},d,1", files=())
    stems = load_described(described(path)[0])
    assert {s.name: parts_in(s.audio[:], stems.sample_rate) for s in stems} == {
        "v": {"vocals"},
        "d": {"drums"},
    }


def test_roles_are_guessed_from_names_where_none_is_given(tmp_path: Path) -> None:
    write(tmp_path / "Lead Vox.wav", "vocals")
    write(tmp_path / "Kick.wav", "drums")
    path = manifest(tmp_path, "song,path", "one,Lead Vox.wav", "one,Kick.wav", files=())
    assert [stem.role for stem in load_described(described(path)[0])] == ["vocal", "kick"]


def test_paths_as_windows_writes_them_and_songs_in_folders(tmp_path: Path) -> None:
    path = manifest(
        tmp_path,
        "song,path",
        r"album/one,audio\a.wav",
        "album/None,audio/b.wav",
        files=("audio/a.wav", "audio/b.wav"),
    )
    songs = described(path)
    assert [song.song for song in songs] == ["album/one", "album/None"]
    assert [song.problem for song in songs] == ["", ""]


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (
            ["song,pth", "a,a.wav"],
            r"column 'pth' is not known, there are song, path, .*; did you mean path\?",
        ),
        (["song,path,song", "a,a.wav,a"], "column 'song' occurs twice"),
        (["path", "a.wav"], "has no column song, song and path are needed"),
        (["artist", "x"], "has no column song and no column path"),
        (["song,path", "a,a.wav,more"], "row 2: it has 3 cells, row 1 names 2 columns"),
        (["song,path", ",a.wav"], "row 2: it names no song"),
        (["song,path", "a,a.wav", "b,b.wav", "a,b.wav"], "row 4: the rows of 'a' ended in row 2 already"),
        ([""], "is empty"),
    ],
)
def test_a_table_that_is_none_is_refused_in_a_line(tmp_path: Path, lines: list[str], says: str) -> None:
    path = manifest(tmp_path, *lines)
    with pytest.raises(AudioFileError, match=says):
        described(path)
    assert guess_layout(path) in ("", "manifest")


@pytest.mark.parametrize(
    ("head", "row", "says"),
    [
        ("role", "singer", "row 2: role 'singer' is not a role"),
        ("role", "mixture", "row 2: role 'mixture' is not a role"),
        ("vocal", "perhaps", "row 2: vocal is 'perhaps', true and false are accepted"),
        (
            "kind",
            "loop",
            "row 2: kind 'loop' is not known, stem, mixture, folder, dry, impulse_response are accepted",
        ),
        ("kind", "mixture", "row 2: the song has no stems"),
        ("channel", "0", "row 2: channel is '0', they are counted from 1"),
        ("channel", "1.5", "row 2: channel is '1.5', a whole number is needed"),
        ("stream", "-1", "row 2: stream is '-1', a whole number is needed"),
        ("split", "dev", "row 2: split 'dev' is not known, train, validation and test are accepted"),
    ],
)
def test_a_bad_cell_is_a_problem_of_its_song(tmp_path: Path, head: str, row: str, says: str) -> None:
    path = manifest(tmp_path, f"song,path,{head}", f"bad,a.wav,{row}", "good,b.wav,")
    bad, good = described(path)
    assert bad.problem.startswith(says)
    assert (good.song, good.problem) == ("good", "")


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (
            ["song,path", "x,a.wav", "x,sub/a.wav"],
            "row 3: its file is called as that of row 2, name the stems of both",
        ),
        (["song,path,stem,role", "x,a.wav,s,bass", "x,b.wav,s,drums"], "row 3: stem 's' has another role"),
        (["song,path,artist", "x,a.wav,A", "x,b.wav,B"], "row 3: artist is 'B', in row 2 'A'"),
        (
            ["song,path,kind", "x,sub,folder", "x,b.wav,stem"],
            "row 2: a song is a folder or it is stems, not both",
        ),
        (["song,path", "x,"], "row 2: it names no path"),
        (["song,path", "x,c.wav"], "c.wav (row 2) is missing"),
        (["song,path", "../x,a.wav"], "its name cannot be that of a file of results"),
        (["song,path", "/x,a.wav"], "its name cannot be that of a file of results"),
    ],
)
def test_rows_that_contradict_each_other(tmp_path: Path, lines: list[str], says: str) -> None:
    (song,) = described(manifest(tmp_path, *lines, files=("a.wav", "b.wav", "sub/a.wav")))
    assert says in song.problem


def test_what_is_no_manifest(tmp_path: Path) -> None:
    (tmp_path / "song.wav").touch()
    for place, says in (
        (tmp_path / "song.wav", "is no table, a .csv or .parquet file is needed"),
        (tmp_path, "holds no manifest"),
        (tmp_path / "no.csv", "does not exist"),
    ):
        with pytest.raises(AudioFileError, match=says):
            described(place)
    for name in ("manifest.csv", "manifest.parquet"):
        (tmp_path / name).write_bytes(b"PK")
    with pytest.raises(AudioFileError, match="holds 2 manifests"):
        described(tmp_path)
    pytest.importorskip("pyarrow")
    with pytest.raises(AudioFileError, match=r"manifest\.parquet cannot be read as Parquet: "):
        described(tmp_path / "manifest.parquet")


def test_a_parquet_file_is_read_piece_by_piece(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    pytest.importorskip("pyarrow.parquet")
    (tmp_path / "a.wav").touch()
    songs = [f"song {number}" for number in range(20_000)]
    table = pyarrow.table({"song": songs, "path": ["a.wav"] * len(songs)})
    pyarrow.parquet.write_table(table, tmp_path / "m.parquet", row_group_size=1000)
    listed = songs_of(tmp_path / "m.parquet", "manifest")
    assert next(listed).song == "song 0"
    assert [song.song for song in listed] == songs[1:]
