"""Mixes of many songs, judged as an engineer would: distances to the human mix, human spread, vetoes.

    python benchmarks/engineer_mixes.py songs/* --references songs/_references -o mixes.jsonl --workers 2
    python benchmarks/engineer_mixes.py songs/* --references songs/_references -o mixes.jsonl --before ../earlier
    python benchmarks/engineer_mixes.py songs/* --references songs/_references -o mixes.jsonl --ablations --scrambles 8
    python benchmarks/engineer_mixes.py songs/* --references songs/_references -o mixes.jsonl --sonare peers/bin/sonare
    python benchmarks/engineer_mixes.py -o mixes.jsonl --tables mixes.md

Every song's stems are given wrong faders (each stem within ±4, ±8 or ±20 dB, by a seed; 0: as they are), mixed by each
system and measured against the human mix: REFERENCES/SONG.flac, or the plain sum of the untouched stems where it explains
that file. `levels` knows the loudness of every stem in the human mix and nothing else.

One line of JSON a song, scramble and system. `before` is the preset `default` as another checkout has it: that checkout's
code writes the plans (`--plans-out FOLDER`, which measures nothing), this one renders and measures them; plans that are
there already: `--systems before=FOLDER`. A run that was killed goes on where it was; what was made or measured by other
code, comments apart, or by other constants, is run anew (`--whatever-code`: only what is missing altogether).
Songs are told apart by source: LMMS or MIDI where REFERENCES/../_truth/SONG.json says so, else recorded.
"""

from __future__ import annotations

import argparse
import ast
import dataclasses
import functools
import hashlib
import importlib
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from against_libsonare import Sonare, only
from engineer_tables import tables
from order_experiment import fingerprint, human_mix, oracle_levels, read, rules_named
from scramble import scrambled_gains

import mixrules
from mixrules import MixPlan, Stems, load_stems, presets
from mixrules import plan as decide
from mixrules.decision import Decision
from mixrules.evaluation import Rendition, evaluate
from mixrules.evaluation.systems_rendered import rendered, vocals_of
from mixrules.mixplan import StemPlan
from mixrules.systems import Song, parse_systems
from mixrules.systems.produce import make_plan

SYSTEMS = ("none", "equal", "levels", "default")
ABLATIONS = tuple(f"default-without-{rule}" for rule in presets.load("default").rules)
GROUPS = ("balance", "spectrum", "width", "dynamics", "masking")
SCRAMBLES_DB = (0.0, 4.0, 8.0, 20.0)
MEASURED_BY = ("analysis", "engine", "evaluation", "loudness", "processors")
"""The parts of the package that a row hangs on whoever made the mix; a mix by rules hangs on all of it."""
TARGET_LUFS = -14.0
STRIP_FIELDS = (
    *("invert_polarity", "equalizer", "dynamic_equalizer", "compressor", "limiter", "automation"),
    *("pan", "width", "sends", "gain_db"),
)


UNTOUCHED = Decision(
    rule="none",
    sentence="none",
    source="none",
    parameters={field.name: getattr(StemPlan(name=""), field.name) for field in dataclasses.fields(StemPlan)},
).parameters
"""A strip before any rule, as plain data."""


@dataclass(frozen=True, slots=True)
class Task:
    """One song at one scramble: every system that is not in the results yet."""

    folder: Path
    references: Path | None
    scramble_db: float
    systems: tuple[str, ...]
    plans_out: Path | None
    sonare: str | None

    def plan_in(self, folder: Path) -> Path:
        """Return the file of this song's plan at this scramble in a folder of plans."""
        return folder / f"{self.folder.name}_{self.scramble_db:g}.plan.json"


@functools.cache
def code_of(parts: tuple[str, ...]) -> str:
    """Return a hash of some of the package's folders, or of all of it; comments and docstrings do not count."""
    package = Path(mixrules.__file__).parent
    found = hashlib.sha256()
    for path in sorted(file for part in parts or (".",) for file in (package / part).rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            body = getattr(node, "body", None)
            if isinstance(body, list):
                node.body = [line for line in body if not _is_text(line)]  # type: ignore[attr-defined]
        found.update(ast.dump(tree).encode())
    return found.hexdigest()[:12]


def _is_text(line: ast.stmt) -> bool:
    return isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant)


def code_behind(system: str) -> str:
    """Return the hash of the code that a system's row hangs on."""
    return code_of(()) if fingerprint(system) else code_of(MEASURED_BY)


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


