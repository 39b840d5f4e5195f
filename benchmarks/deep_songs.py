"""How loud should the lead be? A network, constants and the rules on songs that were left out of its training.

    python benchmarks/deep_songs.py musdb18hq --layout musdb18hq -o left_out
    python benchmarks/deep_songs.py balanced/songs.csv --layout manifest -o left_out --folds 5 --seeds 3

Songs are divided into folds, those of one artist together. Each fold is test once; the next one is validation, which
chooses the epoch, and all others are training. The truth is the level of the vocal against the backing in each snippet
(task `level`), a song's truth the mean over its snippets. It is answered by

- a network with levels hidden: it decides how loud the lead should be, as the rules do;
- the same, trained on copies of the songs with other gains too (`--copies`): what it sees stays the same and what it is
  to say moves, which is noise to it;
- a network with levels given, with those copies: it reads the level off its input. A meter, shown for comparison;
- mean and median of the training snippets: of the songs as they are, without copies;
- the rules of presets: the level of the same snippets in the mix that they make.

Everything is kept in OUT, and what was made there with the same options is not made again. Prints a table in Markdown:
means over songs, of a network over its seeds too, with 95 % intervals over songs (BCa bootstrap), and a signed-rank test
against the better constant. Below it is what each seed alone would have said.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from deep_songs_tables import Answer, table
from made_folder import own_folder

from mixrules import integrated_loudness, presets
from mixrules import plan as decide
from mixrules.corpus.extraction import read_truth
from mixrules.corpus.layouts import songs_of
from mixrules.corpus.tasks.chosen_songs import read_songs
from mixrules.corpus.tasks.mel_blocks import SAMPLE_RATE, SNIPPET_SAMPLES
from mixrules.corpus.tasks.same_songs import grouped
from mixrules.evaluation.predictions import read_table
from mixrules.evaluation.systems_rendered import rendered
from mixrules.learning.training.blocks import Blocks, TaskBlocks, read_task_blocks
from mixrules.learning.training.settings import settings_for
from mixrules.learning.training.training_files import TEST_ANSWERS, training_folder
from mixrules.stems.described_song import load_described
from mixrules.stems.song_description import SongDescription

SOME_FAILED = 2
ALMOST_ALL_TO_TRAIN = "0.999998,0.000001,0.000001"  # no share may be 0; each split gets one song at least


@dataclass(frozen=True, slots=True)
class Network:
    """A network of the comparison."""

    name: str
    levels: str
    copies: bool


NETWORKS = (
    Network("network, levels hidden", "hidden", copies=False),
    Network("network, levels hidden, gain copies", "hidden", copies=True),
    Network("network, levels given, gain copies", "given", copies=True),
)


def mixrules(*words: str) -> None:
    """Run a command of mixrules; songs that failed are named by it and missing afterwards."""
    done = subprocess.run([sys.executable, "-m", "mixrules", *words], check=False)
    if done.returncode not in (0, SOME_FAILED):
        raise SystemExit(done.returncode)


def folds_of(truth: Path, count: int) -> list[list[str]]:
    """Return songs in folds of about one size, those of one artist in one fold."""
    songs, _ = read_songs(read_truth(truth), needs_vocal=True)
    groups = grouped(songs)
    folds: list[list[str]] = [[] for _ in range(count)]
    for name in sorted(groups, key=lambda name: (-len(groups[name]), name)):
        min(folds, key=len).extend(song.song for song in groups[name])
    return folds


def task_data(options: argparse.Namespace) -> tuple[TaskBlocks, Blocks]:
    """Return task data, made where it is not there, and the blocks of all of its songs."""
    folder = options.output / "data"
    if not (folder / "dataset.json").exists():
        # Folds are cut below. A data set wants songs for validation and test, and gives those no copies: one each.
        words = ["dataset", str(options.output / "truth"), "--task", "level", "--ignore-official"]
        words += ["--shares", ALMOST_ALL_TO_TRAIN, "-o", str(folder), "--workers", str(options.workers)]
        words += ["--augment", "gain", "--copies", str(options.copies)] if options.copies else []
        mixrules(*words)
    data = read_task_blocks(folder)
    return data, Blocks.joined([data.train, data.validation, data.test])


def fold_of(data: TaskBlocks, blocks: Blocks, folds: Sequence[Sequence[str]], number: int) -> TaskBlocks:
    """Return the data of one fold: its own songs to test, those of the next one to validate, all others to train."""
    names = np.array(blocks.song_names)
    is_test, is_validation = (
        np.isin(names[blocks.songs], folds[place % len(folds)]) for place in (number, number + 1)
    )
    unchanged = blocks.copies == 0
    return divided(
        data,
        train=blocks.only(~is_test & ~is_validation),
        validation=blocks.only(is_validation & unchanged),
        test=blocks.only(is_test & unchanged),
    )


def divided(data: TaskBlocks, **splits: Any) -> TaskBlocks:
    """Return data with other splits, and a hash of its own: a training on another division is another training."""
    digest = hashlib.sha256(data.data_hash.encode())
    for split, blocks in splits.items():
        digest.update(json.dumps([split, blocks.song_names]).encode())
        for rows in (blocks.songs, blocks.copies, blocks.numbers):
            digest.update(np.asarray(rows, "<i8").tobytes())
    changed: dict[str, Any] = {"data_hash": digest.hexdigest(), **splits}
    return dataclasses.replace(data, **changed)


def of_songs(blocks: Blocks, values: npt.NDArray[np.float64]) -> dict[str, float]:
    """Return the mean of values over the blocks of each song."""
    found = np.broadcast_to(values, len(blocks))
    return {
        blocks.song_names[song]: float(np.mean(found[blocks.songs == song]))
        for song in np.unique(blocks.songs)
    }


def constant_answers(data: TaskBlocks) -> Iterator[Answer]:
    """Yield what mean and median of the training songs, as they are, say of the test songs."""
    targets = data.train.targets[data.train.copies == 0, 0]
    truth = of_songs(data.test, data.test.targets[:, 0])
    for name, value in (("mean", np.mean(targets)), ("median", np.median(targets))):
        for song, level in truth.items():
            yield Answer(song, f"{name} of the training songs", 0, float(value), level)


def network_answers(options: argparse.Namespace, data: TaskBlocks, number: int) -> Iterator[Answer]:
    """Yield what the networks of one fold say of its test songs; train those that are not there."""
    from mixrules.learning.training.loop import train

    truth = of_songs(data.test, data.test.targets[:, 0])
    for network in NETWORKS:
        if network.copies and not options.copies:
            continue
        own = data
        if not network.copies:
            own = divided(data, train=data.train.only(data.train.copies == 0))
        for seed in range(options.seeds):
            name = network.name.replace(", ", "-").replace(" ", "-")
            model = options.output / f"fold{number + 1}" / f"{name}-seed{seed}.onnx"
            settings = settings_for(
                "level",
                levels=network.levels,
                epochs=options.epochs,
                patience=options.patience,
                seed=seed,
                device=options.device,
            )
            results = train(own, settings, model, reuse=True)
            print(f"{model}, epoch {results.kept_epoch} kept: {results.verdict()}", file=sys.stderr)
            answers = answers_to(data.test, training_folder(model) / TEST_ANSWERS)
            for song, level in of_songs(data.test, answers).items():
                yield Answer(song, network.name, seed, level, truth[song])


def answers_to(blocks: Blocks, path: Path) -> npt.NDArray[np.float64]:
    """Return the answers to blocks, in their order, from the table that a training wrote."""
    table = read_table(path)
    (output,) = table.names
    answers = table.column(output)
    return np.array(
        [
            answers[blocks.song_names[song], str(number)]
            for song, number in zip(blocks.songs, blocks.numbers, strict=True)
        ]
    )


@dataclass(frozen=True, slots=True)
class ToMix:
    """A song that the rules of a preset are to mix, and the snippets that count."""

    song: SongDescription
    preset: str
    numbers: tuple[int, ...]
    truth: float


def rule_answer(task: ToMix) -> Answer:
    """Return the level that a preset gives the vocal, over the same snippets."""
    stems = load_described(task.song)
    vocal = {stem.name: task.song.is_vocal(stem.name, stem.role) for stem in stems}
    mixed = rendered(decide(stems, rules=presets.load(task.preset)), stems, vocal)
    sides = [
        np.sum([audio for name, audio in (mixed.stems or {}).items() if vocal[name] is wanted], axis=0)
        for wanted in (True, False)
    ]
    step = round(SNIPPET_SAMPLES * stems.sample_rate / SAMPLE_RATE)
    levels = []
    for number in task.numbers:
        lufs = [
            integrated_loudness(
                np.ascontiguousarray(side[number * step : (number + 1) * step]), stems.sample_rate
            )
            for side in sides
        ]
        levels.append(lufs[0] - lufs[1])
    finite = [level for level in levels if np.isfinite(level)]  # not where either side is silent
    return Answer(task.song.song, f"rules, {task.preset}", 0, float(np.mean(finite)), task.truth)


def rule_answers(options: argparse.Namespace, folds: Sequence[TaskBlocks]) -> list[Answer]:
    """Return what the rules make of each song."""
    described = {song.song: song for song in songs_of(options.songs, options.layout)}
    tasks = [
        ToMix(
            described[name], preset, tuple(data.test.numbers[data.test.songs == place].tolist()), truth[name]
        )
        for data in folds
        for truth in [of_songs(data.test, data.test.targets[:, 0])]
        for place, name in enumerate(data.test.song_names)
        for preset in options.rules
        if name in truth
    ]
    with ProcessPoolExecutor(options.workers) as pool:
        return list(pool.map(rule_answer, tasks))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("songs", type=Path, metavar="SONGS", help="a data set, or a manifest")
    parser.add_argument("--layout", default="folders", metavar="NAME", help="its layout [folders]")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--seeds", type=int, default=3, help="trainings of each network and fold")
    parser.add_argument("--copies", type=int, default=3, help="copies of each training song with other gains")
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--patience", type=int, default=12)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--rules", type=lambda text: text.split(","), default=["default", "survey-2022"])
    parser.add_argument("--workers", type=int, default=1, help="songs at a time")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT")
    options = parser.parse_args()
    made_with = {name: getattr(options, name) for name in ("layout", "folds", "copies", "rules")}
    own_folder(options.output, "deep_songs.py", {"songs": str(options.songs.resolve()), **made_with})
    truth = options.output / "truth"
    if not (truth / "stems").exists():
        words = ("extract", str(options.songs), "--layout", options.layout, "-o", str(truth))
        mixrules(*words, "--workers", str(options.workers))
    folds = folds_of(truth, options.folds)
    made, blocks = task_data(options)
    data = [fold_of(made, blocks, folds, number) for number in range(len(folds))]
    kept = options.output / "rules.json"
    if not kept.exists():
        ruled = rule_answers(options, data)
        kept.write_text(json.dumps([dataclasses.asdict(answer) for answer in ruled]), encoding="utf-8")
    answers = [Answer(**row) for row in json.loads(kept.read_text(encoding="utf-8"))]
    for number, own in enumerate(data):
        answers += [*constant_answers(own), *network_answers(options, own, number)]
    lines = [json.dumps(dataclasses.asdict(answer)) for answer in answers]
    (options.output / "answers.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(table(answers))


if __name__ == "__main__":
    main()
