"""`mixrules plot`, `mixrules masking` and `measure --plot`: what they write, and what they refuse before they measure."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from synthetic import RATE, band, noise

from mixrules import MixPlan, load_stems, starting_plan
from mixrules._support import installed
from mixrules.files import write_audio
from mixrules.processors import CompressorParams
from mixrules.report.song.figures.sheets import FIGURES, OF_FILES

if TYPE_CHECKING:
    from cli_runner import Run


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """A song of four seconds, and a plan with a compressor beside it."""
    folder = tmp_path / "my song"
    folder.mkdir()
    for name, samples in band(4.0).items():
        write_audio(folder / f"{name}.wav", samples[:, np.newaxis], RATE)
    plan = starting_plan(load_stems(folder)).replace_stem("vocals", compressor=CompressorParams())
    plan.save(tmp_path / "plan.json")
    return folder


def comments(path: Path) -> str:
    """Return what letters that are shapes say: matplotlib writes each text beside them."""
    return path.read_text(encoding="utf-8")


def test_a_figure_of_a_plan_is_written_and_never_replaced_without_asking(run: Run, song: Path) -> None:
    done = run("plot", "compressor", song, "plan.json", "-o", "figures/vocals.svg")
    assert (done.returncode, done.stdout) == (0, "wrote figures/vocals.svg\n"), done.stderr
    path = Path("figures/vocals.svg")
    first = path.read_bytes()
    assert "<!-- vocals -->" in comments(path)
    again = run("plot", "compressor", song, "plan.json", "-o", path)
    assert again.returncode == 2
    assert (
        again.stderr
        == "mixrules: figures/vocals.svg exists already: name another with -o, or --force replaces it\n"
    )
    assert run("plot", "compressor", song, "plan.json", "-o", path, "--force", "-q").stdout == ""
    assert path.read_bytes() == first


def test_without_a_plan_the_rules_decide(run: Run, song: Path) -> None:
    done = run("plot", "pan", song, "--preset", "survey-2022", "--set", "master.target_lufs=-20")
    assert (done.returncode, done.stdout) == (0, "wrote pan.svg\n"), done.stderr
    assert "<!-- guitar -->" in comments(Path("pan.svg"))


def test_stems_are_picked(run: Run, song: Path) -> None:
    assert run("plot", "eq", song, "plan.json", "--stem", "bass", "-q").returncode == 0
    drawn = comments(Path("eq.svg"))
    assert "<!-- bass -->" in drawn
    assert "<!-- guitar -->" not in drawn
    done = run("plot", "eq", song, "plan.json", "--stem", "basss", "-o", "other.svg")
    assert done.returncode == 2
    assert "there is no stem 'basss'" in done.stderr
    assert "bass" in done.stderr
    assert not Path("other.svg").exists()


def test_files_are_drawn_on_one_scale(run: Run, song: Path) -> None:
    for kind in OF_FILES:
        done = run("plot", kind, song / "vocals.wav", song / "bass.wav", "-o", f"{kind}.svg")
        assert done.returncode == 0, done.stderr
        drawn = comments(Path(f"{kind}.svg"))
        assert "<!-- vocals.wav" in drawn
        assert "<!-- bass.wav" in drawn
    done = run("plot", "eq", song / "vocals.wav")
    assert done.returncode == 2
    assert "eq is drawn of a folder of stems, loudness and spectrum of files" in done.stderr
    assert run("plot", "loudness", song / "vocals.wav", "--stem", "vocals", "-o", "a.svg").returncode == 2


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("plot", "eq", "my song", "-o", "eq.jpg"), "let it end in .svg, .pdf or .png"),
        (("plot", "eq", "nowhere"), "nowhere"),
        (("plot", "eq", "plan.json"), "a folder of stems is needed"),
        (("plot", "eq", "my song", "plan.json", "plan.json"), "one song and one plan, got 3"),
        (("plot", "eq", "my song", "my song"), "a plan (a JSON file) is needed"),
        (("plot", "compressor", "my song", "flat.json"), "no stem has a compressor"),
        (("plot", "reverb", "my song", "flat.json"), "the plan has no reverb"),
        (("plot", "plan", "my song", "flat.json", "--stem", "bass"), "leave --stem out"),
        (("plot", "colours", "my song"), "colours"),
        (("plot", "pan", "my song", "flat.json", "--set", "level.vocal_to_backing_lu=-1"), "leave --set out"),
        (
            ("masking", "my song", "flat.json", "--without", "eq"),
            "flat.json has decided already, leave --without out",
        ),
        (("masking", "my song/vocals.wav"), "a folder of stems is needed"),
        (("masking", "my song", "flat.json", "--json", "--csv"), "choose one of --json and --csv"),
        (("measure", "my song/vocals.wav", "--plot", "figure.doc"), "let it end in .svg, .pdf or .png"),
    ],
    ids=lambda value: " ".join(value[:3]) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_drawn_costs_one_line(
    run: Run, song: Path, tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    starting_plan(load_stems(song)).save(tmp_path / "flat.json")
    before = sorted(tmp_path.rglob("*"))
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1 or done.stderr.startswith("Usage")
    assert says in done.stderr
    assert sorted(tmp_path.rglob("*")) == before


def test_without_matplotlib_the_extra_is_named(run: Run, song: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installed, "is_installed", lambda package: package != "matplotlib")
    for arguments in (
        ("plot", "eq", song),
        ("masking", song, "-o", "a.svg"),
        ("measure", "a.wav", "--plot", "a.svg"),
    ):
        done = run(*arguments)
        assert done.returncode == 2
        assert (
            done.stderr
            == "mixrules: a figure needs matplotlib, which is not installed: pip install 'mixrules[report]'\n"
        )


def test_who_hides_whom_is_said_and_listed(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "two"
    folder.mkdir()
    for name, level, seed in (("loud", 1.0, 1), ("quiet", 0.02, 2)):
        write_audio(folder / f"{name}.wav", level * noise(4.0, 300, 900, seed=seed)[:, np.newaxis], RATE)
    plan = starting_plan(load_stems(folder)).replace_stem("quiet", gain_db=60.0)
    plan.save(tmp_path / "plan.json")
    done = run("masking", folder, "plan.json", "-o", "heat.svg")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("how much of each stem the others hide")
    said = next(line for line in lines if "quiet behind loud" in line)
    assert "→   0 %" in said
    assert " Hz" in said
    assert max(map(len, lines)) < 80
    assert lines[-1] == "wrote heat.svg"
    listed = json.loads(run("masking", folder, "plan.json", "--json").stdout)
    assert {(row["stem"], row["by"]) for row in listed} == {
        ("loud", ""),
        ("quiet", ""),
        ("loud", "quiet"),
        ("quiet", "loud"),
    }
    row = next(row for row in listed if row["stem"] == "quiet" and row["by"] == "loud")
    assert row["before_percent"] > 90.0 > 10.0 > row["after_percent"]
    assert row["low_hz"] < row["high_hz"]
    rows = list(csv.DictReader(io.StringIO(run("masking", folder, "plan.json", "--csv").stdout)))
    assert [float(each["before_percent"]) for each in rows] == [each["before_percent"] for each in listed]


def test_one_stem_hides_nobody(run: Run, tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    write_audio(tmp_path / "one" / "vocals.wav", noise(2.0, 300, 900)[:, np.newaxis], RATE)
    MixPlan.from_json(starting_plan(load_stems(tmp_path / "one")).to_json()).save(tmp_path / "plan.json")
    done = run("masking", tmp_path / "one", "plan.json")
    assert (done.returncode, done.stdout) == (0, "fewer than two stems sound: nothing hides another\n")
    assert run("plot", "masking", tmp_path / "one", "plan.json", "-q").returncode == 0


def test_measure_draws_what_it_measured(run: Run, song: Path) -> None:
    done = run("measure", song / "vocals.wav", song / "drums.wav", "missing.wav", "--plot", "loudness.svg")
    assert done.returncode == 2  # of the file that is missing
    assert "wrote loudness.svg" in done.stderr
    assert done.stdout.count("\n") == 3
    drawn = comments(Path("loudness.svg"))
    row = next(line for line in done.stdout.splitlines() if line.endswith("vocals.wav"))
    assert f"<!-- vocals.wav −{abs(float(row.split()[0])):.1f} -->" in drawn
    again = run("measure", song / "vocals.wav", "--plot", "loudness.svg")
    assert again.returncode == 2
    assert "--force replaces it" in again.stderr
    assert run("measure", song / "vocals.wav", "--plot", "loudness.svg", "--force").returncode == 0
    own = run("measure", song / "vocals.wav", "--plot", song / "vocals.wav")
    assert own.returncode == 2
    assert "is one of the files" in own.stderr or "let it end in" in own.stderr


def test_the_command_knows_every_figure() -> None:
    from mixrules.cli import plot

    assert plot._KINDS == FIGURES
    assert plot._OF_FILES == OF_FILES
