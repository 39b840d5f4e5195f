"""Writes an Ardour session: a folder with its XML, its audio, and the states of its convolvers."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, indent, tostring

import numpy as np

from mixrules._support.version import __version__
from mixrules.errors import in_one_line
from mixrules.export.ardour.master import master_settings
from mixrules.export.ardour.panning import MONO_PANNER, STEREO_PANNER, ardour_pan
from mixrules.export.ardour.plugins import (
    CONVOLVER,
    HIGHEST_FADER_DB,
    Plugin,
    compressor_plugin,
    convolver_plugin,
    equalizer_plugins,
    gain_plugins,
    limiter_plugin,
)
from mixrules.export.ardour.session import (
    SUPERCLOCK,
    VERSION,
    RouteSettings,
    SessionIds,
    add_audio,
    number,
    route_element,
    ticks,
)
from mixrules.export.colours import RETURN_COLOUR
from mixrules.export.fader_rides import ride_points
from mixrules.export.project import Project, Return, Track
from mixrules.files import make_folder, write_audio, write_text_atomic
from mixrules.mixplan import StemPlan
from mixrules.processors import db_to_gain

_MASTER = "Master"
_DEFAULT_BPM = 120.0
_RESPONSE_FILE = "response.wav"
_CONVOLVER_BLOCK = 16_384
"""A response is filled up to whole blocks: of others, one in two renderings by Ardour 7.3 ended in a memory fault."""

_PREFIXES = """@prefix atom: <http://lv2plug.in/ns/ext/atom#> .
@prefix lv2: <http://lv2plug.in/ns/lv2core#> .
@prefix pset: <http://lv2plug.in/ns/ext/presets#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix state: <http://lv2plug.in/ns/ext/state#> .

"""
_MANIFEST = f"""{_PREFIXES}<state.ttl>
\ta pset:Preset ;
\tlv2:appliesTo <{CONVOLVER}> ;
\trdfs:seeAlso <state.ttl> .
"""
_STATE = f"""{_PREFIXES}<>
\ta pset:Preset ;
\tlv2:appliesTo <{CONVOLVER}> ;
\tstate:state [
\t\t<http://gareus.org/oss/lv2/zeroconvolv#ir> "{_RESPONSE_FILE}"^^atom:Path
\t] .
"""
_CONFIG = {"native-file-data-format": "FormatFloat", "native-file-header-format": "WAVE"}


def session_folder(path: Path) -> Path:
    """Return the folder of a session that was asked for as ``my_song.ardour``: ``my_song_ardour``."""
    return path.with_name(f"{path.stem}_ardour")


def session_file(path: Path) -> Path:
    """Return the session's file in that folder, which is what Ardour opens."""
    return session_folder(path) / f"{path.stem}.ardour"


def audio_folder(path: Path) -> Path:
    """Return where Ardour looks for a session's audio."""
    return session_folder(path) / "interchange" / path.stem / "audiofiles"


