"""Kill `mixrules batch` (or `extract`) at random moments, let it go on, and compare what it ends with.

    python benchmarks/killed_runs.py SONGS
    python benchmarks/killed_runs.py SONGS --command extract --layout musdb18hq --kills 9 --seed 2

All songs are mixed once by a run that nobody disturbs, and once by one that is killed (SIGKILL, the command but not its
workers) and started again. Printed is how far each got, how many songs were done twice though they were recorded, and
which files differ: there should be none. The ledger is left out of that: its lines are in the order in which songs end.
"""

from __future__ import annotations

import argparse
import filecmp
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

LEDGER = "ledger.jsonl"


def records(folder: Path) -> list[str]:
    """Return the song of every whole line of a ledger."""
    ledger = folder / LEDGER
    lines = ledger.read_bytes().split(b"\n")[:-1] if ledger.exists() else []
    return [record["song"] for record in map(json.loads, lines) if "song" in record]


def files(folder: Path) -> set[Path]:
    """Return every file of a folder, hidden ones too."""
    return {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()} - {Path(LEDGER)}


def main() -> None:
    """Run, kill, compare."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("songs", type=Path)
    parser.add_argument("--command", default="batch", choices=["batch", "extract"])
    parser.add_argument("--layout", default="folders")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    command = [
        sys.executable,
        "-m",
        "mixrules",
        options.command,
        str(options.songs),
        "--layout",
        options.layout,
    ]
    command += ["--workers", str(options.workers), "-q", "-o"]
    with tempfile.TemporaryDirectory() as place:
        whole, killed = Path(place, "whole"), Path(place, "killed")
        started = time.monotonic()
        status = subprocess.run([*command, str(whole)], check=False).returncode
        took_s = time.monotonic() - started
        print(f"undisturbed: {len(records(whole))} songs in {took_s:.1f} s, exit status {status}")
        for number in range(options.kills):
            run = subprocess.Popen([*command, str(killed)])
            # Not always while it starts: when so many songs more are recorded, and a while after.
            songs = len(records(killed)) + chance.randint(0, 2)
            while len(records(killed)) < songs and run.poll() is None:
                time.sleep(0.01)
            time.sleep(chance.uniform(0.0, 2.0 * took_s / len(records(whole))))
            run.kill()
            run.wait()
            print(f"kill {number + 1}: {len(records(killed))} songs recorded")
        status = subprocess.run([*command, str(killed)], check=False).returncode
        twice = sum(count - 1 for count in Counter(records(killed)).values())
        print(f"at the end: {len(set(records(killed)))} songs, {twice} recorded twice, exit status {status}")
        apart = files(whole) ^ files(killed)
        both = files(whole) & files(killed)
        apart |= {path for path in both if not filecmp.cmp(whole / path, killed / path, shallow=False)}
        print(
            f"{len(both)} files in both; different or in one alone: {', '.join(map(str, sorted(apart))) or 'none'}"
        )
        sys.exit(bool(apart or twice))


if __name__ == "__main__":
    main()
