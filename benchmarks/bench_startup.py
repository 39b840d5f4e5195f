"""Start-up: what a fresh process costs before it works.

    python benchmarks/bench_startup.py --rounds 15 --json startup.json

Every entry is a process of its own, files in the system's cache and numba's kernels in theirs (the first
run warms both). One core.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import harness
import soundfile
from harness import Entry, Goal
from signals import SAMPLE_RATE, signal

NOTHING, NUMPY = "python -c pass", "import numpy"


def process(*words: str) -> Callable[[], object]:
    """Return what runs Python with some arguments and waits for it."""
    return lambda: subprocess.run([sys.executable, *words], check=True, capture_output=True)


def command(*words: str) -> Callable[[], object]:
    """Return what runs the command line, through its entry point where it is installed."""
    script = Path(sys.executable).parent / "mixrules"
    if not script.exists():
        return process("-m", "mixrules", *words)
    return lambda: subprocess.run([str(script), *words], check=True, capture_output=True)


def main() -> None:
    chosen = harness.options(__doc__ or "", rounds=15).parse_args()
    harness.on_one_core()
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "second.wav"
        soundfile.write(file, signal(1.0 / 60.0, chosen.signal), SAMPLE_RATE, subtype="PCM_24")
        entries = [
            Entry(NOTHING, process("-c", "pass")),
            Entry(NUMPY, process("-c", "import numpy")),
            Entry("import mixrules", process("-c", "import mixrules")),
            Entry("from mixrules import mix", process("-c", "from mixrules import mix")),
            Entry("mixrules --help", command("--help")),
            Entry("mixrules measure, 1 s of stereo", command("measure", str(file))),
        ]
        goals = [
            Goal("above", 0.15, NOTHING, "mixrules --help"),
            Goal("above", 0.03, NUMPY, "import mixrules"),
        ]
        race = harness.run_race("start-up", entries, minutes=0.0, rounds=chosen.rounds, goals=goals)
    harness.finish("startup", [race], chosen.json)


if __name__ == "__main__":
    main()
