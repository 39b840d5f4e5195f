"""Writes a DAWproject: project.xml, metadata.xml, the audio, and the plan itself for the way back."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import IO
from xml.etree.ElementTree import Element, SubElement, tostring

from mixrules._support.version import __version__
from mixrules.export.colours import MASTER_COLOUR, RETURN_COLOUR
from mixrules.export.dawproject.elements import (
    Identifiers,
    channel,
    devices_of,
    devices_of_master,
    number,
    shown_name,
)
from mixrules.export.dawproject.scales import GAIN
from mixrules.export.fader_rides import ride_points
from mixrules.export.project import Project, ProjectAudio, Return, Track
from mixrules.files import atomic_path, write_audio

PROJECT_FILE, METADATA_FILE, PLAN_FILE = "project.xml", "metadata.xml", "mixrules/plan.json"
RESPONSES_FOLDER = "impulse responses"
_DATE = (1980, 1, 1, 0, 0, 0)  # the same project has the same bytes
_COPY_BYTES = 1 << 20


def write_dawproject(path: Path, project: Project, audio: Path) -> None:
    """Write a project as one archive, atomically.

    Parameters
    ----------
    path : Path
        The archive.
    project : Project
        What it holds.
    audio : Path
        The folder with the project's audio, whose files become those of the archive.
    """
    files = [*_files(project), *_write_responses(project, audio)]
    texts = {
        PROJECT_FILE: _xml(_project_element(project)),
        METADATA_FILE: _xml(_metadata_element(project)),
        PLAN_FILE: project.plan.to_json().encode(errors="backslashreplace"),
    }
    with atomic_path(path) as temporary, zipfile.ZipFile(temporary, "w", allowZip64=True) as archive:
        for name, content in texts.items():
            with _entry(archive, name, zipfile.ZIP_DEFLATED) as entry:
                entry.write(content)
        for file in files:
            with (
                open(audio / file.path.name, "rb") as source,
                _entry(archive, str(file.path), zipfile.ZIP_STORED) as entry,
            ):
                while block := source.read(_COPY_BYTES):
                    entry.write(block)


def _entry(archive: zipfile.ZipFile, name: str, compression: int) -> IO[bytes]:
    info = zipfile.ZipInfo(name, date_time=_DATE)
    info.compress_type = compression
    info.external_attr = 0o644 << 16
    return archive.open(info, "w", force_zip64=True)


def _files(project: Project) -> Iterable[ProjectAudio]:
    files = [track.audio for track in project.tracks]
    files += [each.audio for each in project.returns if each.audio is not None]
    return [file for file in files if not file.is_external]


def _write_responses(project: Project, audio: Path) -> Iterable[ProjectAudio]:
    """Write the impulse responses beside the project's audio."""
    for each in project.returns:
        if each.response is not None:
            rate, (samples, channels) = project.sample_rate, each.response.shape
            write_audio(audio / each.response_name, each.response, rate, subtype="FLOAT")
            path = PurePosixPath(RESPONSES_FOLDER) / each.response_name
            yield ProjectAudio(path=path, channels=channels, samples=samples, sample_rate=rate)