def rules_acting(plan: MixPlan) -> dict[str, int]:
    """Return on how many stems each rule acts, the mix counted as one: a parameter is set to what it was not before."""
    held: dict[tuple[str, str], Any] = {}
    acting: dict[str, set[str]] = {}
    for decision in plan.decisions:
        acting.setdefault(decision.rule, set())
        for field, value in decision.parameters.items():
            key = (decision.stem, field)
            if value != held.get(key, UNTOUCHED.get(field)):
                acting[decision.rule].add(decision.stem)
            held[key] = value
    return {rule: len(stems) for rule, stems in acting.items()}


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
    if system == "libsonare":
        return by_libsonare(undone, str(task.sonare)), None
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


def by_libsonare(stems: Stems, program: str) -> Rendition:
    """Return libsonare's mix with its defaults; a stem as it sits in it is a render of that strip alone."""
    peak = max(float(np.max(np.abs(stem.audio), initial=0.0)) for stem in stems)
    if peak > 1.0:  # it reads whole numbers; faders that are all lower by as much are the same balance
        lower = np.float32(1.0 / peak)
        stems = dataclasses.replace(
            stems,
            stems=tuple(dataclasses.replace(stem, audio=stem.audio * lower) for stem in stems),
        )
    with tempfile.TemporaryDirectory() as scratch:
        sonare = Sonare(program, stems, Path(scratch))
        scene = sonare.suggest()["scene"]
        mix = sonare.render(scene, stems.names)
        parts = {
            stem.name: np.zeros((1, 2), np.float32)
            if stem.silent
            else sonare.render(only(scene, stem.name), [stem.name])
            for stem in stems
        }
    return Rendition(mix, stems.sample_rate, parts, vocals_of(stems))


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
        if not task.plan_in(task.plans_out).is_file():
            decide(undone, rules=rules_named("default")).save(task.plan_in(task.plans_out))
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
                "code": code_behind(name),
                "seconds": round(made_s, 2),
                "lufs": round(lufs, 3) if math.isfinite(lufs) else None,
                "roles": {stem.name: stem.role for stem in stems},
                "levels_lu": levels_lu(mix),
                "acted_on": acted_on(plan) if plan is not None else {},
                "rules_acting": rules_acting(plan) if plan is not None else {},
                "vetoes": vetoes(mix, plan, undone),
                "values": {k: None if math.isnan(v) else round(v, 6) for k, v in values.items()},
            }
        )
    return rows


def key(song: str, scramble_db: float, system: str, whatever_code: bool) -> tuple[Any, ...]:
    """Return by what a row is known."""
    made_by = () if whatever_code else (fingerprint(system), code_behind(system))
    return (song, scramble_db, system.partition("=")[0], *made_by)


def done_in(rows: list[dict[str, Any]], whatever_code: bool) -> set[tuple[Any, ...]]:
    """Return the keys of rows that are there."""
    made_by = () if whatever_code else ("rules", "code")
    return {tuple(row.get(name, "") for name in ("song", "scramble_db", "system", *made_by)) for row in rows}


def plans_of_checkout(checkout: Path, options: argparse.Namespace) -> Path:
    """Let another checkout's code plan the songs; return the folder, in which plans that are there stay."""
    folder: Path = options.output.with_name(f"{options.output.stem}_plans_{checkout.resolve().name}")
    lists = ",".join(f"{scramble_db:g}" for scramble_db in options.scrambles)
    subprocess.run(
        [
            *(sys.executable, str(Path(__file__).resolve()), *map(str, options.songs)),
            *("--plans-out", str(folder), "--systems", "default", "--scrambles", lists),
            *("--workers", str(options.workers), "-o", os.devnull),
        ],
        check=True,
        env={**os.environ, "PYTHONPATH": str(checkout.resolve())},
    )
    return folder


def tasks(options: argparse.Namespace, done: set[tuple[Any, ...]]) -> Iterator[Task]:
    """Yield what is not in the results yet, song by song."""
    for scramble_db in options.scrambles:
        for folder in options.songs:
            missing = tuple(
                system
                for system in options.systems
                if key(folder.name, scramble_db, system, options.whatever_code) not in done
            )
            if missing:
                yield Task(
                    folder, options.references, scramble_db, missing, options.plans_out, options.sonare
                )


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
    parser.add_argument("--before", type=Path, metavar="CHECKOUT", help="its preset default is `before`")
    parser.add_argument("--sonare", metavar="PATH", help="libsonare's command: the system libsonare as well")
    parser.add_argument(
        "--whatever-code", action="store_true", help="rows that are there count whatever made them"
    )
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
    if options.sonare:
        options.sonare = shutil.which(options.sonare) or parser.error(f"{options.sonare} is not there")
        options.systems = (*options.systems, "libsonare")
    if options.before:
        options.systems = (*options.systems, f"before={plans_of_checkout(options.before, options)}")
    todo = list(tasks(options, done_in(read(options.output), options.whatever_code)))
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
