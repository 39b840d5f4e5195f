"""`mixrules extract`: ground truth and descriptors of every song of a data set, as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mixrules.cli.corpus_options import CorpusRun, catalogue_options, run_options
from mixrules.cli.output import say

if TYPE_CHECKING:
    from mixrules.corpus.catalogue import Catalogue


@click.command("extract")
@catalogue_options
@click.option(
    "--snippet-samples",
    type=click.IntRange(1),
    default=65_536,
    show_default=True,
    metavar="N",
    help="Length of a snippet.",
)
@click.option(
    "--snippet-hop",
    type=click.IntRange(1),
    default=32_768,
    show_default=True,
    metavar="N",
    help="Samples from one snippet to the next.",
)
@run_options("truth", "the tables")
def command(catalogue: Catalogue, run: CorpusRun, snippet_samples: int, snippet_hop: int) -> int:
    """Measure every song of the data set in the folder SONGS, and every snippet of it.

    Writes two tables in Parquet: `stems` with a row for each stem of a song, for its vocal, its backing and its mix, and
    `snippets` with a row for each snippet of these. They have loudness, bands, tempo, onsets and other descriptors;
    docs/ground-truth.md defines every column. Songs that are done are not done again.
    """
    from mixrules._support.installed import require_installed
    from mixrules.corpus.extraction.extracting import Extraction

    require_installed("pyarrow", what="mixrules extract")
    work = Extraction(root=catalogue.root, snippet_samples=snippet_samples, snippet_hop=snippet_hop)
    status = run.over(work, catalogue, listed_in="ledger.jsonl")
    if not run.quiet:
        say(f"{run.output}/stems and {run.output}/snippets hold the tables; see them with")
        say(f"  mixrules describe {run.output}")
        say(f"  duckdb -c \"summarize from '{run.output}/stems/*.parquet'\"")
    return status
