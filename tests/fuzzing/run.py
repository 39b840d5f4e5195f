"""Try many mutants: ``cd tests && python -m fuzzing.run --mutants 20000 --seed 1``.

Worker processes make them and read them. A mutant that takes more processor time or more memory than the workers'
limits, hangs, or ends the process is a fault, like an exception that is none of this package's. Every fault can be made
again from the seed and its number: ``--only NUMBER --keep FILE`` writes the mutant.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from fuzzing.seed_files import seed_files
from fuzzing.worker import CPU_SECONDS, MEMORY_MIB, made

HUNG_SECONDS = 120.0
"""After this a worker that says nothing is ended: it hangs, however busy the machine is."""

_STARTS_WITHIN_SECONDS = 300.0
_TESTS = Path(__file__).resolve().parent.parent


@dataclass(slots=True)
class Found:
    """What came out: counts by target and outcome, faults, and seconds."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    faults: list[dict[str, str]] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def total(self) -> int:
        """How many mutants were tried."""
        return self.counts.total()


def run(mutants: int, seed: int, *, workers: int = 2, first: int = 0, targets: str = "") -> Found:
    """Try `mutants` mutants in `workers` processes."""
    found = Found()
    began = time.monotonic()
    threads = [
        threading.Thread(target=_one, args=(found, seed, first + k, first + mutants, workers, targets))
        for k in range(workers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found.seconds = time.monotonic() - began
    found.faults.sort(key=lambda fault: int(fault["number"]))
    return found


def _one(found: Found, seed: int, first: int, last: int, step: int, targets: str) -> None:
    """Keep one worker going until its mutants are through, a new one after each that a mutant ended."""
    while first < last:
        command = [sys.executable, "-m", "fuzzing.worker", "--seed", seed, "--first", first, "--last", last]
        process = subprocess.Popen(
            [str(word) for word in (*command, "--step", step, "--targets", targets)],
            cwd=_TESTS,
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": os.pathsep.join([str(_TESTS), os.environ.get("PYTHONPATH", "")])},
        )
        lines: queue.Queue[bytes] = queue.Queue()
        reader = threading.Thread(target=_read, args=(process, lines))
        reader.start()
        current, seconds, hung = -1, _STARTS_WITHIN_SECONDS, False
        while True:
            try:
                line = lines.get(timeout=seconds)
            except queue.Empty:
                hung = True
                break
            if not line:
                break
            seconds = HUNG_SECONDS
            if line.startswith(b"begin"):
                current = int(line.split()[1])
                continue
            answer = json.loads(line)
            found.counts[answer["target"], answer.get("outcome", "fault")] += 1
            if "fault" in answer:
                found.faults.append(answer)
            first, current = answer["number"] + step, -1
        if hung:
            process.kill()
        status = process.wait()
        reader.join()
        if current < 0:
            if status != 0:
                raise RuntimeError(f"the worker ended with status {status} between two mutants")
            return
        why = f"said nothing for {HUNG_SECONDS:g} s" if hung else f"ended the process with status {status}"
        found.counts["", "fault"] += 1
        found.faults.append({"number": str(current), "target": "", "name": "", "fault": why})
        first = current + step


def _read(process: subprocess.Popen[bytes], lines: queue.Queue[bytes]) -> None:
    """Put a worker's lines into a queue, and an empty one when it ends."""
    assert process.stdout is not None
    with process.stdout as answers:
        for line in answers:
            lines.put(line)
    lines.put(b"")


def main() -> None:
    """Try the mutants that the arguments name, and print what came out; status 1 if there is a fault."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--mutants", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--targets", default="", help="only these, separated by commas")
    parser.add_argument("--only", type=int, help="make one mutant and write it to --keep")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--tracebacks", action="store_true")
    arguments = parser.parse_args()
    if arguments.only is not None:
        seeds = [s for s in seed_files() if not arguments.targets or s.target in arguments.targets.split(",")]
        original, data = made(seeds, arguments.seed, arguments.only)
        print(original.target, original.name, len(data))
        if arguments.keep:
            arguments.keep.write_bytes(data)
        return
    found = run(
        arguments.mutants,
        arguments.seed,
        workers=arguments.workers,
        first=arguments.first,
        targets=arguments.targets,
    )
    for target in sorted({target for target, _ in found.counts}):
        cells = ", ".join(
            f"{found.counts[target, o]} {o}" for o in ("read", "refused", "fault") if found.counts[target, o]
        )
        print(f"{target or '(hung or crashed)':>20}  {cells}")
    limits = f"{CPU_SECONDS:g} s of processor time and {MEMORY_MIB} MiB"
    print(f"{found.total} mutants in {found.seconds:.0f} s, each at most {limits}")
    for fault in found.faults:
        print(f"fault {fault['number']}: {fault['target']} {fault['name']}: {fault['fault']}")
        if arguments.tracebacks:
            print(fault.get("traceback", ""))
    sys.exit(bool(found.faults))


if __name__ == "__main__":
    main()
