"""What the networks of likelian/Lab_spring2022 (2022) reached, and what the same and the corrected ones reach here.

    .venv-deep/bin/python benchmarks/deep_published.py TRUTH [-o build/deep-published] [--songs FOLDER]

TRUTH is what `mixrules extract` wrote of songs with a vocal. For each task it makes task data (`mixrules dataset`) and
trains both networks (`mixrules train`) with their own settings. It prints a table in Markdown, and below it what differs
between the columns. What has been trained is kept in the output folder: a second run prints at once.

Only errors in one column can be compared: a constant says how much there was to be learnt from these songs.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from harness import note

from mixrules._support.cores import usable_cores
from mixrules.corpus.tasks import DatasetSettings, make_dataset
from mixrules.corpus.work.local_pool import LocalPool
from mixrules.learning.training.history import History
from mixrules.learning.training.results import TrainingResults
from mixrules.learning.training.settings import settings_for

_SEED = 1
_NETWORKS = ("faithful", "corrected")


@dataclass(frozen=True, slots=True)
class Published:
    """A row of the table: a task, and what was reported of it; mean absolute errors by song."""

    name: str
    task: str
    unit: str
    network: float
    constant: float
    songs: str
    output: str = ""  # of several, the one that was reported


PUBLISHED = (
    Published("level", "level", "LU", 1.87, 1.25, "50 songs"),
    Published("compression", "compression", "LU", 2.63, 2.89, "49 songs"),
    Published("EQ, 9 gains", "eq", "dB", 3.44, 3.33, "validation, best epoch"),
    Published("reverb, T60", "reverb-2022", "s", 1.006, 1.007, "47 songs", output="t60_s"),
)


@dataclass(frozen=True, slots=True)
class Reached:
    """What a network reached here on songs that it was not trained on."""

    network: float
    constant: float
    interval: tuple[float, float] | None
    songs: int
    blocks: int
    epochs: int
    kept_epoch: int


def main() -> None:
    """Train what is not there yet; print the table."""
    options = _options()
    rows = []
    for published in PUBLISHED:
        if published.task in options.only:
            reached = {network: _reached(published, network, options) for network in _NETWORKS}
            rows.append((published, reached))
    print(_markdown(rows, options.most_epochs))


def _reached(published: Published, network: str, options: argparse.Namespace) -> Reached:
    from mixrules.learning.training.loop import train

    data = options.output / published.task
    if not (data / "dataset.json").exists():
        note(f"{published.task}: task data")
    # Tasks that draw by themselves give other draws of the same songs.
    copies = options.copies if published.task in ("eq", "reverb-2022") else 0
    made = DatasetSettings(task=published.task, seed=_SEED, shares=(0.5, 0.2, 0.3), copies=copies)
    make_dataset(options.truth, data, made, songs=options.songs, workers=LocalPool(usable_cores()))
    settings = settings_for(published.task, network, seed=_SEED, device="cpu")
    epochs = min(settings.epochs, options.most_epochs)
    settings = settings_for(published.task, network, seed=_SEED, device="cpu", epochs=epochs)
    results = train(
        data, settings, data / f"{network}.onnx", reuse=True, progress=_told(f"{published.task}, {network}")
    )
    note(results.verdict())
    return _of_song(results, published.output)


def _of_song(results: TrainingResults, output: str) -> Reached:
    errors = {name: results.of("test", "song", name) for name in ("network", "mean", "median")}
    by_name = {name: each.by_output[output].mae if output else each.mae.mean for name, each in errors.items()}
    whole = errors["network"].mae
    return Reached(
        network=by_name["network"],
        constant=min(by_name["mean"], by_name["median"]),
        interval=None if output else (whole.low, whole.high),
        songs=errors["network"].songs,
        blocks=results.blocks["train"],
        epochs=results.epochs,
        kept_epoch=results.kept_epoch,
    )


def _told(title: str) -> Callable[[History], None]:
    def tell(history: History) -> None:
        epoch = history.epochs[-1]
        if epoch.number % 10 == 0 or epoch.number == 1:
            note(f"{title}: epoch {epoch.number}, MAE by song {epoch.by_song.mae:.3f}, {epoch.seconds:.0f} s")

    return tell


def _markdown(rows: list[tuple[Published, dict[str, Reached]]], most_epochs: int) -> str:
    lines = [
        "| mean absolute error by song, network / constant | 2022 | faithful, here | corrected, here |",
        "|---|---|---|---|",
    ]
    for published, reached in rows:
        cells = [f"{published.network} / {published.constant} {published.unit} ({published.songs})"]
        for network in _NETWORKS:
            each = reached[network]
            between = f" ({each.interval[0]:.2f} to {each.interval[1]:.2f})" if each.interval else ""
            cells.append(
                f"{each.network:.2f}{between} / {each.constant:.2f} {published.unit}, {each.songs} songs, "
                f"epoch {each.kept_epoch} of {each.epochs}"
            )
        lines.append(f"| {published.name} | {' | '.join(cells)} |")
    counts = ", ".join(f"{published.name} {reached['corrected'].blocks:,}" for published, reached in rows)
    lines += [
        "",
        "What differs between the columns:",
        "",
        "- **Songs.** 2022: learnt from songs that had been separated into stems. Here: the songs of the folder, half "
        f"of them to learn from (blocks: {counts}).",
        "- **Who judges.** 2022: validation and test were the same 50 songs; EQ was reported on validation alone. Here "
        "the epoch of the corrected network is chosen by songs that are not test songs.",
        "- **The constant.** 2022: -2.7 LU, a range of 16.36 LU, gains of 0 dB. Here: mean or median of the training "
        "targets, whichever has the smaller error on the test songs.",
        f"- **Epochs.** 2022: 1, 3, 200 and 500. Here: these, and 100 of the corrected one, but at most {most_epochs}.",
        "- **What the level network sees.** The corrected one is not shown how loud the vocal is: it would read the "
        "answer off its input, and say nothing about how loud a vocal should be.",
        "- **Which snippets.** The faithful level network is asked about those with a level between -10 and "
        "6 LU and a loud vocal; its constants here are those of the same snippets.",
        "- **Reverb.** T60 is one of ten outputs of one network, then and now.",
    ]
    return "\n".join(lines)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("truth", type=Path, help="what `mixrules extract` wrote")
    parser.add_argument("-o", "--output", type=Path, default=Path("build/deep-published"))
    parser.add_argument("--songs", type=Path, help="where the songs are now, if they have moved")
    parser.add_argument("--only", nargs="+", default=[row.task for row in PUBLISHED], metavar="TASK")
    parser.add_argument(
        "--copies", type=int, default=2, help="further draws of each training song, for EQ and reverb"
    )
    parser.add_argument("--most-epochs", type=int, default=60)
    return parser.parse_args()


if __name__ == "__main__":
    main()
