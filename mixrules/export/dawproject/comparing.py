"""What a DAW changed: a channel as it was written against the same one as it was read, merged into the plan's strip.

DAWs write six decimals: what differs by less is no change, and keeps the plan's number to the last digit.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mixrules.export.dawproject.elements import channel as channel_element
from mixrules.export.dawproject.elements import devices_of, devices_of_master
from mixrules.export.dawproject.reading import ReadChannel, read_channel
from mixrules.export.fader_rides import ride_points
from mixrules.mixplan import MasterPlan, Send, StemPlan
from mixrules.processors import (
    CompressorParams,
    EqualizerParams,
    GainPoint,
    PanParams,
    gain_to_db,
)
from mixrules.processors.automation import AUTOMATION_RANGE_DB

_NEAR = 1e-3
"""Relative, and absolute in dB: under what six decimals leave of any setting that can be heard."""

_FIELDS = ("input_gain_db", "equalizer", "compressor", "limiter", "pan", "sends", "mute", "gain_db")


@dataclass(frozen=True, slots=True)
class Merged:
    """A strip with what the DAW changed; how many fields that are; what could not be taken, one line each."""

    strip: StemPlan
    changes: int
    told: tuple[str, ...]


def merged(original: StemPlan, held: StemPlan, read: ReadChannel, sends: Mapping[str, float]) -> Merged:
    """Return a plan's strip with what the DAW changed.

    Parameters
    ----------
    original : StemPlan
        The plan's.
    held : StemPlan
        What of it was written into the project.
    read : ReadChannel
        What the project has now.
    sends : mapping of str to float
        The sends that it has now, from reverbs of the plan to levels in dB.

    Returns
    -------
    Merged
    """
    written = _through_the_project(held)
    read = _as_written_where_unread(read, written)
    if "sends" in read.unread:
        sends = {send.to: send.level_db for send in held.sends}
    changed: dict[str, Any] = {}
    told: list[str] = []
    for name in _FIELDS:
        now = dict(sends) if name == "sends" else getattr(read, name)
        then = {send.to: send.level_db for send in held.sends} if name == "sends" else getattr(written, name)
        if _alike(then, now):
            continue
        was_printed = getattr(original, name) != getattr(held, name)
        value = _changed_field(name, original, now, was_printed=was_printed)
        if value is None:
            told.append(
                f"its {name.removesuffix('_db')} in the DAW comes on top of one that is rendered: left out"
            )
        else:
            changed[name] = value[0]
    ride = _changed_ride(original, held, read, written)
    if ride is not None:
        changed["automation"] = ride
    strip = dataclasses.replace(original, **changed)
    return Merged(strip, len(changed), tuple(told))


def merged_master(original: MasterPlan, read: ReadChannel) -> MasterPlan:
    """Return the plan's master with what the DAW changed."""
    limited = original.limiter is not None
    element = channel_element(
        "master",
        role="master",
        channels=2,
        devices=devices_of_master(original),
        volume_db=0.0 if limited else original.gain_db,
    )
    written = read_channel(element, "Master")
    read = _as_written_where_unread(read, written)
    changed: dict[str, Any] = {}
    for name in ("equalizer", "compressor", "limiter"):
        now = getattr(read, name)
        if not _alike(getattr(written, name), now):
            changed[name] = _changed_where_it_differs(getattr(original, name), now)
    gains = [each.gain_db + each.limiter_gain_db + each.input_gain_db for each in (written, read)]
    if not _alike(*gains):
        changed["gain_db"] = gains[1]
    return dataclasses.replace(original, **changed)


def _as_written_where_unread(read: ReadChannel, written: ReadChannel) -> ReadChannel:
    """Return a channel as it was read, with what could not be read as it was written: that is no change."""
    return dataclasses.replace(read, **{name: getattr(written, name) for name in read.unread - {"sends"}})


