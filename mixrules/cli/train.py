"""`mixrules train`: a network learns a task, and is held against a constant."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mixrules.cli.options import FiniteFloat, force_option, quiet_option, refuse_to_replace
from mixrules.cli.output import say
from mixrules.cli.task_options import TASKS, as_fraction, one_fraction

if TYPE_CHECKING:
    from mixrules.cli.training_lines import EpochLines
    from mixrules.learning.training.settings import TrainingSettings
    from mixrules.learning.training.sweep import SweepPoint

# Written out, so that help does not import what knows them; a test compares.
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


def _fractions(
    _context: click.Context, _parameter: click.Parameter, value: str | None
) -> tuple[float, ...] | None:
    return None if value is None else tuple(map(as_fraction, value.split(",")))


_EXAMPLES = """\b
Examples:
  mixrules train toy-level toys -o toy.onnx                    # can it learn at all?
  mixrules train level train -o level.onnx
  mixrules train level train -o level.onnx --sweep 1,1/2,1/4   # would more songs help?
"""


@click.command("train", epilog=_EXAMPLES)
@click.argument("task", type=click.Choice(TASKS))
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
    help="As it should be; or as published in 2022, with the published batch size, learning rate, weight decay, squared "
    "error and number of epochs.",
)
@click.option(
    "--on",
    multiple=True,
    type=click.Choice(_SWITCHES),
    metavar="SWITCH",
    help=f"Do one thing as in 2022 (docs/deep-model.md explains each): {', '.join(_SWITCHES)}. Repeatable.",
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
    help="At most N passes over the training songs [default: 100; faithful: 1 for level and toy-level, 3 for "
    "compression, 200 for eq and toy-eq, 500 for reverb and reverb-2022].",
)
@click.option(
    "--patience",
    type=click.IntRange(0),
    metavar="N",
    help="Stop after N epochs without a smaller error on the validation songs; 0: never [default: 15; faithful: 0].",
)
@click.option(
    "--batch",
    type=click.IntRange(1),
    metavar="N",
    help="Blocks in a training step; songs, with --pool [default: 32, 8 for songs; faithful: 25 or 30].",
)
@click.option(
    "--pool",
    type=click.IntRange(1),
    metavar="N",
    help="Average the answers to N blocks of a song before comparing them with its target, where all its blocks have one "
    "[default: 8 for eq, compression and reverb, else 1; faithful: for eq alone].",
)
@click.option(
    "--loss",
    type=click.Choice(["absolute", "squared"]),
    help="Error to minimise [default: absolute; faithful: squared].",
)
@click.option(
    "--learning-rate",
    type=FiniteFloat(),
    metavar="X",
    help="Learning rate of the Adam optimiser [default: 0.001; faithful: as published].",
)
@click.option(
    "--schedule",
    type=click.Choice(["constant", "cosine"]),
    help="Learning rate over the epochs: constant, or falling to 0 along half a cosine [default: constant].",
)
@click.option(
    "--weight-decay",
    type=FiniteFloat(),
    metavar="X",
    help="L2 penalty on the weights [default: 0; faithful: as published].",
)
@click.option("--l1", type=FiniteFloat(), metavar="X", help="L1 penalty on the weights [default: 0].")
@click.option(
    "--dropout",
    type=FiniteFloat(),
    metavar="X",
    help="Share of features left out at random in training [default: 0.3].",
)
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
    callback=one_fraction,
    metavar="F",
    help="Use a part of the training songs, e.g. 1/4; a smaller part is within a larger one.",
)
@click.option(
    "--sweep",
    callback=_fractions,
    metavar="LIST",
    help="Train on each of these fractions, e.g. 1,1/2,1/4,1/8,1/16; FILE.onnx is of the largest.",
)
@click.option("--seed", type=click.IntRange(0), metavar="N", help="Random seed [default: 0].")
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
    help="CPU threads [default: as many as torch takes]; another number rounds sums differently.",
)
@force_option
@click.option("--restart", is_flag=True, help="Ignore an unfinished earlier run, and begin anew.")
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

    The network reads mel blocks of backing and vocal and predicts the numbers of the task. After each epoch its error on
    the validation songs is measured; the best epoch is kept. Writes FILE.onnx, and into FILE.training the page
    report.html, pictures, results.json, history.jsonl, and the answers to the test songs, which mixrules predictions
    reads. Errors of two constants, mean and median of the training targets, stand beside the network's. The last line
    says which is better.

    A run that was killed goes on after its last epoch when the same command is given again. Where the loss becomes NaN,
    the best network before is written and judged all the same, and the exit status is 2.
    """
    from mixrules._support.installed import require_installed
    from mixrules.cli.training_lines import EpochLines
    from mixrules.cli.training_results import print_results, print_sweep
    from mixrules.errors import ParameterError
    from mixrules.learning.training.settings import settings_for
    from mixrules.learning.training.training_files import training_folder

    require_installed("torch", "onnx", "pyarrow", what="mixrules train")
    require_installed("onnxruntime", what="mixrules train")  # of the extra that the first two come with
    if output.suffix.lower() != ".onnx":
        raise ParameterError(f"{output} must end in .onnx")
    if sweep is not None and changes["fraction"] is not None:
        raise click.UsageError("choose one of --fraction and --sweep")
    refuse_to_replace(output, force=force)
    settings = settings_for(task, network, on=on, off=off, **changes)
    lines = EpochLines(epochs=settings.epochs, quiet=quiet)
    trained = _trained(data, settings, sweep, output, restart, lines)
    folder = training_folder(output)
    _draw(trained, folder, quiet)
    if not quiet:
        results = [each.results for each in trained]
        if len(results) > 1:
            print_sweep(results)
        print_results(results[-1])
        say(f"wrote {output} and {folder}")
        say(results[-1].verdict())
    for each in trained:
        each.results.require_complete(each.model)


def _trained(
    data: Path,
    settings: TrainingSettings,
    fractions: tuple[float, ...] | None,
    output: Path,
    restart: bool,
    lines: EpochLines,
) -> tuple[SweepPoint, ...]:
    """Train once, or on each fraction; return every training, the one that is the model last."""
    from mixrules.learning.training.history_file import read_history
    from mixrules.learning.training.loop import train_as_far_as_possible
    from mixrules.learning.training.sweep import SweepPoint, sweep
    from mixrules.learning.training.training_files import HISTORY, training_folder

    if fractions is not None:
        return sweep(data, settings, fractions, output, restart=restart, progress=lines)
    results = train_as_far_as_possible(data, settings, output, restart=restart, progress=lines)
    history = read_history(training_folder(output) / HISTORY)
    return (SweepPoint(fraction=settings.fraction, results=results, history=history, model=output),)


def _draw(trained: tuple[SweepPoint, ...], folder: Path, quiet: bool) -> None:
    """Draw what can be; a training is not lost for want of a picture."""
    from mixrules.errors import MissingPackageError
    from mixrules.report.training.folder import draw_training

    try:
        draw_training([each.history for each in trained], [each.results for each in trained], folder)
    except MissingPackageError as error:
        if not quiet:
            say(f"note: {error}")
