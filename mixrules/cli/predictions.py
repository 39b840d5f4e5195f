"""`mixrules predictions`: predicted parameters against the truth, beside constants."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path

import click

from mixrules._support.json_values import defined
from mixrules.cli.output import say

_EXAMPLES = """\b
Examples:
  mixrules predictions predicted.csv --truth true.csv
  mixrules predictions predicted.csv --truth true.csv --json
"""


@click.command("predictions", epilog=_EXAMPLES)
@click.argument("predicted", type=click.Path(path_type=Path))
@click.option("--truth", required=True, type=click.Path(path_type=Path), help="CSV of the true parameters.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON; what is not defined is null.")
def command(predicted: Path, truth: Path, as_json: bool) -> None:
    """Score PREDICTED, a CSV of parameters, per snippet and per song.

    Both files have a column song, perhaps a column snippet, and a column for each parameter. The mean of
    the truth and the mean of the other songs stand beside the predictions: what loses to them has learnt
    nothing.
    """
    from mixrules.evaluation.predictions import read_table, score_predictions

    found, notes = score_predictions(read_table(predicted), read_table(truth))
    if as_json:
        rows = [defined(dataclasses.asdict(row)) for row in found]
        click.echo(json.dumps({"errors": rows, "notes": notes}, indent=2))
        return
    for note in notes:
        say(f"note: {note}")
    heads = ("snippets", "MAE", "RMSE", "bias", "songs", "MAE", "95 %", "better/worse", "p")
    widths = (9, 9, 9, 9, 6, 9, 18, 13, 8)
    parameter = ""
    for row in found:
        if row.parameter != parameter:
            parameter = row.parameter
            say(f"{parameter}")
            say(f"  {'':20}" + "".join(f"{h:>{w}}" for h, w in zip(heads, widths, strict=True)))
        song = row.song_mae
        cells = (
            str(row.snippets),
            *(_shown(v) for v in (row.snippet_mae, row.snippet_rmse, row.bias)),
            *(str(song.count), _shown(song.mean), f"{_shown(song.low)} to {_shown(song.high)}"),
            *(f"{row.better_songs}/{row.worse_songs}", _shown(row.p)),
        )
        line = "".join(f" {cell:>{width - 1}}" for cell, width in zip(cells, widths, strict=True))
        say(f"  {row.predictor:<20}{line}")


def _shown(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.3f}" if abs(value) < 1e5 else f"{value:.3g}"
