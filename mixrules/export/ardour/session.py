"""The XML of an Ardour session: routes with their processors, sources, regions and playlists, as Ardour 7 has them.

Only what is not Ardour's default is written; Ardour adds the rest when it opens the session.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, SubElement

from mixrules.errors import in_one_line
from mixrules.export.ardour.plugins import CONVOLVER, Plugin
from mixrules.export.project import ProjectAudio

VERSION = "7002"
SUPERCLOCK = 282_240_000
"""Ardour's ticks a second."""

AUX_FLAGS = {"track": "AudioTrack,OrderSet", "bus": "AudioBus,OrderSet", "master": "MasterOut,OrderSet"}


class SessionIds:
    """Hands out the identifiers of a session's elements, and the numbers of its sends."""

    def __init__(self) -> None:
        self._numbers = itertools.count(100)
        self._sends = itertools.count(1)

    def next(self) -> str:
        """Return an identifier that nobody has."""
        return str(next(self._numbers))

    def next_send(self) -> int:
        """Return the number of the next send."""
        return next(self._sends)


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteSettings:
    """A route's mixer settings.

    Attributes
    ----------
    name, kind, colour, note
        The kind is track, bus or master; the note its comment.
    inputs, outputs : int
        Audio channels.
    trim, fader : float
        Linear gains.
    azimuth : float
        0 to 1.
    panner : str
        Its URI; empty for none.
    phase : str
        A digit for each channel, the last one first: 1 where its polarity is turned.
    mute : bool
        Whether it is muted.
    ride : sequence of (float, float)
        The fader over time: seconds and linear gain.
    plugins : sequence of Plugin
        Before the fader, in order.
    sends : mapping of str to float
        From the identifiers of buses to linear gains, after the fader.
    """

    name: str
    kind: str
    colour: str
    note: str = ""
    inputs: int = 2
    outputs: int = 2
    trim: float = 1.0
    fader: float = 1.0
    azimuth: float = 0.5
    panner: str = ""
    phase: str = "00"
    mute: bool = False
    ride: tuple[tuple[float, float], ...] = ()
    plugins: tuple[Plugin, ...] = ()
    sends: Mapping[str, float] = field(default_factory=dict)


def number(value: float) -> str:
    """Return a number as Ardour reads it."""
    return f"{value:.12g}"


def ticks(samples: int, sample_rate: int) -> int:
    """Return a length in Ardour's ticks."""
    return round(samples * SUPERCLOCK / sample_rate)


def route_element(
    settings: RouteSettings, identifier: str, order: int, ids: SessionIds, *, master: str, playlist: str = ""
) -> Element:
    """Return a route.

    Parameters
    ----------
    settings : RouteSettings
        Its settings.
    identifier : str
        Its own.
    order : int
        Its place in the mixer.
    ids : SessionIds
        For what it holds.
    master : str
        The name of the route that it goes to; empty for the master itself.
    playlist : str
        The identifier of a track's playlist.
    """
    name = in_one_line(settings.name)
    route = Element(
        "Route",
        {
            "version": VERSION,
            "id": identifier,
            "name": name,
            "default-type": "audio",
            "strict-io": "1" if settings.kind != "bus" else "0",
            "active": "1",
            "denormal-protection": "0",
            "meter-point": "MeterPostFader",
            "disk-io-point": "DiskIOPreFader",
            "meter-type": "MeterPeak",
        },
    )
    if playlist:
        route.attrib |= {
            "audio-playlist": playlist,
            "saved-meter-point": "MeterPostFader",
            "alignment-choice": "Automatic",
            "mode": "Normal",
        }
    flags = AUX_FLAGS[settings.kind]
    SubElement(
        route, "PresentationInfo", {"order": str(order), "flags": flags, "color": _colour(settings.colour)}
    )
    _add_ports(route, name, "Input", settings.inputs, ids, peers=[])
    peers = [f"{master}/audio_in {port + 1}" for port in range(settings.outputs)] if master else None
    _add_ports(route, name, "Output", settings.outputs, ids, peers=peers)
    SubElement(
        route,
        "MuteMaster",
        {"mute-point": "PreFader,PostFader,Listen,Main", "muted": "1" if settings.mute else "0"},
    )
    _control(route, "mute", 1.0 if settings.mute else 0.0, ids)
    _control(route, "phase", 0.0, ids).set("phase-invert", settings.phase)
    if settings.panner:
        _control(SubElement(route, "Pannable"), "pan-azimuth", settings.azimuth, ids)
    if settings.note:
        SubElement(route, "Comment").text = settings.note
    if settings.kind == "track":
        _processor(route, f"player:{name}", "diskreader", ids)
    elif settings.kind == "bus":
        _processor(route, "Return", "intreturn", ids)
    _processor(route, "Polarity", "polarity", ids)
    _control(_processor(route, "Amp", "trim", ids), "trimcontrol", settings.trim, ids)
    for plugin in settings.plugins:
        _add_plugin(route, plugin, settings.inputs, ids)
    _add_fader(route, settings, ids)
    for target, gain in settings.sends.items():
        send = _processor(route, "Send", "intsend", ids)
        send.attrib |= {
            "own-input": "1",
            "own-output": "1",
            "role": "Aux",
            "bitslot": str(ids.next_send()),
            "selfdestruct": "0",
            "target": target,
            "allow-feedback": "0",
        }
        _shell(send, settings.panner)
        _control(send, "gaincontrol", gain, ids)
    _processor(route, f"meter-{name}", "meter", ids)
    main = _processor(route, name, "main-outs", ids)
    main.attrib |= {"own-input": "1", "own-output": "0", "output": name, "role": "Main"}
    _shell(main, settings.panner)
    return route


