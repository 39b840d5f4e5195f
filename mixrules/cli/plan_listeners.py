"""`mixrules plan-listeners`: how many listeners a planned test needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mixrules.cli.options import FiniteFloat
from mixrules.cli.output import say

if TYPE_CHECKING:
    from mixrules.ratings.power import PowerResult


_EXAMPLES = """\b
Examples:
  mixrules plan-listeners --conditions 4 --effect 0.5 --sd 1
  mixrules plan-listeners --conditions 3 --effect 10 --sd 20 --scale continuous --songs 5
"""


@click.command("plan-listeners", epilog=_EXAMPLES)
@click.option("--conditions", type=int, required=True, metavar="N", help="How many conditions are compared.")
@click.option(
    "--effect",
    type=FiniteFloat(),
    required=True,
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
@click.option("--pairs", type=int, help="Pairs that Holm's correction spans [default: all].")
@click.option("--power", type=FiniteFloat(), default=0.8, show_default=True, help="The power wanted.")
@click.option(
    "--alpha", type=FiniteFloat(), default=0.05, show_default=True, help="Level of the family of tests."
)
@click.option(
    "--scale",
    type=click.Choice(["likert", "continuous"]),
    default="likert",
    show_default=True,
    help="1 to 5 in steps, or 0 to 100.",
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
    conditions: int,
    effect: float,
    sd: float,
    songs: int,
    pairs: int | None,
    power: float,
    alpha: float,
    scale: str,
    simulations: int,
    seed: int,
) -> None:
    """Estimate how many listeners a planned test needs.

    Simulates panels in which one condition is better than all the others, and analyses them as `mixrules ratings`
    analyses a real one: prints for each number of listeners how often the difference is found.
    """
    from mixrules.ratings.power import PlannedTest, plan_listeners

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
