"""Songs at the balance of their mixes, and the table of networks, constants and rules on songs left out of training."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

import numpy as np
import pytest
import songs_at_balance
from deep_songs_tables import Answer, table
from synthetic import RATE, band

from mixrules.files import read_audio, write_audio

FADERS = {"drums": (1.0, 0.5), "bass": (0.25, 0.25), "guitar": (0.5, 0.5), "lead_synth": (0.1, 0.1)}


@pytest.fixture
def instrumental(tmp_path: Path) -> Path:
    """A song without a vocal, beside the faders of its mix."""
    song = tmp_path / "songs" / "one"
    song.mkdir(parents=True)
    stems = band(1.0)
    stems["lead_synth"] = stems.pop("vocals")
    for name, audio in stems.items():
        write_audio(song / f"{name}.wav", 0.1 * audio, RATE)
    faders = {"stems": {name: {"left": left, "right": right} for name, (left, right) in FADERS.items()}}
    (tmp_path / "truth").mkdir()
    (tmp_path / "truth" / "one.json").write_text(json.dumps(faders), encoding="utf-8")
    return tmp_path


def balanced(folder: Path, monkeypatch: pytest.MonkeyPatch, *options: str) -> list[dict[str, str]]:
    words = ["songs_at_balance.py", str(folder / "songs"), *options, "-o", str(folder / "out")]
    monkeypatch.setattr(sys, "argv", words)
    songs_at_balance.main()
    with open(folder / "out" / "songs.csv", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_stems_are_at_the_faders_and_the_lead_is_named(
    instrumental: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = balanced(
        instrumental, monkeypatch, "--faders", str(instrumental / "truth"), "--artist", "on*=Somebody"
    )
    assert {row["stem"]: (row["role"], row["vocal"]) for row in rows}["lead_synth"] == ("vocal", "yes")
    assert [row["stem"] for row in rows if row["vocal"] == "yes"] == ["lead_synth"]
    assert {row["artist"] for row in rows} == {"Somebody"}
    for name, faders in FADERS.items():
        given = read_audio(instrumental / "songs" / "one" / f"{name}.wav").audio
        written = read_audio(instrumental / "out" / "stems" / "one" / f"{name}.flac").audio
        assert written == pytest.approx(given * np.array(faders), abs=2e-7)


def test_gains_are_found_from_the_mix(instrumental: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gains = {"drums": 1.0, "bass": 0.25, "guitar": 0.5, "lead_synth": 0.1}
    song = instrumental / "songs" / "one"
    stems = {name: read_audio(song / f"{name}.wav").audio for name in gains}
    mix = sum(stems[name] * gain for name, gain in gains.items())
    (instrumental / "mixes").mkdir()
    write_audio(instrumental / "mixes" / "one.flac", np.repeat(mix, 2, axis=1), RATE)
    balanced(instrumental, monkeypatch, "--references", str(instrumental / "mixes"))
    for name, gain in gains.items():
        written = read_audio(instrumental / "out" / "stems" / "one" / f"{name}.flac").audio
        assert written == pytest.approx(stems[name] * gain, abs=1e-5)


def test_the_table_compares_each_with_the_better_constant_over_songs() -> None:
    truth = np.linspace(-8.0, 0.0, 9)
    answers = [
        Answer(f"song {i}", "network", seed, level, level) for i, level in enumerate(truth) for seed in (0, 1)
    ]
    for name, constant in (("mean", -4.0), ("median", -5.0)):
        answers += [
            Answer(f"song {i}", f"{name} of the training songs", 0, constant, level)
            for i, level in enumerate(truth)
        ]
    lines = table(answers).splitlines()
    assert lines[0].split(" | ")[-2] == "nearer / farther than the mean"
    rows = {row.split(" | ")[0].strip("| "): row.strip("| ").split(" | ") for row in lines[2:5]}
    assert rows["network"][1] == "0.00 (0.00 to 0.00)"
    assert rows["network"][-2:] == ["8 / 0", "0.0078"]  # the song that is at the constant is a tie
    assert rows["mean of the training songs"][1].startswith("2.22 ")
    assert rows["mean of the training songs"][2].startswith("2.58 ")
    assert rows["median of the training songs"][1].startswith("2.33 ")
