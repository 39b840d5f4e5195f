"""A minimal installation mixes and measures; what needs another package says which, in one line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import minimal_program
import pytest
from synthetic import RATE, band, noise

from mixrules._support.installed import require_installed
from mixrules.errors import MissingPackageError
from mixrules.files import write_audio

Line = tuple[str, int, str]
KEPT = (
    "numpy",
    "scipy",
    "numba",
    "soundfile",
    "soxr",
    "click",
    "rich",
    "msgspec",
    "lazy_loader",
    "defusedxml",
    "starlette",
    "uvicorn",
)
USABLE = "balance,width,dynamics,reverberation,masking,features,diff_mst"


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Line]:
    """Run commands in one process without what a minimal installation lacks."""
    folder = tmp_path_factory.mktemp("minimal")
    write_audio(folder / "noise.wav", noise(4.0, 100, 5000)[:, None], RATE)
    (folder / "stems").mkdir()
    for name, audio in band(4.0).items():
        write_audio(folder / "stems" / f"{name}.wav", audio[:, None], RATE)
    stems, mix = "stems", "noise.wav"
    commands = {
        "demo": ["demo", "songs/one", "--sample-rate", "8000"],
        "mix": ["mix", stems, "-o", "mix.wav"],
        "render": ["render", stems, "mix.plan.json", "-o", "again.wav"],
        "measure": ["measure", "mix.wav"],
        "presets": ["presets", "default"],
        "score without": ["score", mix, "--reference", mix, "--groups", USABLE],
        "engine": ["mix", stems, "-o", "other.wav", "--engine", "pedalboard"],
        "plot": ["plot", "loudness", mix],
        "stimuli": ["stimuli", stems, "--conditions", "none,equal", "-o", "test"],
        "score": ["score", mix, "--reference", mix],
        "as coded": ["score", mix, "--reference", mix, "--groups", "features_as_coded"],
        "zimtohrli": ["score", mix, "--reference", mix, "--groups", "zimtohrli"],
        "compare": ["compare", "songs", "--reference", "equal", "--systems", "none", "-o", "report"],
    }
    script = Path(minimal_program.__file__)
    done = subprocess.run(
        [sys.executable, script, json.dumps(list(commands.values()))],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    *lines, loaded = (json.loads(line) for line in done.stdout.splitlines())
    assert loaded == []
    assert (folder / "mix.wav").read_bytes() == (folder / "again.wav").read_bytes()
    assert not (folder / "report").exists()
    return dict(zip(commands, map(tuple, lines), strict=True))


@pytest.mark.parametrize("name", ["demo", "mix", "render", "measure", "presets", "score without"])
def test_what_a_minimal_installation_is_for(answers: dict[str, Line], name: str) -> None:
    assert answers[name][1] == 0, answers[name][2]


@pytest.mark.parametrize(
    ("name", "needs", "install"),
    [
        ("engine", "the engine 'pedalboard' needs pedalboard", "pip install pedalboard"),
        ("plot", "a figure needs matplotlib", "pip install 'mixrules[report]'"),
        ("stimuli", "needs pyloudnorm", "pip install pyloudnorm"),
        ("score", "the group of measures 'spectrum' needs librosa", "pip install librosa"),
        ("as coded", "the group of measures 'features_as_coded' needs pyloudnorm", "pip install pyloudnorm"),
        ("zimtohrli", "the group of measures 'zimtohrli' needs zimtohrli", "pip install 'mixrules[eval]'"),
        ("compare", "the group of measures 'spectrum' needs librosa", "pip install librosa"),
    ],
)
def test_what_is_missing_is_one_line(answers: dict[str, Line], name: str, needs: str, install: str) -> None:
    _, status, said = answers[name]
    assert status == 2
    assert needs in said.splitlines()[-1]
    assert f"which is not installed: {install}" in said.splitlines()[-1]


def test_the_groups_that_are_offered_instead_are_those_that_can_be_used(answers: dict[str, Line]) -> None:
    assert answers["score"][2].rstrip().endswith(f"--groups {USABLE}")


def test_several_packages_are_named_with_one_command() -> None:
    with pytest.raises(MissingPackageError) as caught:
        require_installed("numpy", "nonsense_a", "zimtohrli_b.c", what="this", instead=", or do without")
    assert str(caught.value) == (
        "this needs nonsense_a and zimtohrli_b.c, which are not installed: "
        "pip install nonsense_a zimtohrli_b.c, or do without"
    )
    assert isinstance(caught.value, ImportError)


def test_the_packages_that_are_absent_are_those_of_three() -> None:
    absent = minimal_program.absent_packages()
    assert {"librosa", "pedalboard", "pyloudnorm", "sklearn"} <= absent
    assert not absent & {*KEPT, "llvmlite", "mixrules"}
