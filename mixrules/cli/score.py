"""`mixrules score`: how far a mix is from another."""

from __future__ import annotations

import json
import math
from pathlib import Path

import click

from mixrules.cli.output import say

_EXAMPLES = """\b
Examples:
  mixrules score mix.wav --reference engineers_mix.wav
  mixrules score mix.wav --reference engineers_mix.wav --stems processed/ --reference-stems engineers_stems/
  mixrules score mix.wav --reference engineers_mix.wav --groups balance,dynamics --json
"""


@click.command("score", epilog=_EXAMPLES)
@click.argument("mix", type=click.Path(path_type=Path))
@click.option(
    "--reference",
    required=True,
    type=click.Path(path_type=Path),
    help="The mix to compare with, usually an engineer's.",
)
@click.option(
    "--stems", type=click.Path(path_type=Path), metavar="DIR", help="The stems as they sit in the mix."
)
@click.option(
    "--reference-stems",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The stems as they sit in the reference, of the same names.",
)
@click.option(
    "--groups",
    metavar="NAMES",
    help="Groups of measures, separated by commas; also musicnn, zimtohrli and encoder=FILE.onnx [default: all others].",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON; what is not defined is null.")
@click.option("--explain", is_flag=True, help="Print every measure's unit, range, direction and source.")
def command(
    mix: Path,
    reference: Path,
    stems: Path | None,
    reference_stems: Path | None,
    groups: str | None,
    as_json: bool,
    explain: bool,
) -> None:
    """Measure how far MIX is from a reference, measure by measure.

    A distance is 0 for the reference itself. What is not defined (a range under 3 s, a balance without
    stems) is a dash, or null.
    """
    from mixrules._support.validation import split_items
    from mixrules.evaluation import DEFAULT_GROUPS
    from mixrules.evaluation.measures.registry import group_named
    from mixrules.evaluation.scoring import score

    chosen = DEFAULT_GROUPS if groups is None else tuple(split_items(groups, name="--groups"))
    found = score(mix, reference, stems=stems, reference_stems=reference_stems, groups=chosen)
    if as_json:
        values = {name: None if math.isnan(value) else value for name, value in found.values.items()}
        document = {"mix": str(mix), "reference": str(reference), "values": values, "notes": found.notes}
        click.echo(json.dumps(document, indent=2))
        return
    for note in found.notes:
        say(f"note: {note}")
    for name in chosen:
        say(f"{name}")
        for measure in group_named(name).measures:
            value = found.values[measure.name]
            shown = "-" if math.isnan(value) else f"{value:.4g}"
            say(f"  {measure.name:<38}{shown:>10} {measure.unit}".rstrip())
            if explain:
                say(f"      {measure.about}")
                say(f"      {measure.low:g} to {measure.high:g}, better: {measure.better}; {measure.source}")
