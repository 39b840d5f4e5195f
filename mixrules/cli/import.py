"""`mixrules import`: a DAW project back into a plan."""

from __future__ import annotations

from pathlib import Path

import click

from mixrules.cli.options import force_option, quiet_option, refuse_to_replace
from mixrules.cli.output_names import require_file_name
from mixrules.cli.plan_files import read_plan

_EXAMPLES = """\b
Examples:
  mixrules import my_song.dawproject -o edited.plan.json
  mixrules import my_song.dawproject --plan mix.plan.json -o edited.plan.json
"""


@click.command("import", epilog=_EXAMPLES)
@click.argument("project", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default="edited.plan.json",
    show_default=True,
    help="Where the plan goes; a missing folder is made.",
)
@click.option(
    "--plan",
    "plan_file",
    type=click.Path(path_type=Path),
    metavar="PLAN",
    help="The plan that was exported, where the DAW has not kept it in the project.",
)
@force_option
@quiet_option
def command(project: Path, output: Path, plan_file: Path | None, force: bool, quiet: bool) -> None:
    """Read the mixer of PROJECT, a .dawproject, as a plan: what the DAW changed, as decisions that say so.

    Faders, pans, mutes, sends, equalisers, compressors, limiters and fader rides are taken; what a plan does not hold
    is said in one line each. `mixrules render` renders the plan on the stems.
    """
    from mixrules.cli.output import say
    from mixrules.export.importing import import_plan
    from mixrules.files import check_writable, make_folder

    require_file_name(output, project, ending=".plan.json")
    refuse_to_replace(output, force=force)
    check_writable(output, makes_folder=True)
    start = None if plan_file is None else read_plan(plan_file)
    report = import_plan(project, start=start)
    make_folder(output.parent)
    report.plan.save(output)
    if quiet:
        return
    count = len(report.edited)
    changed = f"{count} change{'s' if count > 1 else ''}" if count else "nothing was changed"
    say(f"wrote {output}: {len(report.plan.stems)} stems, {changed}")
    for line in report.edited:
        say(f"  {line}")
    for line in report.told:
        say(f"  {line}")
