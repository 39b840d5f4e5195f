"""What `mixrules match` refuses at once: it reads no stems before."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from cli_runner import Run

RATE = 16_000


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose stem is broken, so that whoever reads it says so."""
    (tmp_path / "song").mkdir()
    (tmp_path / "song" / "bass.wav").write_bytes(b"RIFF")
    soundfile.write(tmp_path / "mix.wav", np.full((RATE, 2), 0.1), RATE)
    soundfile.write(tmp_path / "one.wav", np.full((1, 2), 0.1), RATE)
    soundfile.write(tmp_path / "short.wav", np.full((160, 2), 0.1), RATE)
    (tmp_path / "empty.wav").touch()
    (tmp_path / "file").write_text("x")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--mix", "nowhere.wav"], "nowhere.wav does not exist"),
        (["--mix", "empty.wav"], "empty.wav is empty"),
        (["--mix", "song"], "song"),
        (["--mix", "one.wav"], "one.wav holds one sample, 0.0625 ms: a mix of at least 0.5 s is needed"),
        (["--mix", "short.wav"], "short.wav holds 160 samples, 10 ms"),
        (["--mix", "mix.wav", "-o", "file/a.plan.json"], "file is a file, not a folder"),
        (["--mix", "mix.wav", "--plot", "file/a.svg"], "file is a file, not a folder"),
        (["--mix", "mix.wav", "--plot", "a.gif"], "let it end in .svg, .pdf or .png"),
    ],
)
def test_what_cannot_be_is_refused_before_stems_are_read(
    run: Run, folder: Path, arguments: list[str], said: str
) -> None:
    done = run("match", "song", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "bass.wav" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
