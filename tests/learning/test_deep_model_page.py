"""The Python of docs/deep-model.md, where what it needs is installed: `make test` skips that page for the lack of it."""

from __future__ import annotations

from pathlib import Path

import pytest
import soundfile
from synthetic import RATE, band
from test_docs_python import ROOT, run_page

pytest.importorskip("onnx", reason="onnx is not installed: make test-deep has it")
pytest.importorskip("onnxruntime", reason="onnxruntime is not installed: make test-deep has it")


def test_the_python_of_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("my_song").mkdir()
    for name, audio in band(6.0).items():
        soundfile.write(f"my_song/{name}.wav", audio, RATE, subtype="FLOAT")
    run_page(ROOT / "docs" / "deep-model.md")
