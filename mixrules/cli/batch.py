"""`mixrules batch`: every song of a data set, mixed by the same rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mixrules.cli.corpus_options import CorpusRun, catalogue_options, run_options
from mixrules.cli.options import chosen_rules, rules_options

if TYPE_CHECKING:
    from mixrules.corpus.catalogue import Catalogue


@click.command("batch")
@catalogue_options
@rules_options
@run_options("mixes", "the mixes")
def command(
    catalogue: Catalogue,
    run: CorpusRun,
    preset: str,
    settings: tuple[str, ...],
    without: tuple[str, ...],
    target_lufs: float | None,
    ceiling_dbtp: float | None,
) -> int:
    """Mix every song of the data set in the folder SONGS."""
    from mixrules.corpus.batch.mixing import Mixing

    rules = chosen_rules(preset, settings, without, target_lufs, ceiling_dbtp)
    return run.over(Mixing(rules=rules), catalogue, listed_in="mixes.csv")
