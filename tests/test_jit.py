"""Compiled functions run where their cache cannot be written."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

SCRIPT = """
    import resource, signal, sys
    sys.path.insert(0, {folder!r})
    import kernel
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16, 16))
    print(kernel.twice(21))
"""
KERNEL = """
from mixrules._support.jit import jit

@jit
def twice(number):
    return 2 * number
"""


def test_a_full_disk_stops_no_kernel(tmp_path: Path) -> None:
    pytest.importorskip("resource", reason="limits of the size of files are POSIX's")
    (tmp_path / "kernel.py").write_text(KERNEL, encoding="utf-8")
    script = textwrap.dedent(SCRIPT).format(folder=str(tmp_path))
    root = Path(__file__).resolve().parents[1]
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=root, check=False
    )
    assert run.stdout.strip() == "42", run.stderr
