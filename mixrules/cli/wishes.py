"""What people reach for: more vocal, a louder mix; options of `mix` and `plan`, and what they make of a rule set."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from mixrules.cli.options import FiniteFloat
from mixrules.errors import ParameterError

if TYPE_CHECKING:
    from mixrules.mixplan import MixPlan
    from mixrules.ruleset import RuleSet
    from mixrules.stems import Stems

_MOST_GAIN = "level.max_gain_db"
_LOUDER = "--louder"
_LOUDER_LU = "2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What is wanted on top of the rules: dB on the lead vocal, and LU on the whole mix."""

    vocal_db: float | None
    louder_lu: float | None

    def of(self, rules: RuleSet, *, louder: bool = True) -> RuleSet:
        """Return a rule set that heeds them; without `louder` at the usual loudness, to compare with."""
        if self.vocal_db is not None:
            rules = rules.with_vocal_db(self.vocal_db)
        if self.louder_lu is not None and louder:
            rules = rules.with_louder(self.louder_lu)
        return rules

    def require_vocal(self, stems: Stems, made: MixPlan | None = None) -> None:
        """Raise `ParameterError` where there is no vocal to be moved; with `made` also where it is too faint."""
        if self.vocal_db is None:
            return
        if made is None:
            there = any(stem.role == "vocal" and not stem.silent for stem in stems)
        else:
            from mixrules.report.song.summary import has_vocal

            there = has_vocal(made)
        if not there:
            raise ParameterError(
                "--vocal moves the lead vocal, and no stem that sounds is known as one: --role FILE=vocal names it"
            )

    def unmet(self, plan: MixPlan, rules: RuleSet) -> list[str]:
        """Return a line where a vocal's fader met its limit, so that it is not as loud as it was wished."""
        most_db = rules.constants.get(_MOST_GAIN)
        if self.vocal_db is None or most_db is None or not isinstance(most_db.value, int | float):
            return []
        if not any(strip.role == "vocal" and strip.gain_db >= most_db.value for strip in plan.stems):
            return []
        return [f"the vocal is softer than asked for: its fader ends at {most_db.value:+g} dB ({_MOST_GAIN})"]


class WishingCommand(click.Command):
    """A command whose ``--louder`` may stand before an argument: what is no number after it is not its own."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Give ``--louder`` its usual number where none follows it."""
        end = args.index("--") if "--" in args else len(args)
        told = [
            f"{_LOUDER}={_LOUDER_LU}"
            if text == _LOUDER and place < end and not _is_number(args[place + 1 : place + 2])
            else text
            for place, text in enumerate(args)
        ]
        return super().parse_args(ctx, told)


def _is_number(texts: list[str]) -> bool:
    try:
        float(*texts)
    except ValueError:
        return False
    return bool(texts)


def wishes_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options; the command, a `WishingCommand`, is given them as its `wishes`."""
    names = tuple(field.name for field in dataclasses.fields(Wishes))

    @functools.wraps(command)
    def with_wishes(**values: Any) -> Any:
        return command(wishes=Wishes(**{name: values.pop(name) for name in names}), **values)

    wrapped: Callable[..., Any] = with_wishes
    for option in (
        click.option(
            _LOUDER,
            "louder_lu",
            type=FiniteFloat(0.1, 20),
            metavar="[LU]",
            help="Louder by so many LU, 2 where no number follows; says what it costs in limiting.",
        ),
        click.option(
            "--vocal",
            "vocal_db",
            type=FiniteFloat(-20, 20),
            metavar="DB",
            help="The lead vocal so much louder than the rules would have it, e.g. --vocal +2, --vocal -1.5.",
        ),
    ):
        wrapped = option(wrapped)
    return wrapped


explain_option = click.option(
    "--explain", is_flag=True, help="Print every decision and why, with what was checked of it."
)
