"""The first run after an installation: what it costs until every kernel is compiled, and which kernel takes how long.

    python benchmarks/first_run.py
    python benchmarks/first_run.py --checkout ../before --rounds 3

Processor time of a whole command, all threads, with an empty cache of kernels and with a full one. `--checkout` runs the
same with the package of another checkout, in turns.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
# Runs a command in its own process, and writes the seconds of each kernel, without those that it needs, to a file.
PROBE = """
import json, sys, time
import numba.core.event as event
kernels, running = {}, []
class Listener(event.Listener):
    def on_start(self, event):
        running.append([time.thread_time(), 0.0])
    def on_end(self, event):
        started, within = running.pop()
        took = time.thread_time() - started
        function = event.data["dispatcher"].py_func
        name = f"{function.__module__}.{function.__name__}"
        seconds, times = kernels.get(name, (0.0, 0))
        kernels[name] = (seconds + took - within, times + 1)
        if running:
            running[-1][1] += took
event.register("numba:compile", Listener())
from mixrules.cli import main
try:
    main(sys.argv[2:])
finally:
    json.dump(kernels, open(sys.argv[1], "w"))
"""


def cpu_seconds(words: Sequence[str], checkout: Path, cache: Path) -> float:
    """Return the processor time of a process and its threads."""
    environment = os.environ | {"PYTHONPATH": str(checkout), "NUMBA_CACHE_DIR": str(cache)}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    # In the cache's folder: Python would take a package in the present one for that of the checkout.
    subprocess.run(
        [sys.executable, *words], env=environment, cwd=cache.parent, check=True, capture_output=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--checkout", type=Path, help="another checkout, run in turns with this one")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--kernels", type=int, default=40, help="rows of the table of kernels")
    chosen = parser.parse_args()
    checkouts = {"this": HERE.parent} | ({"other": chosen.checkout.resolve()} if chosen.checkout else {})

    with tempfile.TemporaryDirectory() as scratch:
        song, output = Path(scratch) / "song", Path(scratch) / "mix.wav"
        file = song / "bass.wav"
        subprocess.run([sys.executable, "-m", "mixrules", "demo", str(song)], check=True, capture_output=True)
        commands = {
            "mixrules measure, one file": ("measure", str(file)),
            "mixrules mix, the demo song": ("mix", str(song), "-o", str(output), "--force"),
        }
        seconds: dict[tuple[str, str, str], list[float]] = {}
        kernels: dict[str, Any] = {}
        for turn in range(chosen.rounds):
            for where, checkout in checkouts.items():
                for what, arguments in commands.items():
                    cache = Path(scratch) / f"{where}{turn}{arguments[0]}"
                    for state in ("empty", "full"):
                        spent = cpu_seconds(["-m", "mixrules", *arguments], checkout, cache)
                        seconds.setdefault((what, where, state), []).append(spent)
        for where, checkout in checkouts.items():
            found = Path(scratch) / f"{where}.json"
            probe = ["-c", PROBE, str(found), *commands["mixrules mix, the demo song"]]
            cpu_seconds(probe, checkout, Path(scratch) / f"{where} probe")
            kernels[where] = json.loads(found.read_text(encoding="utf-8"))

    print("| command | checkout | processor time, empty cache | full cache |\n|---|---|---|---|")
    for what in commands:
        for where in checkouts:
            empty, full = (statistics.median(seconds[what, where, state]) for state in ("empty", "full"))
            print(f"| {what} | {where} | {empty:.1f} s | {full:.1f} s |")
    for where, table in kernels.items():
        total, times = sum(row[0] for row in table.values()), sum(row[1] for row in table.values())
        print(
            f"\nkernels of `mix`, {where}: {times} compilations, {total:.1f} s\n\n| kernel | s | times |\n|---|---|---|"
        )
        for name, (took, count) in sorted(table.items(), key=lambda row: -row[1][0])[: chosen.kernels]:
            print(f"| {name.removeprefix('mixrules.')} | {took:.2f} | {count} |")


if __name__ == "__main__":
    main()
