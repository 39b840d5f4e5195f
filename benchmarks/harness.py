"""What every benchmark shares: interleaved rounds, a table and JSON.

A benchmark is a list of races. A race is some work that ours and the peers do on the same signal: each
is run once to warm it up, then all in turn, round after round, so that what else the machine does falls on
all alike; medians are compared. Whatever is not installed is left out with a note. Nothing is fetched.
"""

from __future__ import annotations

import argparse
import functools
import importlib.metadata
import importlib.util
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

OURS = "mixrules"
GOALS_FROM_MIN = 5.0
"""The goals are about songs of five minutes; shorter ones are shown without."""
_PACKAGES = (
    *("mixrules", "numpy", "scipy", "numba", "llvmlite", "soundfile", "soxr", "librosa"),
    *("pedalboard", "pyebur128", "pyloudnorm", "matchering"),
)
_LEAST_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Entry:
    """One way of doing the work of a race.

    `run` does it and returns what `reads` puts into words, so that the table shows that the work was the
    same; the first entry of a race is ours and the one that the others are compared with.
    """

    name: str
    run: Callable[[], Any]
    reads: Callable[[Any], str] = lambda result: ""


@dataclass(frozen=True, slots=True)
class Goal:
    """What is asked of ours: so many times faster than a peer, or a bound in absolute terms.

    `kind` is "times" (peer's time over ours, at least), "realtime" (at least), "seconds" (at most),
    "above" (at most so many seconds more than the peer) or "mebibytes" (at most).
    """

    kind: str
    bound: float
    peer: str = ""
    name: str = ""
    """The entry that has to reach it; empty is the race's first."""


@dataclass(slots=True)
class Result:
    """What one entry took."""

    name: str
    first_s: float
    times_s: list[float]
    cpu_s: list[float]
    reads: str

    @property
    def median_s(self) -> float:
        """The median wall time of the rounds."""
        return statistics.median(self.times_s)

    @property
    def median_cpu_s(self) -> float:
        """The median processor time of the rounds, all threads; what else runs touches it less."""
        return statistics.median(self.cpu_s)


@dataclass(slots=True)
class Race:
    """A race that was run."""

    work: str
    minutes: float
    results: list[Result]
    verdicts: list[dict[str, Any]] = field(default_factory=list)


def installed(*modules: str) -> bool:
    """Return whether all modules could be imported; says which could not."""
    missing = [module for module in modules if importlib.util.find_spec(module) is None]
    for module in missing:
        note(f"{module} is not installed: left out")
    return not missing


@functools.cache
def program(name: str) -> str | None:
    """Return a program's path; says so where it is missing."""
    path = shutil.which(name)
    if path is None:
        note(f"{name} is not there: left out")
    return path


@functools.cache
def note(text: str) -> None:
    """Say something on the standard error stream, once."""
    print(f"note: {text}", file=sys.stderr)


def on_one_core() -> None:
    """Hold this process, its threads and what it starts to one core, where the system can."""
    if not hasattr(os, "sched_setaffinity"):
        note("this system cannot hold a process to one core: peers may use several")
        return
    core = max(os.sched_getaffinity(0))
    tasks = Path("/proc/self/task")
    for thread in [int(p.name) for p in tasks.iterdir()] if tasks.is_dir() else [0]:
        os.sched_setaffinity(thread, {core})


def run_race(
    work: str,
    entries: Sequence[Entry],
    *,
    minutes: float,
    rounds: int,
    budget_s: float = 60.0,
    goals: Iterable[Goal] = (),
) -> Race:
    """Run the entries in turn, round after round, and print what they took.

    The last rounds are left out once `budget_s` is spent, but for the first three.
    """
    results = []
    for entry in entries:
        begin = time.perf_counter()
        found = entry.run()
        results.append(Result(entry.name, time.perf_counter() - begin, [], [], entry.reads(found)))
        del found
    start = time.perf_counter()
    for number in range(rounds):
        if number >= _LEAST_ROUNDS and time.perf_counter() - start > budget_s:
            break
        for entry, result in zip(entries, results, strict=True):
            cpu, begin = _cpu_s(), time.perf_counter()
            found = entry.run()
            result.times_s.append(time.perf_counter() - begin)
            result.cpu_s.append(_cpu_s() - cpu)
            del found
    race = Race(work, minutes, results)
    if not 0.0 < minutes < GOALS_FROM_MIN:
        race.verdicts = [_verdict(race, goal) for goal in goals if _known(race, goal)]
    print_race(race)
    return race


