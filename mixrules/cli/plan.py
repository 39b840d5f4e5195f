"""`mixrules plan`: decide only."""

from __future__ import annotations

from pathlib import Path

import click

from mixrules.cli.likes import Likes, like_options
from mixrules.cli.options import (
    RulesChoice,
    chosen_rules,
    engine_option,
    folder_argument,
    force_option,
    lies_within,
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
from mixrules.cli.output import say
from mixrules.cli.output_names import require_file_name
from mixrules.cli.plan_files import fitted_to, refuse_to_replace_start
from mixrules.cli.progress import progress_bar
from mixrules.cli.wishes import Wishes, WishingCommand, explain_option, wishes_options
from mixrules.errors import ParameterError

_EXAMPLES = """\b
Examples:
  mixrules plan my_song/ -o mix.plan.json
  mixrules plan my_song/ -o dry.plan.json --style dry
  mixrules plan my_song/ -o like.plan.json --like other_song/ --without master
"""


@click.command("plan", cls=WishingCommand, epilog=_EXAMPLES)
@folder_argument
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default="plan.json",
    show_default=True,
    help="Where the plan goes; a missing folder is made.",
)
@wishes_options
@like_options
@rules_options
@start_option
@engine_option
@threads_option
@stems_options
@force_option
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
    roles: tuple[str, ...],
    sample_rate: int | None,
    start: Path | None,
    engine: str,
    threads: int | None,
    force: bool,
    explain: bool,
    quiet: bool,
) -> None:
    """Decide how to mix the stems in FOLDER and write the plan, without rendering.

    Prints what it does, stem by stem; --explain prints every decision. A file that is there already is replaced only with
    --force, a stem and the plan of --start never.
    """
    from mixrules.cli.next_steps import after_plan
    from mixrules.cli.output import print_next, print_plan
    from mixrules.files import check_writable, make_folder, write_text_atomic
    from mixrules.mixer import plan
    from mixrules.stems.file_extensions import AUDIO_EXTENSIONS

    if output.suffix.lower() in AUDIO_EXTENSIONS:
        raise ParameterError(
            f"{output} cannot hold a plan, its name ends like audio: {output.with_suffix('.plan.json').name} would"
        )
    require_file_name(output, folder, ending=".plan.json")
    wishes.of(chosen_rules(rules_choice))
    likes.require_possible()
    starting = read_start(start)
    check_writable(output, makes_folder=True)
    refuse_to_replace_start(start, output)
    if not lies_within(output, folder):  # there the stems decide, once they are known
        refuse_to_replace(output, force=force)
    with progress_bar(quiet=quiet) as progress:
        stems = read_stems(folder, roles, sample_rate, threads, progress)
        if starting is not None:
            starting, stems = fitted_to(starting, stems, engine, source=start)
        wishes.require_vocal(stems)
        refuse_to_overwrite((output,), folder, stems, force=force)
        rules = wishes.of(chosen_rules(rules_choice, like=likes.of(threads=threads, progress=progress)))
        decided = plan(stems, rules=rules, start=starting, engine=engine, threads=threads, progress=progress)
    wishes.require_vocal(stems, decided)
    make_folder(output.parent)
    write_text_atomic(output, decided.to_json())
    if not quiet:
        print_plan(decided, explain=explain)
        say(f"wrote {output}")
        print_next(after_plan(context, folder, output))
