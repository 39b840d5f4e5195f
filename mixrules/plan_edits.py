"""What in a plan is no longer as its decisions left it: edited by hand, or by a program that is no rule.

Every decision records the fields that it set, so that the last word on each field is known. What differs from it now,
or what no rule had set at all, is an edit. A statement that an edit concerns promises nothing any more.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mixrules.decision import Statement, plain
from mixrules.mixplan import MixPlan, StemPlan
from mixrules.plan_edit_wording import change_in_words
from mixrules.statement_kinds import KINDS

_LABELS = ("name", "role", "role_confidence", "instrument")
_STRIP = tuple(each.name for each in dataclasses.fields(StemPlan) if each.name not in _LABELS)
_OF_MIX = ("reverbs", "master")
# A plug-in may stand in for a processor further up, a pan weighs the channels that are measured, a mute silences them.
_ANYWHERE = ("plugins", "pan", "mute")


@dataclass(frozen=True, slots=True)
class DecidedField:
    """The last word on a field of a plan, as plain data, and the rules that have written the field."""

    value: Any
    rules: frozenset[str]


@dataclass(frozen=True, slots=True)
class Edit:
    """A field of a plan that is not as it was decided.

    Attributes
    ----------
    owner : str
        The stem; empty for the mix.
    field : str
        The field of its `StemPlan` (of the `MixPlan`, if `owner` is empty); empty where the stem was removed.
    decided, value : object
        What was decided and what is there now, as plain data.
    """

    owner: str
    field: str
    decided: Any
    value: Any

    @property
    def in_words(self) -> str:
        """What was changed, e.g. ``vocals fader -3.0 -> -1.0 dB``."""
        if not self.field:
            return f"{self.owner} removed"
        return change_in_words(self.owner, self.field, self.decided, self.value)

    def concerns(self, statement: Statement) -> bool:
        """Return whether what a statement is about may have changed by it."""
        kind = KINDS[statement.kind]
        if kind.about == "mix":
            return True
        if kind.about == "bus":
            return not self.owner and self.field == "reverbs"
        if not self.owner:
            return self.field == "reverbs" and not kind.through
        if kind.about == "song":
            return True
        return self.owner in statement.stems and self._comes_before(kind.through)

    def _comes_before(self, through: str) -> bool:
        """Return whether a stem's field acts no later than another one in its strip; on all of it if that is empty."""
        if not through or self.field in ("", *_ANYWHERE):
            return True
        return _STRIP.index(self.field) <= _STRIP.index(through)


def decided_fields(plan: MixPlan) -> dict[tuple[str, str], DecidedField]:
    """Return the last word on every field that the decisions of a plan have set, by stem ("" for the mix) and field."""
    decided: dict[tuple[str, str], DecidedField] = {}
    for decision in plan.decisions:
        for field, value in decision.parameters.items():
            key = (decision.stem, field)
            earlier = decided[key].rules if key in decided else frozenset()
            decided[key] = DecidedField(value, earlier | {decision.rule})
    return decided


def edits(plan: MixPlan) -> list[Edit]:
    """Return what in a plan is not as its decisions left it; nothing where it holds no decisions."""
    if not plan.decisions:
        return []
    decided = decided_fields(plan)
    names = {strip.name for strip in plan.stems}
    gone = dict.fromkeys(d.stem for d in plan.decisions if d.stem and d.stem not in names)
    found = [Edit(name, "", None, None) for name in gone]
    for owner, field, value, untouched in _settings(plan):
        was = decided[owner, field].value if (owner, field) in decided else untouched
        if was != value:
            found.append(Edit(owner, field, was, value))
    return found


def _settings(plan: MixPlan) -> Iterator[tuple[str, str, Any, Any]]:
    """Yield what sounds in a plan: owner, field, value, and the value of a plan that nobody has touched."""
    untouched_strip, untouched_mix = StemPlan(name="untouched"), MixPlan(stems=())
    for strip in plan.stems:
        for field in _STRIP:
            yield strip.name, field, plain(getattr(strip, field)), plain(getattr(untouched_strip, field))
    for field in _OF_MIX:
        yield "", field, plain(getattr(plan, field)), plain(getattr(untouched_mix, field))
