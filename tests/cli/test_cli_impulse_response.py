import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from cli_runner import Run
from scipy import signal

from mixrules.processors import ReverbParams, impulse_response, reverberate

RATE = 16_000
ROOM = ReverbParams(t60_s=0.4, room_size_m=5.0, lines=16)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    rng = np.random.default_rng(0)
    dry = 0.1 * rng.standard_normal(3 * RATE)
    sounds = {
        "dry": dry,
        "wet": reverberate(dry, RATE, ROOM)[: len(dry)],
        "other": 0.1 * rng.standard_normal(3 * RATE),
        "silent": np.zeros(RATE),
        "one": np.ones(1),
        "nan": np.full(RATE, np.nan),
        "noise": 0.1 * rng.standard_normal(2 * RATE),
        "response": impulse_response(RATE, ROOM),
    }
    for name, sound in sounds.items():
        soundfile.write(tmp_path / f"{name}.wav", sound, RATE, "FLOAT")
    soundfile.write(
        tmp_path / "wet8k.wav",
        signal.resample_poly(reverberate(dry, RATE, ROOM)[: len(dry)], 1, 2),
        RATE // 2,
        "FLOAT",
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_response_is_extracted_measured_and_fitted(run: Run, folder: Path) -> None:
    done = run(
        "impulse-response", "--dry", "dry.wav", "--wet", "wet.wav", "-o", "out/ir.wav", "--fit", "room.json"
    )
    assert done.returncode == 0
    rows = done.stdout.splitlines()
    assert rows[0].startswith("explained: ")
    assert any("1 kHz" in row and "dB" in row for row in rows)
    assert "direct sound: none, as of a reverb's return" in rows
    assert any(row.startswith("room: T60 0.") for row in rows)
    assert rows[-2:] == ["wrote out/ir.wav", "wrote room.json"]
    response, rate = soundfile.read("out/ir.wav")
    true = impulse_response(RATE, ROOM)
    samples = min(len(response), len(true))
    assert rate == RATE
    assert np.sum((response[:samples] - true[:samples]) ** 2) < 1e-3
    fit = json.loads((folder / "room.json").read_text("utf-8"))
    assert ReverbParams(**fit["params"]).t60_s == pytest.approx(0.4, rel=0.15)


def test_a_response_that_is_there_is_measured_and_searched(run: Run, folder: Path) -> None:
    done = run(
        "impulse-response",
        "--response",
        "response.wav",
        "--search",
        "hill-climbing",
        "--evaluations",
        "3",
        "--json",
    )
    assert done.returncode == 0
    document: dict[str, Any] = json.loads(done.stdout)
    assert document["extracted"] is None
    assert document["fit"]["search"] == "hill-climbing"
    assert document["fit"]["evaluations"] == 3
    at = document["measured"]["frequencies_hz"].index(1000.0)
    assert document["measured"]["t60_s"][at] == pytest.approx(0.4, rel=0.1)


def test_recordings_of_other_rates_are_resampled(run: Run, folder: Path) -> None:
    done = run("impulse-response", "--dry", "dry.wav", "--wet", "wet8k.wav")
    assert done.returncode == 0
    assert "note: dry.wav is resampled from 16000 to 8000 Hz, the rate of wet8k.wav" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--dry", "silent.wav", "--wet", "wet.wav"], "silent.wav is silent"),
        (["--dry", "dry.wav", "--wet", "silent.wav"], "silent.wav is silent"),
        (["--dry", "dry.wav", "--wet", "one.wav"], "one.wav is 6.25e-05 s long: at least 0.1 s"),
        (["--dry", "dry.wav", "--wet", "nan.wav"], "nan.wav"),
        (["--dry", "dry.wav", "--wet", "other.wav"], "other.wav is not a reverb of dry.wav"),
        (["--dry", "dry.wav", "--wet", "nowhere.wav"], "nowhere.wav"),
        (["--dry", "dry.wav"], "name --dry and --wet, or --response"),
        (
            ["--dry", "dry.wav", "--dry", "other.wav", "--wet", "wet.wav"],
            "each dry recording needs its wet one",
        ),
        (["--response", "wet.wav", "--dry", "dry.wav"], "either --response"),
        (["--response", "response.wav", "-o", "x.wav"], "-o writes a response"),
        (["--response", "silent.wav"], "silent.wav is silent"),
        (["--response", "one.wav"], "one.wav is 6.25e-05 s long: at least 0.02 s"),
        (["--response", "response.wav", "--length", "1"], "--length is that of a response extracted"),
        (
            ["--dry", "dry.wav", "--wet", "wet.wav", "--length", "soon"],
            "--length must be a number, got 'soon'",
        ),
        (["--dry", "dry.wav", "--wet", "wet.wav", "--length", "-1"], "--length must be"),
        (["--dry", "dry.wav", "--wet", "wet.wav", "--length", "nan"], "--length"),
        (["--response", "noise.wav", "--fit", "room.json"], "decays in no octave"),
        (["--dry", "dry.wav", "--wet", "wet.wav", "-o", "dry.wav"], "is one of the recordings"),
        (["--dry", "dry.wav", "--wet", "wet.wav", "-o", "x.xyz"], "x.xyz"),
        (["--response", "response.wav", "--evaluations", "0", "--search", "genetic"], "evaluations must be"),
    ],
)
def test_bad_input_is_one_line(run: Run, folder: Path, arguments: list[str], said: str) -> None:
    before = {path: path.read_bytes() for path in folder.iterdir()}
    done = run("impulse-response", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert before == {path: path.read_bytes() for path in folder.iterdir()}


def test_steady_noise_is_measured_though_no_room_fits(run: Run, folder: Path) -> None:
    done = run("impulse-response", "--response", "noise.wav")
    assert done.returncode == 0
    assert "no room fitted: " in done.stdout
