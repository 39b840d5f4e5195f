"""Where the time of a whole mix goes, from cProfile.

    python benchmarks/profile_mix.py --minutes 5 --preset default [--json profile.json]

The song is mixed once to warm up, then timed without the profiler, then profiled. Every function's own time is
booked to a stage by the file it is in; what kernels, numpy, scipy and Python's own functions take is
booked to the functions of mixrules that called them. The profiled run takes one stem after the other,
in one thread, so that nothing is hidden in a worker.
"""

from __future__ import annotations

import argparse
import cProfile
import functools
import operator
import pstats
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import harness
from signals import SAMPLE_RATE, stems

import mixrules

Function = tuple[str, int, str]

ROOT = str(Path(mixrules.__file__).parent)
STAGES = (
    ("loudness/peaks", "true peak"),
    ("loudness/", "loudness"),
    ("processors/equalizer", "equaliser"),
    ("processors/compressor", "compressor"),
    ("processors/reverb", "reverb"),
    ("processors/convolver", "reverb"),
    ("processors/room", "reverb"),
    ("processors/limiter", "limiter"),
    ("processors/gain", "gains"),
    ("processors/pan", "pan"),
    ("analysis/band_powers", "band powers"),
    ("analysis/tempo", "tempo"),
    ("analysis/dynamics", "levels, crests, character"),
    ("analysis/activity", "levels, crests, character"),
    ("analysis/character", "levels, crests, character"),
    ("analysis/flatness", "levels, crests, character"),
    ("analysis/width", "levels, crests, character"),
    ("analysis/masking", "masking"),
    ("analysis/decay", "decay of the reverb"),
    ("analysis/compression_model", "compression predicted"),
    ("rules/range_search", "compression predicted"),
    ("analysis/", "analysis, other"),
    ("engine/", "sums and copies"),
    ("mixer", "sums and copies"),
    ("session", "sums and copies"),
    ("verification", "sums and copies"),
    ("validation", "checks of the input"),
    ("stems", "checks of the input"),
)
STEPS = (
    ("from_arrays", "stems made of the arrays"),
    ("_decide", "deciding, all rules"),
    ("master", "rendering the master"),
    ("verify", "checking the report"),
)


def share_by_function(stats: pstats.Stats) -> dict[Function, float]:
    """Return the own time of each function of mixrules, with that of what it calls outside."""
    rows: dict[Function, Any] = stats.stats  # type: ignore[attr-defined]
    owed: dict[Function, float] = defaultdict(float)

    # Where a helper was called from, by whole time, is how its own time is shared out further up.
    def book(function: Function, seconds: float, seen: frozenset[Function]) -> None:
        if seconds <= 0.0:
            return
        callers = {caller: row for caller, row in rows[function][4].items() if caller not in seen}
        total = sum(row[3] for row in callers.values())
        if is_stage(function) or total <= 0.0:
            owed[function] += seconds
            return
        for caller, row in callers.items():
            book(caller, seconds * row[3] / total, seen | {function})

    for function, (_, _, own_s, _, callers) in rows.items():
        if is_stage(function) or not callers:
            owed[function] += own_s
            continue
        # The first step up is known exactly: how long the function itself ran for each caller.
        for caller, row in callers.items():
            book(caller, row[2], frozenset([function]))
    return owed


def is_stage(function: Function) -> bool:
    """Return whether a function is one of mixrules', and not a kernel or a helper of others."""
    return function[0].startswith(ROOT) and not Path(function[0]).name.endswith(("_kernels.py", "_blocks.py"))


def stage_of(function: Function) -> str:
    if not function[0].startswith(ROOT):
        return "outside"
    path = Path(function[0]).relative_to(ROOT).with_suffix("").as_posix()
    return next((stage for start, stage in STAGES if path.startswith(start)), "rules, plan and the rest")


def name_of(function: Function) -> str:
    path = Path(function[0])
    inside = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name
    return f"{inside}: {function[2]}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--stems", type=int, default=4, help="how many")
    parser.add_argument("--preset", default="default")
    parser.add_argument("--top", type=int, default=20, help="functions to list")
    parser.add_argument("--json", type=Path, metavar="PATH", help="write everything to this file as well")
    chosen = parser.parse_args()
    song = stems(chosen.minutes, chosen.stems)
    if chosen.preset == "survey-2022":
        vocal = song.pop("vocals")
        song = {"vocals": vocal, "accompaniment": functools.reduce(operator.add, song.values())}

    def run(threads: int | None = None) -> None:
        mixrules.mix(song, sample_rate=SAMPLE_RATE, rules=chosen.preset, threads=threads)

    run()
    begin = time.perf_counter()
    run()
    wall_s = time.perf_counter() - begin
    begin = time.perf_counter()
    run(threads=1)
    serial_s = time.perf_counter() - begin
    profiler = cProfile.Profile()
    profiler.runcall(run, threads=1)
    stats = pstats.Stats(profiler)
    rows: dict[Function, Any] = stats.stats  # type: ignore[attr-defined]
    shares = share_by_function(stats)
    total_s = sum(shares.values())
    stages: dict[str, float] = defaultdict(float)
    for function, seconds in shares.items():
        stages[stage_of(function)] += seconds
    print(
        f"\nmix of {len(song)} stems, {chosen.minutes:g} min, preset {chosen.preset}: "
        f"{harness.duration(wall_s)}; in one thread {harness.duration(serial_s)}, "
        f"profiled {harness.duration(total_s)}"
    )
    print("\n  by step, everything below it included")
    steps = {
        text: sum(row[3] for f, row in rows.items() if f[0].startswith(ROOT) and f[2] == name)
        for name, text in STEPS
    }
    rules = {
        f"  rule {name_of(f)}": row[3]
        for f, row in rows.items()
        if f[0].startswith(str(Path(ROOT) / "rules" / "_")[:-1])
        and any(caller[2] == "_decide" for caller in row[4])
    }
    _print({**steps, **rules}, total_s)
    print("\n  by stage, own time")
    _print(stages, total_s)
    print("\n  by function, own time, calls")
    top = sorted(shares, key=shares.__getitem__, reverse=True)[: chosen.top]
    _print({f"{name_of(f)} ×{rows[f][0]}": shares[f] for f in top}, total_s)
    harness.finish(
        "profile",
        [],
        chosen.json,
        preset=chosen.preset,
        minutes=chosen.minutes,
        stems=len(song),
        wall_s=wall_s,
        one_thread_s=serial_s,
        profiled_s=total_s,
        steps=steps | rules,
        stages=dict(stages),
        functions={name_of(f): shares[f] for f in top},
    )


def _print(seconds: dict[str, float], total_s: float) -> None:
    for name, value in sorted(seconds.items(), key=lambda item: -item[1]):
        if value >= 0.0005 * total_s:
            print(f"  {name:66}{1000.0 * value:9.0f} ms{100.0 * value / total_s:7.1f} %")


if __name__ == "__main__":
    main()
