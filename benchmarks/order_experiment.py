"""The sanity experiment: undo mixes, let every system mix them again, measure how near each comes to the human's.

    python benchmarks/order_experiment.py songs/* --references songs/_references --seeds 20 -o order.jsonl
    python benchmarks/order_experiment.py -o order.jsonl --summary order.md

The order to expect is: none < baseline < human, random < baseline. Every song's stems are undone (see
`scramble.py`), mixed by each system, and every measure of `mixrules.evaluation` taken against the human mix:
the plain sum of the untouched stems, or the file in --references where a sum of the stems explains less than
99 % of it. `levels` knows the loudness of every stem in the human mix and nothing else.

One line of JSON a song, seed and system; a preset with constants set is a system too, in quotes:
`--systems "default,default[level.drums_lu=0;pan.width=0.3]"`. A run that was killed goes on where it was; the
line names the rules by a hash of their constants, so that changed rules are run anew. Half a minute a song and
seed for all systems with the ablations, on a core.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import re
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from order_summary import summary, tuning
from scramble import KINDS, Kind, scrambled

from mixrules import RuleSet, Stems, load_stems, presets
from mixrules import plan as decide
from mixrules.evaluation import Rendition, evaluate
from mixrules.evaluation.reference import MatchedGains, with_matched_stems
from mixrules.evaluation.systems_rendered import rendered, vocals_of
from mixrules.files import read_audio
from mixrules.mixplan import MixPlan
from mixrules.session import Session
from mixrules.systems import Song, parse_systems
from mixrules.systems.produce import make_plan
from mixrules.systems.simple import sum_plan
from mixrules.systems.system import rules_of

SYSTEMS = ("none", "equal", "levels", "random", "survey-2022", "default", "human")
ABLATIONS = tuple(f"default-without-{rule}" for rule in presets.load("default").rules)
GROUPS = (
    *("balance", "spectrum", "width", "dynamics", "reverberation", "masking"),
    *("features", "features_as_coded", "diff_mst"),
)
SUM_EXPLAINS = 0.99


@dataclass(frozen=True, slots=True)
class Task:
    """One song with one seed: every system that is not in the results yet."""

    folder: Path
    references: Path | None
    seed: int
    kind: Kind
    systems: tuple[str, ...]
    groups: tuple[str, ...]


def human_mix(stems: Stems, references: Path | None) -> tuple[Rendition, MatchedGains | None]:
    """Return the mix to come back to, with its stems, and how much of the file a sum of stems explains."""
    total = rendered(sum_plan(stems), stems)
    path = None if references is None else references / f"{stems.title}.flac"
    if path is None or not path.is_file():
        return total, None
    data = read_audio(path)
    given = dict(total.stems or {})
    finished, found = with_matched_stems(Rendition(data.audio, data.sample_rate), given, vocals_of(stems))
    gains = [gain for gain in found.gains_db.values() if math.isfinite(gain)]
    plain = found.explained_share >= SUM_EXPLAINS and max(gains) - min(gains) < 1.0
    # Stems exported at mix level: their sum is the artist's balance, whatever was done to it afterwards.
    return (total if plain or finished.stems is None else finished), found


def oracle_levels(stems: Stems, human: Rendition) -> MixPlan:
    """Return the plan that brings every stem to the loudness it has in the human mix."""
    session = Session(stems, sum_plan(stems))
    plan = session.plan
    for stem in session.active:
        wanted = human.stem_lufs(stem.name)
        if math.isfinite(wanted):
            gain_db = plan.stem(stem.name).gain_db + wanted - session.loudness(stem.name)
            plan = plan.replace_stem(stem.name, gain_db=gain_db)
    return plan


def rules_named(system: str) -> RuleSet:
    """Return a preset's rules, with rules left out or constants set: ``default[level.drums_lu=0;pan.width=0.3]``."""
    name, _, settings = system.rstrip("]").partition("[")
    pairs = (pair.partition("=") for pair in settings.split(";") if pair)
    return rules_of(name).with_values({constant: value for constant, _, value in pairs})


