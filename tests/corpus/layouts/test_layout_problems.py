"""Data sets that are damaged, incomplete, or something else than they are called."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from corpus.trees import PARTS, TREES, put, write

from mixrules.corpus.catalogue import open_catalogue
from mixrules.corpus.layouts import NAMES, guess_layout, songs_of
from mixrules.errors import AudioFileError, ParameterError, StemsError
from mixrules.stems.described_song import load_described
from mixrules.stems.song_description import SongDescription

BuildTree = Callable[[str], Path]

MISSING = {
    "musdb18hq": ("train/Music Delta - 80s Rock/vocals.wav", "vocals.wav is missing"),
    "dsd100": (
        "Mixtures/Test/005 - Angela Thomas Wade - Milk Cow Blues/mixture.wav",
        "mixture.wav is missing",
    ),
    "moisesdb": (
        "moisesdb_v0.1/5b7d9f1a-2c4e-4a6b-8c8d-0e1f2a3b4c5d/data.json",
        "data.json is missing",
    ),
    "moisesdb-tracks": (
        "moisesdb_v0.1/5b7d9f1a-2c4e-4a6b-8c8d-0e1f2a3b4c5d/bass/00000004-aaaa-4bbb-8ccc-0123456789ab.wav",
        "bass/00000004-aaaa-4bbb-8ccc-0123456789ab.wav is missing",
    ),
    "medleydb": (
        "Metadata/Meaxic_TakeAStep_METADATA.yaml",
        "Meaxic_TakeAStep_METADATA.yaml is missing: put it beside the mix, or into a folder Metadata beside Audio",
    ),
    "medleydb-raw": (
        "Audio/Meaxic_TakeAStep/Meaxic_TakeAStep_RAW/Meaxic_TakeAStep_RAW_02_01.wav",
        "Meaxic_TakeAStep_RAW_02_01.wav is missing",
    ),
    "ccmixter": ("Admiral Bob - Choice/source-02.wav", "source-02.wav is missing"),
    "damp-vsep": ("18/RU/en/1002157620_2796433719/vocal.ogg", "vocal.ogg is missing"),
    "demucs": ("htdemucs/10 Third/bass.wav", "bass.wav is missing"),
    "spleeter": ("second/drums.wav", "drums.wav is missing"),
    "manifest": ("audio/two_kick.wav", "two_kick.wav (row 7) is missing"),
}


def songs_by_name(root: Path, layout: str) -> dict[str, SongDescription]:
    return {song.song: song for song in songs_of(root, layout)}


@pytest.mark.parametrize("name", MISSING)
def test_a_song_without_a_file_is_kept_with_its_problem(own_tree: BuildTree, name: str) -> None:
    root = own_tree(name)
    before = list(songs_of(root, name))
    file, says = MISSING[name]
    folder = root if root.is_dir() else root.parent
    (folder / file).unlink()
    after = list(songs_of(root, name))
    assert [song.song for song in after] == [song.song for song in before]
    problems = {song.song: song.problem for song in after if song.problem}
    assert len(problems) == 1
    assert next(iter(problems.values())).endswith(says)
    bad = next(song for song in after if song.problem)
    with pytest.raises(StemsError, match=bad.song.rpartition("/")[2]):
        load_described(bad)


def test_a_stem_file_cut_short_fails_when_it_is_read(own_tree: BuildTree) -> None:
    root = own_tree("musdb18")
    path = root / "train" / "Music Delta - 80s Rock.stem.mp4"
    path.write_bytes(path.read_bytes()[:2000])
    song = songs_by_name(root, "musdb18")["train/Music Delta - 80s Rock"]
    with pytest.raises(AudioFileError, match=r"80s Rock\.stem\.mp4"):
        load_described(song)


@pytest.mark.parametrize("content", [b"", b"RIFF", b"\0" * 5000])
def test_a_damaged_stem_fails_when_it_is_read(own_tree: BuildTree, content: bytes) -> None:
    root = own_tree("musdb18hq")
    (root / "train" / "Music Delta - 80s Rock" / "drums.wav").write_bytes(content)
    song = songs_by_name(root, "musdb18hq")["train/Music Delta - 80s Rock"]
    with pytest.raises(AudioFileError, match=r"drums\.wav"):
        load_described(song)


def test_a_stem_without_samples_is_no_stem_left_out(own_tree: BuildTree) -> None:
    root = own_tree("musdb18hq")
    path = root / "train" / "Music Delta - 80s Rock" / "vocals.wav"
    put(path, np.zeros((0, 2)))
    song = songs_by_name(root, "musdb18hq")["train/Music Delta - 80s Rock"]
    with pytest.raises(AudioFileError, match=r"vocals\.wav .*no samples"):
        load_described(song)


@pytest.mark.parametrize(
    "text",
    ['{"stems": 3}', "[1, 2]", "{", '{"stems": [{"stemName": "vocals"}]}', '{"stems": []}', "\0\1"],
)
def test_metadata_of_another_form_is_a_problem_of_its_song(own_tree: BuildTree, text: str) -> None:
    root = own_tree("moisesdb")
    path = next((root / "moisesdb_v0.1").iterdir()) / "data.json"
    path.write_text(text)
    problems = [song.problem for song in songs_of(root, "moisesdb")]
    assert sorted(bool(problem) for problem in problems) == [False, True]
    assert all("data.json" in problem and "\n" not in problem for problem in problems if problem)


@pytest.mark.parametrize(
    "text", ["a: [", "- 1", "stems: {S01: {filename: x}}", "stem_dir: x\nmix_filename: y\n"]
)
def test_yaml_of_another_form_is_a_problem_of_its_song(own_tree: BuildTree, text: str) -> None:
    root = own_tree("medleydb")
    (root / "Metadata" / "Meaxic_TakeAStep_METADATA.yaml").write_text(text)
    songs = songs_by_name(root, "medleydb")
    assert not songs["LizNelson_Rainfall"].problem
    problem = songs["Meaxic_TakeAStep"].problem
    assert problem.startswith("Meaxic_TakeAStep_METADATA.yaml is not what MedleyDB has there")
    assert "\n" not in problem


@pytest.mark.parametrize("name", [name for name in TREES if name not in ("manifest", "musdb18")])
def test_what_systems_leave_there_is_no_song(own_tree: BuildTree, name: str) -> None:
    root = own_tree(name)
    before = list(songs_of(root, name))
    for folder in [root, *(path for path in root.rglob("*") if path.is_dir())]:
        (folder / ".DS_Store").write_bytes(b"x")
        (folder / "._vocals.wav").write_bytes(b"x")
        for hidden in (".git", "__MACOSX"):
            (folder / hidden).mkdir(exist_ok=True)
            (folder / hidden / "._mix.wav").write_bytes(b"x")
    assert list(songs_of(root, name)) == before


@pytest.mark.parametrize("name", [name for name in TREES if name != "manifest"])
def test_results_of_ours_among_the_songs_are_no_song(own_tree: BuildTree, name: str) -> None:
    root = own_tree(name)
    before = list(songs_of(root, name))
    (root / "mixes").mkdir()
    for file in ("run.json", "ledger.jsonl", "One.wav", "One.plan.json"):
        (root / "mixes" / file).write_bytes(b"x")
    assert list(songs_of(root, name)) == before


def test_songs_come_in_natural_order(tmp_path: Path) -> None:
    for number in (10, 2, 1):
        for part in PARTS:
            path = tmp_path / "htdemucs" / f"Song {number}" / f"{part}.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
    assert list(songs_by_name(tmp_path, "demucs")) == ["Song 1", "Song 2", "Song 10"]


@pytest.mark.parametrize("name", ["musdb18", "musdb18hq"])
@pytest.mark.parametrize("half", ["train", "test"])
def test_half_of_musdb_may_be_given(tree: BuildTree, name: str, half: str) -> None:
    whole = [song for song in songs_of(tree(name), name) if song.song.startswith(half)]
    assert list(songs_of(tree(name) / half, name)) == whole


@pytest.mark.parametrize(
    ("name", "inner"),
    [("moisesdb", "moisesdb_v0.1"), ("medleydb", "Audio"), ("mir1k", "Wavfile"), ("ikala", "Wavfile"),
     ("demucs", "htdemucs")],
)  # fmt: skip
def test_the_folder_within_a_data_set_may_be_given(tree: BuildTree, name: str, inner: str) -> None:
    names = [song.title for song in songs_of(tree(name), name)]
    assert [song.title for song in songs_of(tree(name) / inner, name)] == names


@pytest.mark.parametrize("name", ["musdb18hq", "dsd100", "mir1k"])
def test_a_folder_too_high_or_too_low_is_told(own_tree: BuildTree, name: str) -> None:
    root = own_tree(name)
    with pytest.raises(AudioFileError, match=f"{root} looks like it"):
        list(songs_of(root.parent, name))
    inner = root / ("Sources" if name == "dsd100" else "sub")
    inner.mkdir(exist_ok=True)
    with pytest.raises(AudioFileError, match=f"{root} looks like it"):
        list(songs_of(inner, name))


@pytest.mark.parametrize(
    ("name", "called"),
    [
        (name, called)
        for name in ("musdb18", "musdb18hq", "dsd100", "medleydb", "ccmixter", "demucs", "ikala")
        for called in ("musdb18hq", "moisesdb-tracks", "ccmixter", "mir1k-songs", "spleeter", "medleydb")
        # Any four stems below a folder may be Spleeter's.
        if name != called and (called != "spleeter" or name in ("musdb18", "medleydb", "ccmixter", "ikala"))
    ],
)
def test_another_data_set_is_told_by_its_name(tree: BuildTree, name: str, called: str) -> None:
    with pytest.raises(AudioFileError, match=f"looks like {name}"):
        list(songs_of(tree(name), called))


def test_auto_takes_what_the_folder_tells(tree: BuildTree) -> None:
    assert open_catalogue(tree("dsd100"), "auto").layout == "dsd100"
    assert open_catalogue(tree("manifest"), "auto").layout == "manifest"
    with pytest.raises(AudioFileError, match=r"does not tell its layout, name it: musdb18, .*folders$"):
        open_catalogue(tree("folders"), "auto")


def test_a_layout_that_is_not_known(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match=r"there is no layout 'musdb18-hq'.*did you mean musdb18hq\?"):
        open_catalogue(tmp_path, "musdb18-hq")
    with pytest.raises(ParameterError, match="there is no layout 'mirdata:'"):
        open_catalogue(tmp_path, "mirdata:")


@pytest.mark.parametrize("name", [name for name in NAMES if name != "manifest"])
def test_a_folder_without_songs_and_none_at_all(tmp_path: Path, name: str) -> None:
    with pytest.raises(AudioFileError, match="nowhere does not exist"):
        list(songs_of(tmp_path / "nowhere", name))
    with pytest.raises(AudioFileError, match=r"holds no song of .* is looked for there"):
        list(songs_of(tmp_path, name))
    (tmp_path / "file").write_text("")
    with pytest.raises(AudioFileError, match=r"file is a file, a folder is needed"):
        list(songs_of(tmp_path / "file", name))
    assert guess_layout(tmp_path) == ""


def test_several_models_of_demucs_are_refused(tree: BuildTree, tmp_path: Path) -> None:
    for model in ("htdemucs", "mdx_extra"):
        shutil.copytree(tree("demucs") / "htdemucs", tmp_path / model)
    with pytest.raises(
        AudioFileError, match=r"2 models \(htdemucs, mdx_extra\): name the folder of one, such as "
    ):
        list(songs_of(tmp_path, "demucs"))
    assert len(list(songs_of(tmp_path / "mdx_extra", "demucs"))) == 3


def test_everything_but_one_part_is_left_out_beside_the_parts(tmp_path: Path) -> None:
    for part in (*PARTS, "no_vocals", "minus_vocals"):
        write(tmp_path / "htdemucs" / "a" / f"{part}.wav", "vocals")
    (song,) = songs_of(tmp_path, "demucs")
    assert [stem.name for stem in song.stems] == ["vocals", "drums", "bass", "other"]


@pytest.mark.parametrize("extension", ["flac", "FLAC", "ogg"])
def test_copies_in_another_format_are_read(tmp_path: Path, extension: str) -> None:
    for part in (*PARTS, "mixture"):
        path = tmp_path / "test" / "A - B" / f"{part}.{extension}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (song,) = songs_of(tmp_path, "musdb18hq")
    assert song.problem == ""
    (path.parent / "vocals.wav").touch()  # what the data set is distributed as comes first
    (song,) = songs_of(tmp_path, "musdb18hq")
    assert song.stems[0].parts[0].path.name == "vocals.wav"


def unreadable(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let a folder be one that must not be read, for whoever runs the tests."""
    scandir = os.scandir

    def guarded(path: str | os.PathLike[str] = ".") -> object:
        if Path(path) == folder:
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", guarded)


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("musdb18hq", "train/Music Delta - 80s Rock"),
        ("dsd100", "Sources/Test/005 - Angela Thomas Wade - Milk Cow Blues"),
        ("moisesdb", "moisesdb_v0.1/5b7d9f1a-2c4e-4a6b-8c8d-0e1f2a3b4c5d"),
        ("medleydb", "Audio/Meaxic_TakeAStep"),
        ("ccmixter", "Admiral Bob - Choice"),
        ("demucs", "htdemucs/02 Second"),
        ("spleeter", "second"),
        ("cambridge-mt", "JamesMay_AllSoulsMoon_Full"),
        ("folders", "Lone Song"),
        ("folders", "Some Artist/First Album/02 Two"),
    ],
)
def test_a_song_that_must_not_be_read_is_kept_with_its_problem(
    tree: BuildTree, monkeypatch: pytest.MonkeyPatch, name: str, folder: str
) -> None:
    before = [song.song for song in songs_of(tree(name), name)]
    unreadable(monkeypatch, tree(name) / folder)
    songs = list(songs_of(tree(name), name))
    assert [song.song for song in songs] == before
    assert [song.problem for song in songs if song.problem] == ["cannot be read: permission denied"]


