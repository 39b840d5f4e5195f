"""`--like`: references on the command line, what is printed of them, and bad ones in one line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from cli_runner import Run  # noqa: TC002
from synthetic import RATE, band

from mixrules import MixPlan


@pytest.fixture
def songs(tmp_path: Path) -> Path:
    """A song, another one, and a finished mix of the other."""
    stems = band(4.0)
    for name in ("mine", "other"):
        (tmp_path / name).mkdir()
        for stem, audio in stems.items():
            soundfile.write(tmp_path / name / f"{stem}.wav", audio, RATE, subtype="FLOAT")
    total = 0.4 * np.einsum("ij,i->j", np.array(list(stems.values())), np.array([1.5, 0.6, 1.0, 0.4]))
    soundfile.write(tmp_path / "other.wav", np.repeat(total[:, None], 2, axis=1), RATE, subtype="FLOAT")
    return tmp_path


def test_a_mix_like_another_says_what_was_read(songs: Path, run: Run) -> None:
    done = run("mix", "mine", "-o", "mix.wav", "--like", "other=other.wav")
    assert done.returncode == 0, done.stderr
    (line,) = (line for line in done.stdout.splitlines() if line.startswith("like: "))
    assert "Targets are read from other: levels" in line
    plan = MixPlan.load(songs / "mix.plan.json")
    assert "preset default, like other" in plan.made_by


def test_at_no_strength_the_files_are_the_presets(songs: Path, run: Run) -> None:
    for output, options in (("a.wav", []), ("b.wav", ["--like", "other.wav", "--like-strength", "0"])):
        assert run("mix", "mine", "-o", output, "-q", *options).returncode == 0
    assert (songs / "a.wav").read_bytes() == (songs / "b.wav").read_bytes()
    assert (songs / "a.plan.json").read_bytes() == (songs / "b.plan.json").read_bytes()


def test_a_style_is_a_taste_on_top_and_a_setting_the_last_word(songs: Path, run: Run) -> None:
    done = run(
        *("plan", "mine", "-o", "p.json", "--like", "other.wav", "--style", "vocal-forward", "--explain"),
        *("--set", "master.target_lufs=-20"),
    )
    assert done.returncode == 0, done.stderr
    plan = MixPlan.load(songs / "p.json")
    assert "like other, style vocal-forward" in plan.made_by
    master = next(line for line in done.stdout.splitlines() if line.startswith("master"))
    assert "Read from" not in master
    assert "-20.0 LUFS" in master


def test_several_references_and_a_plan_are_taken(songs: Path, run: Run) -> None:
    assert run("plan", "other", "-o", "other.plan.json", "-q").returncode == 0
    done = run("plan", "mine", "-o", "p.json", "--like", "other", "--like", "other.plan.json", "--explain")
    assert done.returncode == 0, done.stderr
    assert "Read from other:" in done.stdout


def test_a_batch_is_like_it_too(songs: Path, run: Run) -> None:
    done = run("batch", ".", "-o", "mixes", "--only", "mine", "--like", "other.wav", "-q")
    assert done.returncode == 0, done.stderr
    (plan,) = (MixPlan.load(path) for path in (songs / "mixes").rglob("*.plan.json"))
    assert "like other" in plan.made_by


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--like", "nowhere"), "there is no nowhere"),
        (("--like", "other=nowhere.wav"), "there is no nowhere.wav"),
        (("--like", "broken.wav"), "broken.wav"),
        (("--like", "silent.wav"), "silent.wav is silent"),
        (("--like", "short.wav"), "short.wav lasts 0.50 s"),
        (("--like-strength", "0.5"), "--like names one"),
        (("--like", "other", "--like-strength", "2"), "--like-strength"),
    ],
)
def test_a_bad_reference_costs_one_line_and_writes_nothing(
    songs: Path, run: Run, options: tuple[str, ...], message: str
) -> None:
    (songs / "broken.wav").write_bytes(b"RIFF" + bytes(40))
    soundfile.write(songs / "silent.wav", np.zeros(RATE * 4), RATE)
    soundfile.write(songs / "short.wav", np.full(RATE // 2, 0.1), RATE)
    done = run("mix", "mine", "-o", "mix.wav", *options)
    assert done.returncode == 2
    assert message in done.stderr.splitlines()[-1]
    assert not (songs / "mix.wav").exists()
