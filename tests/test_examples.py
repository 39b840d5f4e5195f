"""Every example runs, on the demo song, in a folder of its own."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest
from synthetic import Song  # noqa: TC002

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = sorted((ROOT / "examples").glob("[!_]*.py"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs(
    path: Path,
    tmp_path: Path,
    demo_song: Song,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """In this process, where the demo song has been synthesised and a warning is an error."""

    def synthesised(sample_rate: int = 44_100) -> Song:
        assert sample_rate == 44_100
        return {name: audio.copy() for name, audio in demo_song.items()}

    monkeypatch.setattr("mixrules.demo.demo_stems", synthesised)
    monkeypatch.setattr("mixrules.demo.render.demo_stems", synthesised)
    monkeypatch.setattr("sys.argv", [str(path)])
    monkeypatch.chdir(tmp_path)
    runpy.run_path(str(path), run_name="__main__")
    out, err = capfd.readouterr()
    assert err == ""
    assert out


def test_examples_say_what_they_do() -> None:
    for path in EXAMPLES:
        assert path.read_text(encoding="utf-8").lstrip().startswith('"""'), path
