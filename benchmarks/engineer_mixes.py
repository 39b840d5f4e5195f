"""Mixes of many songs, judged as an engineer would: distances to the human mix, human spread, vetoes.

    python benchmarks/engineer_mixes.py songs/* --references songs/_references -o mixes.jsonl --workers 2
    python benchmarks/engineer_mixes.py songs/* --references songs/_references -o mixes.jsonl --ablations --scrambles 8
    python benchmarks/engineer_mixes.py -o mixes.jsonl --tables mixes.md

Every song's stems are given wrong faders (each stem within ±4, ±8 or ±20 dB, by a seed; 0: as they are), mixed by each
system and measured against the human mix: REFERENCES/SONG.flac, or the plain sum of the untouched stems where it explains
that file. `levels` knows the loudness of every stem in the human mix and nothing else.

One line of JSON a song, scramble and system. A preset as it was at another commit: run this file with that checkout on
PYTHONPATH and `--plans-out before/`, which writes plans and measures nothing; then `--systems before=before/` here.
A run that was killed goes on where it was; changed rules are run anew.
Songs are told apart by source: LMMS or MIDI where REFERENCES/../_truth/SONG.json says so, else recorded.
"""

from __future__ import annotations

import argparse
import functools
import importlib
import json
import math
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engineer_tables import tables
from order_experiment import fingerprint, human_mix, oracle_levels, read, rules_named
from scramble import scrambled_gains

from mixrules import MixPlan, Stems, load_stems, presets
from mixrules import plan as decide
from mixrules.evaluation import Rendition, evaluate
from mixrules.evaluation.systems_rendered import rendered
from mixrules.mixplan import StemPlan
from mixrules.systems import Song, parse_systems
from mixrules.systems.produce import make_plan

SYSTEMS = ("none", "equal", "levels", "default")
ABLATIONS = tuple(f"default-without-{rule}" for rule in presets.load("default").rules)
GROUPS = ("balance", "spectrum", "width", "dynamics", "masking")
SCRAMBLES_DB = (0.0, 4.0, 8.0, 20.0)
TARGET_LUFS = -14.0
STRIP_FIELDS = (
    *("invert_polarity", "equalizer", "dynamic_equalizer", "compressor", "limiter", "automation"),
    *("pan", "width", "sends", "gain_db"),
)


@dataclass(frozen=True, slots=True)
class Task:
    """One song at one scramble: every system that is not in the results yet."""

    folder: Path
    references: Path | None
    scramble_db: float
    systems: tuple[str, ...]
    plans_out: Path | None

    def plan_in(self, folder: Path) -> Path:
        """Return the file of this song's plan at this scramble in a folder of plans."""
        return folder / f"{self.folder.name}_{self.scramble_db:g}.plan.json"


def source_of(folder: Path, references: Path | None) -> str:
    """Return where a song is from: LMMS, MIDI or recorded."""
    truth = references.parent / "_truth" / f"{folder.name}.json" if references else Path()
    if not truth.is_file():
        return "recorded"
    return "LMMS" if json.loads(truth.read_text(encoding="utf-8"))["source"].startswith("lmms") else "MIDI"


def levels_lu(mix: Rendition) -> dict[str, float]:
    """Return the loudness of each stem against that of the sum of all of them."""
    names = tuple(mix.stems or {})
    total = mix.stem_lufs(*names)
    levels = {name: mix.stem_lufs(name) - total for name in names}
    return {name: round(level, 3) for name, level in levels.items() if math.isfinite(level)}


def acted_on(plan: MixPlan) -> dict[str, int]:
    """Return on how many stems each processor acts."""
    untouched = StemPlan(name="untouched")
    fields = [field for field in STRIP_FIELDS if hasattr(untouched, field)]
    return {
        field: sum(getattr(stem, field) != getattr(untouched, field) for stem in plan.stems)
        for field in fields
    }


def mixed(system: str, undone: Stems, human: Rendition, task: Task) -> tuple[Rendition, MixPlan | None]:
    """Return a system's mix of the scrambled stems, and its plan where it has one."""
    if system == "human":
        return human, None
    _, is_folder, folder = system.partition("=")
    if is_folder:
        plan = MixPlan.load(task.plan_in(Path(folder)))
    elif system == "levels":
        plan = oracle_levels(undone, human)
    elif fingerprint(system):
        plan = decide(undone, rules=rules_named(system))
    else:
        plan = make_plan(parse_systems(system)[0], Song(task.folder.name, undone), seed=0)
    return rendered(plan, undone), plan


