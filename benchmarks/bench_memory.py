"""The peak memory of `mixrules mix`, files in and file out.

    python benchmarks/bench_memory.py --minutes 1 5 15 --stems 4 24 --json memory.json

A song that fits is held in memory and takes more the longer it is; what is flat is one that is read from its files.
The peak resident size that the system reports for the command's process. Up to six stems are written; where
more are asked for, the others are links to those. Beside it what `mixrules batch` admits a song by, which gives it one
thread (`--threads 1`). Not on Windows.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import harness
import soundfile
from signals import SAMPLE_RATE, stems

from mixrules import presets
from mixrules.corpus.batch import Mixing
from mixrules.stems.loading import HOLD_MIB
from mixrules.stems.song_description import SongDescription

MOST_MIB = 1024.0
WRITTEN = 6
# A process inherits the peak of the one that starts it, so a small one does.
LAUNCHER = """
import os, sys
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(child, 0)
print(usage.ru_maxrss, usage.ru_utime + usage.ru_stime)
sys.exit(os.waitstatus_to_exitcode(status))
"""


def peak(*words: str) -> tuple[float, float]:
    """Return the peak resident size of a process in MiB, and its processor time in seconds."""
    command = [sys.executable, "-S", "-c", LAUNCHER, *words]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    size, cpu_s = text.split()[-2:]
    unit = 2**20 if sys.platform == "darwin" else 2**10  # macOS counts bytes, the others kilobytes
    return float(size) / unit, float(cpu_s)


def write_song(folder: Path, minutes: float, count: int) -> None:
    folder.mkdir()
    written = [(name, folder / f"{name}.wav") for name in stems(0.01, min(count, WRITTEN))]
    for number, (_, path) in enumerate(written):
        # One after the other, so that a long song does not fill the memory of this process.
        audio = stems(minutes, number + 1, only=number)
        soundfile.write(path, next(iter(audio.values())), SAMPLE_RATE, subtype="PCM_24")
    for number in range(WRITTEN, count):
        name, path = written[number % WRITTEN]
        os.link(path, folder / f"{name} {number // WRITTEN + 1}.wav")


def measure(minutes: float, count: int, preset: str, threads: int | None) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as scratch:
        folder, output = Path(scratch) / "stems", Path(scratch) / "mix.wav"
        write_song(folder, minutes, count)
        words = ["-m", "mixrules", "mix", str(folder), "-o", str(output), "--preset", preset, "--quiet"]
        if threads is not None:
            words += ["--threads", str(threads)]
        peak_mib, cpu_s = peak(sys.executable, *words)
        mixing = Mixing(rules=presets.load(preset))
        estimated_mib = mixing.needed_mib(SongDescription(song="song", folder=folder))
    song_mib = count * 60.0 * minutes * SAMPLE_RATE * 2 * 4 / 2**20
    return {
        "preset": preset,
        "minutes": minutes,
        "stems": count,
        "peak_mib": peak_mib,
        "estimated_mib": estimated_mib,
        "song_mib": song_mib,
        "held": song_mib <= HOLD_MIB,
        "cpu_s": cpu_s,
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", nargs="+", type=float, default=[1.0, 5.0], help="lengths of the song")
    parser.add_argument("--stems", nargs="+", type=int, default=[4], help="how many")
    parser.add_argument("--preset", default="default")
    parser.add_argument("--threads", type=int, help="stems at once; by default as many as there are cores")
    parser.add_argument("--json", type=Path, metavar="PATH", help="write everything to this file as well")
    chosen = parser.parse_args()
    if not hasattr(os, "wait4"):
        harness.note("this system does not say how much memory a process took")
        return
    imports_mib, _ = peak(sys.executable, "-c", "from mixrules import mix")
    print(f"\npeak memory of mixrules mix, preset {chosen.preset}; importing it {imports_mib:.0f} MiB")
    print(
        f"  {'min':>5}{'stems':>7}{'peak MiB':>10}{'estimated':>11}{'stems as float32, MiB':>24}{'held':>6}{'CPU s':>8}"
    )
    rows = []
    for count in chosen.stems:
        for minutes in chosen.minutes:
            row = measure(minutes, count, chosen.preset, chosen.threads)
            rows.append(row)
            print(
                f"  {minutes:5g}{count:7}{row['peak_mib']:10.0f}{row['estimated_mib']:11.0f}{row['song_mib']:24.0f}"
                f"{'yes' if row['held'] else 'no':>6}{row['cpu_s']:8.2f}",
                flush=True,
            )
    found = _verdicts(rows, chosen.threads)
    for each in found:
        print(f"  goal: {each['text']}: {each['found']}, {harness.outcome(each)}")
    harness.finish("memory", [], chosen.json, memory=rows, imports_mib=imports_mib, verdicts=found)


def _verdicts(rows: list[dict[str, Any]], threads: int | None) -> list[dict[str, Any]]:
    largest = max(rows, key=lambda row: row["song_mib"])
    size = f"{largest['stems']} stems of {largest['minutes']:g} min"
    peak_mib = largest["peak_mib"]
    verdicts = []
    if threads == 1:
        most = max(row["peak_mib"] / row["estimated_mib"] for row in rows)
        verdicts.append(
            harness.verdict("no song takes more than batch admits it by", f"{100 * most:.0f} %", most <= 1.0)
        )
    if largest["minutes"] >= 60.0 and largest["stems"] >= 24:
        found = f"{peak_mib / 1024.0:.2f} GiB"
        verdicts.append(harness.verdict(f"at most 1 GiB, {size}", found, peak_mib <= MOST_MIB))
    for count in dict.fromkeys(row["stems"] for row in rows):
        same = sorted(
            (row["minutes"], row["peak_mib"]) for row in rows if row["stems"] == count and not row["held"]
        )
        if len(same) > 1:
            (short, less), (long, more) = same[0], same[-1]
            rise = (more - less) / (long - short)
            text = f"flat in the length, {count} stems, {short:g} to {long:g} min"
            verdicts.append(harness.verdict(text, f"{rise:+.1f} MiB a minute", abs(more / less - 1.0) <= 0.1))
    return verdicts


if __name__ == "__main__":
    main()
