"""Writes a REAPER project: plain text, its audio in a folder beside it.

Fields of TRACK, ITEM and AUXRECV follow the state chunk definitions of the REAPER community.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from mixrules.errors import in_one_line
from mixrules.export.colours import RETURN_COLOUR
from mixrules.export.fader_rides import ride_points
from mixrules.export.hosts import nearest
from mixrules.export.pan_gains import balance_of
from mixrules.export.project import Project, ProjectAudio, Return, Track
from mixrules.export.reaper.plugin_states import (
    BAND_RANGES,
    COMPRESSOR_RANGES,
    compressor_lines,
    equalizer_lines,
    gain_lines,
    limiter_lines,
)
from mixrules.files import write_audio, write_text_atomic
from mixrules.mixplan import StemPlan
from mixrules.processors import CompressorParams, EqualizerParams, LimiterParams, db_to_gain

_DEFAULT_BPM = 120.0
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "mixrules")


def media_folder(path: Path) -> Path:
    """Return the folder of a project's audio, beside it."""
    return path.with_name(f"{path.stem}_audio")


def write_reaper(path: Path, project: Project, audio: Path) -> None:
    """Write a REAPER project whose audio is in its place already."""
    for each in project.returns:
        if each.response is not None:
            write_audio(audio / each.response_name, each.response, project.sample_rate, subtype="FLOAT")
    write_text_atomic(path, "\n".join(_lines(project)) + "\n")


def _lines(project: Project) -> Iterator[str]:
    yield '<REAPER_PROJECT 0.1 "7.0/mixrules" 0'
    if project.master_note:
        yield from _within(_notes("NOTES 0 2", project.master_note))
    yield "  PANLAW 1"
    yield "  PANMODE 3"
    yield "  PANLAWFLAGS 2"
    yield f"  SAMPLERATE {project.sample_rate} 1 0"
    yield f"  TEMPO {project.tempo_bpm or _DEFAULT_BPM:.10g} 4 4"
    for number, marker in enumerate(project.markers, start=1):
        yield f"  MARKER {number} {marker.time_s:.10g} {quoted(marker.name)} 0"
    limited = project.master.limiter is not None
    master_gain = 1.0 if limited else float(db_to_gain(project.master.gain_db))
    yield f"  MASTER_VOLUME {master_gain:.14g} 0 -1 -1 1"
    master = project.master
    # Nothing of a master is rendered: what lies outside of a plug-in's ranges is set to their ends.
    equalizer = EqualizerParams(bands=tuple(nearest(band, BAND_RANGES) for band in master.equalizer.bands))
    compressor = master.compressor and nearest(master.compressor, COMPRESSOR_RANGES)
    chain = list(_chain(equalizer, compressor, master.limiter, master.gain_db if limited else 0.0))
    if chain:
        yield from _within(["<MASTERFXLIST", *_within(chain), ">"])
    names = [track.strip.name for track in project.tracks]
    for number, track in enumerate(project.tracks):
        yield from _within(_track_lines(number, track))
    for number, each in enumerate(project.returns):
        sends = [
            (source, send.level_db)
            for source, name in enumerate(names)
            for send in project.tracks[source].strip.sends
            if send.to == each.bus.name
        ]
        yield from _within(_return_lines(len(names) + number, each, sends))
    yield ">"


def _track_lines(number: int, track: Track) -> Iterator[str]:
    strip = track.strip
    balance = balance_of(strip.pan, track.audio.channels)
    fader = float(db_to_gain(strip.gain_db + balance.gain_db))
    yield from _track_head(number, strip.name, track.colour, fader, balance.position, strip)
    if strip.automation:
        yield from _volume_envelope(strip, number)
    chain = list(_chain(strip.equalizer, strip.compressor, strip.limiter, 0.0))
    if chain:
        yield from _within(["<FXCHAIN", *_within(chain), ">"])
    yield from _item_lines(
        number, strip.name, track.audio, float(db_to_gain(strip.input_gain_db)), track.note
    )
    yield ">"


def _return_lines(number: int, each: Return, sends: Iterable[tuple[int, float]]) -> Iterator[str]:
    name = f"Reverb {each.bus.name}"
    yield from _track_head(number, name, RETURN_COLOUR, 1.0, 0.0, StemPlan(name=name))
    for source, level_db in sends:
        yield f"  AUXRECV {source} 0 {float(db_to_gain(level_db)):.14g} 0 0 0 0 0 0 -1:U 0 -1 ''"
    if each.audio is not None:
        yield from _item_lines(number, name, each.audio, 1.0, "")
    yield ">"