def vetoes(mix: Rendition, plan: MixPlan | None, undone: Stems) -> dict[str, bool] | None:
    """Return which vetoes fire; None where this version of the package has none."""
    try:
        found = importlib.import_module("mixrules.evaluation.vetoes")
    except ImportError:
        return None
    heard = found.HeardMix(mix, undone, plan, TARGET_LUFS)
    return {name: bool(result.fires) for name, result in found.vetoes_of(heard).items()}


def run(task: Task) -> list[dict[str, Any]]:
    """Mix one scrambled song with some systems and measure every mix."""
    stems = load_stems(task.folder)
    undone = scrambled_gains(stems, task.folder.name, task.scramble_db)
    if task.plans_out is not None:
        task.plans_out.mkdir(parents=True, exist_ok=True)
        for name in task.systems:
            decide(undone, rules=rules_named(name)).save(task.plan_in(task.plans_out))
        return [{"song": task.folder.name, "scramble_db": task.scramble_db}]
    human, _ = human_mix(stems, task.references)
    rows = []
    for name in task.systems:
        start = time.perf_counter()
        mix, plan = mixed(name, undone, human, task)
        made_s = time.perf_counter() - start
        values = evaluate(mix, human, groups=GROUPS)
        lufs = mix.integrated_lufs()
        rows.append(
            {
                "song": task.folder.name,
                "source": source_of(task.folder, task.references),
                "scramble_db": task.scramble_db,
                "system": name.partition("=")[0],
                "rules": fingerprint(name),
                "seconds": round(made_s, 2),
                "lufs": round(lufs, 3) if math.isfinite(lufs) else None,
                "roles": {stem.name: stem.role for stem in stems},
                "levels_lu": levels_lu(mix),
                "acted_on": acted_on(plan) if plan is not None else {},
                "vetoes": vetoes(mix, plan, undone),
                "values": {k: None if math.isnan(v) else round(v, 6) for k, v in values.items()},
            }
        )
    return rows


def tasks(options: argparse.Namespace, done: set[tuple[Any, ...]]) -> Iterator[Task]:
    """Yield what is not in the results yet, song by song."""
    for scramble_db in options.scrambles:
        for folder in options.songs:
            missing = tuple(
                system
                for system in options.systems
                if (folder.name, scramble_db, system.partition("=")[0], fingerprint(system)) not in done
            )
            if missing:
                yield Task(folder, options.references, scramble_db, missing, options.plans_out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    listed = functools.partial(str.split, sep=",")
    parser.add_argument("songs", nargs="*", type=Path, metavar="FOLDER", help="folders of stems")
    parser.add_argument("--references", type=Path, metavar="FOLDER", help="finished mixes, SONG.flac")
    parser.add_argument("--systems", type=lambda text: tuple(listed(text)), default=SYSTEMS)
    parser.add_argument(
        "--scrambles",
        type=lambda text: tuple(map(float, listed(text))),
        default=SCRAMBLES_DB,
        metavar="DB,...",
    )
    parser.add_argument("--plans-out", type=Path, metavar="FOLDER", help="write plans, measure nothing")
    parser.add_argument("--ablations", action="store_true", help="default without each of its rules as well")
    parser.add_argument("--workers", type=int, default=1, help="songs at once, each in a process")
    parser.add_argument("--tables", type=Path, metavar="FILE", help="write tables, run nothing")
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="FILE", help="results, JSON lines"
    )
    options = parser.parse_args()
    if options.tables:
        options.tables.write_text(tables(read(options.output)), encoding="utf-8")
        return
    options.songs = [folder for folder in options.songs if folder.is_dir() and folder.name[0] not in "_."]
    if options.ablations:
        options.systems = (*options.systems, *ABLATIONS)
    done = {(row["song"], row["scramble_db"], row["system"], row["rules"]) for row in read(options.output)}
    todo = list(tasks(options, done))
    with ProcessPoolExecutor(options.workers) as pool, options.output.open("a", encoding="utf-8") as file:
        for number, rows in enumerate(pool.map(run, todo), 1):
            if options.plans_out is None:
                file.writelines(json.dumps(row) + "\n" for row in rows)
            file.flush()
            print(
                f"{number} of {len(todo)}: {rows[0]['song']}, ±{rows[0]['scramble_db']:g} dB", file=sys.stderr
            )


if __name__ == "__main__":
    main()
