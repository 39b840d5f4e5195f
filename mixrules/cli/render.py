"""`mixrules render`: render a plan, whoever made it."""

from __future__ import annotations

from pathlib import Path

import click

from mixrules.cli.options import (
    engine_option,
    folder_argument,
    lies_within,
    output_options,
    quiet_option,
    read_stems,
    refuse_to_overwrite,
    refuse_to_replace,
    stems_options,
    threads_option,
)
from mixrules.cli.output_names import require_file_name
from mixrules.cli.plan_files import fitted_to, read_plan, require_stems_first
from mixrules.cli.progress import progress_bar
from mixrules.cli.report_options import ReportChoice, report_options
from mixrules.cli.wishes import explain_option

_EXAMPLES = """\b
Examples:
  mixrules render my_song/ mix.plan.json -o mix.wav
  mixrules render my_song/ mix.plan.json -o mix.wav --force --stems-out processed/
"""


@click.command("render", epilog=_EXAMPLES)
@folder_argument
@click.argument("plan_file", metavar="PLAN", type=click.Path(path_type=Path))
@output_options
@stems_options
@engine_option
@threads_option
@report_options
@explain_option
@quiet_option
def command(
    folder: Path,
    plan_file: Path,
    output: Path,
    roles: tuple[str, ...],
    sample_rate: int | None,
    engine: str,
    threads: int | None,
    stems_out: Path | None,
    subtype: str | None,
    report: ReportChoice,
    explain: bool,
    force: bool,
    quiet: bool,
) -> None:
    """Render the stems in FOLDER by PLAN: edited by hand, random, or made by a model.

    Writes the mix and, beside it, the plan with what was measured (mix.wav, mix.plan.json), and prints what the plan
    does, stem by stem; --explain prints every decision in it. A PLAN that is that very file stays as it is. A file that
    is there already is replaced only with --force, a stem never.
    """
    from mixrules.cli.output import print_mix, write_result
    from mixrules.files import check_audio_path, check_writable
    from mixrules.mixer import mix

    require_stems_first(folder, plan_file)
    mix_plan = read_plan(plan_file)
    require_file_name(output, folder, ending="_mix.wav")
    check_audio_path(output, subtype=subtype, makes_folder=True)
    beside = output.with_suffix(".plan.json")
    check_writable(beside, makes_folder=True)
    plan_lies_beside = beside.exists() and beside.samefile(plan_file)
    outputs = (output,) if plan_lies_beside else (output, beside)
    report.require_possible(output)
    report.require_free(force=force)
    if not lies_within(output, folder):  # there the stems decide, once they are known
        refuse_to_replace(*outputs, force=force)
    with progress_bar(quiet=quiet) as progress:
        stems = read_stems(folder, roles, sample_rate, threads, progress)
        fitted, stems = fitted_to(mix_plan, stems, engine, source=plan_file)
        refuse_to_overwrite(outputs, folder, stems, stems_out, force=force)
        result = mix(stems, mix_plan=fitted, engine=engine, threads=threads, progress=progress)
    written = write_result(
        result, output, stems_out=stems_out, subtype=subtype, write_plan=not plan_lies_beside
    )
    if not quiet:
        print_mix(result, written, edited=fitted, notes=stems.notes, explain=explain)
    report.write(folder, stems, result, engine=engine, threads=threads, quiet=quiet)