def add_audio(
    session: Element, audio: ProjectAudio, name: str, track: str, playlist: str, ids: SessionIds
) -> None:
    """Add a track's audio: a source for each channel, a region from the start, a playlist that holds it."""
    sources = []
    for channel in range(audio.channels):
        identifier = ids.next()
        sources.append(identifier)
        SubElement(
            _child(session, "Sources"),
            "Source",
            {
                "name": audio.path.name,
                "type": "audio",
                "flags": "",
                "id": identifier,
                "channel": str(channel),
                "origin": "",
                "gain": "1",
            },
        )
    length = ticks(audio.samples, audio.sample_rate)
    region = {
        "name": in_one_line(name),
        "muted": "0",
        "opaque": "1",
        "locked": "0",
        "automatic": "0",
        "whole-file": "0",
        "sync-marked": "0",
        "external": "0",
        "hidden": "0",
        "start": "a0",
        "length": f"a{length}@a0",
        "position": "a0",
        "layering-index": "0",
        "scale-amplitude": "1",
        "default-fade-in": "0",
        "default-fade-out": "0",
        "fade-in-active": "0",
        "fade-out-active": "0",
        "id": ids.next(),
        "type": "audio",
        "first-edit": "nothing",
        "channels": str(audio.channels),
    }
    for place, source in enumerate(sources):
        region |= {f"source-{place}": source, f"master-source-{place}": source}
    held = SubElement(
        _child(session, "Playlists"),
        "Playlist",
        {
            "id": playlist,
            "name": in_one_line(name),
            "type": "audio",
            "orig-track-id": track,
            "pgroup-id": "",
            "shared-with-ids": "",
            "frozen": "0",
            "combine-ops": "0",
        },
    )
    element = SubElement(held, "Region", region)
    SubElement(element, "Envelope", {"default": "yes"})
    SubElement(element, "FadeIn", {"default": "yes"})
    SubElement(element, "FadeOut", {"default": "yes"})


def _child(session: Element, tag: str) -> Element:
    found = session.find(tag)
    return SubElement(session, tag) if found is None else found


def _colour(colour: str) -> str:
    """Return a colour as Ardour has it: red, green, blue, opacity."""
    return str(int(colour[1:] + "ff", 16))


def _add_ports(
    route: Element, name: str, direction: str, count: int, ids: SessionIds, *, peers: list[str] | None
) -> None:
    io = SubElement(
        route, "IO", {"name": name, "id": ids.next(), "direction": direction, "default-type": "audio"}
    )
    word = "in" if direction == "Input" else "out"
    for place in range(count):
        port = SubElement(io, "Port", {"type": "audio", "name": f"{name}/audio_{word} {place + 1}"})
        if peers is None:
            SubElement(port, "Connection", {"other": f"system:playback_{place + 1}"})
        elif peers:
            SubElement(port, "Connection", {"other": peers[place]})


def _control(parent: Element, name: str, value: float, ids: SessionIds) -> Element:
    return SubElement(
        parent, "Controllable", {"name": name, "id": ids.next(), "flags": "", "value": number(value)}
    )


def _processor(route: Element, name: str, kind: str, ids: SessionIds) -> Element:
    return SubElement(
        route,
        "Processor",
        {
            "id": ids.next(),
            "name": name,
            "active": "1",
            "user-latency": "0",
            "use-user-latency": "0",
            "type": kind,
        },
    )


def _shell(processor: Element, panner: str) -> None:
    SubElement(processor, "PannerShell", {"bypassed": "0", "user-panner": panner, "linked-to-route": "1"})


def _add_fader(route: Element, settings: RouteSettings, ids: SessionIds) -> None:
    amp = _processor(route, "Amp", "amp", ids)
    if settings.ride:
        automation = SubElement(amp, "Automation")
        points = SubElement(
            automation,
            "AutomationList",
            {
                "automation-id": "gain",
                "id": ids.next(),
                "interpolation-style": "Linear",
                "time-domain": "AudioTime",
                "state": "Play",
            },
        )
        SubElement(points, "events").text = "".join(
            f"a{round(time_s * SUPERCLOCK)} {number(gain)}\n" for time_s, gain in settings.ride
        )
    _control(amp, "gaincontrol", settings.fader, ids)


def _add_plugin(route: Element, plugin: Plugin, channels: int, ids: SessionIds) -> None:
    element = _processor(route, plugin.name, "lv2", ids)
    element.attrib |= {"unique-id": plugin.uri, "count": "1", "custom": "0"}
    state = SubElement(element, "lv2")
    if plugin.uri == CONVOLVER:
        state.set("state-dir", "state1")
    for symbol, value in plugin.ports.items():
        SubElement(state, "Port", {"symbol": symbol, "value": number(value)})
