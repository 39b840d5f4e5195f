"""What `mix`, `plan` and `render` print, the wishes `--vocal` and `--louder`, and the commands below "next:"."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile
from synthetic import RATE, Song

from mixrules import MixPlan, measure

if TYPE_CHECKING:
    from cli_runner import Run


def write_song(place: Path, song: Song) -> Path:
    place.mkdir(parents=True)
    for name, audio in song.items():
        soundfile.write(place / f"{name}.wav", audio, RATE, subtype="FLOAT")
    return place


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, make_band: Callable[[float], Song]) -> Path:
    return write_song(tmp_path_factory.mktemp("songs") / "my song's", make_band(4.0))


def commands(printed: str) -> list[list[str]]:
    """Return the commands below "next:" as a shell would take them apart, without the program's name."""
    _, _, below = printed.partition("\nnext:\n")
    return [shlex.split(line)[1:] for line in below.splitlines()]


def ratio_lu(plan_file: Path) -> float:
    made = MixPlan.load(plan_file)
    (stated,) = (s for d in made.decisions for s in d.statements if s.kind == "vocal_to_backing_lu")
    assert stated.holds
    return stated.stated


def test_mix_prints_one_screen_and_what_it_proposes_works(folder: Path, run: Run, tmp_path: Path) -> None:
    done = run("mix", folder, "-o", "m.wav")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert len(lines) <= 24
    assert all(len(line) <= 80 for line in lines if not line.startswith("  mixrules "))
    assert done.stdout.isascii()
    for name in ("bass", "drums", "guitar", "vocals"):
        assert sum(line.startswith(f"{name} ") for line in lines) == 1
    assert re.search(r"^checks: (\d+) of \1 checks on the rendered audio hold$", done.stdout, re.MULTILINE)
    assert re.search(r"^mix: -\d+\.\d LUFS, loudness range ", done.stdout, re.MULTILINE)
    assert "wrote m.wav (PCM_24)\n" in done.stdout
    proposed = commands(done.stdout)
    assert 3 <= len(proposed) <= 5
    for command in proposed:
        again = run(*command)
        assert (again.returncode, again.stderr) == (0, ""), command
    assert (tmp_path / "m-louder.wav").exists()
    assert (tmp_path / "m.dawproject").exists()
    assert ratio_lu(tmp_path / "m-vocal.plan.json") - ratio_lu(tmp_path / "m.plan.json") == pytest.approx(
        2.0, abs=0.02
    )


def test_what_was_asked_for_is_part_of_what_is_proposed(folder: Path, run: Run) -> None:
    louder, vocal, report, explained, exported = commands(
        run(
            *("mix", folder, "-o", "a.wav", "--vocal", "-1", "--set", "level.drums_lu=-3", "--without", "eq"),
            *("--style", "dry", "--role", "bass.wav=synth", "--louder"),
        ).stdout
    )
    for command in (louder, vocal, report, explained):
        assert command[:2] == ["mix", str(folder)]
        assert {"level.drums_lu=-3", "eq", "dry", "bass.wav=synth"} < set(command)
    assert exported[:4] == ["export", str(folder), "a.plan.json", "-o"]
    assert exported[4:] == ["a.dawproject", "--role", "bass.wav=synth"]
    assert ("--vocal", "+1") in pairwise(vocal)
    assert ("--vocal", "-1") in pairwise(louder)
    assert "--explain" in explained
    assert ("--report", "a.html") in pairwise(report)


def test_a_zero_that_was_asked_for_is_part_of_what_is_proposed(folder: Path, run: Run) -> None:
    zeros = ("--strength", "0", "--ceiling-dbtp", "0", "--vocal", "0", "--set", "level.drums_lu=0")
    done = run("mix", folder, "-o", "z.wav", *zeros)
    assert (done.returncode, done.stderr) == (0, "")
    proposed = commands(done.stdout)
    assert len(proposed) >= 2
    for command in proposed[:-1]:
        assert {("--strength", "0"), ("--ceiling-dbtp", "0"), ("--set", "level.drums_lu=0")} <= set(
            pairwise(command)
        )
        again = run(*command)
        assert (again.returncode, again.stderr) == (0, ""), command
    assert proposed[-1] == ["export", str(folder), "z.plan.json", "-o", "z.dawproject"]


def test_a_song_whose_name_begins_with_a_dash(folder: Path, run: Run, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "-dash")
    for made in (
        run("mix", "-o", "d.wav", "--", "-dash"),
        run("plan", "-o", "e.json", "--", "-dash"),
    ):
        proposed = commands(made.stdout)
        assert proposed
        for command in proposed:
            again = run(*command)
            assert (again.returncode, again.stderr) == (0, ""), command


