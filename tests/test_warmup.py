"""After `warmup` nothing is left to compile, and what is compiled is announced."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cli_runner import COMPILING
from synthetic import RATE, Song, band

from mixrules._support.compilation import announce, watched
from mixrules.files import write_audio

ROOT = Path(__file__).resolve().parents[1]
NOTICE = COMPILING.strip()
ALL_COMMANDS = """
import json, sys
from mixrules.cli import main
for words in json.loads(sys.argv[1]):
    try:
        main(words)
    except SystemExit as ended:
        assert not ended.code, words
"""


def mixrules(*words: str, cache: Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mixrules", *words],
        env=os.environ | {"NUMBA_CACHE_DIR": str(cache), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
        cwd=cwd,
    )


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A cache that was empty, and what `warmup` printed."""
    cache = tmp_path_factory.mktemp("cache")
    run = mixrules("warmup", cache=cache, cwd=cache)
    assert run.stderr.splitlines() == [NOTICE]
    return cache, run.stdout


def test_every_kernel_is_compiled(warm: tuple[Path, str]) -> None:
    cache, printed = warm
    found = re.fullmatch(r"(\d+) kernels, (\d+) compiled in \d+\.\d s; kept in (.+)\n", printed)
    assert found is not None, printed
    assert int(found[2]) >= int(found[1]) > 20
    assert Path(found[3]).is_relative_to(cache)
    code = (
        "import mixrules.warmup as w; from mixrules._support import jit; w.warmup(); "
        "print([name for name, kernel in jit.kernels().items() if not kernel.signatures])"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"NUMBA_CACHE_DIR": str(cache), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == "[]"


def test_no_command_compiles_after_it(warm: tuple[Path, str], demo_song: Song, tmp_path: Path) -> None:
    cache, _ = warm
    (tmp_path / "song").mkdir()
    for name, audio in demo_song.items():
        write_audio(tmp_path / "song" / f"{name}.wav", audio[: 8 * 44_100], 44_100)
    commands = [
        ["warmup"],
        ["mix", "song", "-o", "mix.wav"],
        ["mix", "song", "--preset", "survey-2022", "-o", "survey.wav"],
        ["measure", "mix.wav", "song/bass.wav"],
        # The other groups compile what is not ours: librosa and numba keep that elsewhere.
        ["score", "survey.wav", "--reference", "mix.wav", "--groups", "width,masking"],
    ]
    # In one process, which says once that it compiles.
    done = subprocess.run(
        [sys.executable, "-c", ALL_COMMANDS, json.dumps(commands)],
        env=os.environ | {"NUMBA_CACHE_DIR": str(cache), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    assert NOTICE not in done.stderr
    assert (tmp_path / "survey.wav").exists()


def test_quiet_says_nothing_of_what_is_compiled(warm: tuple[Path, str], tmp_path: Path) -> None:
    write_audio(tmp_path / "bass.wav", band(4.0)["bass"][:, None], RATE)
    cache = tmp_path / "cache"
    shutil.copytree(warm[0], cache)
    known = [path for path in cache.rglob("*k_energies*") if path.is_file()]
    assert known
    for path in known:
        path.unlink()
    run = mixrules("measure", "-q", "bass.wav", cache=cache, cwd=tmp_path)
    assert not run.stderr
    assert any(path.is_file() for path in cache.rglob("*k_energies*")), "it was compiled anew"


def test_watchers_are_told_while_they_watch() -> None:
    told: list[str] = []
    announce("before")
    with watched(told.append):
        announce("kernel")
    announce("after")
    assert told == ["kernel"]


def test_without_compiler_there_is_nothing_to_do() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "mixrules", "warmup"],
        env=os.environ | {"NUMBA_DISABLE_JIT": "1", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 2
    assert run.stderr == "mixrules: NUMBA_DISABLE_JIT is set: nothing is compiled\n"
