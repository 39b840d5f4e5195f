"""Every command with the flags it is documented with, run as a program."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from cli_runner import Run, as_program
from synthetic import RATE, Song

from mixrules import MixPlan
from mixrules.files.audio.segments import Segment

KEYS = [
    "file",
    "sample_rate",
    "channels",
    "duration_s",
    "integrated_lufs",
    "loudness_range_lu",
    "momentary_max_lufs",
    "short_term_max_lufs",
    "true_peak_dbtp",
    "sample_peak_dbfs",
    "layout",
    "layout_from",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, make_band: Callable[[float], Song]) -> Path:
    place = tmp_path_factory.mktemp("songs") / "my_song"
    place.mkdir()
    for name, audio in make_band(4.0).items():
        soundfile.write(place / f"{name}.wav", audio, RATE, subtype="FLOAT")
    os.rename(place / "vocals.wav", place / "Lead 1.wav")
    return place


def files(place: Path) -> list[str]:
    return sorted(f.name for f in place.rglob("*"))


def test_mix_writes_the_mix_and_its_plan_and_says_why(folder: Path, run: Run, tmp_path: Path) -> None:
    done = run("mix", folder, "-o", "mix.wav", "--explain")
    assert (done.returncode, done.stderr) == (0, "")
    assert files(tmp_path) == ["mix.plan.json", "mix.wav"]
    assert soundfile.info(tmp_path / "mix.wav").channels == 2
    made = MixPlan.from_json((tmp_path / "mix.plan.json").read_text(encoding="utf-8"))
    assert made.result is not None
    for decision in made.decisions:
        if not decision.superseded:
            assert decision.sentence.split(":")[0].split(";")[0] in done.stdout
    assert "checks on the rendered audio hold" in done.stdout
    assert "\x1b" not in done.stdout
    assert "LUFS" in done.stdout


def test_mix_takes_every_option(folder: Path, run: Run, tmp_path: Path) -> None:
    done = run(
        *("mix", folder, "--preset", "survey-2022", "--set", "level.vocal_to_backing_lu=-1.0"),
        *("--role", "Lead 1.wav=vocal", "--without", "eq", "--without", "reverb", "--stems-out", "parts"),
        *("--target-lufs", "-20", "--ceiling-dbtp", "-2", "--subtype", "FLOAT", "--engine", "native"),
        *("--sample-rate", "32000", "-o", "out.wav"),
    )
    assert (done.returncode, done.stderr) == (0, "")
    made = MixPlan.from_json((tmp_path / "out.plan.json").read_text(encoding="utf-8"))
    assert "survey-2022" in made.made_by
    assert {d.rule for d in made.decisions} == {"level", "compression", "master"}
    assert made.stem("Lead 1").role == "vocal"
    (between,) = (s for d in made.decisions for s in d.statements if s.kind == "vocal_to_backing_lu")
    assert between.stated == -1.0
    assert between.measured == pytest.approx(-1.0, abs=0.1)
    assert soundfile.info(tmp_path / "out.wav").samplerate == 32_000
    total: np.ndarray = np.zeros((0, 2))
    for name in ("Lead 1", "bass", "drums", "guitar"):
        part, _ = soundfile.read(tmp_path / "parts" / f"{name}.wav", dtype="float64")
        total = part if len(total) == 0 else total + part
    mixed, _ = soundfile.read(tmp_path / "out.wav", dtype="float64")
    gain = 10 ** (made.master.gain_db / 20)
    np.testing.assert_allclose(total * gain, mixed, atol=1e-6)


def test_plan_then_render_is_mix(folder: Path, run: Run, tmp_path: Path) -> None:
    assert run("mix", folder, "-o", "one.wav").returncode == 0
    decided = run("plan", folder, "-o", "my.plan.json")
    assert (decided.returncode, decided.stderr) == (0, "")
    rendered = run("render", folder, "my.plan.json", "-o", "two.wav")
    assert (rendered.returncode, rendered.stderr) == (0, "")
    assert (tmp_path / "one.wav").read_bytes() == (tmp_path / "two.wav").read_bytes()
    assert (tmp_path / "one.plan.json").read_bytes() == (tmp_path / "two.plan.json").read_bytes()


def test_render_replaces_the_stale_plan_beside_the_mix(folder: Path, run: Run, tmp_path: Path) -> None:
    assert run("mix", folder, "-o", "s.wav").returncode == 0
    edited = MixPlan.load(tmp_path / "s.plan.json").replace_stem("bass", mute=True)
    edited.save(tmp_path / "edit.json")
    before = (tmp_path / "edit.json").read_bytes()
    assert run("render", folder, "edit.json", "-o", "s.wav").returncode == 2
    done = run("render", folder, "edit.json", "-o", "s.wav", "--force")
    assert done.returncode == 0
    assert [line for line in done.stdout.splitlines() if line.startswith("edited by hand: bass muted")]
    assert "≠" not in done.stdout
    beside = MixPlan.load(tmp_path / "s.plan.json")
    assert beside.stems == edited.stems
    assert all(s.holds for d in beside.decisions for s in d.statements)
    assert (tmp_path / "edit.json").read_bytes() == before


@pytest.mark.parametrize("given", ["s.plan.json", "link.json"])
def test_render_leaves_a_plan_that_lies_beside_the_mix(
    given: str, folder: Path, run: Run, tmp_path: Path
) -> None:
    assert run("plan", folder, "-o", "s.plan.json").returncode == 0
    (tmp_path / "link.json").symlink_to("s.plan.json")
    before = (tmp_path / "s.plan.json").read_bytes()
    assert run("render", folder, given, "-o", "s.wav").returncode == 0
    assert (tmp_path / "s.plan.json").read_bytes() == before


@pytest.mark.parametrize("name", ["out.ogg", "out.flac"])
@pytest.mark.parametrize("command", ["mix", "render"])
def test_a_lossy_file_is_said_to_peak_elsewhere(command: str, name: str, folder: Path, run: Run) -> None:
    assert run("plan", folder, "-o", "p.json").returncode == 0
    done = run(command, folder, *(["p.json"] if command == "render" else []), "-o", name)
    assert (done.returncode, done.stderr) == (0, "")
    assert ("note: VORBIS is lossy" in done.stdout) == name.endswith(".ogg")


@pytest.mark.parametrize("command", ["mix", "plan", "render"])
def test_quiet_says_nothing(command: str, folder: Path, run: Run, tmp_path: Path) -> None:
    assert run("plan", folder, "-o", "p.json", "--quiet").returncode == 0
    plan_file = ["p.json"] if command == "render" else []
    done = run(command, folder, *plan_file, "-o", "x.json" if command == "plan" else "x.wav", "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.fixture
def tones(tmp_path: Path) -> list[str]:
    time_s = np.arange(5 * 48_000) / 48_000
    soundfile.write(tmp_path / "tone.wav", np.sin(2 * np.pi * 997 * time_s), 48_000, subtype="FLOAT")
    soundfile.write(tmp_path / "silence.flac", np.zeros((48_000, 2)), 48_000)
    return ["tone.wav", "silence.flac"]


def test_measure_json_has_the_documented_keys(run: Run, tones: list[str]) -> None:
    done = run("measure", *tones, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    tone, silence = json.loads(done.stdout)
    assert list(tone) == list(silence) == KEYS
    assert tone["file"] == "tone.wav"
    assert (tone["sample_rate"], tone["channels"], tone["duration_s"]) == (48_000, 1, 5.0)
    assert tone["integrated_lufs"] == pytest.approx(-3.01, abs=0.01)
    assert tone["true_peak_dbtp"] == pytest.approx(0.0, abs=0.02)
    assert (silence["sample_rate"], silence["channels"], silence["duration_s"]) == (48_000, 2, 1.0)
    assert [silence[key] for key in KEYS[4:-2]] == [None] * 6
    assert (tone["layout"], silence["layout"]) == ("mono", "stereo")


def test_measure_csv_has_the_same_columns(run: Run, tones: list[str]) -> None:
    done = run("measure", *tones, "--csv")
    tone, silence = csv.DictReader(io.StringIO(done.stdout))
    assert list(tone) == KEYS
    assert float(tone["integrated_lufs"]) == pytest.approx(-3.01, abs=0.01)
    assert silence["integrated_lufs"] == ""


def test_measure_prints_a_table(run: Run, tones: list[str]) -> None:
    done = run("measure", *tones)
    assert done.returncode == 0
    head, tone, silence = done.stdout.splitlines()
    assert head.split()[-1] == "file"
    assert "-3.01" in tone
    assert "-inf" in silence
    assert run("measure", *tones, "--json", "--csv").returncode == 2
    assert run("measure").returncode == 2


def test_measure_goes_on_after_a_bad_file(run: Run, tones: list[str], tmp_path: Path) -> None:
    (tmp_path / "bad.wav").write_text("hello")
    done = run("measure", "bad.wav", *tones, "--json")
    assert done.returncode == 2
    assert len(json.loads(done.stdout)) == 2
    assert len(done.stderr.splitlines()) == 1
    assert "bad.wav" in done.stderr


def test_measure_goes_on_after_a_file_that_may_not_be_read(
    run: Run, tones: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(path: Path) -> tuple[Segment, ...]:
        if path.name == "locked.wav":
            raise PermissionError(13, "Permission denied")
        return (Segment(),)

    (tmp_path / "locked.wav").write_bytes(b"x")
    monkeypatch.setattr("os.access", lambda path, mode, **more: "locked" not in str(path))
    monkeypatch.setattr("mixrules.files.audio.decoding.file_segments", denied)
    done = run("measure", "locked.wav", *tones, "--json")
    assert done.returncode == 2
    assert done.stderr == "mixrules: locked.wav cannot be read: permission denied\n"
    assert len(json.loads(done.stdout)) == 2


@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_kfilter_json(rate: int, run: Run) -> None:
    done = run("kfilter", "--sample-rate", rate, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    document = json.loads(done.stdout)
    assert list(document) == ["sample_rate", "stages", "max_deviation"]
    assert document["sample_rate"] == rate
    assert [sorted(stage) for stage in document["stages"]] == [["a", "b"]] * 2
    assert all(len(stage[k]) == 3 for stage in document["stages"] for k in "ab")
    assert all(stage["a"][0] == 1 for stage in document["stages"])
    if rate == 48_000:
        assert document["max_deviation"] <= 1e-12
        assert document["stages"][0]["b"][0] == pytest.approx(1.53512485958697, abs=1e-12)
    else:
        assert document["max_deviation"] is None
    assert "stage 2" in run("kfilter", "--sample-rate", rate).stdout


def test_presets_lists_rule_sets_and_constants(run: Run) -> None:
    listed = run("presets")
    assert (listed.returncode, listed.stderr) == (0, "")
    assert "default" in listed.stdout
    assert "survey-2022" in listed.stdout
    one = run("presets", "survey-2022")
    assert "level.vocal_to_backing_lu = -1.77 LU" in one.stdout
    assert "source: " in one.stdout
    lists = run("presets", "default").stdout
    assert "\npan.centre_roles = vocal,kick,snare,bass,drums,accompaniment\n" in lists
    assert "\npan.range_edges_hz = 800,3000 Hz\n" in lists
    document = json.loads(run("presets", "survey-2022", "--json").stdout)
    assert document["constants"]["compression.target_lu"]["value"] == 15.7
    assert [entry["name"] for entry in json.loads(run("presets", "--json").stdout)] == [
        "default",
        "survey-2022",
    ]


def test_demo_writes_the_same_stems_every_time(run: Run, tmp_path: Path) -> None:
    for place in ("one", "two"):
        done = run("demo", place, "--sample-rate", "8000")
        assert (done.returncode, done.stderr) == (0, "")
    names = files(tmp_path / "one")
    assert sum(name.endswith(".wav") for name in names) >= 5
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_help_and_version(run: Run) -> None:
    for arguments in (("--help",), ("-h",), ("mix", "--help")):
        assert run(*arguments).returncode == 0
    assert run("--version").stdout.startswith("mixrules 0.")


def test_no_command_shows_the_help(run: Run) -> None:
    done = run()
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == run("--help").stdout
    assert len(done.stderr.splitlines()) > 15


def test_a_terminal_that_cannot_show_a_sign_is_no_reason_to_fail(folder: Path, tmp_path: Path) -> None:
    done = as_program(tmp_path, "mix", folder, "-o", "mix.wav", env={"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0, done.stderr
    assert "checks on the rendered audio hold" in done.stdout


def test_a_reader_that_leaves_early_is_no_error(folder: Path, tmp_path: Path) -> None:
    command = f"{sys.executable} -m mixrules presets default | head -1"
    done = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True)
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 1
