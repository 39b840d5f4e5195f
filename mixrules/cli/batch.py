"""`mixrules batch`: every song of a data set, mixed by the same rules."""

from __future__ import annotations

from pathlib import Path

import click

from mixrules.cli.options import quiet_option
from mixrules.cli.output import say
from mixrules.cli.progress import progress_bar


@click.command("batch")
@click.argument("songs", type=click.Path(path_type=Path))
@click.option("--layout", default="folders", show_default=True, metavar="NAME", help="The data set's layout.")
@click.option("--preset", default="default", show_default=True, metavar="NAME", help="The rule set.")
@click.option("-o", "--output", type=click.Path(path_type=Path), default="mixes", show_default=True)
@quiet_option
def command(songs: Path, layout: str, preset: str, output: Path, quiet: bool) -> int:
    """Mix every song of the data set in the folder SONGS."""
    from mixrules import presets
    from mixrules.corpus.batch.mixing import Mixing
    from mixrules.corpus.catalogue import Catalogue
    from mixrules.corpus.work.run import run_songs

    with progress_bar(quiet=quiet) as progress:
        summary = run_songs(
            Mixing(rules=presets.load(preset)), Catalogue(songs, layout), output, progress=progress
        )
    for record in summary.failed:
        say(f"mixrules: {record.song}: {record.reason}", err=True)
    if not quiet:
        say(f"{summary.done} done, {summary.kept} kept, {len(summary.failed)} failed")
    return 2 if summary.failed else 0
