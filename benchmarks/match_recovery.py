"""Whether `mixrules match` finds again what is known: plans drawn by chance, and faders of songs with a truth file.

    python benchmarks/match_recovery.py songs/* --seeds 2 --jsonl recovery.jsonl
    python benchmarks/match_recovery.py corpus/* --references corpus/_references --truth corpus/_truth
    python benchmarks/match_recovery.py songs/* --references songs/_references
    python benchmarks/match_recovery.py --table recovery.jsonl

A drawn plan is rendered to a 24-bit WAV, and matched from that file and the stems alone. What is compared, and how
settings that do the same count as the same, is said in `plan_differences.py`. With --truth the gains of either side are
compared with those of the author; with --references alone the ladder is printed. Rows of a run that stopped are kept and
not made again.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import tempfile
import time
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from drawn_plans import drawn_plan
from plan_differences import BOUNDS, differences, position, side_powers

from mixrules import MixPlan, Stems, load_stems, render
from mixrules.files import write_audio

Row = dict[str, Any]
_WORST = 10
_SONGS, _PLANS = 10_000, 100
_LABELS = {
    "level_db": "level (dB)",
    "pan": "pan (-1 to 1)",
    "eq_db": "EQ (dB)",
    "curve_db": "compression curve (dB)",
    "send_db": "send (dB)",
    "wet_db": "reverb level (dB)",
    "t60_percent": "T60 (%)",
}


def recovered(stems: Stems, seed: int) -> Iterator[Row]:
    """Draw a plan, render it, match it, and yield a row for each stem and one for the song."""
    from mixrules.matching import match

    truth = drawn_plan(stems, seed)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mix.wav"
        write_audio(path, render(stems, truth), stems.sample_rate, subtype="PCM_24")
        began = time.perf_counter()
        found = match(stems, path)
        seconds = time.perf_counter() - began
    for row in differences(stems, truth, found.plan):
        more = {} if row["stem"] else {**_ladder(found), "seconds": seconds}
        yield {"song": stems.title, "seed": seed, **row, **more}


def explained(stems: Stems, reference: Path, truth: Path | None) -> Iterator[Row]:
    """Match a mix that a person made, and yield its ladder; with a truth file a row for each stem's gains."""
    from mixrules.matching import match

    began = time.perf_counter()
    found = match(stems, reference)
    if truth is not None:
        yield from ({"song": stems.title, **row} for row in off_truth(stems, found.plan, truth))
    seconds = time.perf_counter() - began
    yield {"song": stems.title, "stem": "", "seconds": seconds, **_ladder(found)}


def off_truth(stems: Stems, plan: MixPlan, path: Path) -> Iterator[Row]:
    """Yield how far each stem's level and place are from the gains of a truth file, the common gain taken off."""
    truth = json.loads(path.read_text(encoding="utf-8"))["stems"]
    by_name = truth if isinstance(truth, dict) else {entry["name"]: entry for entry in truth}
    rows = []
    for stem in stems:
        if stem.silent or stem.name not in by_name:
            continue
        gains = np.array([by_name[stem.name][side] for side in ("left", "right")], np.float64)
        audio = np.broadcast_to(np.asarray(stem.audio, np.float64), (stem.samples, 2))
        authors = np.mean(np.square(audio * gains), axis=0)
        ours = side_powers(stem, plan, stems.sample_rate)
        off_db = 10.0 * math.log10(max(float(ours.sum()), 1e-30) / max(float(authors.sum()), 1e-30))
        apart = abs(position(*np.sqrt(ours)) - position(*np.sqrt(authors)))
        rows.append((stem.name, off_db, apart))
    common = float(np.median([off_db for _, off_db, _ in rows])) if rows else 0.0
    for name, off_db, apart in rows:
        yield {"stem": name, "level_db": abs(off_db - common), "pan": apart}


def _ladder(found: Any) -> Row:
    return {"ladder": {rung.name: rung.residual_db for rung in found.rungs}}


def table(rows: Sequence[Row]) -> str:
    """Return medians, 90th percentiles, how many are within the bound, and the worst, as Markdown."""
    lines = [
        "| what | count | median | 90th percentile | within | bound |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    worst = ["", f"The {_WORST} farthest off:", ""]
    for name, bound in BOUNDS.items():
        having = [row for row in rows if row.get(name) is not None]
        if not having:
            continue
        values = np.array([row[name] for row in having], np.float64)
        median, high = np.percentile(values, (50, 90), method="higher")
        share = 100.0 * float(np.mean(values <= bound))
        label = _LABELS[name]
        lines.append(f"| {label} | {len(values)} | {median:.2g} | {high:.2g} | {share:.0f} % | {bound:g} |")
        farthest = sorted(having, key=lambda row: -row[name])[:_WORST]
        worst.append(f"- {label}: " + ", ".join(f"{row[name]:.2g} ({_where(row)})" for row in farthest))
    return "\n".join([*lines, *worst, *_ladders(rows)])


def _where(row: Row) -> str:
    return " ".join(str(row[key]) for key in ("song", "stem") if row.get(key) not in (None, ""))


def _ladders(rows: Iterable[Row]) -> list[str]:
    ladders = [row["ladder"] for row in rows if row.get("ladder")]
    if not ladders:
        return []
    lines = ["", "| with | songs | unexplained, median (dB) |", "|---|---:|---:|"]
    for process in dict.fromkeys(name for ladder in ladders for name in ladder):
        values = [ladder[process] for ladder in ladders if process in ladder]
        lines.append(f"| {process} | {len(values)} | {np.median(values):.1f} |")
    return lines


def _rows_of(path: Path) -> list[Row]:
    if not path.is_file():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def _reference(folder: Path | None, song: str) -> Path | None:
    found = [] if folder is None else sorted(folder.glob(f"{song}.*"))
    return found[0] if found else None


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("songs", nargs="*", type=Path)
    parser.add_argument("--seeds", type=int, default=1, help="plans a song")
    parser.add_argument("--references", type=Path, help="folder of finished mixes, by the songs' names")
    parser.add_argument("--truth", type=Path, help="folder of SONG.json with the gains of each stem")
    parser.add_argument("--jsonl", type=Path, help="where rows are added")
    parser.add_argument("--table", type=Path, help="only print the table of these rows")
    options = parser.parse_args(arguments)
    if options.table:
        print(table(_rows_of(options.table)))
        return 0
    rows = _rows_of(options.jsonl) if options.jsonl else []
    done = {(row["song"], row.get("seed")) for row in rows if row["stem"] == ""}
    for folder in options.songs:
        if folder.name.startswith("_") or not folder.is_dir():
            continue
        stems = load_stems(folder)
        reference = _reference(options.references, folder.name)
        first = (
            zlib.crc32(stems.title.encode()) % _SONGS * _PLANS
        )  # each song has rooms and strips of its own
        seeds: Iterable[int | None] = [None] if options.references else range(first, first + options.seeds)
        for seed in seeds:
            if (stems.title, seed) in done or (seed is None and reference is None):
                continue
            truth = options.truth / f"{folder.name}.json" if options.truth else None
            made = explained(stems, reference, truth) if reference else recovered(stems, int(seed or 0))
            new = list(made)
            rows += new
            if options.jsonl:
                with options.jsonl.open("a", encoding="utf-8") as file:
                    file.writelines(json.dumps(row) + "\n" for row in new)
            print(f"{stems.title} {'' if seed is None else seed}: {len(new)} rows", file=sys.stderr)
    print(table(rows))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
