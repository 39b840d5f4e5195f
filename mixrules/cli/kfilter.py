"""`mixrules kfilter`: the K-weighting filter's coefficients."""

from __future__ import annotations

import json

import click

_EXAMPLES = """\b
Examples:
  mixrules kfilter
  mixrules kfilter --sample-rate 44100 --json
"""


@click.command("kfilter", epilog=_EXAMPLES)
@click.option(
    "--sample-rate", type=int, default=48_000, show_default=True, metavar="HZ", help="8000 to 384000."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(sample_rate: int, as_json: bool) -> None:
    """Show the K-weighting filter of ITU-R BS.1770-5 at a sample rate.

    Two stages, each y = b0 x0 + b1 x1 + b2 x2 - a1 y1 - a2 y2. The standard prints a table for 48 kHz
    only; there the largest deviation from it is shown.
    """
    from mixrules.loudness import k_weighting, max_table_deviation

    stages = [{"b": list(stage.b), "a": list(stage.a)} for stage in k_weighting(sample_rate)]
    deviation = max_table_deviation(sample_rate)
    if as_json:
        document = {"sample_rate": sample_rate, "stages": stages, "max_deviation": deviation}
        click.echo(json.dumps(document, indent=2))
        return
    for name, stage in zip(("stage 1, head shelf", "stage 2, high-pass"), stages, strict=True):
        click.echo(f"{name} at {sample_rate} Hz")
        for letter, values in stage.items():
            click.echo(f"  {letter} = " + "  ".join(f"{value:+.14f}" for value in values))
    if deviation is None:
        click.echo("the standard has no table for this rate; same analogue prototype as at 48000 Hz")
    else:
        click.echo(f"largest deviation from the standard's table: {deviation:.1e}")
