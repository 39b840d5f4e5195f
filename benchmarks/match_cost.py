"""What `mixrules match` costs on a long song: seconds, processor seconds and peak memory of the command.

    python benchmarks/match_cost.py songs/* --minutes 5 --stems 8

The song is made of pieces of the songs given, one after the other, so many of their stems side by side; the mix by a plan
drawn by chance (`drawn_plans.py`) that has compressors on at least half of the stems, a reverb and a limiter. Not on
Windows.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from bench_memory import LAUNCHER
from drawn_plans import drawn_plan

from mixrules import MixPlan, Stems, load_stems, render
from mixrules.files import write_audio

_PIECE_S = 30.0
_MOST_SEEDS = 1000


def song_of(folders: Sequence[Path], stems: int, seconds: float) -> Stems:
    """Return a song of so many stems and seconds, made of pieces of others that have as many stems."""
    parts: list[list[npt.NDArray[np.float32]]] = []
    rate = 0
    for folder in folders:
        if len(parts) * _PIECE_S >= seconds:
            break
        if folder.name.startswith("_") or not folder.is_dir():
            continue
        song = load_stems(folder)
        piece = round(_PIECE_S * song.sample_rate)
        sounding = [stem for stem in song if not stem.silent][:stems]
        if len(sounding) == stems and song.samples >= piece and rate in (0, song.sample_rate):
            rate = song.sample_rate
            parts.append([np.broadcast_to(stem.audio, (stem.samples, 2))[:piece] for stem in sounding])
    if len(parts) * _PIECE_S < seconds:
        raise SystemExit(
            f"{len(parts)} songs of {_PIECE_S:g} s with {stems} stems: too few for {seconds:g} s"
        )
    arrays = {f"stem{number}": np.concatenate(each) for number, each in enumerate(zip(*parts, strict=True))}
    return Stems.from_arrays(arrays, rate)


def full_plan(stems: Stems) -> tuple[int, MixPlan]:
    """Return the first drawn plan with all kinds of processors, and its seed."""
    for seed in range(_MOST_SEEDS):
        plan = drawn_plan(stems, seed)
        compressed = sum(strip.compressor is not None for strip in plan.stems)
        if plan.reverbs and plan.master.limiter is not None and 2 * compressed >= len(stems):
            return seed, plan
    raise SystemExit(f"none of {_MOST_SEEDS} plans has all kinds of processors")


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("songs", nargs="+", type=Path)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--stems", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=2, help="the first may compile")
    options = parser.parse_args()
    stems = song_of(options.songs, options.stems, 60.0 * options.minutes)
    seed, plan = full_plan(stems)
    print(f"{stems.duration_s:.0f} s, {len(stems)} stems, plan {seed}, {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "song").mkdir()
        for stem in stems:
            path = folder / "song" / f"{stem.name}.wav"
            write_audio(path, stem.audio, stems.sample_rate, subtype="PCM_24")
        write_audio(folder / "mix.wav", render(stems, plan), stems.sample_rate, subtype="PCM_24")
        command = [
            *(sys.executable, "-m", "mixrules", "match", str(folder / "song")),
            *("--mix", str(folder / "mix.wav"), "-o", str(folder / "plan.json"), "--force", "--quiet"),
        ]
        for _ in range(options.rounds):
            began = time.perf_counter()
            said = subprocess.run(
                [sys.executable, "-c", LAUNCHER, *command], check=True, capture_output=True, text=True
            ).stdout
            kib, processor_s = (float(word) for word in said.splitlines()[-1].split())
            print(
                f"{time.perf_counter() - began:.0f} s, {processor_s:.0f} s of processor, {kib / 1024:.0f} MiB"
            )
        explained = MixPlan.load(folder / "plan.json").notes[0]
    print(explained)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