def print_race(race: Race) -> None:
    """Print one race's table."""
    ours = race.results[0].median_s
    size = f", {race.minutes:g} min" if race.minutes else ""
    print(f"\n{race.work}{size}")
    print(
        f"  {'':44}{'median':>10}{'least':>10}{'first':>10}{'CPU':>10}{'× ours':>8}{'× real time':>13}  reads"
    )
    for result in race.results:
        speed = f"{60.0 * race.minutes / result.median_s:.0f}" if race.minutes else "-"
        times = (result.median_s, min(result.times_s), result.first_s, result.median_cpu_s)
        cells = "".join(f"{duration(seconds):>10}" for seconds in times)
        print(f"  {result.name:44}{cells}{result.median_s / ours:8.2f}{speed:>13}  {result.reads}")
    for verdict in race.verdicts:
        print(f"  goal: {verdict['text']}: {verdict['found']}, {outcome(verdict)}")
    sys.stdout.flush()


def outcome(verdict: dict[str, Any]) -> str:
    """Return whether a goal is reached, in a word or two."""
    return "reached" if verdict["reached"] else "not reached"


def duration(seconds: float) -> str:
    """Return a time to three digits."""
    return f"{1000.0 * seconds:.3g} ms" if seconds < 0.9995 else f"{seconds:.3g} s"


def verdict(text: str, found: str, reached: bool) -> dict[str, Any]:
    """Return whether a goal is reached, as plain data."""
    return {"text": text, "found": found, "reached": bool(reached)}


def _known(race: Race, goal: Goal) -> bool:
    names = {result.name for result in race.results}
    return {goal.peer or race.results[0].name, goal.name or race.results[0].name} <= names


def _verdict(race: Race, goal: Goal) -> dict[str, Any]:
    by_name = {result.name: result.median_s for result in race.results}
    name = goal.name or race.results[0].name
    ours, peer = by_name[name], by_name.get(goal.peer, 0.0)
    if goal.kind == "times":
        times = peer / ours
        return verdict(
            f"{name} at least {goal.bound:g} times faster than {goal.peer}",
            f"{times:.2f} times",
            times >= goal.bound,
        )
    if goal.kind == "realtime":
        speed = 60.0 * race.minutes / ours
        return verdict(
            f"{name} at least {goal.bound:g} times real time", f"{speed:.0f} times", speed >= goal.bound
        )
    if goal.kind == "above":
        more = ours - peer
        return verdict(
            f"{name} at most {duration(goal.bound)} above {goal.peer}", duration(more), more <= goal.bound
        )
    return verdict(f"{name} at most {duration(goal.bound)}", duration(ours), ours <= goal.bound)


def _cpu_s() -> float:
    """Return the processor time of this process and of those that it has waited for."""
    if importlib.util.find_spec("resource") is None:
        return time.process_time()
    import resource

    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def options(about: str, *, minutes: Sequence[float] = (5.0,), rounds: int = 7) -> argparse.ArgumentParser:
    """Return a parser with the options that every benchmark has."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--minutes", nargs="+", type=float, default=list(minutes), help="lengths of the signal"
    )
    parser.add_argument("--rounds", type=int, default=rounds, help="rounds, at least 1")
    parser.add_argument(
        "--signal", choices=("music", "demo"), default="music", help="synthesised music, or the demo's sum"
    )
    parser.add_argument("--no-peers", action="store_true", help="only ours")
    parser.add_argument("--json", type=Path, metavar="PATH", help="write everything to this file as well")
    return parser


def finish(name: str, races: Sequence[Race], path: Path | None, **more: Any) -> None:
    """Write a benchmark's races as JSON, where a file was asked for."""
    if path is None:
        return
    found = {"benchmark": name, "machine": machine(), "races": [asdict(race) for race in races], **more}
    for race, plain in zip(races, found["races"], strict=True):
        ours = race.results[0].median_s
        for result, row in zip(race.results, plain["results"], strict=True):
            row.update(
                median_s=result.median_s,
                median_cpu_s=result.median_cpu_s,
                times_ours=result.median_s / ours,
                times_ours_cpu=result.median_cpu_s / race.results[0].median_cpu_s,
            )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found, indent=1) + "\n")


def machine() -> dict[str, Any]:
    """Return what ran here: processor, system, versions, and how busy the machine was."""
    versions = {name: _version(name) for name in _PACKAGES if importlib.util.find_spec(name)}
    return {
        "cpu": _cpu_name(),
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "versions": versions | _programs(),
        "commit": _said(
            [shutil.which("git") or "git", "-C", str(Path(__file__).parent), "rev-parse", "HEAD"]
        ),
        "load_average": list(os.getloadavg()) if hasattr(os, "getloadavg") else None,
        "taken": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not a distribution"


def _programs() -> dict[str, str]:
    ffmpeg = shutil.which("ffmpeg")
    found = {}
    if ffmpeg:
        found["ffmpeg"] = (
            _said([ffmpeg, "-version"]).split("\n")[0].removeprefix("ffmpeg version ").split(" ")[0]
        )
    if importlib.util.find_spec("pyebur128"):
        import pyebur128

        found["libebur128"] = str(pyebur128.get_libebur128_version())
    return found


def _said(command: Sequence[str]) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    except OSError:
        return ""


def _cpu_name() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return _said(["sysctl", "-n", "machdep.cpu.brand_string"]) or platform.processor()
