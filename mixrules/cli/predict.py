"""`mixrules predict`: a plan for each song, with models in the place of rules."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mixrules.cli.corpus_options import CorpusRun, layout_option, only_option, run_options, split_option
from mixrules.cli.options import RulesChoice, chosen_rules, engine_option, rules_options
from mixrules.cli.output import say

if TYPE_CHECKING:
    from mixrules.corpus.work.song_work import DataSet
    from mixrules.learning.prediction.chosen_models import ModelFile
    from mixrules.learning.prediction.predicted_plans import Prediction


_EXAMPLES = """\b
Examples:
  mixrules predict songs/ --model level.onnx -o plans/
  mixrules render songs/one plans/one.plan.json -o one.wav
"""


@click.command("predict", epilog=_EXAMPLES)
@click.argument("songs", type=click.Path(path_type=Path))
@layout_option
@split_option
@only_option
@click.option(
    "--model",
    "models",
    multiple=True,
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="An ONNX file that mixrules train wrote, or that was given a description. Repeatable: one for each task.",
)
@rules_options
@engine_option
@click.option(
    "--sample-rate",
    type=int,
    metavar="HZ",
    help="Rate at which plans are decided [default: the rate most stems of a song have].",
)
@run_options("deep_plans", "the plans")
def command(
    songs: Path,
    run: CorpusRun,
    layout: str,
    split: str,
    only: tuple[str, ...],
    models: tuple[Path, ...],
    rules_choice: RulesChoice,
    engine: str,
    sample_rate: int | None,
) -> int:
    """Write the plan of every song in SONGS, with models in the place of some rules; all else the rules decide.

    SONGS is a folder of folders of stems, a single song, or with --layout a data set. What a model answers about the
    snippets of a song is averaged and takes the place of a constant: the vocal's level against the backing (task level)
    or its loudness range (compression). An estimated equaliser (eq) is undone; for an estimated reverb (reverb,
    reverb-2022) the vocal gets a room like it. Writes SONG.plan.json for each, with the reasons and what the mix
    measures, and SONG.answers.csv with what was answered for each snippet; answers.csv has those of all songs, for
    mixrules predictions. The last lines say where a model only reads the level that it is given, and how many of the
    songs it was trained on. A song that fails costs one line on standard error and exit status 2; a run that was stopped
    goes on where it was. onnxruntime is needed, PyTorch is not.
    """
    from mixrules.learning.prediction.chosen_models import ModelFile
    from mixrules.learning.prediction.model_rules import rules_to_set
    from mixrules.learning.prediction.predicted_plans import Prediction
    from mixrules.learning.prediction.prediction_run import predict_songs

    files = tuple(ModelFile.of(path) for path in models)
    _refuse_contradiction(files, rules_choice)
    prediction = Prediction(
        rules=chosen_rules(
            rules_choice,
            prepared=lambda rules: rules_to_set(rules, [model.task for model in files]),
        ),
        models=files,
        engine=engine,
        sample_rate=sample_rate,
    )
    found: dict[str, tuple[float, ...]] = {}
    seen: dict[str, int] = {}
    planned = 0

    def predict(workers: Any, progress: Any) -> Any:
        summary, answers, trained_on = predict_songs(
            prediction,
            _data_set(songs, layout, split, only),
            run.output,
            workers=workers,
            retry_failed=run.retry_failed,
            progress=progress,
        )
        nonlocal planned
        found.update(answers)
        seen.update(trained_on)
        planned = summary.done + summary.kept
        return summary

    status = run.through(predict, listed_in="ledger.jsonl")
    if planned and not run.quiet:
        _print_answers(prediction, found, planned)
        _print_notes(prediction, seen, planned)
        say(f"the plans are in {run.output}, for mixrules compare --systems default,deep={run.output}")
    return status


def _refuse_contradiction(models: tuple[ModelFile, ...], choice: RulesChoice) -> None:
    """Refuse a constant that is given a value though a model takes its place."""
    from mixrules import presets
    from mixrules.learning.prediction.model_targets import TARGETS, target_name

    given = [setting.rpartition("=")[0].strip() for setting in choice.settings]
    for model in models:
        if model.task in TARGETS and target_name(presets.load(choice.preset), model.task) in given:
            name = target_name(presets.load(choice.preset), model.task)
            raise click.UsageError(
                f"--set {name} contradicts {model.name}, which takes its place: leave one out"
            )


def _data_set(songs: Path, layout: str, split: str, only: tuple[str, ...]) -> DataSet:
    """Return the songs that the options mean: a path that is a song is a data set of one."""
    from mixrules.cli.corpus_options import chosen_songs
    from mixrules.corpus.one_song import OneSong, is_song

    if layout != "folders" or not is_song(songs):
        return chosen_songs(songs, layout, split, only)
    if split or only:
        option = "--split" if split else "--only"
        raise click.UsageError(f"{option} chooses among songs, {songs} is one")
    return OneSong(songs)


def _print_answers(prediction: Prediction, found: dict[str, tuple[float, ...]], planned: int) -> None:
    """Print how the answers for the songs are spread: a model that says the same of every song is seen to."""
    from mixrules.learning.prediction.model_rules import task_outputs

    for model in prediction.models:
        for output in task_outputs(model.task):
            values = found.get(output.name, ())
            if not values:
                say(f"{model.name}: {output.name} of no song: the rules decide alone, as the plans say")
                continue
            spread = f", from {min(values):.4g} to {max(values):.4g}" if len(values) > 1 else ""
            songs = f"{len(values)} of {planned} songs" if planned > 1 else "1 song"
            say(f"{model.name}: {output.name} {sum(values) / len(values):.4g}{spread} ({songs})")


def _print_notes(prediction: Prediction, seen: dict[str, int], planned: int) -> None:
    """Print how a model did in its test, and what makes its plans no test: a level that it reads, songs it has seen."""
    from mixrules.learning.prediction.model_notes import reads_level_note

    for model in prediction.models:
        if model.verdict:
            say(f"{model.name}, when it was trained: {model.verdict}")
        if model.reads_level:
            say(reads_level_note(model.name))
        if seen.get(model.task):
            songs = "song" if planned == 1 else "songs"
            say(f"{model.name} was trained on {seen[model.task]} of {planned} {songs}, as their plans note")