def test_a_setting_that_was_given_is_replaced_where_another_is_proposed(folder: Path, run: Run) -> None:
    given = ("--set", "master.max_limiting_db=1", "--set", "level.drums_lu=-3")
    done = run("mix", folder, "--louder", "8", "-o", "s.wav", *given)
    louder, *_ = commands(done.stdout)
    settings = [value for option, value in pairwise(louder) if option == "--set"]
    assert sorted(each.partition("=")[0] for each in settings) == ["level.drums_lu", "master.max_limiting_db"]
    assert "master.max_limiting_db=1" not in settings
    assert run(*louder).returncode == 0


def test_a_page_that_is_there_already_is_not_proposed_to_be_replaced(
    folder: Path, run: Run, tmp_path: Path
) -> None:
    (tmp_path / "own.html").write_text("mine")
    proposed = commands(run("mix", folder, "-o", "own.wav").stdout)
    (report,) = (command for command in proposed if "--report" in command)
    assert ("--report", "own-report.html") in pairwise(report)
    assert run(*report).returncode == 0
    assert (tmp_path / "own.html").read_text() == "mine"
    assert (tmp_path / "own-report.html").stat().st_size > 10_000


@pytest.mark.parametrize("arguments", [("--quiet",), ("--quiet", "--explain"), ("-q", "--louder")])
def test_quiet_prints_nothing(arguments: tuple[str, ...], folder: Path, run: Run) -> None:
    done = run("mix", folder, "-o", "q.wav", *arguments)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_plan_prints_the_same_rows_and_how_to_render_it(folder: Path, run: Run, tmp_path: Path) -> None:
    mixed = run("mix", folder, "-o", "m.wav").stdout
    decided = run("plan", folder, "-o", "p.json").stdout
    rows, _, _ = mixed.partition("checks: ")
    assert decided.startswith(rows)
    assert "\nwrote p.json\n" in decided
    for command in commands(decided):
        assert run(*command).returncode == 0, command
    rendered = run("render", folder, "p.json", "-o", "r.wav").stdout
    assert rendered.startswith(rows)
    assert (tmp_path / "r.wav").read_bytes() == (tmp_path / "m.wav").read_bytes()
    explained = run("render", folder, "p.json", "-o", "e.wav", "--explain").stdout
    assert re.search(r"^level +vocals: fader at ", explained, re.MULTILINE)
    assert not re.search(r"^vocals ", explained, re.MULTILINE)


@pytest.mark.parametrize("place", ["before", "after"])
@pytest.mark.parametrize("given", [("--louder",), ("--louder", "2"), ("--louder=2",)])
def test_louder_needs_no_number_wherever_it_stands(
    place: str, given: tuple[str, ...], folder: Path, run: Run, tmp_path: Path
) -> None:
    quieter = ("--target-lufs", "-30")
    where = (*given, folder) if place == "before" else (folder, *given)
    done = run("mix", *where, *quieter, "-o", "m.wav")
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"^louder by 2 LU, for (no|\d\.\d dB) more limiting", done.stdout, re.MULTILINE)
    made = MixPlan.load(tmp_path / "m.plan.json")
    assert made.result is not None
    assert made.result.integrated_lufs == pytest.approx(-28.0, abs=0.1)


def test_a_mix_that_stops_short_names_the_setting_and_proposes_to_lift_it(
    folder: Path, run: Run, tmp_path: Path
) -> None:
    done = run("mix", folder, "--louder", "8", "-o", "m.wav")
    stopped = re.search(
        r"^short of -6 LUFS by (.*) LU: limiting ends at 3 dB \(master\.max_limiting_db\)$", done.stdout, re.M
    )
    assert stopped
    first, *_ = commands(done.stdout)
    assert run(*first).returncode == 0
    before, after = (MixPlan.load(tmp_path / f"{name}.plan.json").result for name in ("m", "m-louder"))
    assert before is not None
    assert after is not None
    assert before.integrated_lufs == pytest.approx(-6.0 - float(stopped[1]), abs=0.1)
    assert (after.integrated_lufs or 0.0) > (before.integrated_lufs or 0.0) + 0.5


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--vocal", "21"), "--vocal must be -20 to 20"),
        (("--vocal", "nan"), "--vocal"),
        (("--louder", "-2"), "--louder must be 0.1 to 20"),
        (("--louder", "18"), "master.target_lufs must be"),
        (("--louder", "--without", "master"), "no master"),
        (("--vocal", "2", "--without", "level"), "sets no level of the vocal"),
        (("--vocal", "2", "--role", "vocals.wav=synth"), "--role FILE=vocal names it"),
    ],
)
@pytest.mark.parametrize("command", ["mix", "plan"])
def test_a_wish_that_cannot_be_met_is_one_line(
    command: str, arguments: tuple[str, ...], said: str, folder: Path, run: Run, tmp_path: Path
) -> None:
    done = run(command, folder, *arguments, "-o", "m.json" if command == "plan" else "m.wav")
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert said in line
    assert not list(tmp_path.iterdir())


