"""`mixrules train`: a network learns a task, and is held against a constant."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import click

from mixrules.cli.options import FiniteFloat, force_option, quiet_option, refuse_to_replace
from mixrules.cli.output import say

if TYPE_CHECKING:
    from mixrules.cli.training_lines import EpochLines
    from mixrules.learning.training.history import History
    from mixrules.learning.training.results import TrainingResults
    from mixrules.learning.training.settings import TrainingSettings
    from mixrules.statistics import Interval

    Trained: TypeAlias = tuple[list[TrainingResults], list[History], list[Path]]

# Written out, so that help does not import what knows them; a test compares.
_TASKS = ("level", "eq", "compression", "reverb", "reverb-2022", "toy-level", "toy-eq")
_SWITCHES = (
    "power_input",
    "time_normalization",
    "random_channel_gains",
    "unshuffled",
    "fixed_epoch",
    "published_scale",
    "changed_bands_first",
    "published_filter",
    "test_as_validation",
)


def _fraction(text: str) -> float:
    """Return a number that may be written as a fraction."""
    top, slash, bottom = text.strip().partition("/")
    try:
        return float(top) / float(bottom) if slash else float(top)
    except (ValueError, ZeroDivisionError) as error:
        raise click.BadParameter(f"{text!r} is no fraction: 1/4 and 0.25 are.") from error


def _one_fraction(_context: click.Context, _parameter: click.Parameter, value: str | None) -> float | None:
    return None if value is None else _fraction(value)


def _fractions(
    _context: click.Context, _parameter: click.Parameter, value: str | None
) -> tuple[float, ...] | None:
    return None if value is None else tuple(map(_fraction, value.split(",")))


@click.command("train")
@click.argument("task", type=click.Choice(_TASKS))
@click.argument("data", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE.onnx",
    help="The trained network; beside it a folder FILE.training.",
)
@click.option(
    "--network",
    type=click.Choice(["corrected", "faithful"]),
    default="corrected",
    show_default=True,
    help="As it should be, or as it was in 2022.",
)
@click.option(
    "--on",
    multiple=True,
    type=click.Choice(_SWITCHES),
    metavar="SWITCH",
    help=f"Do one thing as in 2022: {', '.join(_SWITCHES)}. Repeatable.",
)
@click.option(
    "--off",
    multiple=True,
    type=click.Choice(_SWITCHES),
    metavar="SWITCH",
    help="Do one thing of --network faithful as it should be. Repeatable.",
)
@click.option(
    "--epochs",
    type=click.IntRange(1),
    metavar="N",
    help="Go through the training songs so often at most [default: 100; faithful: 1 for level, 3 for compression, 200 "
    "for eq, 500 for reverb].",
)
@click.option(
    "--patience",
    type=click.IntRange(0),
    metavar="N",
    help="Stop after so many epochs in which validation songs were answered no better; 0: never [default: 15].",
)
@click.option(
    "--batch",
    type=click.IntRange(1),
    metavar="N",
    help="Blocks (with --pool, songs) to a step [default: 32, 8 for songs].",
)
@click.option(
    "--pool",
    type=click.IntRange(1),
    metavar="N",
    help="Average so many blocks of a song before their error counts; where all have one target "
    "[default: 8 for eq, compression and reverb, else 1; faithful: for eq alone].",
)
@click.option("--loss", type=click.Choice(["absolute", "squared"]), help="What counts [default: absolute].")
@click.option("--learning-rate", type=FiniteFloat(), metavar="X", help="Of Adam [default: 0.001].")
@click.option(
    "--schedule",
    type=click.Choice(["constant", "cosine"]),
    help="How the learning rate goes on: as it is, or down to 0 over --epochs along half a cosine [default: constant].",
)
@click.option("--weight-decay", type=FiniteFloat(), metavar="X", help="L2, as Adam has it [default: 0].")
@click.option(
    "--l1", type=FiniteFloat(), metavar="X", help="Weight of the sum of absolute weights [default: 0]."
)
@click.option("--dropout", type=FiniteFloat(), metavar="X", help="Share of features left out [default: 0.3].")
@click.option(
    "--width",
    type=click.IntRange(1, 64),
    metavar="N",
    help="Channels of the first of four convolutions; less is less capacity [default: 8].",
)
@click.option(
    "--shuffle",
    type=click.Choice(["sample", "song"]),
    help="What is shuffled before each epoch; by song, its blocks stay together, which a slow disk reads faster "
    "[default: sample].",
)
@click.option(
    "--levels",
    type=click.Choice(["given", "hidden"]),
    help="Whether the network sees by how much the vocal is louder than the backing. Where it is to say how loud a "
    "vocal should be, it must not [default: hidden for level, else given].",
)
@click.option(
    "--outliers",
    type=FiniteFloat(),
    metavar="X",
    help="Leave out training blocks whose target has a modified z-score beyond this, e.g. 3.5 [default: none].",
)
@click.option(
    "--fraction",
    callback=_one_fraction,
    metavar="F",
    help="Use a part of the training songs, e.g. 1/4; a smaller part is within a larger one.",
)
@click.option(
    "--sweep",
    callback=_fractions,
    metavar="LIST",
    help="Train on each of these fractions, e.g. 1,1/2,1/4,1/8,1/16; FILE.onnx is of the largest.",
)
@click.option("--seed", type=click.IntRange(0), metavar="N", help="What chance is drawn from [default: 0].")
@click.option(
    "--device",
    type=click.Choice(["auto", "cpu", "cuda", "mps"]),
    default="auto",
    show_default=True,
    help="Where to train; auto takes a GPU if there is one.",
)
@click.option(
    "--threads",
    type=click.IntRange(1, 1024),
    metavar="N",
    help="Of a CPU [default: as many as torch takes]; with another number sums are rounded differently.",
)
@force_option
@click.option("--restart", is_flag=True, help="Begin anew, whatever a run that was killed has left.")
@quiet_option
def command(
    task: str,
    data: Path,
    output: Path,
    sweep: tuple[float, ...] | None,
    force: bool,
    restart: bool,
    quiet: bool,
    network: str,
    on: tuple[str, ...],
    off: tuple[str, ...],
    **changes: Any,
) -> None:
    """Train a network for TASK on DATA, a folder that mixrules dataset wrote.

    It reads mel blocks of backing and vocal and answers the numbers of the task. After each epoch it answers the
    validation songs; the best epoch is kept. Writes FILE.onnx, and into FILE.training history.jsonl, results.json,
    pictures, and the answers to the test songs, which mixrules predictions reads. Errors of two constants, mean and
    median of the training targets, stand beside the network's. The last line says which is better.

    A run that was killed goes on after its last epoch when the same command is given again. Where the loss is no number
    any more, the best network before is written and judged all the same, and the exit status is 2.
    """
    from mixrules._support.installed import require_installed
    from mixrules.cli.training_lines import EpochLines
    from mixrules.errors import ParameterError
    from mixrules.learning.training.settings import settings_for
    from mixrules.learning.training.training_files import training_folder

    require_installed("torch", "onnx", "pyarrow", what="mixrules train")
    require_installed("onnxruntime", what="mixrules train")  # of the extra that the first two come with
    if output.suffix.lower() != ".onnx":
        raise ParameterError(f"{output} is no name for a network: FILE.onnx is")
    if sweep is not None and changes["fraction"] is not None:
        raise click.UsageError("choose one of --fraction and --sweep")
    refuse_to_replace(output, force=force)
    settings = settings_for(task, network, on=on, off=off, **changes)
    lines = EpochLines(epochs=settings.epochs, quiet=quiet)
    if sweep is None:
        trained = _train(data, settings, output, restart, lines)
    else:
        trained = _sweep(data, settings, sweep, output, restart, lines)
    folder = training_folder(output)
    _draw(trained, folder, quiet)
    if not quiet:
        results = trained[0]
        if len(results) > 1:
            _print_sweep(results)
        _print_results(results[-1])
        say(f"wrote {output} and {folder}")
        say(results[-1].verdict())
    for found, model in zip(trained[0], trained[2], strict=True):
        found.require_complete(model)


def _train(data: Path, settings: TrainingSettings, output: Path, restart: bool, lines: EpochLines) -> Trained:
    from mixrules.learning.training.history_file import read_history
    from mixrules.learning.training.loop import train_as_far_as_possible
    from mixrules.learning.training.training_files import HISTORY, training_folder

    results = train_as_far_as_possible(data, settings, output, restart=restart, progress=lines)
    return [results], [read_history(training_folder(output) / HISTORY)], [output]


def _sweep(
    data: Path,
    settings: TrainingSettings,
    fractions: tuple[float, ...],
    output: Path,
    restart: bool,
    lines: EpochLines,
) -> Trained:
    from mixrules.learning.training.sweep import sweep

    points = sweep(data, settings, fractions, output, restart=restart, progress=lines)
    return (
        [point.results for point in points],
        [point.history for point in points],
        [point.model for point in points],
    )


def _draw(trained: Trained, folder: Path, quiet: bool) -> None:
    """Draw what can be; a training is not lost for want of a picture."""
    from mixrules.errors import MissingPackageError
    from mixrules.report.training_folder import draw_training

    results, histories, _ = trained
    try:
        draw_training(histories, results, folder)
    except MissingPackageError as error:
        if not quiet:
            say(f"note: {error}")


def _print_results(results: TrainingResults) -> None:
    """Print the errors of the network and of the constants, each by its name."""
    from mixrules.learning.training.scores import BY, CONSTANTS, NETWORK

    say(
        f"errors in {results.error_unit}: MAE mean absolute error, RMSE root mean square error; "
        "intervals of 95 % over songs"
    )
    for reason, blocks in results.left_out.items():
        say(f"left out: {blocks} training block{'' if blocks == 1 else 's'}, {reason}")
    for note in results.notes:
        say(f"note: {note}")
    for split in ("train", "validation", "test"):
        songs = results.of(split, "song", NETWORK).songs
        say(f"{split}, {songs} song{'' if songs == 1 else 's'}")
        for by in BY:
            for predictor in (NETWORK, *CONSTANTS):
                errors = results.of(split, by, predictor)
                say(f"  by {by:<8} {predictor:<8}  MAE {_shown(errors.mae):<28} RMSE {_shown(errors.rmse)}")


def _print_sweep(results: Sequence[TrainingResults]) -> None:
    """Print what more songs have brought."""
    from mixrules.learning.training.scores import NETWORK

    for found in results:
        errors = found.of("test", found.settings.judged_by, NETWORK)
        say(
            f"{found.settings.fraction:<8g} {found.songs['train']:>6} training songs  "
            f"test MAE by {errors.by} {_shown(errors.mae)} {found.error_unit}"
        )


def _shown(interval: Interval) -> str:
    bounds = "" if math.isnan(interval.low) else f" ({interval.low:.3g} to {interval.high:.3g})"
    return f"{interval.mean:.3g}{bounds}"
