"""Two checkouts side by side: the same work in both, in turns, and the ratio of the medians.

    git worktree add ../before COMMIT
    python benchmarks/against_checkout.py ../before --rounds 9

Each checkout has a process of its own that is told what to do next, so that what else the machine does falls on
both alike. A ratio above 1 says that this checkout takes longer.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent

WORKER = """
import functools, json, operator, sys, time
import numpy as np
from signals import SAMPLE_RATE, stems
import mixrules
from mixrules import loudness, processors
from mixrules.analysis import block_band_powers, estimate_tempo, octave_bands

minutes = float(sys.argv[1])
song = stems(minutes, 4)
parts = dict(song)
duet = {"vocals": parts.pop("vocals"), "accompaniment": functools.reduce(operator.add, parts.values())}
plan = mixrules.plan(song, sample_rate=SAMPLE_RATE)
audio = np.ascontiguousarray(song["drums"])
bands = processors.EqualizerParams(
    bands=tuple(processors.EqBand(frequency_hz=hz, gain_db=3.0) for hz in (60, 200, 600, 2000, 6000, 12_000))
)
pumping = processors.CompressorParams(threshold_db=-30.0)
room, ceiling = processors.ReverbParams(t60_s=2.0), processors.LimiterParams()
WORK = {
    "mix, default": lambda: mixrules.mix(song, sample_rate=SAMPLE_RATE),
    "mix, survey-2022": lambda: mixrules.mix(duet, sample_rate=SAMPLE_RATE, rules="survey-2022"),
    "render": lambda: mixrules.render(song, plan, sample_rate=SAMPLE_RATE),
    "measure": lambda: loudness.measure(audio, SAMPLE_RATE),
    "integrated loudness": lambda: loudness.integrated_loudness(audio, SAMPLE_RATE),
    "true peak": lambda: loudness.true_peak(audio, SAMPLE_RATE),
    "compressor": lambda: processors.compress(audio, SAMPLE_RATE, pumping),
    "6 peaking filters": lambda: processors.equalize(audio, SAMPLE_RATE, bands),
    "reverb": lambda: processors.reverberate(audio, SAMPLE_RATE, room),
    "limiter": lambda: processors.limit(4 * audio, SAMPLE_RATE, ceiling),
    "octave bands": lambda: block_band_powers(audio, SAMPLE_RATE, octave_bands(), block_s=0.1),
    "tempo": lambda: estimate_tempo(audio, SAMPLE_RATE),
}
print(json.dumps(list(WORK)), flush=True)
for line in sys.stdin:
    cpu_s, wall_s = time.process_time(), time.perf_counter()
    WORK[line.strip()]()
    print(json.dumps([time.process_time() - cpu_s, time.perf_counter() - wall_s]), flush=True)
"""


class Worker:
    """A process that works in one checkout."""

    def __init__(self, checkout: Path, minutes: float) -> None:
        paths = [str(checkout), str(checkout / "benchmarks")]
        self._process = subprocess.Popen(
            [sys.executable, "-c", WORKER, str(minutes)],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
            cwd=checkout,  # what stands in the working directory is imported first
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def read(self) -> list[str]:
        """Return what the worker can do, once it is ready."""
        assert self._process.stdout is not None
        names: list[str] = json.loads(self._process.stdout.readline())
        return names

    def run(self, name: str) -> tuple[float, float]:
        """Do the work; return the seconds of the processor and on the wall."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(name, file=self._process.stdin, flush=True)
        cpu_s, wall_s = json.loads(self._process.stdout.readline())
        return cpu_s, wall_s


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("before", type=Path, help="the other checkout")
    parser.add_argument("--minutes", type=float, default=5.0, help="length of the song")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--work", metavar="WORD", default="", help="only work whose name holds this word")
    chosen = parser.parse_args()
    workers = {
        "before": Worker(chosen.before.resolve(), chosen.minutes),
        "now": Worker(HERE, chosen.minutes),
    }
    names = [worker.read() for worker in workers.values()][-1]  # of all: each has to be ready
    names = [name for name in names if chosen.work in name]
    print(f"{'work':<22}{'before, CPU s':>14}{'now, CPU s':>12}{'ratio':>8}{'wall':>8}{'least':>8}")
    for name in names:
        taken: dict[str, list[tuple[float, float]]] = {which: [] for which in workers}
        for number in range(chosen.rounds + 1):
            order = list(workers) if number % 2 else list(workers)[::-1]
            for which in order:
                taken[which].append(workers[which].run(name))
        # The first round warms up.
        cpu_s, wall_s = (
            {which: [each[place] for each in runs[1:]] for which, runs in taken.items()} for place in (0, 1)
        )
        before_s, now_s = statistics.median(cpu_s["before"]), statistics.median(cpu_s["now"])
        wall = statistics.median(wall_s["now"]) / statistics.median(wall_s["before"])
        least = min(cpu_s["now"]) / min(cpu_s["before"])
        print(
            f"{name:<22}{before_s:>14.3f}{now_s:>12.3f}{now_s / before_s:>8.2f}{wall:>8.2f}{least:>8.2f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
