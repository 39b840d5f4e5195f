"""The study of reverb times on made-up ground truth: it finds a tie to the tempo, and none where there is none."""

from __future__ import annotations

import csv
import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from truth_tables import write_truth

from mixrules.analysis import decay_time
from mixrules.corpus.extraction.reverb import _mid_decay_time

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
SONGS = 24
Study = Callable[..., str]


def example(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Study:
    """Run the study; return what it says."""
    module = example("reverb_time_study")
    monkeypatch.setattr(module, "draw", lambda *_: None)  # the rehearsal draws

    def run(*arguments: object) -> str:
        monkeypatch.setattr("sys.argv", ["study", *map(str, arguments), "-o", str(tmp_path / "out")])
        module.main()
        return capsys.readouterr().out

    return run


def tied_s(tempo_bpm: float) -> float:
    return 40.0 / 9.0 - tempo_bpm / 45.0


def tie(table: str, row: dict[str, Any]) -> None:
    """Let the reverb of every stem follow the tempo."""
    if row["signal"] == "stem":
        row["decay_s"] = tied_s(row["tempo_bpm"])


def test_a_tie_to_the_tempo_is_found(tmp_path: Path, study: Study) -> None:
    write_truth(tmp_path / "truth", SONGS, snippets=0, change=tie)
    told = study(tmp_path / "truth")
    assert "Found: tempo (rho -1.00" in told
    with open(tmp_path / "out" / "correlations.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["songs"] for row in rows} == {str(SONGS)}
    assert float(rows[0]["rho"]) == pytest.approx(-1.0)
    assert [row["descriptor"] for row in rows if float(row["p_holm"]) < 0.05] == ["tempo"]


def test_chance_is_not_found(tmp_path: Path, study: Study) -> None:
    write_truth(tmp_path / "truth", SONGS, snippets=0)
    told = study(tmp_path / "truth")
    assert "Not found: none of 8 descriptors" in told
    assert "Not found" in study(tmp_path / "truth", "--target", "side_to_mid_db")
    assert "Found: tempo (rho 1.00" in study(tmp_path / "truth", "--target", "tempo_bpm")


def put(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_times_come_from_a_table(tmp_path: Path, study: Study) -> None:
    stems, _ = write_truth(tmp_path / "truth", SONGS, snippets=0)
    tempo_bpm = {row["song"]: row["tempo_bpm"] for row in stems}
    lines = [f"{song},{tied_s(bpm)}" for song, bpm in tempo_bpm.items()]
    times = put(tmp_path / "times.csv", "\n".join(["song,decay_s", *lines]))
    assert "Found: tempo (rho -1.00" in study(tmp_path / "truth", "--times", times)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name,decay_s\na,1\n", "has no column song: it needs song,decay_s"),
        ("song,t60\na,1\n", "has no column decay_s"),
        ("", "has no column song"),
        ("song,decay_s\na,1\nb,\n", "line 3: an empty cell is not a number"),
        ("song,decay_s\na\n", "line 2: an empty cell is not a number"),
        ("song,decay_s\na,long\n", "line 2: long is not a number"),
        ("song,decay_s\na,nan\n", "line 2: nan is not a number"),
    ],
)
def test_a_bad_table_of_times_is_told_in_a_line(tmp_path: Path, study: Study, text: str, said: str) -> None:
    times = put(tmp_path / "times.csv", text)
    with pytest.raises(SystemExit) as refused:
        study(tmp_path, "--times", times)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_what_is_not_there_is_told_in_a_line(tmp_path: Path, study: Study) -> None:
    with pytest.raises(SystemExit, match="cannot be read"):
        study(tmp_path, "--times", tmp_path / "none.csv")
    with pytest.raises(SystemExit, match="there is no column t60"):
        study(tmp_path, "--target", "t60")


def test_known_times_are_those_of_the_ground_truth() -> None:
    """Of a response that decays faster above 3 kHz, where most of its power is: T30 at 500 Hz and 1 kHz."""
    module = example("songs_of_known_reverb")
    time = np.arange(2 * module.RATE) / module.RATE
    spectrum = np.fft.rfft(np.random.default_rng(4).standard_normal(time.size))
    hz = np.fft.rfftfreq(time.size, 1 / module.RATE)
    low = np.fft.irfft(spectrum * (hz < 3000.0), time.size) * 10.0 ** (-3.0 * time / 1.2)
    high = np.fft.irfft(spectrum * (hz >= 3000.0), time.size) * 10.0 ** (-3.0 * time / 0.4)
    response = (0.1 * low + high).astype(np.float32)
    assert module.decay_s(response) == pytest.approx(1.2, rel=0.1)
    assert module.decay_s(response) == pytest.approx(_mid_decay_time(response, module.RATE))
    assert decay_time(response, module.RATE) < 1.0
