"""Comparisons of songs as people have them: mixes of other lengths, broken songs, disks that run full."""

from __future__ import annotations

import csv
import json
import math
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from cli_runner import Run  # noqa: TC002
from synthetic import RATE, noise

from mixrules.corpus.layouts.song_folders import find_songs
from mixrules.errors import AudioFileError, ParameterError, StemsError
from mixrules.evaluation.comparison import compare
from mixrules.evaluation.comparison_results import Comparison
from mixrules.evaluation.comparison_tables import write_tables
from mixrules.evaluation.summary import summarise
from mixrules.mixplan import MixPlan
from mixrules.stems.song_description import SongDescription
from mixrules.systems import load_song, parse_systems
from mixrules.systems.song_source import path_name

GROUPS = ("balance", "spectrum", "width", "dynamics", "masking")
SECONDS = 3.0


def write_song(folder: Path, seed: int = 0) -> Path:
    folder.mkdir(parents=True)
    vocal = noise(SECONDS, 300, 3000, seed=seed) * np.float32(0.3)
    bass = noise(SECONDS, 50, 200, seed=seed + 1) * np.float32(0.3)
    soundfile.write(folder / "vocals.wav", vocal, RATE)
    soundfile.write(folder / "bass.wav", bass, RATE)
    mix = np.repeat((vocal + 0.5 * bass)[:, None], 2, axis=1)
    soundfile.write(folder / "mixture.wav", mix, RATE)
    return folder


@pytest.fixture
def songs(tmp_path: Path) -> Path:
    for seed, name in enumerate(("one", "three", "two")):
        write_song(tmp_path / "songs" / name, seed=10 * seed)
    return tmp_path / "songs"


