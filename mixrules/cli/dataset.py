"""`mixrules dataset`: what a training loop reads, and what a constant would score on it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mixrules.cli.corpus_options import CorpusRun, run_options
from mixrules.cli.options import FiniteFloat
from mixrules.cli.output import say
from mixrules.cli.task_options import TASKS, one_fraction

if TYPE_CHECKING:
    from mixrules.corpus.tasks import MadeDataset

# Written out, so that help does not import what makes them; a test compares.
_SPLITS = ("train", "validation", "test")
_SHOWN = 3


def _shares(_context: click.Context, _parameter: click.Parameter, value: str) -> tuple[float, ...]:
    """Return numbers separated by commas."""
    try:
        return tuple(float(part) for part in value.split(","))
    except ValueError as error:
        raise click.BadParameter(f"{value!r} is no list of numbers: 0.8,0.1,0.1 is one.") from error


_EXAMPLES = """\b
Examples:
  mixrules dataset truth/ --task level -o level_data/
  mixrules dataset truth/ --task eq --fraction 1/4 -o eq_data/
"""


@click.command("dataset", epilog=_EXAMPLES)
@click.argument("truth", type=click.Path(path_type=Path))
@click.option("--task", type=click.Choice(TASKS), required=True, help="What is to be predicted.")
@click.option(
    "--target",
    type=click.Choice(["snippet", "song"]),
    help="Whose level, for task level [default: the snippet's].",
)
@click.option(
    "--split",
    type=click.Choice(["songs", "official"]),
    default="songs",
    show_default=True,
    help="Divide songs at random, artists together; or as the data set says.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="What chance is drawn from.")
@click.option(
    "--shares",
    callback=_shares,
    default="0.8,0.1,0.1",
    show_default=True,
    metavar="A,B,C",
    help="Shares of the songs for training, validation and test.",
)
@click.option(
    "--fraction",
    callback=one_fraction,
    default="1",
    show_default=True,
    metavar="F",
    help="Use a part of the training songs, e.g. 1/4; a smaller part is within a larger one.",
)
@click.option(
    "--limits",
    type=float,
    nargs=2,
    metavar="LOW HIGH",
    help="Leave out samples of task level beyond these, in LU, e.g. -10 6.",
)
@click.option(
    "--block-hop",
    type=click.Choice(["64", "32"]),
    default="64",
    show_default=True,
    help="Frames from one mel block to the next; at 32 they overlap by half.",
)
@click.option(
    "--augment",
    default="",
    metavar="LIST",
    help="Changes of the copies, made in this order: gain, eq, polarity, pitch, distortion, compression, reverb, noise.",
)
@click.option(
    "--copies",
    type=click.IntRange(0, 1000),
    metavar="N",
    help="Changed copies of each training song, besides the song as it is [default: 1 with --augment, else 0].",
)
@click.option(
    "--format",
    "shard_format",
    type=click.Choice(["webdataset", "npz"]),
    default="webdataset",
    show_default=True,
    help="Shards as tar files for webdataset, or as arrays of numpy.",
)
@click.option(
    "--shard-mib",
    type=FiniteFloat(1, 65_536),
    default=256.0,
    show_default=True,
    metavar="MIB",
    help="The largest size of a shard.",
)
@click.option(
    "--songs",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Where the data set is now, if it has moved since mixrules extract.",
)
@click.option(
    "--ignore-official",
    is_flag=True,
    help="With --split songs: let official validation and test songs be used for training too.",
)
@click.option(
    "--shared-artists",
    type=click.Choice(["refuse", "drop", "keep"]),
    default="refuse",
    show_default=True,
    help="With --split official: artists in two splits; drop leaves their songs out of training.",
)
@run_options("train", "the task data")
def command(
    truth: Path,
    run: CorpusRun,
    task: str,
    target: str | None,
    split: str,
    seed: int,
    shares: tuple[float, float, float],
    fraction: float,
    limits: tuple[float, float] | None,
    block_hop: str,
    augment: str,
    copies: int | None,
    shard_format: str,
    shard_mib: float,
    songs: Path | None,
    ignore_official: bool,
    shared_artists: str,
) -> int:
    """Make what a training loop reads of TRUTH, a folder that mixrules extract wrote, and of its songs.

    A sample is a mel block of backing and vocal (2 × 128 bands × 64 frames, 1.49 s) and the numbers to predict. Songs,
    never snippets, are divided into training, validation and test, those of an artist together; official validation and
    test songs are never trained with unless --ignore-official is given. Writes shards into train, validation and test,
    samples.parquet (a row a sample), and dataset.json, with the errors of constant predictors: what has to be beaten.
    """
    from mixrules._support.installed import require_installed
    from mixrules._support.validation import split_items
    from mixrules.corpus.tasks import DatasetSettings, make_dataset
    from mixrules.files.own_documents import RUN_LEDGER

    require_installed("pyarrow", what="mixrules dataset")
    changes = tuple(split_items(augment, name="--augment"))
    settings = DatasetSettings(
        task=task,
        target=target or "",
        seed=seed,
        split=split,
        shares=shares,
        fraction=fraction,
        ignore_official=ignore_official,
        shared_artists=shared_artists,
        limits_lu=limits,
        block_hop=int(block_hop),
        format=shard_format,
        shard_mib=shard_mib,
        augment=changes,
        copies=copies if copies is not None else int(bool(changes)),
    )
    made: list[MadeDataset] = []

    def make(workers: Any, progress: Any) -> Any:
        made.append(
            make_dataset(
                truth,
                run.output,
                settings,
                songs=songs,
                workers=workers,
                retry_failed=run.retry_failed,
                progress=progress,
            )
        )
        return made[0].summary

    status = run.through(make, listed_in=RUN_LEDGER)
    other = made[0].other_audio
    if other:
        more = f" and {len(other) - _SHOWN} more" if len(other) > _SHOWN else ""
        say(
            f"mixrules: {', '.join(other[:_SHOWN])}{more}: the level of the vocal is not the one in {truth}, "
            "the audio has changed: extract it again",
            err=True,
        )
    if not run.quiet:
        _print_counts(made[0].description)
        _print_constants(made[0].description)
        say(
            f"wrote {run.output}/dataset.json, samples.parquet and {len(made[0].description['shards'])} shards"
        )
    return 2 if other else status


def _print_counts(description: dict[str, Any]) -> None:
    for split in _SPLITS:
        counts = description["splits"][split]
        copies = counts["samples_of_copies"]
        out = "".join(f"; {count} {reason}" for reason, count in counts["snippets_left_out"].items())
        changed = f", {copies} of changed copies" if copies else ""
        say(
            f"{split:<10} {_counted(counts['samples'], 'sample')} of "
            f"{_counted(counts['songs_with_samples'], 'song')}{changed}{out}"
        )
    for reason, left_out in description["left_out"].items():
        say(f"left out   {_counted(left_out['songs'], 'song')} {reason}")
    duplicates = description["duplicates"]
    if duplicates["recordings"]:
        more = duplicates["recordings"] - _SHOWN
        shown = "; ".join(" = ".join(names) for names in duplicates["first"][:_SHOWN])
        say(
            f"duplicates {_counted(duplicates['recordings'], 'recording')} under several names, each in one split: "
            f"{shown}{f'; and {more} more' if more > 0 else ''}"
        )


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _print_constants(description: dict[str, Any]) -> None:
    """Print what constants score, each error by its name."""
    outputs = [output["name"] for output in description["outputs"]]
    say(
        "constant predictors, made of the training targets; MAE mean absolute error, RMSE root mean square error"
    )
    _print_errors(description["constants"], outputs, "by_sample", "by sample")
    if len(outputs) == 1:
        _print_errors(description["constants"], outputs, "by_song", "by song")
    else:
        say("by song: see dataset.json")


def _print_errors(constants: dict[str, Any], outputs: list[str], by: str, head: str) -> None:
    width = max(map(len, outputs))
    heads = "".join(f"{f'{split} {error}':>16}" for error in ("MAE", "RMSE") for split in _SPLITS)
    say(f"{head:<{width}}  {'constant':>16}{heads}")
    together = ["all"] if "all" in constants["mean"]["errors"]["test"][by]["mean_absolute_error"] else []
    for output in outputs + (together if len(outputs) > 1 else []):
        for name, constant in constants.items():
            errors = [
                constant["errors"][split][by][kind][output]
                for kind in ("mean_absolute_error", "root_mean_square_error")
                for split in _SPLITS
            ]
            value = constant["prediction"].get(output)
            predicted = name if value is None else f"{name} {value:.4g}"
            say(f"{output:<{width}}  {predicted:>16}" + "".join(f"{error:>16.4g}" for error in errors))
