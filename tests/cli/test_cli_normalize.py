"""`mixrules normalize`: the table, JSON, pipes, what other programs made, and files that spoil nothing for the others."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from cli_runner import Run, once_compiled

from mixrules import measure
from mixrules.errors import AudioFileError

RATE = 44_100
needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs ffmpeg")
MIXRULES = f"{sys.executable} -m mixrules"


@pytest.fixture
def quiet(tmp_path: Path) -> Path:
    tone = 0.05 * np.sin(2 * np.pi * 997 / RATE * np.arange(2 * RATE))
    soundfile.write(tmp_path / "quiet.wav", np.stack([tone, tone], axis=1), RATE, subtype="PCM_16")
    return tmp_path / "quiet.wav"


@pytest.fixture
def peaky(quiet: Path) -> Path:
    audio, _ = soundfile.read(quiet)
    audio[RATE // 2] = 0.8
    soundfile.write(quiet.with_name("peaky.wav"), audio, RATE)
    return quiet.with_name("peaky.wav")


def shell(folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", script],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return once_compiled(done)


@pytest.mark.usefixtures("quiet", "peaky")
def test_the_table_says_before_gain_after_and_what_is_missed(run: Run, tmp_path: Path) -> None:
    done = run("normalize", "quiet.wav", "peaky.wav")
    assert (done.returncode, done.stderr) == (0, "")
    head, quiet, peaky = (line.split() for line in done.stdout.splitlines())
    assert head == ["I/LUFS", "gain/dB", "after", "dBTP", "missed", "file"]
    assert quiet == ["-26.02", "+12.02", "-14.00", "-13.99", "-", "quiet.wav", "->", "normalized/quiet.wav"]
    after = measure(tmp_path / "normalized" / "peaky.wav")
    assert peaky[3] == "-1.00"
    assert float(peaky[2]) == round(after.integrated_lufs, 2)
    assert float(peaky[4]) == pytest.approx(-14.0 - after.integrated_lufs, abs=0.006)
    assert float(peaky[4]) > 5


@pytest.mark.usefixtures("quiet", "peaky")
def test_json_and_a_dry_run(run: Run, tmp_path: Path) -> None:
    dry = run("normalize", "quiet.wav", "peaky.wav", "--dry-run", "--json", "--target-lufs", "-23")
    assert sorted(os.listdir(tmp_path)) == ["peaky.wav", "quiet.wav"]
    done = run("normalize", "quiet.wav", "peaky.wav", "--json", "--target-lufs", "-23")
    for told, rows in ((dry, json.loads(dry.stdout)), (done, json.loads(done.stdout))):
        assert told.stderr == ""
        assert [row["file"] for row in rows] == ["quiet.wav", "peaky.wav"]
        assert [row["album"] for row in rows] == [None, None]
        assert rows[0]["gain_db"] == pytest.approx(3.02, abs=0.01)
        assert rows[0]["before"]["loudness_range_lu"] is None
    assert [row["after"] for row in json.loads(dry.stdout)] == [None, None]
    assert json.loads(done.stdout)[0]["after"]["integrated_lufs"] == pytest.approx(-23.0, abs=0.01)
    assert "->" in run("normalize", "quiet.wav", "-n", "-o", "other").stdout


@pytest.mark.usefixtures("quiet", "peaky")
def test_an_album_says_what_all_of_it_reaches(run: Run) -> None:
    done = run("normalize", "quiet.wav", "peaky.wav", "--album")
    *rows, together = done.stdout.splitlines()[1:]
    assert len({row.split()[1] for row in rows}) == 1
    assert together.startswith("all together: -25.99 LUFS, +0.9")
    assert together.endswith("LU below the target")
    (row, _) = json.loads(
        run("normalize", "quiet.wav", "peaky.wav", "--album", "-n", "--json", "-o", "b").stdout
    )
    assert row["album"]["reached_lufs"] == pytest.approx(-14.0 - row["missed_lu"], abs=1e-9)


def test_what_is_too_loud_has_a_minus(run: Run, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.ogg", 0.05 * np.random.default_rng(4).standard_normal(2 * RATE), RATE)
    shown = run("normalize", "a.ogg", "--target-lufs", "-30")
    louder_lu = measure(tmp_path / "normalized" / "a.ogg").integrated_lufs + 30.0
    assert louder_lu > 0.1
    assert shown.stdout.splitlines()[1].split()[4] == f"{-louder_lu:.2f}"
    said = f"the written file is {louder_lu:.2f} LU louder than the gain makes it: VORBIS changes samples"
    assert shown.stderr == f"note: a.ogg: {said}\n"
    album = run("normalize", "a.ogg", "--target-lufs", "-30", "--album", "-o", "b")
    assert album.stdout.endswith(f" LUFS, {louder_lu:.2f} LU above the target\n")
    (row,) = json.loads(run("normalize", "a.ogg", "--target-lufs", "-30", "--json", "-o", "c").stdout)
    assert row["missed_lu"] == -30.0 - row["after"]["integrated_lufs"] < -0.1


@pytest.mark.usefixtures("peaky")
@pytest.mark.parametrize("option", ["--album", "-n", "--json"])
def test_an_album_is_written_as_a_whole_or_not_at_all(option: str, quiet: Path, run: Run) -> None:
    quiet.with_name("sub").mkdir()
    shutil.copy(quiet, quiet.with_name("sub"))
    shown = run("normalize", "--album", option, "gone.wav", "quiet.wav", "sub/quiet.wav", "peaky.wav")
    assert (shown.returncode, shown.stdout) == (2, "[]\n" if option == "--json" else "")
    gone, clash, album = shown.stderr.splitlines()
    assert gone.startswith("mixrules: gone.wav does not exist")
    assert clash.startswith("mixrules: sub/quiet.wav has the same output as quiet.wav, normalized/quiet.wav")
    whole = "nothing is written: the gain of an album is one for all its files, 2 of 4 cannot be used"
    assert album == f"mixrules: {whole}"
    assert not quiet.with_name("normalized").exists()


def test_an_album_names_what_could_not_be_written(
    quiet: Path, peaky: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mixrules.normalization.written_file import write_normalized as real

    def failing(file: Any, path: Path, *others: Any) -> object:
        if path.name == quiet.name:
            raise AudioFileError("normalized/quiet.wav cannot be written: the disk is full")
        return real(file, path, *others)

    monkeypatch.setattr("mixrules.normalization.batch.write_normalized", failing)
    done = run("normalize", "--album", quiet.name, peaky.name)
    assert done.returncode == 2
    assert done.stdout.splitlines()[-1].endswith(" LU below the target; written without quiet.wav")
    assert done.stderr == "mixrules: normalized/quiet.wav cannot be written: the disk is full\n"
    assert os.listdir("normalized") == ["peaky.wav"]


def test_a_bad_file_costs_one_line_and_no_other_file(quiet: Path, run: Run, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "silent.wav", np.zeros(RATE), RATE)
    soundfile.write(tmp_path / "nan.wav", np.full(99, np.nan), RATE, subtype="FLOAT")
    (tmp_path / "words.wav").write_text("la la")
    bad = ("silent.wav", "gone.wav", "nan.wav", "words.wav", ".")
    done = run("normalize", *bad, quiet.name)
    assert done.returncode == 2
    assert os.listdir(tmp_path / "normalized") == ["quiet.wav"]
    lines = done.stderr.splitlines()
    assert len(lines) == len(bad)
    messages = ("no loudness to go by", "does not exist", "holds nan", "not audio", "is a folder")
    for line, name, message in zip(lines, bad, messages, strict=True):
        assert line.startswith(f"mixrules: {name}")
        assert message in line


def test_whatever_a_library_raises_costs_one_file(
    quiet: Path, peaky: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mixrules.files import audio_header as real

    def failing(path: Path) -> object:
        if path.name == quiet.name:
            raise IndexError("odd")
        return real(path)

    monkeypatch.setattr("mixrules.normalization.batch.audio_header", failing)
    done = run("normalize", quiet.name, peaky.name)
    assert done.returncode == 70
    assert done.stderr.startswith("mixrules: quiet.wav: unexpected IndexError: odd")
    assert os.listdir("normalized") == ["peaky.wav"]
    assert "Traceback" in run("--debug", "normalize", quiet.name).stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("quiet.wav", "-o", "quiet.wav"),
            "quiet.wav is the file itself: name another output, or --force replaces it",
        ),
        (("quiet.wav", "-o", "a.wma"), "cannot be written as audio"),
        (("quiet.wav", "-o", "loud.txt"), "loud.txt cannot be written as audio, the name may end in .wav"),
        (("quiet.wav", "-o", "a.flac", "--format", "wav"), "a.flac is the name of a file in FLAC"),
        (("quiet.wav", "--layout", "stereo", "--dual-mono"), "choose one of --layout and --dual-mono"),
        (("quiet.wav", "--layout", "5.1"), "quiet.wav: the layout '5.1' has 6 channels, the file 2"),
        (("quiet.wav", "--layout", "7.3"), "layout must be one of"),
        (("quiet.wav", "-o", "-", "--json"), "both take standard output"),
        (("quiet.wav", "quiet.wav", "-o", "-"), "standard output takes one file, there are 2"),
        (("quiet.wav", "--target-lufs", "3"), "--target-lufs must be -60 to 0, got 3"),
        (("quiet.wav", "--limit-db", "nan"), "not a finite number"),
        (("quiet.wav", "--format", "wma"), "--format must be one of wav, flac, aiff, ogg, mp3, opus, m4a"),
    ],
)
@pytest.mark.usefixtures("quiet")
def test_what_does_not_fit_is_one_line(
    arguments: tuple[str, ...], message: str, run: Run, tmp_path: Path
) -> None:
    done = run("normalize", *arguments)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert message in done.stderr
    assert os.listdir(tmp_path) == ["quiet.wav"]


@pytest.mark.usefixtures("quiet")
def test_what_is_there_is_replaced_with_force(run: Run, tmp_path: Path) -> None:
    (tmp_path / "there.wav").write_text("la la")
    done = run("normalize", "quiet.wav", "-o", "there.wav")
    said = "quiet.wav: there.wav exists already: name another output, or --force replaces it"
    assert (done.returncode, done.stderr) == (2, f"mixrules: {said}\n")
    assert run("normalize", "quiet.wav", "-o", "there.wav", "--force").returncode == 0
    assert measure(tmp_path / "there.wav").integrated_lufs == pytest.approx(-14.0, abs=0.01)


def test_from_standard_input_to_standard_output(quiet: Path) -> None:
    script = f"cat quiet.wav | {MIXRULES} normalize - -o - --target-lufs -20 > louder.wav"
    done = shell(quiet.parent, script)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert done.stderr.splitlines()[1].endswith("- -> -")
    assert measure(quiet.with_name("louder.wav")).integrated_lufs == pytest.approx(-20.0, abs=0.01)


def test_standard_input_has_no_name(quiet: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    words = quiet.with_name("words.txt")
    words.write_text("la la\n" * 9)
    with quiet.open("rb") as audio, words.open("rb") as text:
        monkeypatch.setattr(sys, "stdin", audio)
        unnamed = run("normalize", "-")
        monkeypatch.setattr(sys, "stdin", text)
        no_audio = run("normalize", "-", "-o", "a.wav")
    assert unnamed.returncode == no_audio.returncode == 2
    assert unnamed.stderr == "mixrules: standard input has no name: name the output, such as louder.wav\n"
    assert no_audio.stderr.startswith("mixrules: standard input is not audio that can be read")
    assert sorted(os.listdir(quiet.parent)) == ["quiet.wav", "words.txt"]


@needs_ffmpeg
def test_what_ffmpeg_pipes_has_an_open_length(quiet: Path) -> None:
    pipe = "ffmpeg -v error -i quiet.wav -c:a pcm_s16le -f wav -"
    done = shell(quiet.parent, f"{pipe} | {MIXRULES} normalize - -o a.flac --json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)[0]["file"] == "-"
    assert measure(quiet.with_name("a.flac")).integrated_lufs == pytest.approx(-14.0, abs=0.01)


MADE_BY_FFMPEG = {
    "a.m4a": ("-c:a", "aac", "-b:a", "192k", "-metadata", "title=A title"),
    "lossless.m4a": ("-c:a", "alac"),
    "a.opus": ("-c:a", "libopus"),
    "a.webm": ("-c:a", "libopus"),
    "film.mp4": (
        "-f",
        "lavfi",
        "-i",
        "color=s=32x32:r=5:d=2",
        "-c:v",
        "mpeg4",
        "-c:a",
        "aac",
        "-b:a",
        "192k",
    ),
    "film.mov": ("-f", "lavfi", "-i", "color=s=32x32:r=5:d=2", "-c:v", "mpeg4", "-c:a", "pcm_s16le"),
    "film.mkv": (
        "-f",
        "lavfi",
        "-i",
        "color=s=32x32:r=5:d=2",
        "-c:v",
        "mpeg4",
        "-c:a",
        "ac3",
        "-b:a",
        "192k",
    ),
}


@needs_ffmpeg
@pytest.mark.parametrize("name", MADE_BY_FFMPEG)
def test_what_libav_opens_is_measured_and_normalized_to_flac(name: str, quiet: Path, run: Run) -> None:
    pytest.importorskip("av", reason="PyAV is not installed")
    command = ["ffmpeg", "-v", "error", "-i", str(quiet), *MADE_BY_FFMPEG[name], str(quiet.with_name(name))]
    subprocess.run(command, check=True, timeout=60)
    before = measure(quiet.with_name(name))
    assert before.integrated_lufs == pytest.approx(measure(quiet).integrated_lufs, abs=0.1)
    (row,) = json.loads(run("measure", name, "--json").stdout)
    assert row["integrated_lufs"] == before.integrated_lufs
    done = run("normalize", name, "-q")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    output = quiet.with_name("normalized") / f"{Path(name).stem}.flac"
    assert measure(output).integrated_lufs == pytest.approx(-14.0, abs=0.01)
    assert soundfile.SoundFile(output).title == ("A title" if name == "a.m4a" else "")


def test_without_pyav_one_line_names_the_extra(
    quiet: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    quiet.with_name("a.m4a").write_bytes(b"\0\0\0\x20ftypM4A " + bytes(100))
    monkeypatch.setitem(sys.modules, "av", None)
    for command in ("measure", "normalize"):
        done = run(command, "a.m4a", "quiet.wav")
        assert done.returncode == 2
        (line,) = done.stderr.splitlines()
        assert 'a.m4a needs PyAV: pip install "mixrules[stems]"' in line
        assert "quiet.wav" in done.stdout


def test_help_shows_how_it_is_called(run: Run) -> None:
    for command in ("measure", "normalize"):
        shown = run(command, "--help").stdout
        assert "Examples:" in shown
        assert f"mixrules {command} *.wav" in shown


def test_a_guess_names_the_option(run: Run, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "six.wav", np.full((RATE, 6), 0.1), RATE)
    said = "the file does not say where its 6 channels belong, taken as 5.1: --layout names another"
    assert run("normalize", "six.wav", "-n").stderr == f"note: six.wav: {said}\n"


@pytest.mark.parametrize(
    ("option", "quiet_run"),
    [("-q", True), ("--quiet", True), ("-qn", True), ("-nq", True), ("-n", False), ("-oq", False)],
)
@pytest.mark.usefixtures("quiet")
def test_quiet_holds_for_the_notice_of_compilation_too(
    option: str, quiet_run: bool, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    notices: list[object] = []

    @contextlib.contextmanager
    def watched(notice: object) -> Iterator[None]:
        notices.append(notice)
        yield

    monkeypatch.setattr("mixrules.cli.app.watched", watched)
    done = run("normalize", "quiet.wav", option)
    assert done.returncode == 0
    assert (done.stdout == "") == quiet_run
    assert (notices == []) == quiet_run
