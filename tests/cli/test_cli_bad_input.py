"""Bad input: one line that names the file, exit status 2, and nothing left behind."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from cli_runner import Run  # noqa: TC002
from synthetic import RATE, Song

Spoil = Callable[[Path], object]


@pytest.fixture
def song(tmp_path: Path, make_band: Callable[[float], Song]) -> Path:
    """A good folder of stems, short; every test spoils its own."""
    place = tmp_path / "song"
    place.mkdir()
    for name, audio in make_band(1.0).items():
        soundfile.write(place / f"{name}.wav", audio, RATE, subtype="FLOAT")
    return place


def with_sample(value: float) -> Spoil:
    def spoil(place: Path) -> None:
        audio, rate = soundfile.read(place / "bass.wav", dtype="float32")
        audio[77] = value
        soundfile.write(place / "bass.wav", audio, rate, subtype="FLOAT")

    return spoil


def cut_short(place: Path) -> None:
    whole = (place / "bass.wav").read_bytes()
    (place / "bass.wav").write_bytes(whole[: len(whole) // 2])


def cut_to_header(place: Path) -> None:
    (place / "bass.wav").write_bytes((place / "bass.wav").read_bytes()[:20])


def a_file_in_its_place(place: Path) -> None:
    shutil.rmtree(place)
    place.write_text("x")


def emptied(place: Path) -> None:
    for path in place.iterdir():
        path.unlink()


def bass_alone_named_mixture(place: Path) -> None:
    for path in place.iterdir():
        if path.name != "bass.wav":
            path.unlink()
    (place / "bass.wav").rename(place / "mixture.wav")


def all_silent(place: Path) -> None:
    for path in place.iterdir():
        soundfile.write(path, np.zeros(RATE), RATE)


def sixty_channels(place: Path) -> None:
    soundfile.write(place / "bass.wav", np.zeros((100, 60)), RATE)


def not_utf8(place: Path) -> None:
    os.rename(place / "bass.wav", os.fsencode(place) + b"/b\xe4ss.wav")


BAD_SONGS: dict[str, tuple[Spoil, str]] = {
    "missing folder": (shutil.rmtree, "song does not exist"),
    "a file, no folder": (a_file_in_its_place, "song is a file"),
    "no audio": (emptied, "song holds no audio"),
    "text named wav": (lambda p: (p / "bass.wav").write_text("la la la"), "bass.wav"),
    "cut short": (cut_short, "bass.wav is cut short"),
    "header alone": (cut_to_header, "bass.wav"),
    "NaN": (with_sample(np.nan), "bass.wav holds nan"),
    "infinity": (with_sample(-np.inf), "bass.wav holds -inf"),
    "all silent": (all_silent, "is silent"),
    "60 channels": (sixty_channels, "bass.wav has 60 channels, 1 or 2 are accepted"),
    "name not UTF-8": (not_utf8, "not UTF-8"),
    "only a mixture": (bass_alone_named_mixture, "mixture.wav"),
}


def refused(done: subprocess.CompletedProcess[str], message: str) -> None:
    assert done.returncode == 2, (done.stdout, done.stderr)
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert done.stderr.startswith("mixrules: ")
    assert message in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("command", ["mix", "plan"])
@pytest.mark.parametrize("case", BAD_SONGS)
def test_a_bad_song_is_one_line(case: str, command: str, song: Path, run: Run, tmp_path: Path) -> None:
    spoil, message = BAD_SONGS[case]
    spoil(song)
    refused(run(command, song, "-o", "out.json" if command == "plan" else "out.wav"), message)
    assert [f.name for f in tmp_path.iterdir() if f.name != "song"] == []


GOOD_SONGS: dict[str, Spoil] = {
    "a silent stem": lambda p: soundfile.write(p / "bass.wav", np.zeros(RATE), RATE),
    "a stem of one sample": lambda p: soundfile.write(p / "bass.wav", np.ones(1), RATE),
    "another rate": lambda p: soundfile.write(p / "bass.wav", np.full(8000, 0.1), 8000),
    "a stereo stem": lambda p: soundfile.write(p / "bass.wav", np.full((RATE, 2), 0.1), RATE),
    "a mixture beside": lambda p: shutil.copy(p / "bass.wav", p / "mixture.wav"),
    "junk beside": lambda p: (p / "notes.txt").write_text("x"),
}


@pytest.mark.parametrize("case", GOOD_SONGS)
def test_what_is_odd_but_usable_is_mixed(case: str, song: Path, run: Run, tmp_path: Path) -> None:
    GOOD_SONGS[case](song)
    done = run("mix", song, "-o", "out.wav")
    assert (done.returncode, done.stderr) == (0, "")
    audio, _ = soundfile.read(tmp_path / "out.wav")
    assert np.isfinite(audio).all()
    assert np.abs(audio).max() > 0.01
    if case in ("a silent stem", "a mixture beside", "another rate"):
        assert "note: " in done.stdout


BAD_OPTIONS = {
    "preset": (("--preset", "rock"), "no preset 'rock': there are default, survey-2022"),
    "rule": (("--without", "magic"), "no rule 'magic': it has instruments, polarity, level"),
    "constant": (("--set", "level.vocal=1"), "did you mean level.vocal"),
    "value": (("--set", "level.vocal_to_backing_lu=loud"), "must be a number"),
    "list": (("--set", "pan.centre_roles=vocal,tuba"), "each of pan.centre_roles must be one of"),
    "bounds": (("--set", "level.vocal_to_backing_lu=99"), "-30 to 30 LU"),
    "form": (("--set", "level.vocal_to_backing_lu"), "--set takes NAME=VALUE"),
    "role": (("--role", "bass.wav=singer"), "'singer' is not a role"),
    "stem": (("--role", "tuba.wav=bass"), "no file 'tuba.wav'"),
    "engine": (("--engine", "magic"), "no engine 'magic': there are native"),
    "rate": (("--sample-rate", "100"), "8000 to 384000 Hz"),
    "loudness": (("--target-lufs", "nan"), "'nan' is not a finite number"),
    "endless loudness": (("--target-lufs=-inf",), "'-inf' is not a finite number"),
    "no ceiling": (("--ceiling-dbtp", "NaN"), "'NaN' is not a finite number"),
    "ceiling": (("--ceiling-dbtp", "3"), "-30 to 0 dBTP"),
    "subtype": (("--subtype", "PCM_99"), "PCM_99"),
    "a file as folder": (("-o", "song/bass.wav/out.wav"), "song/bass.wav is a file, not a folder"),
    "a file on the way": (("-o", "song/bass.wav/no/out.wav"), "song/bass.wav is a file, not a folder"),
    "a folder": (("-o", "song"), "song"),
    "no audio format": (("-o", "out.docx"), "out.docx cannot be written as audio"),
    "a stem as output": (("-o", "song/bass.wav"), "bass.wav is one of the stems"),
    "stems over stems": (("--stems-out", "song"), "holds the stems"),
    "mix over its stems": (("-o", "parts/bass.wav", "--stems-out", "parts"), "bass.wav"),
    "stems into a file": (("--stems-out", "song/bass.wav"), "bass.wav"),
}


@pytest.mark.parametrize("case", BAD_OPTIONS)
def test_a_bad_option_is_one_line(case: str, song: Path, run: Run, tmp_path: Path) -> None:
    options, message = BAD_OPTIONS[case]
    (tmp_path / "parts").mkdir()
    before = {f: f.read_bytes() for f in song.iterdir()}
    refused(run("mix", "song", "-o", "out.wav", *options), message)
    assert sorted(f.name for f in tmp_path.rglob("*") if f.parent != song) == ["parts", "song"]
    assert {f: f.read_bytes() for f in song.iterdir()} == before


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "p.json is not JSON"),
        ("[1]", "p.json is not a plan"),
        (
            '{"stems": [{"name": "vocals", "gain": 1}]}',
            "p.json: line 1, column 31: $.stems[0].gain: unknown field",
        ),
        ('{"stems": [{"name": "vocals"}]}', "the stems have bass, drums, guitar, which the plan lacks"),
        ('{"stems": [{"name": "vocals"}], "version": 9}', "version 9"),
        (None, "p.json "),
    ],
)
def test_a_bad_plan_is_one_line(text: str | None, message: str, song: Path, run: Run, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / "p.json").write_text(text)
    refused(run("render", song, "p.json", "-o", "out.wav"), message)
    assert not (tmp_path / "out.wav").exists()


def test_a_plan_for_a_plugin_needs_the_other_engine(song: Path, run: Run, tmp_path: Path) -> None:
    assert run("plan", song, "-o", "p.json").returncode == 0
    document = json.loads((tmp_path / "p.json").read_text())
    document["stems"][0]["plugins"] = [{"path": "x.vst3"}]
    (tmp_path / "p.json").write_text(json.dumps(document))
    refused(
        run("render", song, "p.json", "-o", "out.wav"),
        "uses the plug-in x.vst3: render it with the engine 'pedalboard'",
    )


def test_a_plan_never_replaces_a_stem(song: Path, run: Run) -> None:
    before = (song / "bass.wav").read_bytes()
    refused(run("plan", song, "-o", song / "bass.wav"), "bass.wav cannot hold a plan")
    assert (song / "bass.wav").read_bytes() == before


TEXTS = {
    "a name twice": ('"gain_db": 0.0', '"gain_db": 30, "gain_db": 0', '"gain_db" stands twice in one object'),
    "a comma": ('"gain_db": 0.0', '"gain_db": 0,5', "a number takes a point: 0.5, not 0,5"),
    "a comment": ('"gain_db": 0.0', '"gain_db": 0.0 // louder', "JSON has no comments"),
    "a wrong type": ('"gain_db": 0.0', '"gain_db": "loud"', 'gain_db: a number is needed, got "loud"'),
    "an unknown field": ('"gain_db": 0.0', '"gain": 0.0', "gain: unknown field; did you mean gain_db?"),
}


@pytest.mark.parametrize("case", TEXTS)
def test_a_plans_error_has_line_and_column(case: str, song: Path, run: Run, tmp_path: Path) -> None:
    right, wrong, message = TEXTS[case]
    text = '{\n  "stems": [\n    {"name": "vocals", "gain_db": 0.0}\n  ]\n}\n'
    (tmp_path / "p.json").write_text(text.replace(right, wrong))
    for command in (("render", "song", "p.json"), ("mix", "song", "--start", "p.json")):
        done = run(*command, "-o", "out.wav")
        refused(done, message)
        assert re.search(r"^mixrules: p\.json.*: line 3, column \d+: ", done.stderr)


SWAPPED = {
    "plan before folder": (
        ("render", "p.json", "song"),
        "the folder of stems comes first, mixrules render song p.json",
    ),
    "two plans": (("render", "p.json", "p.json"), "p.json is a JSON file, a folder of stems is needed"),
    "two folders": (("render", "song", "song"), "song is a folder, a plan (a JSON file) is needed"),
    "a stem as plan": (
        ("render", "song", "song/bass.wav"),
        "song/bass.wav is audio, a plan (a JSON file) is needed",
    ),
    "a plan to decide on": (("plan", "p.json"), "p.json is a JSON file, a folder of stems is needed"),
    "a plan to mix": (("mix", "p.json"), "a plan is rendered by mixrules render FOLDER PLAN"),
    "a folder to start from": (("mix", "song", "--start", "song"), "song is a folder, a plan (a JSON file)"),
    "another song's plan": (
        ("mix", "song", "--start", "p.json"),
        "p.json is for other stems: the plan has tuba",
    ),
}


@pytest.mark.parametrize("case", SWAPPED)
def test_one_thing_in_place_of_another_is_told(case: str, song: Path, run: Run, tmp_path: Path) -> None:
    arguments, message = SWAPPED[case]
    (tmp_path / "p.json").write_text('{"stems": [{"name": "tuba"}]}')
    refused(run(*arguments, "-o", "out.json" if arguments[0] == "plan" else "out.wav"), message)


def test_a_mix_in_place_of_its_plan_is_told_where_the_plan_is(song: Path, run: Run, tmp_path: Path) -> None:
    (tmp_path / "mix.wav").write_bytes((song / "bass.wav").read_bytes())
    (tmp_path / "mix.plan.json").write_text("{}")
    refused(
        run("render", song, "mix.wav"),
        "mix.wav is audio, a plan (a JSON file) is needed: mix.plan.json beside",
    )


USAGE = {
    "command": (("xyz",), "there is no command 'xyz': there are mix, plan, render"),
    "like a command": (("rander",), "there is no command 'rander': did you mean render?"),
    "a folder that is none": (("songs/x",), "'songs/x' is neither a command nor a folder that there is"),
    "a style twice": (
        ("mix", "song", "--style", "dry", "--style", "roomy"),
        "--style is given twice (dry, roomy): choose one",
    ),
    "a preset twice": (
        ("plan", "song", "--preset", "default", "--preset", "survey-2022"),
        "--preset is given twice (default, survey-2022): choose one",
    ),
    "option": (("mix", "--targetlufs", "3"), "there is no option --targetlufs; did you mean"),
    "nothing given": (("render", "song"), "PLAN is missing: mixrules render [OPTIONS] FOLDER PLAN"),
    "too many": (("plan", "a", "b"), "more arguments than are used (b): mixrules plan [OPTIONS] FOLDER"),
    "a comma": (("mix", "song", "--target-lufs", "-14,5"), "write a decimal number with a point: -14.5"),
    "a comma in a constant": (("mix", "song", "--set", "pan.width=0,5"), "with a point: 0.5"),
    "a comma in a start": (
        ("stimuli", "song", "--conditions", "none,equal", "-o", "t", "--at", "song=1,5"),
        "--at takes SECONDS or SONG=SECONDS, got 'song=1,5', write a decimal number with a point: 1.5",
    ),
    "no number": (("mix", "song", "--threads", "many"), "--threads must be a whole number, got 'many'"),
    "out of range": (("mix", "song", "--threads", "0"), "--threads must be 1 to 256, got 0"),
    "no choice": (
        ("compare", ".", "--audio", "mp3"),
        "--audio must be one of embed, link, got 'mp3'",
    ),
    "role alone": (("mix", "song", "--role", "x"), "--role takes FILE=ROLE, got 'x'"),
    "like a preset": (("mix", "song", "--preset", "defualt"), "did you mean default?"),
    "like a rule": (("mix", "song", "--without", "reverbs"), "did you mean reverb?"),
    "like a constant": (("mix", "song", "--set", "pan.widht=1"), "did you mean pan.width?"),
    "like an engine": (("mix", "song", "--engine", "natvie"), "did you mean native?"),
    "constants together": (
        ("mix", "song", "--set", "reverb.tempo_low_bpm=300"),
        "rule reverb: tempo_low_bpm must be below tempo_high_bpm, got 300 and 180",
    ),
    "control characters": (("mix", "a\nb\x1b[31m"), r"a\nb\x1b[31m does not exist"),
    "not UTF-8": (("mix", "b\udce4ss"), r"b\udce4ss does not exist"),
}


@pytest.mark.parametrize("case", USAGE)
def test_a_wrong_command_line_is_one_plain_line(case: str, song: Path, run: Run) -> None:
    arguments, message = USAGE[case]
    refused(run(*arguments), message)


def test_a_plan_of_another_rate_is_rendered_with_a_note(song: Path, run: Run, tmp_path: Path) -> None:
    assert run("plan", song, "-o", "p.json").returncode == 0
    document = json.loads((tmp_path / "p.json").read_text())
    (tmp_path / "p.json").write_text(json.dumps(document | {"sample_rate": 96_000}))
    done = run("render", song, "p.json", "-o", "out.wav")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"note: the plan was decided at 96000 Hz, the stems have {RATE} Hz" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [("measure", "gone.wav"), ("measure", "."), ("kfilter", "--sample-rate", "7999"), ("presets", "x")],
)
def test_other_commands_refuse_in_one_line_too(arguments: tuple[str, ...], run: Run) -> None:
    refused(run(*arguments), "mixrules: ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("plan", "song", "-o", "taken/p.json"), "taken/p.json cannot be written"),
        (("stimuli", "song", "--conditions", "none,equal", "-o", "taken/a/b"), "taken/a/b cannot be made"),
        (("compare", ".", "--systems", "none", "-o", "taken/a/b"), "taken/a/b cannot be made"),
        (("ratings", "gone", "-o", "taken/a/b"), "taken/a/b cannot be made"),
        (("demo", "taken/a/b"), "taken/a/b cannot be made"),
    ],
    ids=lambda given: given[0] if isinstance(given, tuple) else "",
)
def test_a_file_where_a_folder_is_to_be_is_named(
    arguments: tuple[str, ...], message: str, song: Path, run: Run, tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("x")
    before = sorted(tmp_path.rglob("*"))
    refused(run(*arguments), f"{message}: taken is a file, not a folder")
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("arguments", [("demo", "taken"), ("demo", "x", "--sample-rate", "1")])
def test_a_demo_that_cannot_be_written_is_one_line(
    arguments: tuple[str, ...], run: Run, tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("x")
    refused(run(*arguments), "mixrules: ")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_an_unwritable_folder_is_one_line(song: Path, run: Run, tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0o500)
    refused(run("mix", song, "-o", "locked/out.wav"), "locked")


def python(code: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", textwrap.dedent(code)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("limit", [0, 10_000])
def test_a_full_disk_leaves_nothing(limit: int, song: Path, tmp_path: Path) -> None:
    """A limit on file sizes, set when the mix is about to be written, stands in for a full disk."""
    done = python(
        f"""
        import resource, sys, mixrules.mixer as module
        from mixrules.cli import main
        real = module.verify
        def verified(*arguments):
            done = real(*arguments)
            sys.dont_write_bytecode = True  # it would be cut short, and stay
            resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
            return done
        module.verify = verified
        main(["mix", "song", "-o", "out.wav"])
        """,
        tmp_path,
    )
    refused(done, "out.plan.json cannot be written: the file is larger than allowed")
    assert [f.name for f in tmp_path.iterdir()] == ["song"]


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("when", ["mixrules.files.audio.writing._encode", "mixrules.mixer.verify"])
def test_an_interrupt_leaves_nothing(sent: signal.Signals, when: str, song: Path, tmp_path: Path) -> None:
    """The signal arrives while the file is written, or before."""
    module, _, function = when.rpartition(".")
    done = python(
        f"""
        import os, signal, time, {module} as module
        from mixrules.cli import main
        real = module.{function}
        def interrupted(*arguments, **more):
            done = real(*arguments, **more)
            os.kill(os.getpid(), signal.{sent.name})
            time.sleep(5)
            return done
        module.{function} = interrupted
        main(["mix", "song", "-o", "out.wav", "--stems-out", "parts"])
        """,
        tmp_path,
    )
    assert done.returncode == 130
    assert "Traceback" not in done.stderr
    assert "interrupted" in done.stderr
    left = [f.name for f in tmp_path.rglob("*") if f.parent != song and f.is_file()]
    assert left == []