def write_ardour(path: Path, project: Project, audio: Path) -> None:
    """Write the session at `path`, whose audio is in its place already."""
    session, convolvers = _session(path.stem, project)
    for processor, each in convolvers.items():
        _write_convolver(path.parent / "plugins" / processor / "state1", each, project.sample_rate)
    indent(session)
    body: str = tostring(session, encoding="unicode")
    write_text_atomic(path, f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n')


def _session(name: str, project: Project) -> tuple[Element, dict[str, Return]]:
    """Return the session's XML, and the returns with convolvers by the identifiers of these."""
    ids = SessionIds()
    session = Element(
        "Session",
        {
            "version": VERSION,
            "name": name,
            "sample-rate": str(project.sample_rate),
            "session-range-is-free": "0",
            "name-counter": "1",
            "event-counter": "0",
            "vca-counter": "1",
        },
    )
    made_by = f"mixrules {__version__}"
    SubElement(session, "ProgramVersion", {"created-with": made_by, "modified-with": made_by})
    config = SubElement(session, "Config")
    for option, value in _CONFIG.items():
        SubElement(config, "Option", {"name": option, "value": value})
    SubElement(session, "Metadata")
    SubElement(session, "Sources")
    SubElement(session, "Regions")
    end = ticks(project.samples, project.sample_rate)
    location = {"id": ids.next(), "name": "session", "start": "a0", "end": f"a{end}"}
    locations = SubElement(session, "Locations")
    SubElement(locations, "Location", {**location, "flags": "IsSessionRange", "locked": "0"})
    for marker in project.markers:
        place = f"a{round(marker.time_s * SUPERCLOCK)}"
        common = {"id": ids.next(), "name": in_one_line(marker.name), "start": place, "end": place}
        SubElement(locations, "Location", {**common, "flags": "IsMark", "locked": "0"})
    SubElement(session, "Bundles")
    routes = SubElement(session, "Routes")
    SubElement(session, "Playlists")
    SubElement(session, "RouteGroups")
    routes.append(route_element(master_settings(project, _MASTER), ids.next(), 0, ids, master=""))
    buses = {each.bus.name: ids.next() for each in project.returns}
    names = iter(_route_names(project))
    for track in project.tracks:
        _add_track(session, routes, track, next(names), ids, buses)
    for each in project.returns:
        _add_return(session, routes, each, next(names), ids, buses[each.bus.name])
    convolvers = {}
    with_responses = (each for each in project.returns if each.response is not None)
    for processor in routes.iter("Processor"):
        if processor.get("unique-id") == CONVOLVER:
            convolvers[processor.get("id", "")] = next(with_responses)
    session.append(_tempo_map(project.tempo_bpm or _DEFAULT_BPM))
    session.set("id-counter", ids.next())
    return session, convolvers


def _route_names(project: Project) -> list[str]:
    """Return names of routes: Ardour takes none twice, and colons for separators of ports."""
    wanted = [track.strip.name for track in project.tracks]
    wanted += [f"Reverb {each.bus.name}" for each in project.returns]
    taken = {_MASTER.casefold()}
    found = []
    for name in wanted:
        base = in_one_line(name).replace(":", "-").replace("/", "-")
        free, count = base, 2
        while free.casefold() in taken:
            free, count = f"{base} {count}", count + 1
        taken.add(free.casefold())
        found.append(free)
    return found


def _plugins(strip: StemPlan, channels: int) -> Iterator[Plugin]:
    yield from equalizer_plugins(strip.equalizer, channels)
    if strip.compressor is not None:
        yield compressor_plugin(strip.compressor, channels)
    if strip.limiter is not None:
        yield limiter_plugin(strip.limiter, channels)


def _add_track(
    session: Element, routes: Element, track: Track, name: str, ids: SessionIds, buses: dict[str, str]
) -> None:
    strip, channels = track.strip, track.audio.channels
    azimuth, pan_gain_db = ardour_pan(strip.pan, channels)
    peak_db = strip.gain_db + pan_gain_db + max((point.gain_db for point in strip.automation), default=0.0)
    excess_db = max(peak_db - HIGHEST_FADER_DB, 0.0)
    fader_db = strip.gain_db + pan_gain_db - excess_db
    signs = [strip.invert_polarity, strip.invert_polarity != strip.invert_right_polarity][:channels]
    settings = RouteSettings(
        name=name,
        kind="track",
        colour=track.colour,
        note=track.note,
        inputs=channels,
        trim=float(db_to_gain(strip.input_gain_db)),
        fader=float(db_to_gain(fader_db)),
        azimuth=azimuth,
        panner=MONO_PANNER if channels == 1 else STEREO_PANNER,
        phase="".join(str(int(sign)) for sign in reversed(signs)),
        mute=strip.mute,
        ride=_ride(strip, fader_db),
        plugins=(*_plugins(strip, channels), *gain_plugins(excess_db, channels)),
        sends={buses[send.to]: float(db_to_gain(send.level_db)) for send in strip.sends if send.to in buses},
    )
    identifier, playlist = ids.next(), ids.next()
    order = len(routes)
    routes.append(route_element(settings, identifier, order, ids, master=_MASTER, playlist=playlist))
    add_audio(session, track.audio, name, identifier, playlist, ids)


def _ride(strip: StemPlan, fader_db: float) -> tuple[tuple[float, float], ...]:
    return tuple(ride_points(dataclasses.replace(strip, gain_db=fader_db)))


def _add_return(
    session: Element, routes: Element, each: Return, name: str, ids: SessionIds, identifier: str
) -> None:
    rendered = each.audio
    settings = RouteSettings(
        name=name,
        kind="bus" if rendered is None else "track",
        colour=RETURN_COLOUR,
        panner=STEREO_PANNER,
        plugins=() if each.response is None else (convolver_plugin(),),
    )
    playlist = "" if rendered is None else ids.next()
    routes.append(route_element(settings, identifier, len(routes), ids, master=_MASTER, playlist=playlist))
    if rendered is not None:
        add_audio(session, rendered, name, identifier, playlist, ids)


def _write_convolver(folder: Path, each: Return, sample_rate: int) -> None:
    """Write the state of a convolver where Ardour looks for it, with the response that it loads.

    Left and right each go to both sides at half: the reverb is fed the mean of its channels.
    """
    if each.response is None:
        return
    make_folder(folder)
    halves = np.float32(0.5) * np.concatenate([each.response, each.response], axis=1)
    halves = np.pad(halves, ((0, -len(halves) % _CONVOLVER_BLOCK), (0, 0)))
    write_audio(folder / _RESPONSE_FILE, halves, sample_rate, subtype="FLOAT")
    write_text_atomic(folder / "manifest.ttl", _MANIFEST)
    write_text_atomic(folder / "state.ttl", _STATE)


def _tempo_map(bpm: float) -> Element:
    tempo_map = Element("TempoMap", {"superclocks-per-second": str(SUPERCLOCK)})
    common = {"sclock": "0", "quarters": "0:0", "bbt": "1|1|0"}
    tempo = {"npm": number(bpm), "enpm": number(bpm), "note-type": "4", "type": "Tempo::Constant"}
    flags = {"active": "1", "locked-to-meter": "0", "continuing": "0", "omega": "0"}
    SubElement(SubElement(tempo_map, "Tempos"), "Tempo", {**tempo, **flags, **common})
    meter = {"note-value": "4", "divisions-per-bar": "4"}
    SubElement(SubElement(tempo_map, "Meters"), "Meter", {**meter, **common})
    SubElement(tempo_map, "MusicTimes")
    return tempo_map
