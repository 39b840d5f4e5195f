"""`mixrules describe`: what a corpus looks like."""

from __future__ import annotations

from pathlib import Path

import click

from mixrules.cli.options import FiniteFloat, force_option, quiet_option
from mixrules.cli.output import say

_EXAMPLES = """\b
Examples:
  mixrules describe truth/ -o description/
  mixrules describe train_truth/ test_truth/ -o description/
"""


@click.command("describe", epilog=_EXAMPLES)
@click.argument("truths", metavar="TRUTH...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default="figures",
    show_default=True,
    metavar="DIR",
    help="Where page, figures and tables go; a missing folder is made.",
)
@click.option(
    "--level-bounds-lu",
    type=(FiniteFloat(), FiniteFloat()),
    default=(-10.0, 6.0),
    show_default=True,
    metavar="LOW HIGH",
    help="Songs whose vocal lies beyond these against the backing are named.",
)
@click.option(
    "--most-z",
    type=FiniteFloat(min=0.0, min_open=True),
    default=3.5,
    show_default=True,
    help="Songs with a modified z-score above this are named.",
)
@click.option(
    "--confidence",
    type=FiniteFloat(min=0.0, max=1.0, min_open=True, max_open=True),
    default=0.95,
    show_default=True,
    help="Of the intervals.",
)
@click.option(
    "--resamples",
    type=click.IntRange(0),
    default=2000,
    show_default=True,
    help="Of the bootstrap; 0 for no intervals.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of the bootstrap.")
@force_option
@quiet_option
def command(
    truths: tuple[Path, ...],
    output: Path,
    level_bounds_lu: tuple[float, float],
    most_z: float,
    confidence: float,
    resamples: int,
    seed: int,
    force: bool,
    quiet: bool,
) -> None:
    """Show what a corpus looks like: distributions on one page, every panel of a measure on one scale.

    TRUTH is a folder that `mixrules extract` wrote; several are shown side by side, on the same scales. In DIR:
    index.html, which needs no other file, the figures as SVG and PNG, and the statistics as CSV. Intervals are over
    songs. Splits are compared, songs that stand out are named, and what is not defined is counted. An earlier
    description in DIR is refreshed; other files are replaced only with --force.
    """
    from mixrules.files import check_folder, make_folder, written_together
    from mixrules.report.corpus.description import describe_corpora
    from mixrules.report.corpus.folder import require_libraries, require_place, write_description
    from mixrules.report.corpus.page import split_sentences
    from mixrules.report.corpus.statistics import Settings

    low, high = level_bounds_lu
    if low >= high:
        raise click.UsageError("--level-bounds-lu takes the lower bound first, e.g. --level-bounds-lu -10 6")
    require_libraries()
    check_folder(output)
    require_place(output, truths, force=force)
    settings = Settings(
        confidence=confidence,
        resamples=resamples,
        seed=seed,
        level_bounds_lu=level_bounds_lu,
        most_z=most_z,
    )
    corpora = describe_corpora(truths, settings)
    make_folder(output)
    with written_together():
        written = write_description(corpora, output, settings)
    if quiet:
        return
    for corpus in corpora:
        songs = len(corpus.tables.songs)
        named = len({outlier.song for outlier in corpus.outliers})
        failed = f", {len(corpus.failed)} could not be measured" if corpus.failed else ""
        say(f"{corpus.name}: {songs} song{'' if songs == 1 else 's'}, {named} stand out{failed}")
        for sentence in split_sentences(corpus, 1, settings):
            say(f"  {sentence}")
    say(f"wrote {len(written)} files to {output}: open {output / 'index.html'}")
