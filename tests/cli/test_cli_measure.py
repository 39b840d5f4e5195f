"""`mixrules measure`: layouts, pipes, and files that spoil nothing for the others."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import layout_files as made
import numpy as np
import pytest
import reference_meters
import soundfile
from cli_runner import Run, once_compiled

import mixrules.files
from mixrules import integrated_loudness

RATE = made.RATE
TONE = 0.25 * np.sin(2 * np.pi * 997 / RATE * np.arange(2 * RATE))


def in_channel(channel: int, channels: int) -> np.ndarray:
    audio = np.zeros((len(TONE), channels))
    audio[:, channel] = TONE
    return audio


def measured(run: Run, *arguments: object) -> list[dict[str, Any]]:
    done = run("measure", "--json", *arguments)
    assert done.returncode == 0, done.stderr
    rows: list[dict[str, Any]] = json.loads(done.stdout)
    return rows


@pytest.mark.parametrize("subtype", ["VORBIS", "OPUS"])
def test_the_fourth_of_six_in_an_ogg_is_a_surround(subtype: str, run: Run, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.ogg", in_channel(3, 6), RATE, format="OGG", subtype=subtype)
    soundfile.write(tmp_path / "lfe.ogg", in_channel(5, 6), RATE, format="OGG", subtype=subtype)
    surround, lfe = measured(run, "a.ogg", "lfe.ogg")
    assert surround["integrated_lufs"] == pytest.approx(-12.04 - 3.01 + 1.49, abs=0.1)
    assert lfe["integrated_lufs"] is None
    assert surround["layout"] == "FL FC FR BL BR LFE"
    assert surround["layout_from"] == "file"


def test_masks_decide(run: Run, tmp_path: Path) -> None:
    (tmp_path / "lfe.wav").write_bytes(made.wav(in_channel(2, 3), 0xB))
    (tmp_path / "centre.wav").write_bytes(made.wav(in_channel(2, 3), 0x7))
    (tmp_path / "pair.wav").write_bytes(made.wav(in_channel(1, 2), 0x600))
    lfe, centre, pair = measured(run, "lfe.wav", "centre.wav", "pair.wav")
    assert (lfe["layout"], lfe["integrated_lufs"]) == ("2.1", None)
    assert (centre["layout"], round(centre["integrated_lufs"], 1)) == ("3.0", -15.1)
    assert (pair["layout"], round(pair["integrated_lufs"], 1)) == ("SL SR", -13.6)


def test_back_and_side_of_7_1(run: Run, tmp_path: Path) -> None:
    for name, channel in (("back", 4), ("side", 6)):
        (tmp_path / f"{name}.wav").write_bytes(made.wav(in_channel(channel, 8), 0x63F))
    back, side = measured(run, "back.wav", "side.wav")
    assert (back["layout"], side["layout"]) == ("7.1", "7.1")
    assert side["integrated_lufs"] - back["integrated_lufs"] == pytest.approx(1.49, abs=0.01)


def test_a_guess_is_said(run: Run, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", in_channel(0, 6), RATE)
    done = run("measure", "a.wav", "--csv")
    (row,) = csv.DictReader(io.StringIO(done.stdout))
    assert (row["layout"], row["layout_from"]) == ("5.1", "guess")
    assert done.stderr == (
        "note: a.wav: the file does not say where its 6 channels belong, taken as 5.1: --layout names another\n"
    )
    assert "a.wav (5.1)" in run("measure", "a.wav").stdout


@pytest.mark.parametrize(("channels", "layout"), [(1, "mono"), (2, "stereo")])
def test_one_and_two_channels_need_no_note(channels: int, layout: str, run: Run, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", in_channel(0, channels), RATE)
    done = run("measure", "a.wav", "--json")
    assert done.stderr == ""
    assert [(row["layout"], row["layout_from"]) for row in json.loads(done.stdout)] == [(layout, "default")]


def test_a_named_layout(run: Run, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", in_channel(3, 6), RATE)
    (row,) = measured(run, "a.wav", "--layout", "FL FC FR BL BR LFE")
    assert (row["layout"], row["layout_from"]) == ("FL FC FR BL BR LFE", "option")
    expected = integrated_loudness(in_channel(3, 6), RATE, channel_weights=(1, 1, 1, 1.41, 1.41, 0))
    assert row["integrated_lufs"] == pytest.approx(expected, abs=0.001)
    assert measured(run, "a.wav", "--layout", "L R C LFE Ls Rs")[0]["layout"] == "5.1"


def test_a_layout_that_does_not_fit_costs_its_file_alone(run: Run, tmp_path: Path) -> None:
    for channels in (1, 6):
        soundfile.write(tmp_path / f"{channels}.wav", in_channel(0, channels), RATE)
    done = run("measure", "1.wav", "6.wav", "--layout", "5.1", "--json")
    assert done.returncode == 2
    assert [row["file"] for row in json.loads(done.stdout)] == ["6.wav"]
    assert done.stderr == "mixrules: 1.wav: the layout '5.1' has 6 channels, the file 1\n"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--layout", "5.1.4"), "has 10 channels, at most 8 can be measured"),
        (("--layout", "surround"), "layout must be one of mono"),
        (("--layout", "stereo", "--dual-mono"), "choose one of --layout and --dual-mono"),
    ],
)
def test_layouts_that_are_none(options: tuple[str, ...], message: str, run: Run, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", TONE, RATE)
    done = run("measure", "a.wav", *options)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert message in done.stderr


def test_dual_mono_is_for_files_of_one_channel(run: Run, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "mono.wav", TONE, RATE)
    soundfile.write(tmp_path / "stereo.wav", np.stack([TONE, TONE], axis=1), RATE)
    done = run("measure", "mono.wav", "stereo.wav", "--dual-mono", "--json")
    mono, stereo = json.loads(done.stdout)
    assert (mono["layout"], mono["layout_from"], stereo["layout"]) == ("dual_mono", "option", "stereo")
    assert mono["integrated_lufs"] == pytest.approx(stereo["integrated_lufs"], abs=1e-6)
    assert done.stderr == "note: stereo.wav: it has 2 channels, and dual mono is for one\n"
    assert done.returncode == 0


def test_ambisonics_are_refused_until_a_layout_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "b.wav").write_bytes(made.wav(in_channel(0, 4), 0, ambisonic=True))
    done = run("measure", "b.wav")
    assert done.returncode == 2
    assert "b.wav: the channels are Ambisonics" in done.stderr
    assert measured(run, "b.wav", "--layout", "quad")[0]["layout"] == "quad"


@pytest.mark.skipif(reference_meters.ffmpeg_version() is None, reason="needs ffmpeg")
@pytest.mark.parametrize(
    ("name", "subtype", "channels"),
    [
        *(("a.ogg", "VORBIS", 3), ("a.ogg", "VORBIS", 6), ("a.ogg", "OPUS", 5), ("a.ogg", "OPUS", 6)),
        *(("a.flac", "PCM_16", 6), ("mask.wav", "", 6), ("mask.wav", "", 3), ("a.caf", "", 6)),
    ],
)
def test_ffmpeg_reads_the_same(name: str, subtype: str, channels: int, run: Run, tmp_path: Path) -> None:
    """Channels of different levels, so that a wrong order shows; from 7 channels on ffmpeg weighs the back 1.41 too."""
    noise = np.random.default_rng(1).standard_normal((3 * RATE, channels))
    audio = 0.02 * noise * np.linspace(1, 4, channels)
    if name == "mask.wav":
        (tmp_path / name).write_bytes(made.wav(audio, {3: 0xB, 6: 0x60F}[channels]))
    elif name == "a.caf":
        (tmp_path / name).write_bytes(made.caf(audio, made.core_audio_layout(1 << 16, 0x60F)))
    else:
        soundfile.write(tmp_path / name, audio, RATE, subtype=subtype)
    expected = reference_meters.ffmpeg(tmp_path / name)
    assert expected is not None
    assert measured(run, name)[0]["integrated_lufs"] == pytest.approx(expected.integrated_lufs, abs=0.06)


@pytest.fixture
def good(tmp_path: Path) -> Path:
    soundfile.write(tmp_path / "good.wav", TONE, RATE)
    return tmp_path / "good.wav"


def test_process_substitution_and_standard_input(good: Path) -> None:
    """As a shell would pass them: a pipe by its descriptor, and standard input by both its names."""
    command = f"{sys.executable} -m mixrules measure --csv"
    script = f"{command} <(cat good.wav); cat good.wav | {command} /dev/stdin - < good.wav"
    done = subprocess.run(
        ["bash", "-c", script], cwd=good.parent, capture_output=True, text=True, timeout=120, check=False
    )
    once_compiled(done)
    rows = [line.split(",") for line in done.stdout.splitlines() if not line.startswith("file,")]
    assert [row[0].rstrip("0123456789") for row in rows] == ["/dev/fd/", "/dev/stdin", "-"], done.stderr
    assert {row[4][:7] for row in rows} == {rows[0][4][:7]}
    assert done.stderr == ""


def test_a_named_pipe_is_measured(good: Path, run: Run) -> None:
    os.mkfifo(good.parent / "pipe")
    with subprocess.Popen(["sh", "-c", "cat good.wav > pipe"], cwd=good.parent):
        pipe, file = measured(run, "pipe", "good.wav")
    assert pipe["file"] == "pipe"
    assert pipe["integrated_lufs"] == file["integrated_lufs"]


def text_through_a_pipe(path: Path) -> None:
    os.mkfifo(path)
    threading.Thread(target=path.write_text, args=("la la",), daemon=True).start()


BAD: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (lambda p: None, "does not exist"),
    "a folder": (lambda p: p.mkdir(), "is a folder"),
    "empty": (lambda p: p.write_bytes(b""), "is empty"),
    "text": (lambda p: p.write_text("la la"), "is not audio"),
    "a loop of links": (lambda p: p.symlink_to(p), "cannot be read"),
    "a device": (lambda p: p.symlink_to("/dev/null"), "is a device"),
    "NaN": (lambda p: soundfile.write(p, np.full(9, np.nan), RATE, subtype="FLOAT"), "holds nan"),
    "60 channels": (lambda p: soundfile.write(p, np.zeros((9, 60)), RATE), "60 channels"),
    "a pipe of text": (text_through_a_pipe, "not audio"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_costs_one_line_and_no_other_file(case: str, good: Path, run: Run) -> None:
    spoil, message = BAD[case]
    spoil(good.with_name("bad.wav"))
    done = run("measure", "bad.wav", "good.wav", "--json")
    assert done.returncode == 2
    assert [row["file"] for row in json.loads(done.stdout)] == ["good.wav"]
    assert len(done.stderr.splitlines()) == 1
    assert "bad.wav" in done.stderr
    assert message in done.stderr


@pytest.mark.parametrize(
    "error", [IndexError("list index"), RecursionError(), MemoryError(), OSError(5, "odd")]
)
def test_whatever_a_library_raises_costs_one_file(
    error: Exception, good: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = mixrules.files.open_audio

    def reading(path: Path, **options: Any) -> Any:
        if path.name == "bad.wav":
            raise error
        return real(path, **options)

    monkeypatch.setattr("mixrules.metering.signals.open_audio", reading)
    done = run("measure", "bad.wav", "good.wav", "--json")
    assert done.returncode == (2 if isinstance(error, MemoryError | OSError) else 70)
    assert [row["file"] for row in json.loads(done.stdout)] == ["good.wav"]
    assert done.stderr.startswith("mixrules: bad.wav: ")
    assert len(done.stderr.splitlines()) == 1
    traced = run("--debug", "measure", "bad.wav", "good.wav", "--json")
    assert "Traceback" in traced.stderr
    assert [row["file"] for row in json.loads(traced.stdout)] == ["good.wav"]


@pytest.mark.parametrize(
    ("rate", "samples", "subtype"),
    [(8000, 32_000, "PCM_16"), (8000, 32_000, "ULAW"), (384_000, 1, "PCM_24"), (8000, 1, "FLOAT")],
)
def test_odd_files_that_are_right(rate: int, samples: int, subtype: str, good: Path, run: Run) -> None:
    soundfile.write(good.with_name("odd.wav"), np.full(samples, 0.25), rate, subtype=subtype)
    odd, ok = measured(run, "odd.wav", "good.wav")
    assert (odd["sample_rate"], odd["duration_s"], ok["channels"]) == (rate, samples / rate, 1)


@pytest.mark.skipif(os.name == "nt", reason="such names are none there")
def test_names_are_printed_in_one_line_each(run: Run, tmp_path: Path) -> None:
    odd, broken = "a\nb\x1b[31m.wav", "c\rd\u202e.wav"
    soundfile.write(tmp_path / odd, in_channel(0, 6), RATE, format="WAV")
    (tmp_path / broken).write_bytes(b"no audio")
    done = run("measure", odd, broken)
    assert done.returncode == 2
    head, row = done.stdout.splitlines()
    assert head.endswith("file")
    assert r"  a\nb\x1b[31m.wav" in row
    *notes, error = done.stderr.splitlines()
    assert r"c\rd\u202e.wav" in error
    assert not set("\r\x1b\u202e") & set(done.stdout + done.stderr)
    assert all(line.startswith("note: a\\nb") for line in notes)


def test_every_line_that_commands_print_goes_through_one_door() -> None:
    """What is printed elsewhere holds no names: JSON, CSV, help and the version."""
    folder = Path(mixrules.files.__file__).parent.parent / "cli"
    printed = [
        line.strip()
        for path in sorted(folder.glob("*.py"))
        for line in path.read_text("utf-8").splitlines()
        if "click.echo(" in line and path.name != "kfilter.py"
    ]
    known = ("json.dumps(", "csv_text(", "in_one_line(line)", "get_help()", "{__version__}")
    assert [line for line in printed if not any(word in line for word in known)] == []


def test_a_name_with_brackets_is_no_markup_of_the_progress_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    from mixrules.cli.progress import progress_bar

    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    with progress_bar(quiet=False) as tell:
        assert tell is not None
        tell("measuring [/b] [red]\n.wav", 0, 2)
