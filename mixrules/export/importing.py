"""A DAW project back into a plan: what the DAW changed, as decisions that say so."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mixrules._support.arguments import as_path
from mixrules._support.text_encoding import composed
from mixrules._support.wording import listed_briefly
from mixrules.decision import Decision, plain
from mixrules.errors import ParameterError, PlanError, in_one_line
from mixrules.export.building import Wishes, held_strips
from mixrules.export.dawproject.host import DAWPROJECT
from mixrules.export.hosts import HeldStrip
from mixrules.export.project import PRINTINGS
from mixrules.mixplan import MixPlan, StemPlan
from mixrules.plan_edits import Edit
from mixrules.stems.roles import guess_roles, require_role

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from mixrules.export.dawproject.comparing import Merged
    from mixrules.export.dawproject.reading import ReadChannel

RULE = "daw"
"""The rule of the decisions that say what was edited in a DAW."""

_RETURN_PREFIX = "reverb "


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What was imported.

    Attributes
    ----------
    plan : MixPlan
        The plan that the project amounts to.
    edited : tuple of str
        What the DAW changed, in words.
    told : tuple of str
        What the project has that no plan holds, one line each.
    """

    plan: MixPlan
    edited: tuple[str, ...]
    told: tuple[str, ...]


def import_plan(path: str | os.PathLike[str], *, start: MixPlan | None = None) -> ImportReport:
    """Read a DAWproject's mixer as a plan.

    What a DAW does not hold, or has not changed, stays as it is in the plan that was exported; what it changed is a
    decision of the rule "daw". Audio is not read: the plan is rendered on the stems.

    Parameters
    ----------
    path : path
        A ``.dawproject``: one that `export_plan` wrote, saved again by a DAW or not, or a person's own.
    start : MixPlan, optional
        The plan that was exported. By default the one in the archive, which a DAW that saves it again may drop; where
        there is none, every setting is the project's.

    Returns
    -------
    ImportReport

    Raises
    ------
    PlanError
        If it is no DAWproject, unsafe, or holds values that no plan can; one line.
    AudioFileError
        If the file cannot be read.

    Examples
    --------
    >>> import numpy as np
    >>> from mixrules import Stems, export_plan, starting_plan
    >>> rng = np.random.default_rng(0)
    >>> stems = Stems.from_arrays({"vocals": 0.1 * rng.standard_normal((44_100, 1))}, 44_100)
    >>> quieter = starting_plan(stems).replace_stem("vocals", gain_db=-6.0)
    >>> report = export_plan(stems, quieter, "song.dawproject")
    >>> imported = import_plan("song.dawproject")
    >>> imported.plan == quieter, imported.edited
    (True, ())
    """
    from mixrules.export.dawproject.archive import read_archive
    from mixrules.export.dawproject.reading import read_channels

    path = as_path(path)
    if path.suffix.lower() != ".dawproject":
        raise ParameterError(
            f"{path} cannot be imported: a DAWproject is needed, whose name ends in .dawproject"
        )
    if start is not None and not isinstance(start, MixPlan):
        raise ParameterError(f"start is a MixPlan, got {type(start).__name__}: MixPlan.load reads one")
    archive = read_archive(path)
    channels = read_channels(archive.root, str(path))
    program = _program(archive.root)
    told = [f"{in_one_line(each.name)}: {line}" for each in channels for line in dict.fromkeys(each.told)]
    tracks = _stem_channels(channels, path)
    exported = archive.plan if start is None else start
    if exported is not None and not any(
        composed(in_one_line(strip.name)) in tracks for strip in exported.stems
    ):
        names = listed_briefly([in_one_line(strip.name) for strip in exported.stems])
        raise PlanError(
            f"no track of {path} is a stem of the plan ({names}): it was exported from another plan"
        )
    if exported is None:
        exported = _plan_of_tracks(tracks, path, program)
        told.append("the plan it was exported from is not in it: every setting is the project's own")
    plan, said = _with_channels(exported, tracks, channels)
    changes = _new_edits(exported, plan)
    decided = _decided(plan, changes, program, path.name)
    return ImportReport(plan=decided, edited=tuple(each.in_words for each in changes), told=(*told, *said))


def _program(root: Element) -> str:
    application = root.find("Application")
    if application is None:
        return "an unknown program"
    named = f"{application.get('name', '')} {application.get('version', '')}".strip()
    return in_one_line(named)[:80] or "an unknown program"


def _stem_channels(channels: Sequence[ReadChannel], path: Path) -> dict[str, ReadChannel]:
    """Return the channels that are stems by their names, composed."""
    found: dict[str, ReadChannel] = {}
    for channel in channels:
        if channel.role != "regular" or channel.is_group:
            continue
        name = composed(in_one_line(channel.name))
        if name in found:
            raise PlanError(f"{path} has two tracks {channel.name!r}: give every track a name of its own")
        found[name] = channel
    if not found:
        raise PlanError(f"{path} has no audio tracks, at least one is needed")
    return found


def _plan_of_tracks(tracks: Mapping[str, ReadChannel], path: Path, program: str) -> MixPlan:
    """Return a plan that changes nothing, for a project that was not exported from one."""
    guesses = guess_roles(list(tracks))
    return MixPlan(
        title=path.stem,
        made_by=program,
        stems=tuple(
            StemPlan(
                name=name,
                role=require_role(guesses[name].role),
                role_confidence=guesses[name].confidence,
            )
            for name in tracks
        ),
    )


