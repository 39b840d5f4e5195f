"""Running the command line: in this process where that is the same, as a program where it is not."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

# What the first command says that finds no compiled code, whichever test that is.
COMPILING = "compiling kernels, once after an installation ...\n"

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def as_program(
    cwd: Path, *arguments: object, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run ``mixrules`` with arguments in a process of its own."""
    command = [sys.executable, "-m", "mixrules", *map(str, arguments)]
    return once_compiled(
        subprocess.run(
            command, cwd=cwd, capture_output=True, text=True, env=os.environ | (env or {}), timeout=120
        )
    )


def once_compiled(done: subprocess.CompletedProcess[str]) -> subprocess.CompletedProcess[str]:
    """Return what a program printed, without the line of a first run."""
    done.stderr = done.stderr.replace(COMPILING, "")
    return done
