"""`mixrules ratings`: what listeners said, and how many a planned test needs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from mixrules.ratings import Analysis
    from mixrules.ratings.power import PowerResult


@click.command("ratings")
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
@click.option("--group-by", metavar="QUESTION", help="The background question that groups the listeners.")
@click.option(
    "--reject",
    multiple=True,
    metavar="RULE=VALUE",
    help="Change a rule that leaves listeners out: same, fast, inconsistent or incomplete = threshold or off; or "
    "none. Repeatable.",
)
@click.option(
    "--margin", type=float, default=0.1, show_default=True, help="Of equivalence, as a share of the scale."
)
@click.option("--alpha", type=float, default=0.05, show_default=True, help="Level of each family of tests.")
@click.option("--confidence", type=float, default=0.95, show_default=True, help="Of the intervals.")
@click.option(
    "--resamples", type=int, default=2000, show_default=True, help="Of the bootstrap; 0 for no intervals."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of bootstrap and simulation.")
@click.option("--no-figures", is_flag=True, help="Write tables only: no figures and no page.")
@click.option(
    "--plan-n", is_flag=True, help="Estimate how many listeners a planned test needs; reads no ratings."
)
@click.option("--conditions", type=int, help="Planned test: how many are compared.")
@click.option(
    "--effect", type=float, help="Planned test: how far one condition lies above the others, in points."
)
@click.option(
    "--sd",
    type=float,
    default=1.0,
    show_default=True,
    help="Planned test: standard deviation of a rating, in points.",
)
@click.option(
    "--songs", type=int, default=1, show_default=True, help="Planned test: songs that a listener rates."
)
@click.option("--pairs", type=int, help="Planned test: pairs that Holm's correction spans [default: all].")
@click.option("--power", type=float, default=0.8, show_default=True, help="Planned test: the power wanted.")
@click.option(
    "--scale",
    type=click.Choice(["likert", "continuous"]),
    default="likert",
    show_default=True,
    help="Planned test: 1 to 5 in steps, or 0 to 100.",
)
@click.option(
    "--simulations", type=int, default=2000, show_default=True, help="Planned test: panels simulated."
)
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
    no_figures: bool,
    plan_n: bool,
    conditions: int | None,
    effect: float | None,
    sd: float,
    songs: int,
    pairs: int | None,
    power: float,
    scale: str,
    simulations: int,
    quiet: bool,
) -> None:
    """Analyse the ratings in PATHS: files or folders of our results, webMUSHRA's, WAET's or Qualtrics', or counts.

    A file that cannot be used costs one line on standard error; the others are still read. With --plan-n,
    estimate the listeners that a planned test needs instead.
    """
    if plan_n:
        from mixrules.ratings.power import PlannedTest, plan_listeners

        if paths or output:
            raise click.UsageError("--plan-n reads no ratings and writes no files: leave PATHS and -o out")
        if conditions is None or effect is None:
            raise click.UsageError(
                "--plan-n needs --conditions and --effect, e.g. --conditions 5 --effect 0.5"
            )
        plan = PlannedTest(
            conditions=conditions,
            effect=effect,
            sd=sd,
            songs=songs,
            pairs=pairs,
            alpha=alpha,
            power=power,
            scale=scale,
            simulations=simulations,
            seed=seed,
        )
        _print_power(plan_listeners(plan))
        return
    if not paths:
        raise click.UsageError(
            "name files or a folder of ratings, e.g. mixrules ratings test/ratings/ -o results/"
        )
    from mixrules.files import check_folder, make_folder
    from mixrules.ratings import RejectionRules, Settings, analyse, read_ratings

    rules = RejectionRules()
    for text in reject:
        rules = rules.with_text(text)
    settings = Settings(
        alpha=alpha, margin=margin, confidence=confidence, resamples=resamples, seed=seed, rejection=rules
    )
    if output is not None:
        from mixrules.report.ratings_folder import require_report

        check_folder(output)
        if not no_figures:
            require_report()
    reading = read_ratings(paths, key=key, form=form, group_by=group_by)
    for part in reading.left_out:
        click.echo(f"mixrules: left out: {' '.join(str(part).split())}", err=True)
    analysis = analyse(reading, settings)
    if not quiet:
        _print_summary(analysis)
    if output is not None:
        from mixrules.report.ratings_folder import write_results

        make_folder(output)
        written = write_results(analysis, output, figures=not no_figures)
        if not quiet:
            click.echo(f"wrote {len(written)} files to {output}: {', '.join(written)}")


def _print_summary(analysis: Analysis) -> None:
    from mixrules.ratings import sentences
    from mixrules.ratings.table import ALL

    table = analysis.table
    who = f"{len(table.names('listener'))} listeners, " if table.design == "within" else ""
    click.echo(
        f"{len(analysis.reading.sources)} files ({analysis.reading.format}): {who}{len(table)} ratings"
    )
    for gone in analysis.rejected:
        click.echo(f"listener {gone.listener} is left out ({gone.rule}): {gone.found}")
    for caution in sentences.cautions(analysis):
        click.echo(f"caution: {caution}")
    click.echo()
    width = max(10, *(len(c) for c in table.names("condition")))
    head = (
        f"{'attribute':<16} {'condition':<{width}} {'n':>5} {'median':>6} {'mean':>6} {'0..1':>6}  CI (0..1)"
    )
    click.echo(head)
    for d in analysis.descriptions:
        if d.group == ALL:
            n = d.ratings if d.listeners is None else d.listeners
            click.echo(
                f"{analysis.label(d.attribute):<16} {d.condition:<{width}} {n:>5} {d.median:>6.2f} {d.mean:>6.2f} "
                f"{d.mean_normalised:>6.3f}  {d.ci_low:.3f} to {d.ci_high:.3f}"
            )
    for o in analysis.omnibus:
        if o.group != ALL:
            continue
        click.echo(f"\n{analysis.label(o.attribute)}. {sentences.omnibus_sentence(o, analysis.settings)}")
        for c in analysis.comparisons:
            if (c.group, c.attribute) == (ALL, o.attribute):
                click.echo(f"  {sentences.verdict_sentence(c, analysis.settings)}")
    if analysis.comparisons:
        click.echo(
            "\np of pairs is after Holm's correction; a difference that was not shown is not equality."
        )
    others = [g for g in table.groups() if g != ALL]
    if others:
        click.echo(f"The groups ({', '.join(others)}) are in the tables and on the page.")


def _print_power(result: PowerResult) -> None:
    plan = result.plan
    pairs = plan.pairs or plan.all_pairs
    click.echo(
        f"{plan.conditions} conditions, one of them {plan.effect:g} points above the others, SD {plan.sd:g}, "
        f"{plan.songs} song{'s' * (plan.songs > 1)}, {plan.scale} scale; signed-rank tests of {pairs} pairs with Holm at "
        f"{plan.alpha:g}; {plan.simulations} panels each, seed {plan.seed}"
    )
    click.echo(f"{'n':>4}  {'a given difference':>20}  {'all of them':>20}")
    for row in result.rows:
        mark = "  <" if row.listeners == result.needed else ""
        click.echo(
            f"{row.listeners:>4}  {row.power:>13.3f} ±{row.error:.3f}  {row.power_all:>13.3f} ±{row.error_all:.3f}{mark}"
        )
    if result.needed is None:
        click.echo(
            f"a power of {plan.power:g} is not reached with up to {result.rows[-1].listeners} listeners"
        )
    else:
        click.echo(
            f"{result.needed} listeners find a given difference with a power of {plan.power:g} or more"
        )
