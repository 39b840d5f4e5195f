"""`mixrules plan-listeners`: how many listeners a planned test needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mixrules.cli.options import FiniteFloat
from mixrules.cli.output import say

if TYPE_CHECKING:
    from mixrules.ratings.choice_plan import ChoicePlan
    from mixrules.ratings.power import PowerResult

_MOST_ROWS = 30

_EXAMPLES = """\b
Examples:
  mixrules plan-listeners --conditions 4 --effect 0.5 --sd 1
  mixrules plan-listeners --conditions 3 --effect 10 --sd 20 --scale continuous --songs 5
  mixrules plan-listeners --scale ab --share 0.7 --trials 6 --no-preference 0.2 --pairs 3
  mixrules plan-listeners --scale abx --share 0.65 --trials 16
"""


@click.command("plan-listeners", epilog=_EXAMPLES)
@click.option("--conditions", type=int, metavar="N", help="How many conditions are compared, of ratings.")
@click.option(
    "--effect",
    type=FiniteFloat(),
    metavar="POINTS",
    help="How far one condition lies above all the others, in points of the scale.",
)
@click.option(
    "--sd",
    type=FiniteFloat(),
    default=1.0,
    show_default=True,
    metavar="POINTS",
    help="Standard deviation of a rating about its listener's and condition's mean.",
)
@click.option("--songs", type=int, default=1, show_default=True, help="Songs that a listener rates.")
@click.option(
    "--share",
    type=FiniteFloat(),
    metavar="SHARE",
    help="ab: of choices for the better one, of those that choose one; abx: of right answers; over 0.5.",
)
@click.option(
    "--trials",
    type=int,
    default=1,
    show_default=True,
    help="ab: choices of each listener between the two (songs); abx: trials of each listener.",
)
@click.option(
    "--no-preference",
    type=FiniteFloat(),
    default=0.0,
    show_default=True,
    help="ab: share of choices of neither.",
)
@click.option(
    "--between",
    type=FiniteFloat(),
    default=0.0,
    show_default=True,
    help="ab, abx: standard deviation of the share over listeners.",
)
@click.option("--pairs", type=int, help="Pairs that Holm's correction spans [default: all; ab, abx: 1].")
@click.option("--power", type=FiniteFloat(), default=0.8, show_default=True, help="The power wanted.")
@click.option(
    "--alpha", type=FiniteFloat(), default=0.05, show_default=True, help="Level of the family of tests."
)
@click.option(
    "--scale",
    type=click.Choice(["likert", "continuous", "ab", "abx"]),
    default="likert",
    show_default=True,
    help="Ratings of 1 to 5 in steps or 0 to 100, or choices of an A/B or ABX test.",
)
@click.option(
    "--simulations",
    type=int,
    default=2000,
    show_default=True,
    help="Panels simulated for each number of listeners.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="What the panels are drawn from.")
def command(
    conditions: int | None,
    effect: float | None,
    sd: float,
    songs: int,
    share: float | None,
    trials: int,
    no_preference: float,
    between: float,
    pairs: int | None,
    power: float,
    alpha: float,
    scale: str,
    simulations: int,
    seed: int,
) -> None:
    """Estimate how many listeners a planned test needs.

    Of ratings: simulates panels in which one condition is better than all the others, and analyses them as `mixrules
    ratings` analyses a real one: prints for each number of listeners how often the difference is found.

    Of choices (--scale ab or abx): the exact power of the sign test over listeners, or of the binomial test over all
    trials.
    """
    if scale in ("ab", "abx"):
        if share is None:
            raise click.UsageError(f"--scale {scale} needs --share, e.g. --share 0.7")
        from mixrules.ratings.choice_plan import PlannedChoices, plan_choices

        choices = PlannedChoices(
            kind="ab" if scale == "ab" else "abx",
            share=share,
            trials=trials,
            no_preference=no_preference,
            between=between,
            pairs=1 if pairs is None else pairs,
            alpha=alpha,
            power=power,
        )
        _print_choices(plan_choices(choices))
        return
    for name, value in (("conditions", conditions), ("effect", effect)):
        if value is None:
            raise click.UsageError(
                f"--{name} is missing: mixrules plan-listeners --conditions 5 --effect 0.5, or --scale ab --share 0.7"
            )
    from mixrules.ratings.power import PlannedTest, plan_listeners

    plan = PlannedTest(
        conditions=conditions or 0,
        effect=effect or 0.0,
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


def _print_choices(result: ChoicePlan) -> None:
    plan = result.plan
    what = "for the better one" if plan.kind == "ab" else "right"
    each = f"{plan.trials} {'choice' if plan.kind == 'ab' else 'trial'}{'s' * (plan.trials > 1)} a listener"
    none = f", {plan.no_preference:.0%} without a preference" if plan.no_preference else ""
    spread = f", SD {plan.between:g} over listeners" if plan.between else ""
    test = "sign test over listeners" if plan.kind == "ab" else "one-sided binomial test over all trials"
    say(
        f"{plan.share:.0%} {what}{none}{spread}, {each}; {test}, the first step of Holm's procedure over "
        f"{plan.pairs} pair{'s' * (plan.pairs > 1)} at {plan.alpha:g}; exact"
    )
    say(f"{'n':>4}  {'power':>7}")
    last = result.needed or result.rows[-1].listeners
    shown = [row for row in result.rows if row.listeners <= last + 2]
    every = -(-len(shown) // _MOST_ROWS)
    for row in (row for place, row in enumerate(shown) if place % every == 0 or place >= len(shown) - 4):
        say(f"{row.listeners:>4}  {row.power:>7.3f}{'  <' if row.listeners == result.needed else ''}")
    if result.needed is None:
        say(f"a power of {plan.power:g} is not reached with up to {result.rows[-1].listeners} listeners")
    else:
        say(f"from {result.needed} listeners on the power is {plan.power:g} or more")


def _print_power(result: PowerResult) -> None:
    plan = result.plan
    pairs = plan.pairs or plan.all_pairs
    say(
        f"{plan.conditions} conditions, one of them {plan.effect:g} points above the others, SD {plan.sd:g}, "
        f"{plan.songs} song{'s' * (plan.songs > 1)}, {plan.scale} scale; signed-rank tests of {pairs} pairs with Holm at "
        f"{plan.alpha:g}; {plan.simulations} panels each, seed {plan.seed}"
    )
    say(f"{'n':>4}  {'a given difference':>20}  {'all of them':>20}")
    for row in result.rows:
        mark = "  <" if row.listeners == result.needed else ""
        say(
            f"{row.listeners:>4}  {row.power:>13.3f} ±{row.error:.3f}  {row.power_all:>13.3f} ±{row.error_all:.3f}{mark}"
        )
    if result.needed is None:
        say(f"a power of {plan.power:g} is not reached with up to {result.rows[-1].listeners} listeners")
    else:
        say(f"{result.needed} listeners find a given difference with a power of {plan.power:g} or more")
