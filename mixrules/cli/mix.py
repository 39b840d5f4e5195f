"""`mixrules mix`: a folder of stems in, a mix and its reasons out."""

from __future__ import annotations

from pathlib import Path

import click

from mixrules.cli.options import (
    chosen_rules,
    engine_option,
    folder_argument,
    output_options,
    quiet_option,
    read_start,
    read_stems,
    refuse_to_overwrite_stems,
    rules_options,
    start_option,
    stems_options,
    threads_option,
)
from mixrules.cli.plan_files import fitted_to
from mixrules.cli.progress import progress_bar


@click.command("mix")
@folder_argument
@output_options
@rules_options
@start_option
@stems_options
@engine_option
@threads_option
@click.option("--profile", is_flag=True, help="Say what the run cost, and keep it in the plan.")
@quiet_option
def command(
    folder: Path,
    output: Path,
    preset: str,
    settings: tuple[str, ...],
    without: tuple[str, ...],
    target_lufs: float | None,
    ceiling_dbtp: float | None,
    start: Path | None,
    roles: tuple[str, ...],
    sample_rate: int | None,
    engine: str,
    threads: int | None,
    stems_out: Path | None,
    subtype: str | None,
    profile: bool,
    quiet: bool,
) -> None:
    """Mix the stems in FOLDER and say why.

    Writes the mix and, beside it, its plan (mix.wav, mix.plan.json), and prints every decision with
    what was measured again on the result.
    """
    from mixrules.cli.output import print_report, write_result
    from mixrules.files import check_audio_path, check_writable
    from mixrules.mixer import mix

    rules = chosen_rules(preset, settings, without, target_lufs, ceiling_dbtp)
    starting = read_start(start)
    check_audio_path(output, subtype=subtype)
    check_writable(output.with_suffix(".plan.json"))
    with progress_bar(quiet=quiet) as progress:
        stems = read_stems(folder, roles, sample_rate, threads, progress)
        starting = fitted_to(starting, stems, engine, source=start)
        refuse_to_overwrite_stems(output, folder, stems, stems_out)
        result = mix(
            stems,
            rules=rules,
            start=starting,
            engine=engine,
            threads=threads,
            profile=profile,
            progress=progress,
        )
    written = write_result(result, output, stems_out=stems_out, subtype=subtype)
    if not quiet:
        print_report(result, written)
