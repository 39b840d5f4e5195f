"""A plan and the song that it is to be used on: its stems, its sample rate, the plug-ins that the engine can host."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping

from mixrules._support.text_encoding import composed
from mixrules.decision import Decision, plain
from mixrules.engine import Engine
from mixrules.errors import ParameterError, PlanError
from mixrules.mixplan import MasterPlan, MixPlan, StemPlan
from mixrules.plan_edit_wording import change_in_words
from mixrules.plan_edits import Edit, decided_fields, edits
from mixrules.stems import Stems

ADDED_TO = ("equalizer", "dynamic_equalizer", "compressor", "limiter", "automation", "width")
"""What rules add to, or leave as it is where they do nothing."""
STARTED = "start"
"""The rule of the decisions that say what a plan keeps of the one that it was started from."""
_START = "the plan it starts from"


def fitted(plan: MixPlan, stems: Stems, engine: Engine, *, source: str = "the plan") -> tuple[MixPlan, Stems]:
    """Return a plan and a song's stems that fit each other.

    Names that differ in Unicode's composition alone (NFC, NFD) are the same; the plan gets the stems' own. Where the plan
    has a left and a right that were joined to one stem, the stems are these two. The plan gets a note where it was
    decided at another sample rate.

    Parameters
    ----------
    plan : MixPlan
        Whoever made it.
    stems : Stems
        The song.
    engine : Engine
        What is to render it.
    source : str
        What to call the plan in an error message, usually the file's name.

    Raises
    ------
    PlanError
        If the plan is for other stems, or names a plug-in that the engine cannot host.
    ParameterError
        If it is no plan.
    """
    if not isinstance(plan, MixPlan):
        raise ParameterError(
            f"a plan is a MixPlan, got {type(plan).__name__}: MixPlan.load reads one from its file"
        )
    stems = stems.named_as(strip.name for strip in plan.stems)
    plan.require_fits(stems.names, source=source)
    _require_hosted(plan, engine, source)
    spelled = {composed(name): name for name in stems.names}
    if any(stem.name not in stems.names for stem in plan.stems):
        plan = _renamed(plan, spelled)
    note = (
        f"the plan was decided at {plan.sample_rate} Hz, the stems have {stems.sample_rate} Hz: "
        "filters and times are the same, what was measured may differ a little"
    )
    if plan.sample_rate in (None, stems.sample_rate) or note in plan.notes:
        return plan, stems
    return plan.replace(notes=(*plan.notes, note)), stems


def undecided(plan: MixPlan, rules: Iterable[str]) -> MixPlan:
    """Return a plan without what rules add to, where only they wrote it and nobody has changed it since.

    Rules that run again decide that anew: an equaliser would else get their filters a second time.

    Parameters
    ----------
    plan : MixPlan
        With the decisions that made it.
    rules : iterable of str
        The rules that run again.

    Returns
    -------
    MixPlan
        The same where it holds no decisions.
    """
    again, names = set(rules), {strip.name for strip in plan.stems}
    for (name, field), decided in decided_fields(plan).items():
        if not decided.rules <= again:
            continue
        if name in names and field in ADDED_TO and plain(getattr(plan.stem(name), field)) == decided.value:
            plan = plan.replace_stem(name, **{field: getattr(StemPlan(name=name), field)})
        elif not name and field == "master" and plain(plan.master) == decided.value:
            plan = plan.replace(master=MasterPlan())
    return plan


def with_brought(plan: MixPlan) -> MixPlan:
    """Return a plan that rules have made of another, with what they left of that one recorded as decided before them.

    Else it would be taken for what somebody has changed in their plan by hand.

    Parameters
    ----------
    plan : MixPlan
        As the rules leave it.

    Returns
    -------
    MixPlan
        With a decision of `STARTED` for each stem, and for the mix, of which something was left; it comes first.
    """
    left: dict[str, list[Edit]] = {}
    for edit in edits(plan):
        left.setdefault(edit.owner, []).append(edit)
    brought = [
        Decision(
            rule=STARTED,
            stem=owner,
            source=_START,
            sentence=f"{owner or 'Mix'}: kept from {_START}: "
            f"{'; '.join(change_in_words('', each.field, each.decided, each.value) for each in kept)}.",
            parameters={each.field: each.value for each in kept},
        )
        for owner, kept in left.items()
    ]
    return plan.replace(decisions=(*brought, *plan.decisions))


def _require_hosted(plan: MixPlan, engine: Engine, source: str) -> None:
    if getattr(engine, "hosts_plugins", True):
        return
    strips = [(f"stem {stem.name!r}", stem.plugins) for stem in plan.stems if not stem.mute]
    for owner, inserts in (*strips, ("the master", plan.master.plugins)):
        for insert in inserts:
            raise PlanError(
                f"{source}: {owner} uses the plug-in {insert.path}: render it with the engine 'pedalboard', "
                f"{engine.name!r} hosts none"
            )


def _renamed(plan: MixPlan, spelled: Mapping[str, str]) -> MixPlan:
    """Return a plan with its stems' names spelled otherwise, wherever they stand."""

    def name_of(name: str) -> str:
        return spelled.get(composed(name), name)

    return plan.replace(
        stems=tuple(dataclasses.replace(stem, name=name_of(stem.name)) for stem in plan.stems),
        decisions=tuple(
            dataclasses.replace(
                decision,
                stem=name_of(decision.stem),
                statements=tuple(
                    dataclasses.replace(each, stems=tuple(map(name_of, each.stems)))
                    for each in decision.statements
                ),
            )
            for decision in plan.decisions
        ),
    )