def _track_head(
    number: int, name: str, colour: str, fader: float, position: float, strip: StemPlan
) -> Iterator[str]:
    identifier = _guid("track", number, name)
    yield f"<TRACK {identifier}"
    yield f"  NAME {quoted(name)}"
    yield f"  PEAKCOL {_colour(colour)}"
    yield f"  VOLPAN {fader:.14g} {position:.14g} -1 -1 1"
    yield f"  MUTESOLO {int(strip.mute)} 0 0"
    yield f"  IPHASE {int(strip.invert_polarity)}"
    yield "  NCHAN 2"
    yield "  FX 1"
    yield f"  TRACKID {identifier}"
    yield "  MAINSEND 1 0"


def _chain(
    equalizer: EqualizerParams,
    compressor: CompressorParams | None,
    limiter: LimiterParams | None,
    gain_db: float,
) -> Iterator[str]:
    """Yield the lines of the plug-ins in the order of the strip; the gain stands before the limiter."""
    if equalizer.bands:
        yield from equalizer_lines(equalizer)
    if compressor is not None:
        yield from compressor_lines(compressor)
    if gain_db != 0.0:
        yield from gain_lines(gain_db)
    if limiter is not None:
        yield from limiter_lines(limiter)


def _volume_envelope(strip: StemPlan, number: int) -> Iterator[str]:
    """Yield the fader ride; the fader multiplies it, so that its own points are those of the plan."""
    alone = StemPlan(name=strip.name, automation=strip.automation)
    yield "  <VOLENV2"
    yield f"    EGUID {_guid('ride', number, strip.name)}"
    yield "    ACT 1 -1"
    yield "    VIS 1 1 1"
    yield "    LANEHEIGHT 0 0"
    yield "    ARM 0"
    yield "    DEFSHAPE 0 -1 -1"
    yield "    VOLTYPE 0"
    for time_s, gain in ride_points(alone):
        yield f"    PT {time_s:.10g} {gain:.10g} 0"
    yield "  >"


def _item_lines(number: int, name: str, audio: ProjectAudio, gain: float, note: str) -> Iterator[str]:
    yield "  <ITEM"
    yield "    POSITION 0"
    yield "    SNAPOFFS 0"
    yield f"    LENGTH {audio.duration_s:.14g}"
    yield "    LOOP 0"
    yield "    ALLTAKES 0"
    yield "    FADEIN 0 0 0 0 0 0 0"
    yield "    FADEOUT 0 0 0 0 0 0 0"
    yield "    MUTE 0 0"
    yield f"    IGUID {_guid('item', number, name)}"
    yield f"    NAME {quoted(name)}"
    yield f"    VOLPAN {gain:.14g} 0 1 -1"
    yield "    SOFFS 0"
    yield "    PLAYRATE 1 1 0 -1 0 0.0025"
    yield "    CHANMODE 0"
    yield f"    GUID {_guid('take', number, name)}"
    if note:
        yield from _within(_within(_notes("NOTES", note)))
    yield f"    <SOURCE {_SOURCES.get(PurePosixPath(audio.path).suffix.lower(), 'WAVE')}"
    yield f"      FILE {quoted(str(audio.path))}"
    yield "    >"
    yield "  >"


_SOURCES = {".flac": "FLAC", ".mp3": "MP3", ".ogg": "VORBIS"}


def _notes(tag: str, note: str) -> list[str]:
    return [f"<{tag}", *(f"  |{line}" for line in note.split("\n")), ">"]


def _within(lines: Iterable[str]) -> Iterator[str]:
    return (f"  {line}" for line in lines)


def quoted(text: str) -> str:
    """Return a text in REAPER's quotes: the first of three signs that it does not hold itself."""
    text = in_one_line(text)
    for sign in ('"', "'", "`"):
        if sign not in text:
            return f"{sign}{text}{sign}"
    return "`" + text.replace("`", "'") + "`"


def _colour(colour: str) -> int:
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return 1 << 24 | blue << 16 | green << 8 | red


def _guid(kind: str, number: int, name: str) -> str:
    """Return an identifier: the same project has the same ones."""
    return "{" + str(uuid.uuid5(_NAMESPACE, f"{kind} {number} {name}")).upper() + "}"