def test_a_vocal_whose_fader_ends_is_said_to_be_softer_than_asked_for(
    make_band: Callable[[float], Song], run: Run, tmp_path: Path
) -> None:
    song = make_band(4.0)
    song["vocals"] = song["vocals"] * np.float32(1e-2)
    write_song(tmp_path / "faint", song)
    done = run("mix", "faint", "--vocal", "+15", "-o", "m.wav")
    assert "the vocal is softer than asked for: its fader ends at +30 dB (level.max_gain_db)\n" in done.stdout


def test_a_vocal_that_is_too_faint_to_be_heard_is_none(
    make_band: Callable[[float], Song], run: Run, tmp_path: Path
) -> None:
    song = make_band(4.0)
    song["vocals"] = song["vocals"] * np.float32(1e-4)
    write_song(tmp_path / "faint", song)
    done = run("mix", "faint", "--vocal", "+15", "-o", "m.wav")
    assert done.returncode == 2
    assert "--role FILE=vocal names it" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["faint"]


def test_names_that_are_no_plain_text_take_one_row_each(
    make_band: Callable[[float], Song], run: Run, tmp_path: Path
) -> None:
    song = dict(
        zip(("vox <script>", "bass\nline", "ギター", 'drums "$x"'), make_band(3.0).values(), strict=True)
    )
    write_song(tmp_path / "odd\nname", song)
    done = run("mix", "odd\nname", "-o", "m.wav")
    assert (done.returncode, done.stderr) == (0, "")
    for name in ("vox <script>", "bass\\nline", "ギター", 'drums "$x"'):
        assert sum(line.startswith(name) for line in done.stdout.splitlines()) == 1
    assert "next:" not in done.stdout  # no shell takes a line break as it would be printed


def test_many_stems_are_a_bounded_number_of_rows(run: Run, tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    song = {f"synth {n}": (0.01 * (n + 1) * rng.standard_normal(RATE)).astype(np.float32) for n in range(40)}
    write_song(tmp_path / "many", song)
    done = run("mix", "many", "-o", "m.wav", "--preset", "default", "--stems-out", "parts")
    assert (done.returncode, done.stderr) == (0, "")
    assert sum(line.startswith("synth ") for line in done.stdout.splitlines()) == 20
    assert "\nand 20 more, which changed less\n" in done.stdout
    assert "\nwrote 40 stems to parts (FLOAT)\n" in done.stdout
    assert len(done.stdout.splitlines()) <= 36


@pytest.mark.parametrize(
    ("name", "coding"),
    [
        ("m.mp3", "MPEG_LAYER_III"),
        ("m.opus", "OPUS, resampled to 24000 Hz, which .opus takes"),
        ("m.ogg", "VORBIS"),
        ("m.m4a", "AAC"),
    ],
)
@pytest.mark.parametrize("command", ["mix", "render"])
def test_a_lossy_mix_is_as_loud_as_the_plan_says_and_is_measured(
    command: str, name: str, coding: str, folder: Path, run: Run, tmp_path: Path
) -> None:
    if name.endswith("m4a"):
        pytest.importorskip("av")
    plan_file = []
    if command == "render":
        assert run("plan", folder, "-o", "p.json", "-q").returncode == 0
        plan_file = ["p.json"]
    done = run(command, folder, *plan_file, "-o", name)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"\nwrote {name} ({coding})\n" in done.stdout
    said = re.search(
        r"lossy: the file as decoded is at (.*) LUFS, true peak (.*) dBTP, (.*) before coding", done.stdout
    )
    assert said
    after = measure(tmp_path / name)
    made = MixPlan.load(tmp_path / "m.plan.json").result
    assert made is not None
    assert made.true_peak_dbtp is not None
    assert [float(text) for text in said.groups()] == pytest.approx(
        [after.integrated_lufs, after.true_peak_dbtp, made.true_peak_dbtp], abs=0.06
    )
    assert after.integrated_lufs == pytest.approx(made.integrated_lufs, abs=0.5)
    assert after.duration_s == pytest.approx(made.duration_s, abs=0.07)


@pytest.mark.parametrize("name", ["n.mp3", "n.opus", "n.m4a"])
def test_normalize_writes_the_format_that_is_asked_for(
    name: str, folder: Path, run: Run, tmp_path: Path
) -> None:
    if name.endswith("m4a"):
        pytest.importorskip("av")
    source = folder / "guitar.wav"
    done = run("normalize", source, "-o", name, "--target-lufs", "-23")
    assert done.returncode == 0, done.stderr
    assert measure(tmp_path / name).integrated_lufs == pytest.approx(-23.0, abs=0.5)
    assert ("resampled to 24000 Hz" in done.stderr) == (name == "n.opus")
    into = run("normalize", tmp_path / name, "-o", "into", "--target-lufs", "-20")
    assert into.returncode == 0, into.stderr
    assert [path.name for path in (tmp_path / "into").iterdir()] == [
        "n.flac"
    ]  # nothing is coded with loss twice
    again = run("normalize", tmp_path / name, "-o", "into", "--target-lufs", "-20", "--format", name[2:])
    assert again.returncode == 0, again.stderr
    assert (tmp_path / "into" / name).exists()