@pytest.fixture(autouse=True)
def without_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures are not the subject here, and take a second each."""
    monkeypatch.setattr("mixrules.report.comparison.page.distance_figures", lambda *_: {})


def compared(songs: Path, output: Path, systems: str = "none,human", **options: Any) -> Comparison:
    settings: dict[str, Any] = {"groups": ("width",), "excerpt_s": 0.0} | options
    return compare(
        list(find_songs(songs).folders), parse_systems(systems), parse_systems("human")[0], output, **settings
    )


def lengthened(mix: np.ndarray, seconds: float) -> np.ndarray:
    return np.pad(mix, ((0, round(seconds * RATE)), (0, 0)))


Mend = Callable[[np.ndarray], tuple[np.ndarray, int]]
MIXTURES: dict[str, tuple[Mend, str]] = {
    "a tail of 3 s": (lambda mix: (lengthened(mix, 3.0), RATE), "lasts 6.00 s, the stems 3.00 s"),
    "a tail of 0.5 s": (lambda mix: (lengthened(mix, 0.5), RATE), "lasts 3.50 s, the stems 3.00 s"),
    "half a minute more": (lambda mix: (lengthened(mix, 35.0), RATE), "lasts 38.00 s, the stems 3.00 s"),
    "half as long": (lambda mix: (mix[: len(mix) // 2], RATE), "lasts 1.50 s, the stems 3.00 s"),
    "a tenth of a second": (lambda mix: (mix[: RATE // 10], RATE), "lasts 0.10 s, the stems 3.00 s"),
    "one sample": (lambda mix: (mix[1000:1001], RATE), "lasts 0.00 s, the stems 3.00 s"),
    "mono": (lambda mix: (mix[:, :1], RATE), "mono, on both sides"),
    "half the rate": (lambda mix: (mix[::2], RATE // 2), "resampled from"),
    "half the rate and a tail": (lambda mix: (lengthened(mix[::2], 1.0), RATE // 2), "lasts 5.00 s"),
    "half a second late": (
        lambda mix: (np.roll(lengthened(mix, 0.5), RATE // 2, axis=0), RATE),
        "lasts 3.50 s",
    ),
}


@pytest.mark.parametrize("case", MIXTURES)
def test_the_engineers_mix_may_be_longer_or_shorter_than_the_stems(case: str, tmp_path: Path) -> None:
    change, says = MIXTURES[case]
    song = write_song(tmp_path / "songs" / "one")
    mix, _ = soundfile.read(song / "mixture.wav")
    changed, rate = change(mix)
    soundfile.write(song / "mixture.wav", changed, rate)
    found = compared(tmp_path / "songs", tmp_path / "report", groups=GROUPS, excerpt_s=1.0)
    assert found.left_out == ()
    assert found.songs == ("one",)
    none, human = found.results
    assert any(says in note for note in human.notes)
    assert any(note.startswith("human: ") and says in note for note in none.notes)
    assert human.values["side_to_mid_error_db"] == 0.0
    assert (tmp_path / "report" / none.audio).is_file()


def test_a_tail_of_silence_moves_no_balance(tmp_path: Path) -> None:
    song = write_song(tmp_path / "songs" / "one")
    before = compared(tmp_path / "songs", tmp_path / "a", groups=("balance",)).values
    mix, _ = soundfile.read(song / "mixture.wav")
    soundfile.write(song / "mixture.wav", lengthened(mix, 2.0), RATE)
    after = compared(tmp_path / "songs", tmp_path / "b", groups=("balance",)).values
    for measure in ("stem_balance_error_lu", "vocal_to_backing_error_lu"):
        assert after("none", measure) == pytest.approx(before("none", measure), abs=0.05)
        assert math.isfinite(after("none", measure)[0])


def test_a_finished_mix_of_another_length_competes(songs: Path, tmp_path: Path) -> None:
    (tmp_path / "mixes").mkdir()
    for name in ("one", "two", "three"):
        mix, _ = soundfile.read(songs / name / "mixture.wav")
        soundfile.write(tmp_path / "mixes" / f"{name}.wav", mix[: len(mix) // 2], RATE)
    found = compared(songs, tmp_path / "report", f"model={tmp_path / 'mixes'}", groups=GROUPS)
    assert found.left_out == ()
    assert all(math.isfinite(value) for value in found.values("model", "octave_spectrum_distance_db"))
    notes = next(result.notes for result in found.results if result.system == "model")
    assert any("lasts 1.50 s, the stems 3.00 s" in note for note in notes)


def spoil_stem(song: Path) -> None:
    (song / "bass.wav").write_bytes(b"no audio")


def silence_mix(song: Path) -> None:
    soundfile.write(song / "mixture.wav", np.zeros((1000, 2)), RATE)


def widen_mix(song: Path) -> None:
    soundfile.write(song / "mixture.wav", np.zeros((1000, 6)), RATE)


def empty(song: Path) -> None:
    shutil.rmtree(song)
    song.mkdir()


BROKEN: dict[str, tuple[Callable[[Path], None], str]] = {
    "a stem that is no audio": (spoil_stem, "bass.wav is not audio that can be read"),
    "a silent mixture": (silence_mix, "mixture.wav is silent"),
    "a mixture of six channels": (widen_mix, "mixture.wav has 6 channels"),
    "no mixture": (lambda song: (song / "mixture.wav").unlink(), "has no human mix beside its stems"),
    "no stems": (empty, "holds no audio"),
}


@pytest.mark.parametrize(("workers", "constants"), [(1, True), (2, False)])
def test_a_broken_song_costs_itself(songs: Path, tmp_path: Path, workers: int, constants: bool) -> None:
    spoil_stem(songs / "three")
    found = compared(songs, tmp_path / "report", workers=workers, constants=constants)
    assert found.songs == ("one", "two")
    assert [(gone.song, gone.system) for gone in found.left_out] == [("three", "")]
    assert "bass.wav is not audio" in found.left_out[0].reason
    shutil.rmtree(songs / "three")
    alone = compared(songs, tmp_path / "alone", constants=constants)
    assert [repr(result) for result in found.results] == [repr(result) for result in alone.results]


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_song_is_named_with_its_reason(case: str, songs: Path, tmp_path: Path, run: Run) -> None:
    spoil, reason = BROKEN[case]
    spoil(songs / "two")
    words = ("compare", "songs", "--systems", "none", "--groups", "width", "--excerpt-s", "0", "-o", "report")
    done = run(*words, "-q")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("mixrules: song two left out: ")
    assert reason in line
    rows = list(csv.DictReader((tmp_path / "report" / "left_out.csv").read_text().splitlines()))
    assert [row["song"] for row in rows] == ["two"]
    document = json.loads((tmp_path / "report" / "comparison.json").read_text())
    assert document["songs"] == ["one", "three"]
    assert reason in document["left_out"][0]["reason"]


def test_the_page_says_what_was_left_out(songs: Path, tmp_path: Path) -> None:
    pytest.importorskip("jinja2", reason="jinja2 is not installed")
    from mixrules.report.comparison.page import write_comparison_page

    spoil_stem(songs / "two")
    (tmp_path / "plans").mkdir()
    found = compared(songs, tmp_path / "report", "none")
    html = write_comparison_page(found, summarise(found), tmp_path / "report").read_text()
    assert "Left out" in html
    assert "bass.wav is not audio that can be read" in html


def test_when_all_are_broken_there_is_nothing_to_compare(songs: Path, tmp_path: Path, run: Run) -> None:
    for song in songs.iterdir():
        spoil_stem(song)
    with pytest.raises(StemsError, match=r"nothing could be compared: song one left out: .*; song three"):
        compared(songs, tmp_path / "report")
    done = run("compare", "songs", "--systems", "none", "-o", "report")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "report" / "values.csv").exists()


def test_a_system_without_a_plan_of_one_song_costs_that_cell(songs: Path, tmp_path: Path) -> None:
    compared(songs, tmp_path / "first", "equal")
    plans = tmp_path / "plans"
    shutil.copytree(tmp_path / "first" / "plans" / "equal", plans)
    (plans / "two.plan.json").unlink()
    (plans / "one.plan.json").write_text("{")
    found = compared(songs, tmp_path / "report", f"none,model={plans}", constants=False)
    assert [(gone.song, gone.system) for gone in found.left_out] == [("one", "model"), ("two", "model")]
    assert "lacks song two" in found.left_out[1].reason
    assert [math.isfinite(v) for v in found.values("model", "side_to_mid_error_db")] == [False, True, False]
    assert [math.isfinite(v) for v in found.values("none", "side_to_mid_error_db")] == [True, True, True]
    written = write_tables(found, summarise(found), tmp_path / "report")
    assert all(path.is_file() for path in written)


@pytest.mark.parametrize("error", [ValueError("shapes"), MemoryError(), IndexError(), RuntimeError("numba")])
def test_any_librarys_exception_is_its_songs_failure(
    error: Exception, songs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(song: SongDescription, **options: Any) -> Any:
        if song.song == "two":
            raise error
        return load_song(song, **options)

    monkeypatch.setattr("mixrules.systems.song_source.load_song", failing)
    found = compared(songs, tmp_path / "report", "none", constants=False)
    assert found.songs == ("one", "three")
    assert found.left_out[0].song == "two"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a worker must inherit what is patched here")
@pytest.mark.parametrize("constants", [False, True])
def test_a_killed_worker_costs_its_song(
    constants: bool, songs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import multiprocessing

    if multiprocessing.get_start_method() != "fork":
        pytest.skip("a worker must inherit what is patched here")

    def killing(song: SongDescription, **options: Any) -> Any:
        if song.song == "three":
            os.kill(os.getpid(), signal.SIGKILL)
        return load_song(song, **options)

    monkeypatch.setattr("mixrules.systems.song_source.load_song", killing)
    found = compared(songs, tmp_path / "report", "none", constants=constants, workers=2)
    assert found.songs == ("one", "two")
    assert "process was ended from outside" in found.left_out[0].reason


def test_after_a_full_disk_the_next_run_has_every_file(
    songs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "report"
    with monkeypatch.context() as patch:

        def full(plan: MixPlan, path: Path) -> None:
            raise AudioFileError(f"{path} cannot be written: the disk is full")

        patch.setattr(MixPlan, "save", full)
        with pytest.raises(StemsError, match="the disk is full"):
            compared(songs, output, "none", excerpt_s=0.5, constants=False)
    found = compared(songs, output, "none", excerpt_s=0.5, constants=False)
    assert found.cached == 0
    names = [f"plans/none/{song}.plan.json" for song in found.songs] + [r.audio for r in found.results]
    assert all((output / name).is_file() for name in names)
    for name in (names[0], names[-1]):
        (output / name).unlink()
        again = compared(songs, output, "none", excerpt_s=0.5, constants=False)
        assert again.cached == len(found.results) - 1
        assert (output / name).is_file()


@pytest.mark.parametrize("excerpt_s", [math.nan, math.inf, -1.0, 601.0])
def test_excerpts_have_a_length(excerpt_s: float, songs: Path, tmp_path: Path, run: Run) -> None:
    with pytest.raises(ParameterError, match="excerpt_s must be 0 to 600 s"):
        compared(songs, tmp_path / "report", excerpt_s=excerpt_s)
    done = run("compare", "songs", f"--excerpt-s={excerpt_s}", "-o", "report")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "report").exists()


@pytest.mark.parametrize(
    ("output", "says"),
    [
        ("songs", "songs is the folder of the songs"),
        ("songs/../songs", "is the folder of the songs"),
        ("songs/one", "songs/one lies in the song songs/one"),
        ("songs/one/report/new", "lies in the song songs/one"),
        ("link", "link is the folder of the songs"),
    ],
)
def test_a_report_does_not_lie_among_the_stems(
    output: str, says: str, songs: Path, tmp_path: Path, run: Run
) -> None:
    (tmp_path / "link").symlink_to(songs)
    before = sorted(songs.rglob("*"))
    done = run("compare", "songs", "--systems", "none", "--force", "-o", output)
    assert done.returncode == 2
    assert says in done.stderr
    with pytest.raises(ParameterError, match="name another"):
        compared(songs, Path(output))
    assert sorted(songs.rglob("*")) == before


def test_a_report_beside_the_songs_is_no_song(songs: Path, run: Run) -> None:
    words = ("compare", "songs", "--systems", "none", "--groups", "width", "--excerpt-s", "0.5")
    for _ in range(2):
        done = run(*words, "-o", "songs/report")
        assert (done.returncode, done.stderr) == (0, "")
    assert "note: report left out: it is a report of ours" in done.stdout
    assert "of 3 songs" in done.stdout or "over 3 songs" in done.stdout


def test_what_lies_beside_the_songs_is_named(songs: Path) -> None:
    for name in ("_old", ".trash", "test/site"):
        (songs / name).mkdir(parents=True)
    for name in ("four.zip", "five.stem.mp4", "six.wav", ".DS_Store", "test/key.json"):
        (songs / name).write_text("")
    found = find_songs(songs)
    assert [folder.name for folder in found.folders] == ["one", "three", "two"]
    assert found.notes == (
        ".trash left out: its name begins with .",
        "_old left out: its name begins with _",
        "test left out: it is a listening test of ours",
        "five.stem.mp4 left out: it is one file, put its stems into a folder",
        "four.zip left out: it is one file, put its stems into a folder",
        "six.wav left out: a song is a folder of stems",
    )
    for folder in found.folders:
        shutil.rmtree(folder)
    with pytest.raises(AudioFileError, match=r"holds no songs \(.*four\.zip left out"):
        find_songs(songs)


def test_notes_of_odd_names_beside_the_songs_are_one_line(songs: Path) -> None:
    (songs / "_a\nb").mkdir()
    (songs / "c\x1b.txt").write_text("")
    assert find_songs(songs).notes == (
        r"_a\nb left out: its name begins with _",
        r"c\x1b.txt left out: a song is a folder of stems",
    )


def test_a_folder_that_cannot_be_read_is_one_line(songs: Path) -> None:
    with pytest.raises(AudioFileError, match="cannot be read: file name too long"):
        find_songs(songs / ("x" * 300))


@pytest.mark.parametrize("file", ["B.zip", "B.tar.gz", "B.TGZ", "B.stem.mp4"])
def test_a_song_in_one_file_is_called_without_its_ending(file: str) -> None:
    assert path_name(Path(file)) == "B"


def test_a_folder_of_the_users_is_not_filled(songs: Path, tmp_path: Path, run: Run) -> None:
    words = ("compare", "songs", "--systems", "none", "--groups", "width", "--excerpt-s", "0", "-o", "mine")
    for name in ("values.csv", "audio/mine.wav"):
        (tmp_path / "mine" / name).parent.mkdir(parents=True)
        (tmp_path / "mine" / name).write_text("the user's")
        done = run(*words)
        assert done.returncode == 2
        assert "exists already: name another with -o, or --force replaces it" in done.stderr
        assert (tmp_path / "mine" / name).read_text() == "the user's"
        if name == "values.csv":
            assert run(*words, "--force").returncode == 0
            assert run(*words).returncode == 0  # it is a report of ours now
        shutil.rmtree(tmp_path / "mine")
