"""A DAWproject's mixer as settings of a plan: channels, their devices, and the rides of their faders."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from mixrules.errors import ParameterError, PlanError
from mixrules.export.dawproject.elements import BAND_TYPES
from mixrules.export.dawproject.scales import (
    DECIBELS,
    FREQUENCY,
    GAIN,
    MILLISECONDS,
    PAN,
    QUALITY,
    RATIO,
    Scale,
)
from mixrules.processors import CompressorParams, EqBand, EqualizerParams, LimiterParams

_KINDS = {kind: ours for ours, kind in BAND_TYPES.items()}
_DEVICES = ("Equalizer", "Compressor", "Limiter")
_DEFAULT_Q = math.sqrt(0.5)


@dataclass(slots=True, kw_only=True)
class ReadChannel:
    """A channel of a project.

    Attributes
    ----------
    name, identifier, role : str
        Of its track, its own, and the schema's mixer role.
    is_group : bool
        Whether its track holds tracks.
    gain_db, pan, mute
        Its fader and the like.
    input_gain_db : float
        Of its equaliser.
    equalizer, compressor, limiter
        Its devices.
    limiter_gain_db : float
        The gain before its limiter.
    sends : list of (str, float)
        The channels that it sends to after its fader, and how much, in dB.
    ride : list of (float, float)
        The automation of its fader: seconds and dB, the fader included.
    clips : int
        How many clips its track has in the arrangement; -1 where one does not begin at the start.
    unread : set of str
        Which of its settings have a value in a unit that says nothing here.
    told : list of str
        What it has that no plan holds.
    """

    name: str
    identifier: str = ""
    role: str = "regular"
    is_group: bool = False
    gain_db: float = 0.0
    pan: float = 0.0
    mute: bool = False
    input_gain_db: float = 0.0
    equalizer: EqualizerParams = field(default_factory=EqualizerParams)
    compressor: CompressorParams | None = None
    limiter: LimiterParams | None = None
    limiter_gain_db: float = 0.0
    sends: list[tuple[str, float]] = field(default_factory=list)
    ride: list[tuple[float, float]] = field(default_factory=list)
    clips: int = 0
    unread: set[str] = field(default_factory=set)
    told: list[str] = field(default_factory=list)


def read_channels(root: Element, source: str) -> list[ReadChannel]:
    """Return the channels of a project, tracks within groups after their group.

    Parameters
    ----------
    root : Element
        Of project.xml.
    source : str
        What an error calls it.

    Raises
    ------
    PlanError
        If a value is no number or out of every range; one line that names the track.
    """
    found = []
    for track in _tracks(root):
        name = track.get("name") or "a track without a name"
        element = track.find("Channel")
        if element is None:
            continue
        try:
            channel = read_channel(element, name)
            _read_lane(root, track, element, channel)
        except (ParameterError, ValueError) as error:
            raise PlanError(f"{source}, track {name!r}: {error}") from None
        channel.is_group = track.find("Track") is not None or "tracks" in track.get("contentType", "").split()
        found.append(channel)
    return found


def _tracks(root: Element) -> Iterator[Element]:
    structure = root.find("Structure")
    pending = list(reversed(structure.findall("Track"))) if structure is not None else []
    while pending:
        track = pending.pop()
        yield track
        pending += reversed(track.findall("Track"))


def read_channel(element: Element, name: str) -> ReadChannel:
    """Return a channel's settings, without what the arrangement says of it."""
    channel = ReadChannel(
        name=name,
        identifier=element.get("id", ""),
        role=element.get("role", "regular"),
        mute=_is_true(element, "Mute"),
    )
    for name, tag, scale in (("gain_db", "Volume", GAIN), ("pan", "Pan", PAN)):
        value = _value(element, tag, scale, channel, name)
        if value is not None:
            setattr(channel, name, value)
    for send in element.iterfind("Sends/Send"):
        level_db = _value(send, "Volume", GAIN, channel, "sends")
        if not _is_true(send, "Enable", default=True) or level_db is None:
            continue
        if send.get("type", "post") != "post":
            channel.told.append("a send before the fader, taken as one after it")
        channel.sends.append((send.get("destination", ""), level_db))
    order = []
    for device in element.iterfind("Devices/*"):
        if not _is_true(device, "Enabled", default=True):
            continue
        if device.tag not in _DEVICES:
            channel.told.append(f"the device {device.get('deviceName') or device.tag!r} is left out")
            continue
        order.append(_DEVICES.index(device.tag))
        _READERS[device.tag](device, channel)
    if order != sorted(order):
        channel.told.append("its devices are taken in the order equaliser, compressor, limiter")
    return channel


def _read_equalizer(device: Element, channel: ReadChannel) -> None:
    bands = list(channel.equalizer.bands)
    for band in device.iterfind("Band"):
        kind = _KINDS.get(band.get("type", ""))
        frequency_hz = _value(band, "Freq", FREQUENCY, channel, "equalizer")
        if not _is_true(band, "Enabled", default=True):
            continue
        if kind is None or frequency_hz is None:
            channel.told.append(f"an equaliser band of the type {band.get('type', '')!r} is left out")
            continue
        passes = kind in ("high_pass", "low_pass")
        gain_db = 0.0 if passes else _value(band, "Gain", DECIBELS, channel, "equalizer") or 0.0
        q = _value(band, "Q", QUALITY, channel, "equalizer")
        bands.append(
            EqBand(
                kind=kind,  # type: ignore[arg-type]
                frequency_hz=frequency_hz,
                gain_db=gain_db,
                q=_DEFAULT_Q if q is None else q,
            )
        )
    channel.equalizer = EqualizerParams(bands=tuple(bands))
    for tag in ("InputGain", "OutputGain"):
        channel.input_gain_db += _value(device, tag, DECIBELS, channel, "input_gain_db") or 0.0