def fingerprint(system: str) -> str:
    """Return what a system's decisions hang on, as a short hash; empty where nothing can be set."""
    if re.split(r"-without-|\[", system)[0] not in presets.names():
        return ""
    rules = rules_named(system)
    text = f"{[str(step) for step in rules.chain]}{[(k, c.value) for k, c in rules.constants.items()]}"
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def plan_of(system: str, stems: Stems, task: Task) -> MixPlan:
    """Return a system's plan of the scrambled stems."""
    if fingerprint(system):
        return decide(stems, rules=rules_named(system))
    return make_plan(parse_systems(system)[0], Song(task.folder.name, stems), seed=task.seed)


def run(task: Task) -> list[dict[str, Any]]:
    """Mix one scrambled song with some systems and measure every mix."""
    stems = load_stems(task.folder)
    human, found = human_mix(stems, task.references)
    undone = scrambled(stems, task.folder.name, task.seed, task.kind)
    rows = []
    for name in task.systems:
        start = time.perf_counter()
        if name == "human":
            mix = human
        elif name == "levels":
            mix = rendered(oracle_levels(undone, human), undone)
        else:
            mix = rendered(plan_of(name, undone, task), undone)
        made_s = time.perf_counter() - start
        values = evaluate(mix, human, groups=task.groups)
        rows.append(
            {
                **{"song": task.folder.name, "seed": task.seed, "scramble": task.kind, "system": name},
                "rules": fingerprint(name),
                "explained_share": None if found is None else round(found.explained_share, 4),
                "seconds": round(made_s, 2),
                "values": {k: None if math.isnan(v) else round(v, 6) for k, v in values.items()},
            }
        )
    return rows


def tasks(options: argparse.Namespace, done: set[tuple[Any, ...]]) -> Iterator[Task]:
    """Yield what is not in the results yet, seed by seed, so that every song has the same number."""
    for seed in range(options.first_seed, options.first_seed + options.seeds):
        for folder in options.songs:
            missing = tuple(
                system
                for system in options.systems
                if (folder.name, seed, options.scramble, system, fingerprint(system)) not in done
            )
            if missing:
                yield Task(folder, options.references, seed, options.scramble, missing, options.groups)


def read(path: Path) -> list[dict[str, Any]]:
    """Return the lines of a results file; a last line cut short by a kill is left out."""
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        try:
            rows.append(json.loads(line))
        except json.JSONDecodeError:
            print(f"{path}: a line that is not whole is left out", file=sys.stderr)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("songs", nargs="*", type=Path, metavar="FOLDER", help="folders of stems")
    parser.add_argument("--references", type=Path, metavar="FOLDER", help="finished mixes, SONG.flac")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--scramble", choices=KINDS, default="full")
    parser.add_argument("--systems", type=lambda text: tuple(text.split(",")), default=SYSTEMS)
    parser.add_argument("--groups", type=lambda text: tuple(text.split(",")), default=GROUPS)
    parser.add_argument("--ablations", action="store_true", help="default without each of its rules as well")
    parser.add_argument("--workers", type=int, default=1, help="songs at once, each in a process")
    parser.add_argument(
        "--tuning", type=Path, metavar="FILE", help="write a table of all systems, run nothing"
    )
    parser.add_argument(
        "--summary", type=Path, metavar="FILE", help="write tables of the results, run nothing"
    )
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="FILE", help="results, JSON lines"
    )
    options = parser.parse_args()
    if options.summary:
        options.summary.write_text(summary(read(options.output)), encoding="utf-8")
        return
    if options.tuning:
        options.tuning.write_text(tuning(read(options.output)), encoding="utf-8")
        return
    options.songs = [folder for folder in options.songs if folder.is_dir() and folder.name[0] not in "_."]
    if options.ablations:
        options.systems = (*options.systems, *ABLATIONS)
    done = {
        (row["song"], row["seed"], row["scramble"], row["system"], row["rules"])
        for row in read(options.output)
    }
    todo = list(tasks(options, done))
    with ProcessPoolExecutor(options.workers) as pool, options.output.open("a", encoding="utf-8") as file:
        for number, rows in enumerate(pool.map(run, todo), 1):
            file.writelines(json.dumps(row) + "\n" for row in rows)
            file.flush()
            print(f"{number} of {len(todo)}: {rows[0]['song']}, seed {rows[0]['seed']}", file=sys.stderr)


if __name__ == "__main__":
    main()
