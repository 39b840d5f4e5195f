"""`mixrules masking`: which stem hides which, before and after, in words and as a heat map."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mixrules._support.wording import hertz
from mixrules.cli.options import (
    RulesChoice,
    engine_option,
    force_option,
    quiet_option,
    refuse_to_replace,
    rules_options,
    stems_options,
    threads_option,
)
from mixrules.cli.output import say
from mixrules.cli.progress import progress_bar
from mixrules.cli.song_measuring import measured_mix, song_and_plan

if TYPE_CHECKING:
    from mixrules.report.song.masking_words import HiddenBy

_KEYS = ("stem", "by", "low_hz", "high_hz", "before_percent", "after_percent")
_MOST_TOGETHER, _MOST_PAIRS = 8, 12
_MOST_LETTERS = 20
"""Of a stem's name, so that a row fits into 80 columns."""

_EXAMPLES = """\b
Examples:
  mixrules masking my_song/
  mixrules masking my_song/ mix.plan.json -o masking.svg
  mixrules masking my_song/ --csv > masking.csv
"""


@click.command("masking", epilog=_EXAMPLES)
@click.argument("sources", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="SONG [PLAN]")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Also draw it as a heat map, by its name SVG, PDF or PNG; a missing folder is made.",
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list of all pairs of stems.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV with a header, all pairs of stems.")
@rules_options
@stems_options
@engine_option
@threads_option
@force_option
@quiet_option
def command(
    sources: tuple[Path, ...],
    output: Path | None,
    as_json: bool,
    as_csv: bool,
    rules_choice: RulesChoice,
    roles: tuple[str, ...],
    sample_rate: int | None,
    engine: str,
    threads: int | None,
    force: bool,
    quiet: bool,
) -> None:
    """Say which stems of SONG hide which, and in which frequencies: as given, and in the mix.

    SONG is a folder of stems, as for `mix`. It is mixed by PLAN, a plan's file, or else by the rules. A moment of a stem
    is hidden where another stem is more than 6 dB above it at the same frequencies; each moment counts about as loud as
    it sounds. What several stems hide together is at least what each of them hides alone.
    """
    from mixrules.report.song.masking_words import hidden_rows

    if as_json and as_csv:
        raise click.UsageError("choose one of --json and --csv")
    folder, plan = song_and_plan(sources)
    if output is not None:
        from mixrules.report.song.figures.saving import require_figure_path

        require_figure_path(output)
        refuse_to_replace(output, force=force)
    with progress_bar(quiet=quiet) as progress:
        song = measured_mix(
            folder,
            plan,
            rules_choice=rules_choice,
            roles=roles,
            sample_rate=sample_rate,
            engine=engine,
            threads=threads,
            progress=progress,
        )
    together, pairs = hidden_rows(song, all_pairs=as_json or as_csv)
    if as_json or as_csv:
        _print_data([*together, *pairs], as_json=as_json)
    elif not quiet:
        _print_words(together, pairs)
    if output is not None:
        from mixrules.report.song.figures.saving import save_figure
        from mixrules.report.song.figures.sheets import song_figure

        save_figure(song_figure("masking", song), output)
        if not quiet:
            say(f"wrote {output}", err=as_json or as_csv)


def _print_data(rows: Sequence[HiddenBy], *, as_json: bool) -> None:
    from mixrules.files.tables.writing import csv_text

    listed = [
        dataclasses.asdict(row)
        | {key: round(getattr(row, key), 2) for key in ("before_percent", "after_percent")}
        for row in rows
    ]
    click.echo(json.dumps(listed, indent=2) if as_json else csv_text(listed, _KEYS), nl=as_json)


def _print_words(together: Sequence[HiddenBy], pairs: Sequence[HiddenBy]) -> None:
    if not together:
        say("fewer than two stems sound: nothing hides another")
        return
    say("how much of each stem the others hide, as given and in the mix:")
    for row in together[:_MOST_TOGETHER]:
        where = f", most of it at {_range(row)}" if row.most_percent >= 0.5 else ""
        say(f"  {_percents(row)}  {_short(row.stem)}{where}")
    _say_rest(len(together) - _MOST_TOGETHER, "stem")
    if not pairs:
        say("no stem alone hides much of another")
        return
    say("by which stem:")
    for row in pairs[:_MOST_PAIRS]:
        say(f"  {_percents(row)}  {_short(row.stem)} behind {_short(row.by)} at {_range(row)}")
    _say_rest(len(pairs) - _MOST_PAIRS, "pair")


def _say_rest(left: int, what: str) -> None:
    if left > 0:
        say(f"  and {left} {what}{'s' if left > 1 else ''} less: --csv prints all")


def _percents(row: HiddenBy) -> str:
    return f"{row.before_percent:3.0f} % → {row.after_percent:3.0f} %"


def _short(name: str) -> str:
    from mixrules.report.figure_style import name_label

    return name_label(name, _MOST_LETTERS)


def _range(row: HiddenBy) -> str:
    return f"{hertz(row.low_hz)} to {hertz(row.high_hz)}"
