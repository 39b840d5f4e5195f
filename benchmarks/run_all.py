"""Run all benchmarks, one after the other, and put what they found into one table and one file.

    python benchmarks/run_all.py --json build/bench.json --markdown build/bench.md
    python benchmarks/run_all.py --minutes 1 --only meter reverb
    python benchmarks/run_all.py --sonare PATH --matchering-python PATH

Meant to take less than ten minutes on two quiet cores; libsonare, where it is named, takes minutes more.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import harness

HERE = Path(__file__).resolve().parent


def plans(chosen: argparse.Namespace) -> dict[str, list[str]]:
    """Return each benchmark's script and arguments."""
    minutes = f"{chosen.minutes:g}"
    sizes = [f"{size:g}" for size in sorted({min(1.0, chosen.minutes), chosen.minutes})]
    stage = ["--minutes", minutes, "--rounds", str(chosen.rounds)]
    peers = ["--sonare", chosen.sonare, "--matchering-python", chosen.matchering_python]
    found = {
        name: [f"bench_{name}.py", *stage]
        for name in ("meter", "compressor", "equalizer", "reverb", "bands", "tempo")
    }
    found["startup"] = ["bench_startup.py", "--rounds", "11"]
    found["mix"] = ["bench_mix.py", "--minutes", *sizes, "--rounds", "3"]
    found["command"] = ["bench_command.py", "--minutes", minutes, "--rounds", "3", *peers]
    found["memory"] = ["bench_memory.py", "--minutes", *sizes, "--stems", "4", "24"]
    for preset in ("default", "survey-2022"):
        found[f"profile {preset}"] = ["profile_mix.py", "--minutes", minutes, "--preset", preset]
    return {name: words for name, words in found.items() if not chosen.only or name in chosen.only}


def verdicts(results: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield all goals, each with what it is about."""
    for result in results:
        for race in result.get("races", []):
            size = f", {race['minutes']:g} min" if race["minutes"] else ""
            for verdict in race["verdicts"]:
                yield race["work"] + size, verdict
        for verdict in result.get("verdicts", []):
            yield result["benchmark"], verdict


def markdown(results: list[dict[str, Any]]) -> str:
    """Return all races, the memory and the goals as tables for a page."""
    lines = [
        "| work | what | median | CPU | × ours | × ours, CPU | × real time | reads |",
        "|---|---|--:|--:|--:|--:|--:|---|",
    ]
    for race in (race for result in results for race in result.get("races", [])):
        work = race["work"] + (f", {race['minutes']:g} min" if race["minutes"] else "")
        for row in race["results"]:
            speed = f"{60.0 * race['minutes'] / row['median_s']:.0f}" if race["minutes"] else ""
            lines.append(
                f"| {work} | {row['name']} | {harness.duration(row['median_s'])} | "
                f"{harness.duration(row['median_cpu_s'])} | {row['times_ours']:.2f} | "
                f"{row['times_ours_cpu']:.2f} | "
                f"{speed} | {row['reads']} |"
            )
            work = ""
    memory = [row for result in results for row in result.get("memory", [])]
    if memory:
        lines += [
            "",
            "| stems | min | peak MiB | the stems as float32, MiB | held | CPU s |",
            "|--:|--:|--:|--:|---|--:|",
        ]
        lines += [
            f"| {row['stems']} | {row['minutes']:g} | {row['peak_mib']:.0f} | {row['song_mib']:.0f} | "
            f"{'yes' if row['held'] else 'no'} | {row['cpu_s']:.1f} |"
            for row in memory
        ]
    lines += ["", "| work | goal | found | |", "|---|---|---|---|"]
    lines += [
        f"| {work} | {found['text']} | {found['found']} | {harness.outcome(found)} |"
        for work, found in verdicts(results)
    ]
    for result in (result for result in results if result["benchmark"] == "profile"):
        lines += [
            "",
            f"{result['stems']} stems, {result['minutes']:g} min, preset {result['preset']}: "
            f"{harness.duration(result['wall_s'])}",
            "",
            "| where | ms | share |",
            "|---|--:|--:|",
        ]
        for kind in ("steps", "stages"):
            for name, seconds in sorted(result[kind].items(), key=lambda item: -item[1]):
                share = seconds / result["profiled_s"]
                if share >= 0.01:
                    lines.append(f"| {kind[:-1]}: {name.strip()} | {1000.0 * seconds:.0f} | {share:.0%} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=5.0, help="length of the signals")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of the stages")
    parser.add_argument(
        "--only", nargs="+", metavar="NAME", help="these alone, e.g. meter, 'profile default'"
    )
    parser.add_argument("--sonare", default="sonare", metavar="PATH", help="libsonare's command")
    parser.add_argument(
        "--matchering-python", default=sys.executable, metavar="PATH", help="a Python that has matchering"
    )
    parser.add_argument("--json", type=Path, metavar="PATH", help="write everything to this file")
    parser.add_argument("--markdown", type=Path, metavar="PATH", help="write tables to this file")
    chosen = parser.parse_args()
    start = time.perf_counter()
    before = os.getloadavg() if hasattr(os, "getloadavg") else None
    results: list[dict[str, Any]] = []
    failed = []
    with tempfile.TemporaryDirectory() as scratch:
        for name, (script, *words) in plans(chosen).items():
            path = Path(scratch) / f"{name}.json"
            command = [sys.executable, str(HERE / script), *words, "--json", str(path)]
            if subprocess.run(command, check=False).returncode:
                failed.append(name)
            if path.exists():
                results.append(json.loads(path.read_text()))
    print("\ngoals")
    for work, found in verdicts(results):
        print(f"  {harness.outcome(found):12} {work}: {found['text']}: {found['found']}")
    took = time.perf_counter() - start
    print(
        f"\nall of it took {took:.0f} s; load average before {before}, after {harness.machine()['load_average']}"
    )
    if chosen.json:
        chosen.json.parent.mkdir(parents=True, exist_ok=True)
        everything = {"machine": harness.machine(), "load_before": before, "took_s": took, "results": results}
        chosen.json.write_text(json.dumps(everything, indent=1) + "\n")
    if chosen.markdown:
        chosen.markdown.parent.mkdir(parents=True, exist_ok=True)
        chosen.markdown.write_text(markdown(results))
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
