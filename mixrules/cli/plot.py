"""`mixrules plot`: figures of a song and its mix, or of audio files, for a paper or a page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

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
from mixrules.cli.song_measuring import is_audio_file, measured_mix, song_and_plan
from mixrules.errors import ParameterError

if TYPE_CHECKING:
    from mixrules.stems import Progress

_KINDS = ("loudness", "spectrum", "eq", "compressor", "gain", "reverb", "masking", "plan", "waveform", "pan")
_OF_FILES = ("loudness", "spectrum")

_EXAMPLES = """\b
Examples:
  mixrules plot eq my_song/ -o eq.svg
  mixrules plot compressor my_song/ mix.plan.json --stem vocals -o vocals.pdf
  mixrules plot masking my_song/ -o masking.png
  mixrules plot loudness mix.wav reference.flac -o loudness.svg
"""


@click.command("plot", epilog=_EXAMPLES)
@click.argument("kind", type=click.Choice(_KINDS), metavar="FIGURE")
@click.argument("sources", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="SONG [PLAN]")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Where the figure goes, by its name SVG, PDF or PNG; a missing folder is made [default: FIGURE.svg].",
)
@click.option("--stem", "names", multiple=True, metavar="NAME", help="Draw this stem alone. Repeatable.")
@rules_options
@stems_options
@engine_option
@threads_option
@force_option
@quiet_option
def command(
    kind: str,
    sources: tuple[Path, ...],
    output: Path | None,
    names: tuple[str, ...],
    rules_choice: RulesChoice,
    roles: tuple[str, ...],
    sample_rate: int | None,
    engine: str,
    threads: int | None,
    force: bool,
    quiet: bool,
) -> None:
    """Draw a FIGURE of a song and its mix.

    It is one of loudness, spectrum, waveform, eq, compressor, gain, reverb, masking, pan and plan.

    SONG is a folder of stems, as for `mix`. It is mixed by PLAN, a plan's file, or else by the rules; every number in
    the figure is measured on the rendered audio, and all stems share one scale. For loudness and spectrum there may be
    audio files in place of SONG, which are drawn side by side. A file that is there already is replaced only with
    --force.
    """
    from mixrules.report.song.figures.saving import require_figure_path, save_figure
    from mixrules.report.song.figures.sheets import song_figure

    output = Path(f"{kind}.svg") if output is None else output
    require_figure_path(output)
    refuse_to_replace(output, force=force)
    of_files = all(map(is_audio_file, sources))
    if of_files and kind not in _OF_FILES:
        raise ParameterError(
            f"{sources[0]} is a file of audio: {kind} is drawn of a folder of stems, {' and '.join(_OF_FILES)} of files"
        )
    if of_files and names:
        raise click.UsageError("--stem picks a stem of a song, audio files have none")
    with progress_bar(quiet=quiet) as progress:
        if of_files:
            figure = _figure_of_files(kind, sources, progress)
        else:
            folder, plan = song_and_plan(sources)
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
            figure = song_figure(kind, song, names)
    save_figure(figure, output)
    if not quiet:
        say(f"wrote {output}")


def _figure_of_files(kind: str, paths: tuple[Path, ...], progress: Progress | None) -> Any:
    from mixrules.report.song.sound_files import figure_of_files

    return figure_of_files(kind, paths, progress=progress)
