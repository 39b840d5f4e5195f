"""The process that tries mutants, one after the other, with a limit on its memory.

It prints "begin NUMBER" before each mutant, and afterwards a line of JSON: so `fuzzing.run` knows which mutant
it was that hung or crashed it.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import shutil
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import TextIO

import numpy as np

from fuzzing.mutants import mutant_of
from fuzzing.seed_files import SeedFile, seed_files
from fuzzing.targets import outcome

MEMORY_MIB = 1_024
"""How much memory a mutant may take, beside what the process has before the first one."""


CPU_SECONDS = 10.0
"""How much processor time a mutant may take."""


def made(seeds: list[SeedFile], seed: int, number: int) -> tuple[SeedFile, bytes]:
    """Return the file that mutant `number` is made of, and the mutant."""
    generator = np.random.default_rng([seed, number])
    original = seeds[int(generator.integers(len(seeds)))]
    other = seeds[int(generator.integers(len(seeds)))]
    return original, mutant_of(original.data, other.data, generator, text=original.text)


def tried(original: SeedFile, data: bytes, folder: Path) -> dict[str, str]:
    """Read a mutant in an empty folder; say what came out, with a traceback where it should not have."""
    folder.mkdir()
    path = folder / original.name
    path.write_bytes(data)
    began = time.process_time()
    try:
        found = outcome(original.target, path)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        return {
            "fault": f"{type(error).__name__}: {str(error)[:300]}",
            "traceback": traceback.format_exc()[-3_000:],
        }
    finally:
        shutil.rmtree(folder)
    seconds = time.process_time() - began
    if seconds > CPU_SECONDS:
        return {"fault": f"took {seconds:.0f} s of processor time"}
    return {"outcome": found.partition(":")[0]}


def main() -> None:
    """Try every `--step`th mutant from `--first` on."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("seed", "first", "last", "step"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--targets", default="")
    arguments = parser.parse_args()
    answers = _quiet()
    seeds = seed_files()
    wanted = set(arguments.targets.split(",")) - {""}
    seeds = [seed for seed in seeds if not wanted or seed.target in wanted]
    with tempfile.TemporaryDirectory() as folder:
        for original in {seed.name: seed for seed in seeds}.values():  # imports what reading needs
            tried(original, original.data, Path(folder) / "first")
        _limit_memory()
        for number in range(arguments.first, arguments.last, arguments.step):
            print("begin", number, file=answers, flush=True)
            original, data = made(seeds, arguments.seed, number)
            found = tried(original, data, Path(folder) / "song")
            about = {"number": number, "target": original.target, "name": original.name}
            print(json.dumps(about | found), file=answers, flush=True)


def _quiet() -> TextIO:
    """Return standard output, and turn what libraries print of a faulty file away from it."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    for stream in (sys.stdout, sys.stderr):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    return answers


def _limit_memory() -> None:
    status = Path("/proc/self/status")
    if not status.is_file():  # no such limit on other systems
        return
    taken_kib = int(re.findall(r"VmSize:\s+(\d+)", status.read_text())[0])
    limit = taken_kib * 1024 + MEMORY_MIB * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


if __name__ == "__main__":
    main()
