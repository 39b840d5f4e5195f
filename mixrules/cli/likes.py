"""Options of commands whose mixes may be like others: which references, and how far their targets are followed."""

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
    from mixrules.ruleset import RuleSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Likes:
    """What ``--like`` names, and how far it is followed; see `like_options`."""

    like: tuple[str, ...]
    like_strength: float | None

    def require_possible(self) -> None:
        """Raise the error of a reference that is not there, before anything is read."""
        if self.like_strength is not None and not self.like:
            raise ParameterError("--like-strength says how far a reference is followed: --like names one")
        if self.like:
            from mixrules.reference.reference import references_of

            references_of(self.like)

    def of(self, *, threads: int | None = None, progress: Any = None) -> Callable[[RuleSet], RuleSet] | None:
        """Return what gives a rule set the references' targets; None where there are no references."""
        if not self.like:
            return None
        strength = 1.0 if self.like_strength is None else self.like_strength

        def liken(rules: RuleSet) -> RuleSet:
            from mixrules.reference import rules_like

            return rules_like(rules, self.like, strength=strength, threads=threads, progress=progress)

        return liken


def like_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options; the command is given them as its `likes`."""
    names = tuple(field.name for field in dataclasses.fields(Likes))

    @functools.wraps(command)
    def with_likes(**values: Any) -> Any:
        return command(likes=Likes(**{name: values.pop(name) for name in names}), **values)

    wrapped: Callable[..., Any] = with_likes
    for option in (
        click.option(
            "--like-strength",
            type=FiniteFloat(0, 1),
            metavar="SHARE",
            help="How far the references are followed, 0 (not at all) to 1 [default: 1].",
        ),
        click.option(
            "--like",
            multiple=True,
            metavar="REFERENCE",
            help="Read levels, ranges, tone, width, reverb and loudness from a mix that you like, as far as it tells: a "
            "folder of stems with or without their mix, a finished mix, a plan, or FOLDER=FILE, stems with their plan or "
            "mix. Repeatable: several are averaged.",
        ),
    ):
        wrapped = option(wrapped)
    return wrapped