def test_a_data_set_that_must_not_be_read_is_one_line(
    tree: BuildTree, monkeypatch: pytest.MonkeyPatch
) -> None:
    unreadable(monkeypatch, tree("dsd100") / "Sources" / "Dev")
    with pytest.raises(AudioFileError, match=r"Dev cannot be read: permission denied"):
        list(songs_of(tree("dsd100"), "dsd100"))


def test_names_that_differ_in_case_alone_are_told_apart(tmp_path: Path) -> None:
    for song in ("Song", "song"):
        write(tmp_path / song / "vocals.wav", "vocals")
        write(tmp_path / song / "accompaniment.wav", "accompaniment")
    if len(list(tmp_path.iterdir())) < 2:
        pytest.skip("this disk has one name for both")
    first, second = songs_of(tmp_path, "spleeter")
    assert first.problem == ""
    assert second.problem.startswith("another song's name differs from its own in nothing but case")


@pytest.mark.skipif(os.name != "posix", reason="other systems have no such names")
def test_a_name_that_is_not_unicode_is_a_problem_of_its_song(tmp_path: Path) -> None:
    write(tmp_path / "a" / "vocals.wav", "vocals")
    write(tmp_path / "a" / "accompaniment.wav", "vocals")
    try:
        os.rename(tmp_path / "a", os.fsencode(tmp_path) + b"/caf\xe9")
    except OSError:
        pytest.skip("this disk has no such names")
    write(tmp_path / "b" / "vocals.wav", "vocals")
    write(tmp_path / "b" / "accompaniment.wav", "vocals")
    songs = list(songs_of(tmp_path, "spleeter"))
    assert [song.problem for song in songs] == ["", r"the name caf\udce9 is not UTF-8, rename it"]
    json.dumps(songs[1].song).encode()
    assert songs[1].song == r"caf\udce9"


