"""Names that a spreadsheet would run as formulas, in the tables that commands write."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

import numpy as np
from cli_runner import Run  # noqa: TC002

from mixrules.files import write_audio

# Elsewhere file systems refuse names that are not UTF-8.
NAME = "\udcff.csv" if sys.platform == "linux" else "counts.csv"


def first_signs(path: Path) -> set[str]:
    cells = [cell for row in csv.reader(path.read_text("utf-8").splitlines()) for cell in row]
    return {cell[0] for cell in cells if cell and not cell.lstrip("-").replace(".", "").isdigit()}


def test_measured_files_are_named_as_text(tmp_path: Path, run: Run) -> None:
    for name in ("=1+1.wav", "@b.wav", "plain.wav"):
        write_audio(tmp_path / name, np.full((4800, 1), 0.1, np.float32), 48_000)
    printed = run("measure", "--csv", "-q", "=1+1.wav", "@b.wav", "plain.wav").stdout
    rows = list(csv.DictReader(printed.splitlines()))
    assert [row["file"] for row in rows] == ["'=1+1.wav", "'@b.wav", "plain.wav"]
    assert float(rows[0]["sample_peak_dbfs"]) < -19  # numbers stay numbers


def test_tables_of_ratings_hold_no_formulas_and_no_name_stops_them(tmp_path: Path, run: Run) -> None:
    text = "condition,attribute,=bad,good\n=cmd|' /C calc'!A0,-eq,3,4\n+B,-eq,2,5\n"
    (tmp_path / NAME).write_text(text)
    done = run("ratings", NAME, "-o", "out", "--no-figures", "--resamples", "0")
    assert done.returncode == 0
    for table in (tmp_path / "out").glob("*.csv"):
        assert not first_signs(table) & set("=+-@")
    document = json.loads((tmp_path / "out" / "results.json").read_text("utf-8"))
    assert document["descriptions"][0]["condition"] in ("=cmd|' /C calc'!A0", "+B")
