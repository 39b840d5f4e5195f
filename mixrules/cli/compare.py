"""`mixrules compare`: which system comes nearer to the engineer's mix."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mixrules.cli.completions import rule_names, system_lists
from mixrules.cli.data_set_options import data_set_options, data_set_songs, require_layout
from mixrules.cli.options import FiniteFloat, force_option, quiet_option, refuse_to_replace, systems_of
from mixrules.cli.output import say
from mixrules.cli.progress import progress_bar
from mixrules.cli.worker_options import WorkersChoice, workers_options
from mixrules.errors import ParameterError

if TYPE_CHECKING:
    from mixrules.evaluation.comparison_results import Comparison
    from mixrules.evaluation.summary import Summary
    from mixrules.systems import SongSource


_EXAMPLES = """\b
Examples:
  mixrules compare songs/ -o comparison/
  mixrules compare MUSDB18-HQ/ --layout musdb18hq --split test --undo 1 -o comparison/
  mixrules compare songs/ --systems none,equal,random,default --without all -o comparison/
  mixrules compare songs/ --systems none,survey-2022,default -o comparison/ --latex table.tex
  mixrules compare songs/ --reference human=mixes/ --systems none,default,matched -o comparison/
"""

_UNDO_DB = 8.0


@click.command("compare", epilog=_EXAMPLES)
@click.argument("songs", type=click.Path(path_type=Path))
@data_set_options
@click.option(
    "--reference",
    default="human",
    show_default=True,
    metavar="SYSTEM",
    help="What all are compared with: human (the mixture beside the stems), human=FOLDER, or another system.",
)
@click.option(
    "--systems",
    default="none,equal,random,survey-2022,default,human",
    show_default=True,
    metavar="LIST",
    shell_complete=system_lists,
    help="none, equal, random, presets, default-without-eq, matched (the plan that explains the human mix), "
    "NAME=FOLDER of plans or of mixes.",
)
@click.option(
    "--without",
    multiple=True,
    metavar="RULE",
    shell_complete=rule_names,
    help="Add preset default without a rule; all: without each. Repeatable.",
)
@click.option("--groups", metavar="NAMES", help="Groups of measures, separated by commas.")
@click.option("--seed", type=int, default=0, show_default=True, help="What chance is drawn from.")
@click.option(
    "--undo",
    type=click.IntRange(min=0),
    metavar="SEED",
    help="First move every stem to another level, drawn from SEED: the balance must be found again.",
)
@click.option(
    "--undo-db",
    type=FiniteFloat(1, 60),
    default=_UNDO_DB,
    show_default=True,
    metavar="DB",
    help="With --undo: by at most so many dB, down or up.",
)
@click.option(
    "--excerpt-s",
    type=FiniteFloat(0, 600),
    default=10.0,
    show_default=True,
    help="Length of the excerpts to listen to; 0 for none.",
)
@click.option("--audio", type=click.Choice(["embed", "link"]), default="embed", show_default=True)
@workers_options
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default="report",
    show_default=True,
    help="The report's folder, not the songs'; what is finished there is kept.",
)
@click.option(
    "--latex",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write a table for a paper as well (LaTeX, booktabs).",
)
@force_option
@quiet_option
def command(
    songs: Path,
    layout: str | None,
    split: str,
    only: tuple[str, ...],
    reference: str,
    systems: str,
    without: tuple[str, ...],
    groups: str | None,
    seed: int,
    undo: int | None,
    undo_db: float,
    excerpt_s: float,
    audio: str,
    workers: WorkersChoice,
    output: Path,
    latex: Path | None,
    force: bool,
    quiet: bool,
) -> int:
    """Let systems mix SONGS, a folder of folders of stems or a data set, and measure how near each comes.

    The stems of most data sets come from finished mixes: their plain sum is the engineer's mix, so that none wins. A
    caution says so; --undo moves the stems first.

    Writes values, means with intervals, paired tests and vetoes (why an engineer would send a mix back) as CSV and JSON
    (and Parquet with pyarrow), the plans, and index.html with the mixes to listen to. A run that was killed goes on
    where it was. A song that cannot be used, or a system that has no mix of it, costs one line on standard error and
    exit status 2; the others are still compared. An earlier report is refreshed; files that are not one's are
    replaced only with --force.
    """
    from mixrules._support.validation import split_items
    from mixrules.evaluation import DEFAULT_GROUPS
    from mixrules.evaluation.comparison import compare, require_apart
    from mixrules.evaluation.comparison_cautions import cautions
    from mixrules.evaluation.comparison_tables import FILES, write_tables
    from mixrules.evaluation.summary import summarise
    from mixrules.evaluation.undone import Undo
    from mixrules.files import written_together
    from mixrules.files.own_documents import is_comparison
    from mixrules.presets import load as load_preset
    from mixrules.report.page_frame import missing_for_pages

    if undo is None and undo_db != _UNDO_DB:
        raise ParameterError("--undo-db says how far the stems are moved: it needs --undo SEED")
    (against,) = systems_of([reference], option="--reference")
    rules = load_preset("default").rules if "all" in without else without
    named = split_items(systems, name="--systems") + [f"default-without-{rule}" for rule in rules]
    chosen = systems_of(named, option="--systems")
    # The reference is named once, with its folder; among the systems its name is enough.
    chosen = [against if (s.name, s.kind) == (against.name, against.kind) else s for s in chosen]
    if layout is not None and songs.is_dir() and output.resolve() == songs.resolve():
        raise ParameterError(f"{output} is the data set's folder: name another for the report")
    sources, notes = _sources(songs, layout, split, only)
    require_apart(output, sources)
    if not is_comparison(output):
        refuse_to_replace(*(output / name for name in FILES), force=force)
    if latex is not None:
        _require_table_place(latex, force=force)
    with progress_bar(quiet=quiet) as progress:
        found = compare(
            sources,
            chosen,
            against,
            output,
            seed=seed,
            groups=DEFAULT_GROUPS if groups is None else tuple(split_items(groups, name="--groups")),
            excerpt_s=excerpt_s,
            workers=workers.who(songs=len(sources), quiet=quiet),
            progress=progress,
            undo=None if undo is None else Undo(seed=undo, within_db=undo_db),
        )
    summary = summarise(found, seed=seed)
    known = cautions(found, [*chosen, against])
    missing = "jinja2" in missing_for_pages()
    with written_together():
        written = write_tables(found, summary, output, cautions=known)
        if latex is not None:
            written.append(_write_latex(found, summary, latex))
        if not missing:
            from mixrules.report.comparison.page import write_comparison_page

            written.append(
                write_comparison_page(
                    found,
                    summary,
                    output,
                    audio="link" if audio == "link" else "embed",
                    cautions=known,
                )
            )
    if missing:
        say("mixrules: no page was written, it needs jinja2: pip install 'mixrules[report]'", err=True)
    if not quiet:
        for note in notes:
            say(f"note: {note}")
        for caution in known:
            say(f"caution: {caution}")
        _print_table(found, summary)
        _print_vetoes(found)
        _print_written(found, written)
    for gone in found.left_out:
        say(f"mixrules: {gone}", err=True)
    return 2 if found.left_out else 0


def _sources(
    songs: Path, layout: str | None, split: str, only: tuple[str, ...]
) -> tuple[list[SongSource], tuple[str, ...]]:
    """Return the songs, and notes on what else lies there."""
    from mixrules.corpus.layouts.identities import checked
    from mixrules.corpus.layouts.song_folders import find_songs
    from mixrules.stems.song_description import SongDescription
    from mixrules.systems import song_sources

    require_layout(layout, split, only)
    if layout is not None:
        return data_set_songs(songs, layout, split, only), ()
    found = find_songs(songs)
    within = [
        SongDescription(song=folder.relative_to(songs).as_posix(), folder=folder) for folder in found.folders
    ]
    return [replace(source, of_data_set=False) for source in song_sources(checked(within))], found.notes


def _print_written(found: Comparison, written: list[Path]) -> None:
    if found.cached:
        say(f"kept from an earlier run: {found.cached} of {len(found.results)} mixes")
    for path in written:
        say(f"wrote {path}")


def _require_table_place(path: Path, *, force: bool) -> None:
    """Refuse to replace a file that is no table of ours."""
    from mixrules.evaluation.latex_table import FIRST_LINE
    from mixrules.files import check_folder

    check_folder(path.parent)
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            ours = file.read(len(FIRST_LINE)) == FIRST_LINE
    except OSError:
        ours = False
    if not ours:
        refuse_to_replace(path, force=force, option="--latex")


def _write_latex(found: Comparison, summary: Summary, path: Path) -> Path:
    from mixrules.evaluation.latex_table import latex_table
    from mixrules.files import make_folder, write_text_atomic

    make_folder(path.parent)
    write_text_atomic(path, latex_table(found, summary))
    return path


def _print_table(found: Comparison, summary: Summary) -> None:
    from mixrules.evaluation.comparison_cautions import ABOUT_CONSTANTS, undone_sentence
    from mixrules.evaluation.measures.registry import MEASURES
    from mixrules.evaluation.summary import shown_measures
    from mixrules.statistics import FEWEST_FOR_INTERVAL

    if found.undo is not None:
        say(undone_sentence(found))
    songs = f"{len(found.songs)} song{'s' * (len(found.songs) != 1)}"
    say(f"mean over {songs}, distance to {found.reference}; 95 % interval; times nearest")
    if len(found.songs) < FEWEST_FOR_INTERVAL:
        say(f"(an interval needs {FEWEST_FOR_INTERVAL} songs)")
    width = max(len(system) for system in found.systems) + 2
    for name in shown_measures(summary):
        say(f"{name} {MEASURES[name].unit}".rstrip())
        for system in found.systems:
            row = summary.row(system, name)
            cells = (row.interval.mean, row.interval.low, row.interval.high)
            mean, low, high = ("-" if math.isnan(v) else f"{v:.3g}" for v in cells)
            near = f"{row.nearest:>4}" if found.competes(system) else ""
            interval = f"{low:>8} to {high:<8}" if low != "-" else f"{'-':>8}    {'':<8}"
            fewer = row.interval.count not in (0, len(found.songs))
            over = f"  ({row.interval.count} of {len(found.songs)} songs)" if fewer else ""
            say(f"  {system:<{width}}{mean:>8}  {interval}{near or '    '}{over}".rstrip())
    for name, about in ABOUT_CONSTANTS.items():
        if name in found.systems:
            say(f"({name}: {about})")


def _print_vetoes(found: Comparison) -> None:
    """Print how many mixes an engineer would send back, by reason; reasons that no mix has are left out."""
    from mixrules.evaluation.vetoes import VETOES

    say("vetoes: songs whose mix an engineer would send back")
    if not found.vetoes:
        say(f"  none of {len(VETOES)} reasons holds of any mix")
        return
    lines = [(name, [len(found.vetoed(system, name)) for system in found.systems]) for name in found.vetoes]
    lines.append(("songs without a veto", [len(found.without_veto(system)) for system in found.systems]))
    first = max(len(name) for name, _ in lines) + 2
    widths = [max(len(system), 3) + 2 for system in found.systems]
    heads = "".join(f"{system:>{width}}" for system, width in zip(found.systems, widths, strict=True))
    say(f"  {'':<{first}}{heads}")
    for name, counts in lines:
        cells = "".join(f"{count:>{width}}" for count, width in zip(counts, widths, strict=True))
        say(f"  {name.replace('_', ' '):<{first}}{cells}")
    for name in found.vetoes:
        veto = VETOES[name]
        say(f"  {name.replace('_', ' ')}: {veto.about} ({veto.measured}: {veto.bound})")
