"""`mixrules export`: a plan as a project that a DAW opens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from mixrules.cli.completions import engine_names
from mixrules.cli.options import (
    folder_argument,
    force_option,
    quiet_option,
    read_stems,
    stems_options,
    threads_option,
)
from mixrules.cli.output_names import require_file_name
from mixrules.cli.plan_files import read_plan, require_stems_first
from mixrules.cli.progress import progress_bar

_EXAMPLES = """\b
Examples:
  mixrules export my_song/ mix.plan.json -o my_song.dawproject
  mixrules export my_song/ mix.plan.json -o my_song.rpp
  mixrules export my_song/ mix.plan.json -o my_song.ardour
  mixrules export my_song/ mix.plan.json -o my_song.dawproject --reverb ir --reference-audio
  mixrules export my_song/ mix.plan.json -o wet.dawproject --print-effects all
"""


@click.command("export", epilog=_EXAMPLES)
@folder_argument
@click.argument("plan_file", metavar="PLAN", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    help="Where the project goes; its ending says the format: .dawproject, .rpp (REAPER) or .ardour. A missing folder "
    "is made.",
)
@click.option(
    "--reverb",
    type=click.Choice(["ir", "track", "none"]),
    help="How a reverb travels: as the impulse response of its room, as a rendered track, or not at all "
    "[default: as the format carries it best].",
)
@click.option(
    "--print-effects",
    type=click.Choice(["needed", "all", "none"]),
    default="needed",
    show_default=True,
    help="Render into the tracks the effects that the format does not hold, all, or none (then they are left out).",
)
@click.option(
    "--reference-audio",
    is_flag=True,
    help="Leave stems that stay as they are where they are, and point to their files.",
)
@stems_options
@click.option(
    "--engine",
    default="native",
    show_default=True,
    metavar="NAME",
    shell_complete=engine_names,
    help="native or pedalboard: what renders where something is rendered.",
)
@threads_option
@force_option
@quiet_option
def command(
    folder: Path,
    plan_file: Path,
    output: Path,
    reverb: Any,
    print_effects: Any,
    reference_audio: bool,
    roles: tuple[str, ...],
    sample_rate: int | None,
    engine: str,
    threads: int | None,
    force: bool,
    quiet: bool,
) -> None:
    """Write the stems in FOLDER, mixed by PLAN, as a project that a DAW opens.

    Faders, pans, mutes, equalisers, compressors, limiters and fader rides stay settings that can be changed there;
    colours say the roles, and the notes of each track its decisions. What the format does not hold is rendered into
    the tracks or left out, each said in one line. A .dawproject holds its audio; that of my_song.rpp lies in
    my_song_audio/, and my_song.ardour is a session in the folder my_song_ardour/.
    """
    from mixrules.cli.output import say
    from mixrules.export.exporting import export_stems, require_free

    require_stems_first(folder, plan_file)
    require_file_name(output, folder, ending=".dawproject")
    require_free(output, overwrite=force)
    mix_plan = read_plan(plan_file)
    with progress_bar(quiet=quiet) as progress:
        stems = read_stems(folder, roles, sample_rate, threads, progress)
        report = export_stems(
            stems,
            mix_plan,
            output,
            folder=folder,
            reverb=reverb,
            print_effects=print_effects,
            reference_audio=reference_audio,
            engine=engine,
            threads=threads,
            overwrite=force,
            progress=progress,
            source=str(plan_file),
        )
    if quiet:
        return
    returns = f" and {report.returns} return{'s' if report.returns > 1 else ''}" if report.returns else ""
    say(f"wrote {report.path}: {report.tracks} track{'s' if report.tracks > 1 else ''}{returns}")
    for line in report.told:
        say(f"  {line}")