def _through_the_project(strip: StemPlan) -> ReadChannel:
    """Return a strip as it comes back from a project that nobody has changed."""
    element = channel_element(
        "channel",
        role="regular",
        channels=2,
        devices=devices_of(strip),
        mute=strip.mute,
        pan=strip.pan.pan,
        volume_db=strip.gain_db,
    )
    channel = read_channel(element, strip.name)
    channel.ride = [(time_s, float(gain_to_db(gain))) for time_s, gain in ride_points(strip)]
    return channel


def _changed_field(name: str, original: StemPlan, now: Any, *, was_printed: bool) -> tuple[Any] | None:
    """Return a field's new value; None where it cannot be had, since the effect of the plan is in the audio."""
    if name == "input_gain_db":
        return (original.input_gain_db + now if was_printed else now,)
    if name == "equalizer" and was_printed:
        return (EqualizerParams(bands=(*original.equalizer.bands, *now.bands)),)
    if name == "sends":
        return (tuple(Send(to=to, level_db=level_db) for to, level_db in now.items()),)
    if was_printed and getattr(original, name) is not None:
        return None
    if name == "pan":
        return (PanParams(pan=min(max(now, -1.0), 1.0), pan_law_db=original.pan.pan_law_db),)
    return (_changed_where_it_differs(getattr(original, name), now),)


def _changed_where_it_differs(before: Any, now: Any) -> Any:
    """Return a setting as it is now, with the plan's numbers where they are alike, and its knee, which no DAW holds."""
    if dataclasses.is_dataclass(now) and not isinstance(now, type) and type(before) is type(now):
        fields = {each.name: getattr(now, each.name) for each in dataclasses.fields(now)}
        for name, value in fields.items():
            fields[name] = _changed_where_it_differs(getattr(before, name), value)
        if isinstance(before, CompressorParams):
            fields["knee_db"] = before.knee_db
        return dataclasses.replace(now, **fields)
    if isinstance(now, tuple) and len(now) == len(before):
        return tuple(map(_changed_where_it_differs, before, now))
    return before if _alike(before, now) else now


def _changed_ride(
    original: StemPlan, held: StemPlan, read: ReadChannel, written: ReadChannel
) -> tuple[GainPoint, ...] | None:
    """Return the new automation, without the fader; None where it is as it was."""
    if _alike([list(each) for each in written.ride], [list(each) for each in read.ride]):
        return None
    # A fader that was moved takes its automation along, in some hosts; then the moves are the same.
    moved_db = read.gain_db - written.gain_db
    shifted = [[time_s, gain_db + moved_db] for time_s, gain_db in written.ride]
    if read.ride and _alike(shifted, [list(each) for each in read.ride]):
        return None
    points: list[GainPoint] = []
    low_db, high_db = AUTOMATION_RANGE_DB
    for time_s, gain_db in read.ride:
        point = GainPoint(time_s=max(time_s, 0.0), gain_db=min(max(gain_db - read.gain_db, low_db), high_db))
        if points and point.time_s <= points[-1].time_s:
            points.pop()
        points.append(point)
    return tuple(points)


def _alike(one: Any, other: Any) -> bool:
    """Return whether two settings are the same but for the decimals that a DAW leaves out."""
    if isinstance(one, bool) or isinstance(other, bool) or one is None or other is None:
        return bool(one == other)
    if isinstance(one, int | float) and isinstance(other, int | float):
        return math.isclose(one, other, rel_tol=_NEAR, abs_tol=_NEAR)
    if isinstance(one, str):
        return bool(one == other)
    if isinstance(one, Mapping):
        return one.keys() == other.keys() and all(_alike(one[key], other[key]) for key in one)
    if isinstance(one, Sequence):
        return len(one) == len(other) and all(map(_alike, one, other))
    if dataclasses.is_dataclass(one) and type(one) is type(other):
        left_out = {"knee_db"} if isinstance(one, CompressorParams) else set()
        names = [each.name for each in dataclasses.fields(one) if each.name not in left_out]
        return all(_alike(getattr(one, name), getattr(other, name)) for name in names)
    return bool(one == other)
