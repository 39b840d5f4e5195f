"""`mixrules ratings`: what listeners said."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mixrules.cli.options import FiniteFloat, force_option, refuse_to_replace
from mixrules.cli.output import say

if TYPE_CHECKING:
    from mixrules.ratings import Analysis, ChoiceAnalysis


class _Ratings(click.Command):
    """The command; who looks for planning here, where it was, is told its own."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments."""
        if "--plan-n" in args:
            options = _planning_options(args)
            example = shlex.join(options) or "--conditions 5 --effect 0.5"
            raise click.UsageError(f"planning is a command of its own: mixrules plan-listeners {example}")
        return super().parse_args(ctx, args)


def _planning_options(args: list[str]) -> list[str]:
    """Return those arguments that ``plan-listeners`` takes as well."""
    from mixrules.cli.plan_listeners import command as plan_listeners

    known = {name: option for option in plan_listeners.params for name in option.opts}
    taken: list[str] = []
    for position, arg in enumerate(args):
        option = known.get(arg.partition("=")[0])
        if isinstance(option, click.Option):
            needs_value = not option.is_flag and "=" not in arg
            taken += args[position : position + 2] if needs_value else [arg]
    return taken


_EXAMPLES = """\b
Examples:
  mixrules ratings test/ -o analysis/
  mixrules ratings test/ --export ratings.csv
  mixrules ratings answers.csv --format webmushra --key test/key.json -o analysis/
"""


@click.command("ratings", cls=_Ratings, epilog=_EXAMPLES)
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Where tables, figures and the page go.",
)
@click.option(
    "--key",
    type=click.Path(path_type=Path),
    help="The key of the test [default: key.json above or beside the ratings].",
)
@click.option(
    "--format",
    "form",
    metavar="NAME",
    help="mixrules, webmushra, waet, qualtrics or counts [default: by content].",
)
@click.option(
    "--group-by",
    metavar="QUESTION",
    help="The background question that groups the listeners; in counts, group.",
)
@click.option(
    "--reject",
    multiple=True,
    metavar="RULE=VALUE",
    help="Change a rule that leaves listeners out: same, fast, inconsistent, incomplete, reference or anchor = "
    "threshold or off; or none. Repeatable.",
)
@click.option(
    "--margin",
    type=FiniteFloat(),
    default=0.1,
    show_default=True,
    help="Of equivalence, as a share of the scale.",
)
@click.option(
    "--alpha", type=FiniteFloat(), default=0.05, show_default=True, help="Level of each family of tests."
)
@click.option("--confidence", type=FiniteFloat(), default=0.95, show_default=True, help="Of the intervals.")
@click.option(
    "--resamples", type=int, default=2000, show_default=True, help="Of the bootstrap; 0 for no intervals."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of the bootstrap.")
@click.option(
    "--no-model",
    is_flag=True,
    help="Fit no mixed-effects model beside the tests: it takes longest where many rated.",
)
@click.option("--no-figures", is_flag=True, help="Write tables only: no figures and no page.")
@click.option(
    "--export",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the bare ratings of one test of ours, a row each in FILE.csv or a session each in FILE.json, and end.",
)
@force_option
@click.option("-q", "--quiet", is_flag=True, help="Print nothing but errors and what was left out.")
def command(
    paths: tuple[Path, ...],
    output: Path | None,
    key: Path | None,
    form: str | None,
    group_by: str | None,
    reject: tuple[str, ...],
    margin: float,
    alpha: float,
    confidence: float,
    resamples: int,
    seed: int,
    no_model: bool,
    no_figures: bool,
    export: Path | None,
    force: bool,
    quiet: bool,
) -> None:
    """Analyse the ratings in PATHS: files or folders of our results, webMUSHRA's, WAET's or Qualtrics', or counts.

    Of our own tests ratings on a scale, choices of A/B tests and answers of ABX tests are read, by what each file says.

    Tables may be as spreadsheets save them: decimal commas, semicolons, totals, any encoding. A cell that is no number as
    a whole costs its own answer, a file that cannot be used one line on standard error; all else is still read.
    An earlier analysis in DIR is refreshed; files that are not one's are replaced only with --force.
    """
    if not paths:
        raise click.UsageError(
            "name files or a folder of ratings, e.g. mixrules ratings test/ratings/ -o results/"
        )
    if export is not None:
        _export(paths, export, force=force, quiet=quiet)
        return
    from mixrules.files import check_folder, make_folder, written_together
    from mixrules.ratings import RejectionRules, Settings, analyse, analyse_choices, read_ratings

    rules = RejectionRules()
    for text in reject:
        rules = rules.with_text(text)
    settings = Settings(
        alpha=alpha,
        margin=margin,
        confidence=confidence,
        resamples=resamples,
        seed=seed,
        mixed_model=not no_model,
        rejection=rules,
    )
    if output is not None:
        from mixrules.report.ratings.results_place import require_place

        check_folder(output)
        require_place(output, paths, force=force)
    reading = read_ratings(paths, key=key, form=form, group_by=group_by)
    for part in reading.left_out:
        say(f"mixrules: left out: {part}", err=True)
    for note in reading.notes:
        say(f"mixrules: note: {note}", err=True)
    analysis = analyse_choices(reading, settings) if reading.choices else analyse(reading, settings)
    if not quiet:
        _print_summary(analysis, output)
    if output is not None:
        from mixrules.report.page_frame import missing_for_pages
        from mixrules.report.ratings.folder import write_results

        make_folder(output)
        missing = [] if no_figures else missing_for_pages()
        if missing:
            needed = " and ".join(missing)
            say(
                f"mixrules: tables only, figures and page need {needed}: pip install 'mixrules[report]'",
                err=True,
            )
        with written_together():
            written = write_results(analysis, output, figures=not no_figures and not missing)
        if not quiet:
            say(f"wrote {len(written)} files to {output}: {', '.join(written)}")


def _export(paths: tuple[Path, ...], output: Path, *, force: bool, quiet: bool) -> None:
    """Write the bare ratings of one test."""
    from mixrules.ratings import export_ratings

    if len(paths) != 1:
        raise click.UsageError(
            "--export takes the folder of one test, e.g. mixrules ratings test/ --export all.csv"
        )
    refuse_to_replace(output, force=force, option="--export")
    sessions, left_out = export_ratings(paths[0], output)
    for part in left_out:
        say(f"mixrules: left out: {part}", err=True)
    if not quiet:
        say(f"wrote the ratings of {_counted(sessions, 'session')} to {output}")


def _print_summary(analysis: Analysis | ChoiceAnalysis, output: Path | None) -> None:
    from mixrules.cli.ratings_summary import print_choices, print_ratings
    from mixrules.ratings import Analysis

    if isinstance(analysis, Analysis):
        print_ratings(analysis)
    else:
        print_choices(analysis)
    comments = analysis.reading.comments
    if comments:
        writers = len({c.listener for c in comments})
        where = "-o DIR shows them" if output is None else "in comments.csv, and on the page"
        say(f"{_counted(len(comments), 'comment')} of {_counted(writers, 'listener')}: {where}.")


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"
