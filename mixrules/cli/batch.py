"""`mixrules batch`: every song of a data set, mixed by the same rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mixrules.cli.corpus_options import CorpusRun, catalogue_options, run_options
from mixrules.cli.likes import Likes, like_options
from mixrules.cli.options import RulesChoice, chosen_rules, engine_option, rules_options
from mixrules.cli.output import say

if TYPE_CHECKING:
    from mixrules.corpus.catalogue import Catalogue


_EXAMPLES = """\b
Examples:
  mixrules batch songs/ -o mixes/
  mixrules batch songs/ -o mixes/ --album --target-lufs -16
  mixrules batch songs/ -o mixes/ --like mix_1.wav --like mix_2.wav
  mixrules batch MUSDB18-HQ/ --layout musdb18hq --split test --plans-only -o plans/
"""


@click.command("batch", epilog=_EXAMPLES)
@catalogue_options
@like_options
@rules_options
@click.option(
    "--album",
    is_flag=True,
    help="Give the songs of a folder, or of an album where the data set names albums, one gain at the master, so that "
    "what is louder before stays as much louder; the album reaches the target. All songs of the albums are measured "
    "first, those that --only leaves out too.",
)
@engine_option
@click.option(
    "--sample-rate",
    type=int,
    metavar="HZ",
    help="Rate of every mix [default: the rate most stems of a song have].",
)
@click.option(
    "--format",
    "audio_format",
    type=click.Choice(["wav", "flac"]),
    default="wav",
    show_default=True,
    help="Format of the mixes.",
)
@click.option(
    "--subtype",
    metavar="NAME",
    help="Sample format of the mixes, e.g. PCM_16, PCM_24, FLOAT [default: PCM_24].",
)
@click.option("--plans-only", is_flag=True, help="Write no audio: the plans, with what the mixes measure.")
@run_options("mixes", "the mixes")
def command(
    catalogue: Catalogue,
    run: CorpusRun,
    rules_choice: RulesChoice,
    likes: Likes,
    album: bool,
    engine: str,
    sample_rate: int | None,
    audio_format: str,
    subtype: str | None,
    plans_only: bool,
) -> int:
    """Mix every song of the data set in the folder SONGS by the same rules.

    Writes SONG.wav and SONG.plan.json for each, and at the end mixes.csv (and mixes.parquet with pyarrow): a row a
    song with what it measures, or why it failed. A song that fails costs one line on standard error and exit status 2;
    the others are still mixed. A run that was stopped goes on where it was, and a song whose files have changed is mixed
    again: the same command does both.
    """
    from mixrules.corpus.batch import Mixing, mix_songs

    likes.require_possible()
    rules = chosen_rules(rules_choice, like=likes.of())
    mixing = Mixing(
        rules=rules,
        engine=engine,
        sample_rate=sample_rate,
        audio_format="" if plans_only else audio_format,
        subtype=None if plans_only else subtype,
    )
    status = run.through(
        lambda workers, progress: mix_songs(
            mixing,
            catalogue,
            run.output,
            album=album,
            workers=workers,
            retry_failed=run.retry_failed,
            progress=progress,
        ),
        listed_in="mixes.csv",
    )
    if not run.quiet:
        say(f"{run.output}/mixes.csv has a row for each song")
    return status
