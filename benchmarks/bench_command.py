"""The command line on a song: a fresh process, 24-bit WAV files in and out.

    python benchmarks/bench_command.py --minutes 1 5 --json command.json
    python benchmarks/bench_command.py --sonare peers/bin/sonare --matchering-python peers/bin/python

Four stems, preset default, all cores, numba's kernels in their cache. Against libsonare (`suggest-mix`, then
`mix`) and matchering, which masters the plain sum after a reference, here the sum of two of the stems.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import harness
import soundfile
from harness import OURS, Entry, Goal
from signals import SAMPLE_RATE, stems

LIBSONARE, MATCHERING = "libsonare suggest-mix, mix", "matchering"
_MASTER = """
import sys
import matchering
target, reference, output = sys.argv[1:]
matchering.process(target, reference, [matchering.pcm24(output)])
"""


def write_song(folder: Path, minutes: float, count: int) -> list[Path]:
    """Write a song's stems, and beside them what matchering takes."""
    parts = stems(minutes, count)
    paths = [folder / "stems" / f"{name}.wav" for name in parts]
    paths[0].parent.mkdir(parents=True, exist_ok=True)
    for path, audio in zip(paths, parts.values(), strict=True):
        soundfile.write(path, audio, SAMPLE_RATE, subtype="PCM_24")
    soundfile.write(folder / "sum.wav", sum(parts.values()) * 0.25, SAMPLE_RATE, subtype="PCM_24")
    soundfile.write(
        folder / "reference.wav", sum(list(parts.values())[:2]) * 0.5, SAMPLE_RATE, subtype="PCM_24"
    )
    return paths


def ours(folder: Path) -> Callable[[], object]:
    command = [sys.executable, "-m", "mixrules", "mix", str(folder / "stems")]
    command += ["-o", str(folder / "mix.wav"), "--force", "--quiet"]
    return lambda: subprocess.run(command, check=True, capture_output=True)


def libsonare(program: str, folder: Path, paths: list[Path]) -> Callable[[], object]:
    inputs = [word for path in paths for word in ("--input", f"{path.stem}={path}")]
    scene, output = str(folder / "scene.json"), str(folder / "sonare.wav")
    rate = ["--sample-rate", str(SAMPLE_RATE)]

    def run() -> None:
        suggest = [program, "suggest-mix", "--json", *inputs, "--scene-out", scene, *rate]
        subprocess.run(suggest, check=True, capture_output=True)
        render = [program, "mix", "--scene", scene, *inputs, "-o", output, *rate]
        subprocess.run(render, check=True, capture_output=True)

    return run


def matchering(python: str, folder: Path) -> Callable[[], object]:
    files = [str(folder / name) for name in ("sum.wav", "reference.wav", "matchering.wav")]
    return lambda: subprocess.run([python, "-c", _MASTER, *files], check=True, capture_output=True)


def has_matchering(python: str) -> bool:
    found = subprocess.run([python, "-c", "import matchering"], check=False, capture_output=True)
    if found.returncode:
        harness.note("matchering is not installed: left out")
    return found.returncode == 0


def main() -> None:
    parser = harness.options(__doc__ or "", minutes=(5.0,), rounds=5)
    parser.add_argument("--stems", type=int, default=4, help="how many")
    parser.add_argument("--sonare", default="sonare", metavar="PATH", help="libsonare's command")
    parser.add_argument(
        "--matchering-python", default=sys.executable, metavar="PATH", help="a Python that has matchering"
    )
    chosen = parser.parse_args()
    races = []
    for minutes in chosen.minutes:
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            paths = write_song(folder, minutes, chosen.stems)
            entries = [Entry(f"{OURS} mix", ours(folder))]
            if not chosen.no_peers:
                if harness.program(chosen.sonare):
                    program = shutil.which(chosen.sonare) or ""
                    entries.append(Entry(LIBSONARE, libsonare(program, folder, paths)))
                if has_matchering(chosen.matchering_python):
                    entries.append(Entry(MATCHERING, matchering(chosen.matchering_python, folder)))
            goals = [Goal("times", 1.0, LIBSONARE), Goal("times", 1.0, MATCHERING)]
            if minutes == 5.0 and chosen.stems == 4:
                goals.append(Goal("seconds", 5.0))
            work = f"the command on {chosen.stems} stems, files in and out"
            races.append(harness.run_race(work, entries, minutes=minutes, rounds=chosen.rounds, goals=goals))
    harness.finish("command", races, chosen.json)


if __name__ == "__main__":
    main()
