"""What was meant: a song without a command, a folder of songs, an output that is a folder; nothing is overwritten."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from cli_runner import Run  # noqa: TC002
from synthetic import RATE, Song

from mixrules.cli.guesses import misspelt, mix_meant, mix_of


@pytest.fixture
def song(tmp_path: Path, make_band: Callable[[float], Song]) -> Path:
    place = tmp_path / "my song"
    place.mkdir()
    for name, audio in make_band(1.0).items():
        soundfile.write(place / f"{name}.wav", audio, RATE, subtype="FLOAT")
    return place


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def refused(run: Run, *words: object, message: str) -> None:
    done = run(*words)
    assert done.returncode == 2, done.stdout
    assert message in done.stderr.splitlines()[-1], done.stderr
    assert done.stdout == ""


def test_a_forgotten_mix_is_understood(song: Path, run: Run, tmp_path: Path) -> None:
    done = run("my song/", "--without", "reverb")
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[0] == (
        "mixrules: read as: mixrules mix 'my song' -o 'my song_mix.wav' --without reverb"
    )
    mix, rate = soundfile.read(tmp_path / "my song_mix.wav")
    assert rate == RATE
    assert np.abs(mix).max() > 0.01
    # Not a second time: what is there stays.
    before = contents(tmp_path)
    refused(
        run, "my song", message="my song_mix.wav exists already: name another with -o, or --force replaces it"
    )
    assert contents(tmp_path) == before


def test_quiet_is_quiet_and_a_name_is_kept(song: Path, run: Run, tmp_path: Path) -> None:
    done = run(song, "-q", "-o", "own.wav")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "own.wav").exists()
    assert not (tmp_path / "my song_mix.wav").exists()


def test_a_packed_song_and_the_song_one_stands_in(
    song: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = tmp_path / "Packed.Song.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.txt", "")
    monkeypatch.chdir(tmp_path)
    assert mix_meant([str(packed)]) == [str(packed), "-o", "Packed.Song_mix.wav"]
    assert mix_meant(["Packed.Song.zip", "--output=x.wav"]) == ["Packed.Song.zip", "--output=x.wav"]
    assert mix_meant(["no such thing"]) is None
    assert mix_meant(["\0"]) is None
    # Not among the stems of the song that one stands in.
    (song / "inner").mkdir()
    monkeypatch.chdir(song / "inner")
    assert mix_of(Path("..")) == tmp_path / "my song_mix.wav"


def test_a_folder_of_songs_is_told_the_command(song: Path, run: Run, tmp_path: Path) -> None:
    songs = tmp_path / "all songs"
    for name in ("one", "two", "three"):
        shutil.copytree(song, songs / name)
    before = contents(tmp_path)
    for words in (("mix", songs, "-o", "x.wav"), (songs,)):
        refused(
            run,
            *words,
            message="holds 3 songs, or versions of one (one, three, two): name the folder of one of them, or mix them "
            f"all by mixrules batch '{songs}' -o mixes",
        )
    assert contents(tmp_path) == before
    shutil.make_archive(str(tmp_path / "packed"), "zip", songs)
    done = run("mix", "packed.zip", "-o", "x.wav")
    assert done.stderr.endswith("(one, three, two): unpack it and name the folder of one of them\n")


def test_folders_of_nothing_say_what_is_looked_for(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty" / "a" / "b").mkdir(parents=True)
    refused(run, "mix", "empty", message="empty holds no audio, nor does the folder in it, one WAV, FLAC,")
    (tmp_path / "empty" / "c").mkdir()
    refused(run, "mix", "empty", message="empty holds no audio, nor do the 2 folders in it, one WAV, FLAC,")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ("mix", "my song", "-o", "out"),
            "out is a folder, -o names a file: -o out/my song_mix.wav would be one in it",
        ),
        (("mix", "my song", "-o", "name"), "name has no ending that says its format: -o name.wav has one"),
        (("plan", "my song", "-o", "out"), "-o out/my song.plan.json would be one in it"),
        (("render", "my song", "p.json", "-o", "out"), "-o out/my song_mix.wav would be one in it"),
        (("mix", "my song", "-o", "x.wav", "--stems-out", "my song/sub/.."), "my song holds the stems"),
        (("mix", "my song", "-o", "x.wav", "--stems-out", "linked"), "linked holds the stems"),
    ],
)
def test_outputs_that_would_go_wrong_are_refused(
    words: tuple[str, ...], message: str, song: Path, run: Run, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    (song / "sub").mkdir()
    (tmp_path / "linked").symlink_to(song)
    (tmp_path / "p.json").write_text('{"version": 2, "stems": []}')
    before = contents(tmp_path)
    done = run(*words)
    assert done.returncode == 2
    assert message.replace("my song holds", "holds") in done.stderr
    assert contents(tmp_path) == before


def test_stems_among_groups_of_stems_are_refused(song: Path, run: Run) -> None:
    (song / "Drums").mkdir()
    (song / "drums.wav").rename(song / "Drums" / "kick.wav")
    refused(run, "mix", song, "-o", "x.wav", "--stems-out", song / "Drums", message="holds the stems")


def test_a_file_in_a_command_s_place_is_told_its_command(tmp_path: Path) -> None:
    audio, made = tmp_path / "a.wav", tmp_path / "p.json"
    audio.write_bytes(b"")
    made.write_text("{}")
    assert f"mixrules measure {audio} measures it" in misspelt(str(audio), ["mix"])
    assert f"mixrules render FOLDER {made} renders a plan" in misspelt(str(made), ["mix"])
    assert (
        misspelt("mx", ["mix", "plan"])
        == "there is no command 'mx': did you mean mix? mixrules --help lists all of them"
    )