def test_a_link_that_leads_back_is_followed_once(tmp_path: Path) -> None:
    for song in ("album/one", "album/two"):
        write(tmp_path / song / "vocals.wav", "vocals")
    try:
        (tmp_path / "album" / "again").symlink_to(tmp_path)
    except OSError:
        pytest.skip("no links here")
    assert list(songs_by_name(tmp_path, "folders")) == ["album/one", "album/two"]


@pytest.mark.parametrize(
    ("files", "songs"),
    [
        (["one/vocals.wav", "one/Stems/drums.wav"], ["one"]),
        (["one/Stems/vocals.wav"], ["one"]),
        (["one/one/vocals.wav"], ["one"]),
        (["one/Drums/01.wav", "one/Vox/01.wav", "one/Extra/x.wav"], ["one"]),
        (["album/one/vocals.wav"], ["album/one"]),
        (["album/one/vocals.wav", "album/two/vocals.wav", "album/cover.jpg"], ["album/one", "album/two"]),
        (["artist/album/CD 1/one/vocals.wav"], ["artist/album/CD 1/one"]),
        (["album/one/Drums/a.wav", "album/one/Vox/a.wav"], ["album/one"]),
        (["nothing/read me.txt", "one/vocals.wav"], ["nothing", "one"]),
        (["one/vocals.wav", "mixes/run.json", "mixes/ledger.jsonl", "mixes/one.wav"], ["one"]),
        (["_old/vocals.wav", "one/vocals.wav", ".hidden/vocals.wav"], ["one"]),
    ],
)
def test_which_folders_are_songs(tmp_path: Path, files: list[str], songs: list[str]) -> None:
    for file in files:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    assert list(songs_by_name(tmp_path, "folders")) == songs
