"""A left and a right on the command line: joined, protected, and apart for a plan that names the two."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile
from synthetic import RATE, noise

from mixrules import load_stems, plan
from mixrules.cli.options import refuse_to_overwrite
from mixrules.errors import ParameterError
from mixrules.evaluation.systems_rendered import rendered

if TYPE_CHECKING:
    from cli_runner import Run


@pytest.fixture
def song(tmp_path: Path) -> Path:
    folder = tmp_path / "song"
    folder.mkdir()
    for seed, name in enumerate(("OH L", "OH R", "Lead Vox")):
        soundfile.write(folder / f"{name}.wav", noise(2.0, 200, 5000, seed=seed), RATE, subtype="FLOAT")
    return folder


def test_neither_half_is_overwritten(song: Path) -> None:
    stems = load_stems(song)
    for name in ("OH L.wav", "OH R.wav"):
        with pytest.raises(ParameterError, match="is one of the stems"):
            refuse_to_overwrite([song / name], song, stems, force=True)


def test_a_plan_of_the_halves_is_rendered_from_the_folder(song: Path, tmp_path: Path, run: Run) -> None:
    halves = plan(load_stems(song, join_pairs=False))
    halves.save(tmp_path / "halves.json")
    done = run(
        "render", song, tmp_path / "halves.json", "-o", tmp_path / "mix.wav", "--stems-out", tmp_path / "out"
    )
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "Lead Vox.wav",
        "OH L.wav",
        "OH R.wav",
    ]


def test_evaluation_sees_the_halves_of_a_plan_as_the_stem_of_the_others(song: Path) -> None:
    stems = load_stems(song)
    halves = plan(load_stems(song, join_pairs=False))
    of_halves, of_pair = rendered(halves, stems), rendered(plan(stems), stems)
    assert of_halves.stems is not None
    assert of_pair.stems is not None
    assert list(of_halves.stems) == list(of_pair.stems) == ["Lead Vox", "OH"]
    apart = rendered(halves, load_stems(song, join_pairs=False)).stems
    assert apart is not None
    np.testing.assert_allclose(of_halves.stems["OH"], apart["OH L"] + apart["OH R"], atol=1e-6)