def _with_channels(
    plan: MixPlan, tracks: Mapping[str, ReadChannel], channels: Sequence[ReadChannel]
) -> tuple[MixPlan, list[str]]:
    """Return a plan with the settings of a project's channels, and what has to be said."""
    from mixrules.export.dawproject.comparing import merged_master

    told: list[str] = []
    returns = _returns(plan, channels)
    candidates = [_merged_strips(plan, held, tracks, returns) for held in _ways_to_hold(plan)]
    strips = min(candidates, key=lambda each: sum(one.changes + len(one.told) for one in each.values()))
    stems = []
    for strip in plan.stems:
        name = composed(in_one_line(strip.name))
        if name not in tracks:
            told.append(f"{strip.name}: there is no track of that name: muted")
            stems.append(dataclasses.replace(strip, mute=True))
            continue
        stems.append(strips[strip.name].strip)
        told += [f"{strip.name}: {line}" for line in strips[strip.name].told]
        if tracks[name].clips not in (0, 1):
            told.append(f"{strip.name}: its clips were cut or moved, which no plan holds")
    ours = {composed(in_one_line(strip.name)) for strip in plan.stems}
    for name, channel in tracks.items():
        if name not in ours and _bus_of(channel, plan) is None:
            told.append(f"{in_one_line(channel.name)}: the plan has no such stem: left out")
    for channel in channels:
        if channel.is_group and not _is_neutral(channel):
            told.append(f"{in_one_line(channel.name)}: the settings of a group are left out")
    master = next((each for each in channels if each.role == "master"), None)
    changed = plan.master if master is None else merged_master(plan.master, master)
    return plan.replace(stems=tuple(stems), master=changed), told


def _ways_to_hold(plan: MixPlan) -> list[dict[str, HeldStrip]]:
    """Return the plan's strips in all ways in which they may have been written; one explains the project best."""
    ways = [Wishes(reverb=reverb, printing=printing) for printing in PRINTINGS for reverb in ("track", "ir")]
    return [held_strips(plan, DAWPROJECT, wishes) for wishes in ways]


def _merged_strips(
    plan: MixPlan,
    held: Mapping[str, HeldStrip],
    tracks: Mapping[str, ReadChannel],
    returns: Mapping[str, tuple[str, float]],
) -> dict[str, Merged]:
    from mixrules.export.dawproject.comparing import merged

    found = {}
    for strip in plan.stems:
        channel = tracks.get(composed(in_one_line(strip.name)))
        if channel is None:
            continue
        sends = {
            returns[target][0]: level_db + returns[target][1]
            for target, level_db in channel.sends
            if target in returns
        }
        lost = len(channel.sends) - len(sends)
        each = merged(strip, held[strip.name].strip, channel, sends)
        if lost:
            line = f"{lost} send{'s' if lost > 1 else ''} to what is no reverb of the plan: left out"
            each = dataclasses.replace(each, told=(*each.told, line))
        found[strip.name] = each
    return found


def _returns(plan: MixPlan, channels: Sequence[ReadChannel]) -> dict[str, tuple[str, float]]:
    """Return the reverbs of a plan that are returns of a project: by identifier the bus, and the return's fader."""
    found = {}
    for channel in channels:
        bus = _bus_of(channel, plan)
        if bus is not None and channel.role == "effect":
            found[channel.identifier] = (bus, channel.gain_db)
    return found


def _bus_of(channel: ReadChannel, plan: MixPlan) -> str | None:
    """Return which reverb of a plan a channel is, by its name."""
    name = composed(in_one_line(channel.name)).casefold()
    for bus in plan.reverbs:
        called = composed(in_one_line(bus.name)).casefold()
        if name in (called, _RETURN_PREFIX + called):
            return bus.name
    return None


def _is_neutral(channel: ReadChannel) -> bool:
    devices = (channel.compressor, channel.limiter, *channel.equalizer.bands)
    return abs(channel.gain_db) < 0.01 and abs(channel.pan) < 0.001 and not channel.mute and not any(devices)


def _new_edits(before: MixPlan, after: MixPlan) -> list[Edit]:
    """Return what differs between two plans of the same stems."""
    found = []
    for old, new in zip(before.stems, after.stems, strict=True):
        for field in dataclasses.fields(StemPlan):
            was, now = plain(getattr(old, field.name)), plain(getattr(new, field.name))
            if was != now:
                found.append(Edit(new.name, field.name, was, now))
    if plain(before.master) != plain(after.master):
        found.append(Edit("", "master", plain(before.master), plain(after.master)))
    return found


def _decided(plan: MixPlan, changes: Sequence[Edit], program: str, file: str) -> MixPlan:
    """Return the plan with a decision for every change; what earlier decisions promised of it they promise no more."""
    earlier = tuple(
        dataclasses.replace(
            decision,
            statements=tuple(
                each for each in decision.statements if not any(change.concerns(each) for change in changes)
            ),
        )
        for decision in plan.decisions
    )
    new = tuple(
        Decision(
            rule=RULE,
            stem=change.owner,
            sentence=f"edited in DAW ({program}): {in_one_line(change.in_words)}",
            source=f"{program}, {in_one_line(file)}",
            parameters={change.field: change.value},
        )
        for change in changes
        if change.field
    )
    result = None if changes else plan.result
    return plan.replace(decisions=(*earlier, *new), result=result)
