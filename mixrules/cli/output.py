"""What commands print, each in one line whatever the names in it hold, and what `mix` and `render` write."""

from __future__ import annotations

import math
import shutil
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mixrules.cli.options import rendered_stem_path
from mixrules.errors import in_one_line

if TYPE_CHECKING:
    from mixrules.files import WriteReport
    from mixrules.metering import ChannelLayout
    from mixrules.mix_result import MixResult
    from mixrules.mixplan import MixPlan

_RULE_WIDTH = 13
_MOST_EDITS = 5


def say(line: str = "", *, err: bool = False) -> None:
    """Print a text as one line: a name in it may hold line breaks or what a terminal obeys."""
    click.echo(in_one_line(line), err=err)


def layout_note(layout: ChannelLayout) -> str:
    """Return what is to be said of the layout of a file, and the option that names another."""
    return f"{layout.note}: --layout names another" if layout.source == "guess" else layout.note


def reading(value: float) -> str:
    """Return a reading to two places; a dash where it is not defined."""
    return "-" if math.isnan(value) else f"{value:.2f}"


def say_row(cells: Iterable[str], last: str, *, err: bool = False) -> None:
    """Print a row of a table of readings, whose last cell is as long as it is."""
    say(" ".join(f"{cell:>7}" for cell in cells) + f"  {last}", err=err)


def write_result(
    result: MixResult,
    output: Path,
    *,
    stems_out: Path | None,
    subtype: str | None,
    write_plan: bool = True,
) -> list[WriteReport]:
    """Write the mix, its plan beside it and, if asked for, every stem as it sits in the mix (32-bit float)."""
    from mixrules.files import make_folder, write_audio, written_together

    written = []
    make_folder(output.parent)
    with written_together():
        if stems_out is not None:
            make_folder(stems_out)
            for name, stem in result.stems.items():
                path = rendered_stem_path(stems_out, name)
                written.append(write_audio(path, stem, result.sample_rate, subtype="FLOAT"))
        if write_plan:
            result.plan.save(output.with_suffix(".plan.json"))
        written.append(write_audio(output, result.to_write, result.sample_rate, subtype=subtype))
    return written


def print_mix(
    result: MixResult,
    written: list[WriteReport],
    *,
    edited: MixPlan | None = None,
    notes: Sequence[str] = (),
    explain: bool = False,
    told: Sequence[str] = (),
    next_steps: Sequence[str] = (),
) -> None:
    """Print what was done on one screen, or every decision; what was checked, what the mix measures, what is next.

    Parameters
    ----------
    result : MixResult
        The mix.
    written : list of WriteReport
        The files.
    edited : MixPlan, optional
        The plan as it was given, which somebody may have changed since it was decided.
    notes : sequence of str
        On reading the stems, besides those in the plan.
    explain : bool
        Whether every decision is printed in place of a row for each stem.
    told : sequence of str
        What else is to be said of the whole: what its loudness cost, what stopped it.
    next_steps : sequence of str
        Commands.
    """
    from mixrules.report.song.summary import check_rows, loudness_row

    print_plan(result.plan, notes=notes, explain=explain)
    if edited is not None:
        print_edits(edited, result.plan)
    for line in check_rows(result.plan):
        say(line)
    print_profile(result.plan)
    for line in (loudness_row(result.loudness), *told):
        say(line)
    print_written(written, result)
    print_next(next_steps)


def print_plan(plan: MixPlan, *, notes: Sequence[str] = (), explain: bool) -> None:
    """Print what a plan does: a row for each stem and a line for what is done to the whole, or every decision."""
    from mixrules.report.song.summary import mix_rows, notices, stem_rows

    if explain:
        print_notes((*notes, *plan.notes))
        print_decisions(plan)
        say()
        return
    print_notes((*notes, *notices(plan)))
    for line in (*stem_rows(plan, width=shutil.get_terminal_size().columns), *mix_rows(plan)):
        say(line)


def print_next(commands: Sequence[str]) -> None:
    """Print what one would do next."""
    if commands:
        say("next:")
    for command in commands:
        say(f"  {command}")


def print_profile(plan: MixPlan) -> None:
    """Print what the run cost, where the plan says it."""
    cost = plan.result.profile if plan.result else None
    if cost is None:
        return
    memory = f", peak memory {cost.peak_mib:.0f} MiB" if cost.peak_mib is not None else ""
    say(f"took {cost.wall_s:.2f} s ({cost.cpu_s:.2f} s of the processor){memory}")
    for name, seconds in cost.steps_s.items():
        say(f"  {seconds:7.2f} s  {name}")


def print_edits(given: MixPlan, rendered: MixPlan) -> None:
    """Print in one line what somebody has changed in a plan since it was decided, and what that made void."""
    from mixrules.plan_edits import edits

    changes = [edit.in_words for edit in edits(given)]
    if not changes:
        return
    before, after = (
        sum(len(d.statements) for d in each.decisions if not d.superseded) for each in (given, rendered)
    )
    void = before - after
    said = f" ({void} statement{'s no longer apply' if void > 1 else ' no longer applies'})" if void else ""
    more = f" and {len(changes) - _MOST_EDITS} more" if len(changes) > _MOST_EDITS else ""
    say(f"edited by hand: {'; '.join(changes[:_MOST_EDITS])}{more}{said}")


def print_decisions(plan: MixPlan) -> None:
    """Print every decision of a plan: a line each, or on a terminal a table, in which alike ones share a row."""
    from mixrules.report import decision_rows
    from mixrules.report.song.decisions import grouped_rows

    rows = decision_rows(plan)
    if sys.stdout.isatty():
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        table = Table(show_lines=False, pad_edge=False)
        for head, ratio in (("rule", None), ("what and why", 3), ("stated and measured", 2)):
            table.add_column(head, ratio=ratio, overflow="fold")
        for row in grouped_rows(rows):
            table.add_row(*(Text(in_one_line(cell)) for cell in (row.rule, row.sentence, row.checked)))
        Console().print(table)
        return
    for row in rows:
        checked = f" [{row.checked}]" if row.checked else ""
        say(f"{row.rule:<{_RULE_WIDTH}}{row.sentence}{checked}")


def print_notes(notes: Iterable[str]) -> None:
    """Print notes, each once."""
    for note in dict.fromkeys(notes):
        say(f"note: {note}")


def print_written(written: Sequence[WriteReport], result: MixResult) -> None:
    """Print which files were written; stems, which come before the mix, by their number. A lossy file is measured."""
    *stems, mix = written
    if stems:
        say(
            f"wrote {len(stems)} stem{'s' if len(stems) > 1 else ''} to {stems[0].path.parent} ({stems[0].subtype})"
        )
    details = [mix.subtype]
    if mix.sample_rate != result.sample_rate:
        details.append(f"resampled to {mix.sample_rate} Hz, which {mix.path.suffix.lower()} takes")
    if mix.clipped_samples:
        details.append(f"{mix.clipped_samples} samples clipped")
    say(f"wrote {mix.path} ({', '.join(details)})")
    if mix.lossy:
        from mixrules.metering import measure

        after = measure(mix.path)
        say(
            f"note: {mix.subtype} is lossy: the file as decoded is at {after.integrated_lufs:.1f} LUFS, "
            f"true peak {after.true_peak_dbtp:.1f} dBTP, {result.loudness.true_peak_dbtp:.1f} before coding"
        )
