"""Surroundings: closed streams, locales, terminals, no home, nowhere to keep compiled code, a full standard output."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
import soundfile
from cli_runner import as_program, once_compiled

MIXRULES = f"{sys.executable} -m mixrules"


@pytest.fixture
def tone(tmp_path: Path) -> Path:
    time = np.arange(48_000) / 48_000
    soundfile.write(tmp_path / "töne.wav", 0.25 * np.sin(2 * np.pi * 997 * time), 48_000)
    return tmp_path / "töne.wav"


def shell(line: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return once_compiled(
        subprocess.run(
            ["bash", "-c", line], cwd=cwd, capture_output=True, text=True, timeout=120, check=False
        )
    )


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-"])
def test_closed_streams(closed: str, tone: Path) -> None:
    done = shell(f"{MIXRULES} measure töne.wav gone.wav {closed}", tone.parent)
    assert done.returncode == 2
    assert ("töne.wav" in done.stdout) == (closed != ">&-")
    assert done.stderr == ("" if closed == "2>&-" else "mixrules: gone.wav does not exist\n")


def test_nothing_that_is_printed_ends_in_a_file(tmp_path: Path) -> None:
    """With standard error closed, the next file opened would have its number."""
    code = """
        import os, sys
        from mixrules.cli import app
        app._prepare()
        with open("mix.txt", "w") as file:
            assert file.fileno() > 2, file.fileno()
            os.write(2, b"a library complains")
            print("we complain", file=sys.stderr)
    """
    (tmp_path / "run.py").write_text(textwrap.dedent(code))
    done = shell(f"{sys.executable} run.py <&- >&- 2>&-", tmp_path)
    assert done.returncode == 0
    assert (tmp_path / "mix.txt").read_text() == ""


@pytest.mark.parametrize(
    "surroundings",
    [
        {"LC_ALL": "C", "HOME": "/nonexistent", "XDG_CACHE_HOME": "/nonexistent"},
        {"LC_ALL": "POSIX", "PYTHONIOENCODING": "ascii", "TERM": "dumb", "COLUMNS": "20"},
    ],
    ids=lambda given: " ".join(given),
)
def test_odd_surroundings(surroundings: dict[str, str], tone: Path) -> None:
    done = as_program(tone.parent, "measure", "töne.wav", "gön.wav", env=surroundings)
    assert done.returncode == 2
    assert "-15.05" in done.stdout
    assert done.stderr.startswith("mixrules: g")
    assert done.stderr.endswith("n.wav does not exist\n")


def test_a_locale_that_is_not_utf_8_is_named(tone: Path) -> None:
    surroundings = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = as_program(tone.parent, "measure", "töne.wav", env=surroundings)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "set PYTHONUTF8=1" in done.stderr


def test_no_home_at_all(tone: Path) -> None:
    done = shell(f"env -u HOME -u USER -u LOGNAME {MIXRULES} measure töne.wav", tone.parent)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
@pytest.mark.parametrize("arguments", ["presets", "--help", "kfilter"])
def test_a_standard_output_that_is_full(arguments: str, tmp_path: Path) -> None:
    done = shell(f"{MIXRULES} {arguments} > /dev/full", tmp_path)
    assert (done.returncode, done.stderr) == (2, "mixrules: no space left on device\n")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_standard_error_that_is_full(tmp_path: Path) -> None:
    assert shell(f"{MIXRULES} measure gone.wav 2> /dev/full", tmp_path).returncode == 2


NO_CACHE = """
    import sys
    from numba.core import caching
    caching.CacheImpl._locator_classes = []
    import numpy as np
    import mixrules._support.jit as support
    @support.jit
    def twice(x):
        return 2 * x
    {compiled}
    from mixrules.cli import main
    main(sys.argv[1:])
"""


@pytest.mark.parametrize(
    ("compiled", "arguments", "said"),
    [("twice(1.0)", ["presets"], True), ("", ["presets"], False), ("twice(1.0)", ["measure", "-q"], False)],
)
def test_code_that_cannot_be_kept_is_said_once(
    compiled: str, arguments: list[str], said: bool, tone: Path
) -> None:
    (tone.parent / "run.py").write_text(textwrap.dedent(NO_CACHE).format(compiled=compiled))
    command = [sys.executable, "run.py", *arguments, *(["gone.wav"] if "measure" in arguments else [])]
    done = subprocess.run(command, cwd=tone.parent, capture_output=True, text=True, timeout=120, check=False)
    assert done.stderr.count("NUMBA_CACHE_DIR") == said
    assert done.returncode == (2 if "measure" in arguments else 0)


def test_a_fault_is_one_line_and_a_status_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "run.py").write_text(
        "import sys, mixrules.loudness as m\n"
        "m.k_weighting = lambda *a, **k: [][1]\n"
        "from mixrules.cli import main\nmain(sys.argv[1:])\n"
    )
    plain, traced = (
        subprocess.run(
            [sys.executable, "run.py", *debug, "kfilter"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        for debug in ([], ["--debug"])
    )
    assert plain.returncode == 70
    assert plain.stderr == (
        "mixrules: unexpected IndexError: list index out of range; please report it, mixrules --debug shows where\n"
    )
    assert "Traceback" in traced.stderr