def _read_compressor(device: Element, channel: ReadChannel) -> None:
    if channel.compressor is not None:
        channel.told.append("a second compressor is left out")
        return
    before_db = _value(device, "InputGain", DECIBELS, channel, "compressor") or 0.0
    if _is_true(device, "AutoMakeup"):
        channel.told.append("the automatic make-up gain of its compressor is left out")
    neutral = CompressorParams()

    def setting(tag: str, scale: Scale, default: float) -> float:
        value = _value(device, tag, scale, channel, "compressor")
        return default if value is None else value

    # A gain before a compressor is a lower threshold and more make-up.
    channel.compressor = CompressorParams(
        threshold_db=setting("Threshold", DECIBELS, neutral.threshold_db) - before_db,
        ratio=setting("Ratio", RATIO, neutral.ratio),
        attack_ms=setting("Attack", MILLISECONDS, neutral.attack_ms),
        release_ms=setting("Release", MILLISECONDS, neutral.release_ms),
        makeup_db=setting("OutputGain", DECIBELS, 0.0) + before_db,
    )


def _read_limiter(device: Element, channel: ReadChannel) -> None:
    if channel.limiter is not None:
        channel.told.append("a second limiter is left out")
        return
    neutral = LimiterParams()

    def setting(tag: str, scale: Scale, default: float, low: float, high: float) -> float:
        value = _value(device, tag, scale, channel, "limiter")
        return default if value is None else min(max(value, low), high)

    channel.limiter_gain_db = setting("InputGain", DECIBELS, 0.0, -144.0, 144.0)
    if setting("OutputGain", DECIBELS, 0.0, -144.0, 144.0) != 0.0:
        channel.told.append("the gain after its limiter is left out")
    channel.limiter = LimiterParams(
        ceiling_dbtp=setting("Threshold", DECIBELS, neutral.ceiling_dbtp, -60.0, 0.0),
        lookahead_ms=setting("Attack", MILLISECONDS, neutral.lookahead_ms, 0.1, 50.0),
        release_ms=setting("Release", MILLISECONDS, neutral.release_ms, 1.0, 5000.0),
    )


_READERS: dict[str, Callable[[Element, ReadChannel], None]] = {
    "Equalizer": _read_equalizer,
    "Compressor": _read_compressor,
    "Limiter": _read_limiter,
}


def _read_lane(root: Element, track: Element, element: Element, channel: ReadChannel) -> None:
    """Read what the arrangement has for a track: its clips, and the automation of its fader."""
    volume = element.find("Volume")
    fader = volume.get("id") if volume is not None else None
    lanes = root.find("Arrangement/Lanes")
    if lanes is None:
        return
    for lane in lanes.iterfind("Lanes"):
        if lane.get("track") == track.get("id"):
            clips = lane.findall("Clips/Clip")
            late = any(_number(clip.get("time", "0")) != 0.0 for clip in clips)
            channel.clips = -1 if late else len(clips)
    for holder in (lanes, *lanes.iterfind("Lanes")):
        for points in holder.iterfind("Points"):
            target = points.find("Target")
            if fader is not None and target is not None and target.get("parameter") == fader:
                units = (points.get("timeUnit"), holder.get("timeUnit"), lanes.get("timeUnit"))
                in_beats = next((unit for unit in units if unit), "beats") == "beats"
                channel.ride = _ride(points, _beat_s(root) if in_beats else 1.0, channel.told)


def _ride(points: Element, second: float, told: list[str]) -> list[tuple[float, float]]:
    ride: list[tuple[float, float]] = []
    for point in points.iterfind("RealPoint"):
        gain_db = GAIN.read(_number(point.get("value", "")), points.get("unit") or GAIN.unit)
        if gain_db is None:
            told.append(f"the automation of its fader is left out: its unit is {points.get('unit')!r}")
            return []
        ride.append((second * _number(point.get("time", "")), gain_db))
    return sorted(ride)


def _beat_s(root: Element) -> float:
    """Return the length of a beat in seconds, at the tempo from the start."""
    tempo = root.find("Transport/Tempo")
    bpm = _number(tempo.get("value", "120")) if tempo is not None else 120.0
    return 60.0 / bpm if bpm > 0.0 else 0.5


def _value(element: Element, tag: str, scale: Scale, channel: ReadChannel, setting: str) -> float | None:
    """Return a parameter's value; None where there is none, or its unit says nothing here: then its setting is unread."""
    parameter = element.find(tag)
    text = parameter.get("value") if parameter is not None else None
    if parameter is None or text is None:
        return None
    unit = parameter.get("unit", scale.unit)
    found = scale.read(_number(text), unit)
    if found is None:
        channel.told.append(f"{tag.lower()} is left out: its unit is {unit!r}")
        channel.unread.add(setting)
    return found


def _number(text: str) -> float:
    """Return a finite number; silence (-inf dB) is as low as a plan goes."""
    try:
        value = float(text)
    except ValueError:
        raise ParameterError(f"{text[:40]!r} is no number") from None
    if value == -math.inf:
        return -144.0
    if not math.isfinite(value):
        raise ParameterError(f"{text[:40]!r} is no finite number")
    return value


def _is_true(element: Element, tag: str, *, default: bool = False) -> bool:
    parameter = element.find(tag)
    text = parameter.get("value") if parameter is not None else None
    return default if text is None else text in ("true", "1")
