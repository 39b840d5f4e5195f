"""`mixrules mix`: a folder of stems in, a mix and its reasons out."""

from __future__ import annotations

from pathlib import Path

import click

from mixrules.cli.likes import Likes, like_options
from mixrules.cli.options import (
    RulesChoice,
    chosen_rules,
    engine_option,
    folder_argument,
    lies_within,
    output_options,
    quiet_option,
    read_start,
    read_stems,
    refuse_to_overwrite,
    refuse_to_replace,
    rules_options,
    start_option,
    stems_options,
    threads_option,
)
from mixrules.cli.output_names import require_file_name
from mixrules.cli.plan_files import fitted_to, refuse_to_replace_start
from mixrules.cli.progress import progress_bar
from mixrules.cli.report_options import ReportChoice, report_options
from mixrules.cli.wishes import Wishes, WishingCommand, explain_option, wishes_options

_EXAMPLES = """\b
Examples:
  mixrules mix my_song/ -o mix.wav
  mixrules mix my_song/ -o louder.mp3 --vocal +2 --louder
  mixrules mix my_song/ -o quiet.wav --strength 0.5 --without reverb
  mixrules mix my_song/ -o like.wav --like other_song/ --like-strength 0.7
  mixrules mix my_song/ -o mix.wav --force --role guitar.wav=strings --set level.vocal_to_backing_lu=-1
"""


@click.command("mix", cls=WishingCommand, epilog=_EXAMPLES)
@folder_argument
@output_options
@wishes_options
@like_options
@rules_options
@start_option
@stems_options
@engine_option
@threads_option
@report_options
@click.option("--profile", is_flag=True, help="Say what the run cost, and keep it in the plan.")
@explain_option
@quiet_option
@click.pass_context
def command(
    context: click.Context,
    *,
    folder: Path,
    output: Path,
    rules_choice: RulesChoice,
    wishes: Wishes,
    likes: Likes,
    start: Path | None,
    roles: tuple[str, ...],
    sample_rate: int | None,
    engine: str,
    threads: int | None,
    stems_out: Path | None,
    subtype: str | None,
    report: ReportChoice,
    profile: bool,
    explain: bool,
    force: bool,
    quiet: bool,
) -> None:
    """Mix the stems in FOLDER (or a .zip or .tar of it, or a .stem.mp4) and say what was done.

    Writes the mix and, beside it, its plan (mix.wav, mix.plan.json), and prints what changed, stem by stem, and whether
    what the rules said was measured on the result; --explain prints every decision, --report adds a page. A file that is
    there already is replaced only with --force, a stem and the plan of --start never.
    """
    from mixrules.cli.next_steps import after_mix
    from mixrules.cli.output import print_mix, write_result
    from mixrules.files import check_audio_path, check_writable
    from mixrules.mixer import mix, plan
    from mixrules.report.song.louder import cost_row, more_limiting, stopped_row
    from mixrules.report.song.summary import has_vocal

    wishes.of(chosen_rules(rules_choice))
    likes.require_possible()
    starting = read_start(start)
    require_file_name(output, folder, ending="_mix.wav")
    check_audio_path(output, subtype=subtype, makes_folder=True)
    outputs = (output, output.with_suffix(".plan.json"))
    check_writable(outputs[1], makes_folder=True)
    report.require_possible(output)
    refuse_to_replace_start(start, *outputs)
    report.require_free(force=force)
    if not lies_within(output, folder):  # there the stems decide, once they are known
        refuse_to_replace(*outputs, force=force)
    with progress_bar(quiet=quiet) as progress:
        stems = read_stems(folder, roles, sample_rate, threads, progress)
        given = chosen_rules(rules_choice, like=likes.of(threads=threads, progress=progress))
        rules = wishes.of(given)
        if starting is not None:
            starting, stems = fitted_to(starting, stems, engine, source=start)
        wishes.require_vocal(stems)
        refuse_to_overwrite(outputs, folder, stems, stems_out, force=force)
        if wishes.louder_lu is not None and not quiet:
            usual = wishes.of(given, louder=False)
            before = plan(
                stems, rules=usual, start=starting, engine=engine, threads=threads, progress=progress
            )
        result = mix(
            stems,
            rules=rules,
            start=starting,
            engine=engine,
            threads=threads,
            profile=profile,
            progress=progress,
        )
    wishes.require_vocal(stems, result.plan)
    written = write_result(result, output, stems_out=stems_out, subtype=subtype)
    if not quiet:
        lufs = result.loudness.integrated_lufs
        told = [cost_row(before, result.plan, wishes.louder_lu)] if wishes.louder_lu is not None else []
        print_mix(
            result,
            written,
            explain=explain,
            told=[*told, *filter(None, [stopped_row(rules, lufs)]), *wishes.unmet(result.plan, rules)],
            next_steps=after_mix(
                context,
                output,
                rules,
                has_vocal=has_vocal(result.plan),
                more_limiting=more_limiting(rules, lufs),
            ),
        )
    report.write(
        folder, stems, result, rules=rules, start=starting, engine=engine, threads=threads, quiet=quiet
    )
