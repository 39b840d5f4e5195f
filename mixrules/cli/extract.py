"""`mixrules extract`: ground truth and descriptors of every song of a data set, as tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mixrules.cli.corpus_options import CorpusRun, catalogue_options, run_options
from mixrules.cli.output import say
from mixrules.corpus.snippet_defaults import SNIPPET_HOP, SNIPPET_SAMPLES

if TYPE_CHECKING:
    from mixrules.corpus.catalogue import Catalogue


_EXAMPLES = """\b
Examples:
  mixrules extract songs/ -o truth/
  mixrules extract MUSDB18-HQ/ --layout musdb18hq --split train -o truth/
  mixrules extract songs/ --match -o truth/
"""


@click.command("extract", epilog=_EXAMPLES)
@catalogue_options
@click.option(
    "--snippet-samples",
    type=click.IntRange(1),
    default=SNIPPET_SAMPLES,
    show_default=True,
    metavar="N",
    help="Length of a snippet.",
)
@click.option(
    "--snippet-hop",
    type=click.IntRange(1),
    default=SNIPPET_HOP,
    show_default=True,
    metavar="N",
    help="Samples from one snippet to the next.",
)
@click.option(
    "--match",
    "matched",
    is_flag=True,
    help="Also find what was done to each stem in the song's own mixture, as mixrules match does: a third table, "
    "parameters. Takes minutes a song.",
)
@run_options("truth", "the tables")
def command(
    catalogue: Catalogue, run: CorpusRun, snippet_samples: int, snippet_hop: int, matched: bool
) -> int:
    """Measure every song of the data set in the folder SONGS, and every snippet of it.

    Writes two tables in Parquet: `stems` with a row for each stem of a song, for its vocal, its backing and its mix, and
    `snippets` with a row for each snippet of these. They have loudness, bands, tempo, onsets and other descriptors;
    docs/ground-truth.md defines every column. Songs that are done are not done again.
    """
    from mixrules._support.installed import require_installed
    from mixrules.corpus.extraction.extracting import Extraction
    from mixrules.files.own_documents import RUN_LEDGER

    require_installed("pyarrow", what="mixrules extract")
    work = Extraction(
        root=catalogue.root, snippet_samples=snippet_samples, snippet_hop=snippet_hop, match=matched
    )
    status = run.over(work, catalogue, listed_in=RUN_LEDGER)
    if not run.quiet:
        for line in _what_is_there(run.output):
            say(line)
    return status


def _what_is_there(output: Path | str) -> list[str]:
    """Return what the tables hold, and what to do with them."""
    from mixrules.corpus.extraction import read_truth
    from mixrules.errors import AudioFileError

    lines = [f"tables in {output}/stems and {output}/snippets, every column in docs/ground-truth.md"]
    if isinstance(output, Path):
        try:
            truth = read_truth(output)
        except AudioFileError:  # no song could be measured, which has been said
            return []
        counts = (truth.stems.count_rows(), truth.snippets.count_rows())
        lines[0] += f": {counts[0]} rows of signals, {counts[1]} of snippets"
    return [
        *lines,
        f"  mixrules describe {output}   draws their distributions",
        f"  mixrules dataset {output} --task level   makes training data",
        f"  duckdb -c \"summarize from '{output}/stems/*.parquet'\"",
    ]