def _xml(element: Element) -> bytes:
    body: str = tostring(element, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n{body}'.encode()


def _metadata_element(project: Project) -> Element:
    metadata = Element("MetaData")
    SubElement(metadata, "Title").text = shown_name(project.title)
    SubElement(metadata, "Comment").text = shown_name(f"mixed by {project.plan.made_by or 'a plan'}")
    return metadata


def _project_element(project: Project) -> Element:
    root = Element("Project", {"version": "1.0"})
    SubElement(root, "Application", {"name": "mixrules", "version": __version__})
    if project.tempo_bpm is not None:
        tempo = {"max": "666.0", "min": "20.0", "unit": "bpm", "value": number(project.tempo_bpm)}
        SubElement(SubElement(root, "Transport"), "Tempo", {**tempo, "name": "Tempo"})
    structure, lanes = SubElement(root, "Structure"), Element("Lanes", {"timeUnit": "seconds"})
    identifiers = Identifiers()
    master = identifiers.next()
    targets = {each.bus.name: identifiers.next() for each in project.returns}
    for track in project.tracks:
        _add_track(structure, lanes, track, identifiers, master, targets)
    for each in project.returns:
        _add_return(structure, lanes, each, identifiers, master, targets[each.bus.name])
    element = _track_element(structure, "audio", identifiers.next(), "Master", MASTER_COLOUR)
    if project.master_note:
        element.set("comment", project.master_note)
    limited = project.master.limiter is not None
    element.append(
        channel(
            master,
            role="master",
            channels=2,
            devices=devices_of_master(project.master),
            volume_db=0.0 if limited else project.master.gain_db,
        )
    )
    arrangement = SubElement(root, "Arrangement")
    arrangement.append(lanes)
    if project.markers:
        markers = SubElement(arrangement, "Markers", {"timeUnit": "seconds"})
        for marker in project.markers:
            SubElement(markers, "Marker", {"time": number(marker.time_s), "name": shown_name(marker.name)})
    return root


def _track_element(structure: Element, kind: str, identifier: str, name: str, colour: str) -> Element:
    attributes = {"contentType": kind, "loaded": "true", "id": identifier, "color": colour}
    return SubElement(structure, "Track", {**attributes, "name": shown_name(name)})


def _add_track(
    structure: Element,
    lanes: Element,
    track: Track,
    identifiers: Identifiers,
    master: str,
    targets: dict[str, str],
) -> None:
    strip, identifier, fader = track.strip, identifiers.next(), identifiers.next()
    element = _track_element(structure, "audio", identifier, strip.name, track.colour)
    if track.note:
        element.set("comment", track.note)
    element.append(
        channel(
            identifiers.next(),
            role="regular",
            channels=track.audio.channels,
            destination=master,
            devices=devices_of(strip),
            mute=strip.mute,
            pan=strip.pan.pan,
            sends={targets[send.to]: send.level_db for send in strip.sends if send.to in targets},
            volume_db=strip.gain_db,
            volume_identifier=fader,
        )
    )
    lane = _lane(lanes, identifier, track.audio, strip.name)
    if strip.automation:
        points = SubElement(lane, "Points", {"timeUnit": "seconds", "unit": GAIN.unit})
        SubElement(points, "Target", {"parameter": fader})
        for time_s, gain in ride_points(strip):
            attributes = {"time": number(time_s), "value": number(gain), "interpolation": "linear"}
            SubElement(points, "RealPoint", attributes)


def _add_return(
    structure: Element, lanes: Element, each: Return, identifiers: Identifiers, master: str, target: str
) -> None:
    identifier = identifiers.next()
    element = _track_element(structure, "audio", identifier, f"Reverb {each.bus.name}", RETURN_COLOUR)
    role = "regular" if each.audio is not None else "effect"
    element.append(channel(target, role=role, channels=2, destination=master))
    if each.audio is not None:
        _lane(lanes, identifier, each.audio, each.bus.name)


def _lane(lanes: Element, identifier: str, audio: ProjectAudio, name: str) -> Element:
    """Add a track's lane to the arrangement, with its one clip from the start to the end of its audio."""
    lane = SubElement(lanes, "Lanes", {"track": identifier})
    duration = number(audio.duration_s)
    clip = SubElement(
        SubElement(lane, "Clips"),
        "Clip",
        {
            "time": "0.0",
            "duration": duration,
            "contentTimeUnit": "seconds",
            "playStart": "0.0",
            "name": shown_name(name),
        },
    )
    shape = {"channels": str(audio.channels), "sampleRate": str(audio.sample_rate), "duration": duration}
    media = SubElement(clip, "Audio", {**shape, "algorithm": "raw"})
    reference = SubElement(media, "File", {"path": str(audio.path)})
    if audio.is_external:
        reference.set("external", "true")
    return lane
