"""From a song and a plan to a DAW project: what the host holds stays a setting, the rest becomes audio or is told."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from mixrules._support.wording import listed, listed_briefly
from mixrules.engine import Renderer
from mixrules.engine.source import Source
from mixrules.export.audio_names import file_names
from mixrules.export.colours import colour_of
from mixrules.export.hosts import HeldStrip, Host, held_strip
from mixrules.export.markers import markers_of
from mixrules.export.notes import note_of
from mixrules.export.project import Printing, Project, ProjectAudio, Return, ReverbWay, Track
from mixrules.export.rendering import blocks_of, return_source, stem_source
from mixrules.files import make_folder, write_blocks
from mixrules.mixplan import MixPlan, StemPlan
from mixrules.stems import Progress, Stem
from mixrules.stems.mono_sum import MonoSum

_TEMPO_QUANTITY, _CONFIDENCE_QUANTITY = "tempo", "confidence of the tempo"
_LEAST_CONFIDENCE = 0.1  # as the reverb rules take it: steady noise reads 0.06 and less
_TEMPO_RANGE_BPM = (60.0, 180.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """How a plan is to travel: the reverb, what is rendered into the tracks, and which stems stay where they are."""

    reverb: ReverbWay
    printing: Printing
    originals: Mapping[str, Path] = dataclasses.field(default_factory=dict)


def build_project(
    renderer: Renderer,
    plan: MixPlan,
    host: Host,
    wishes: Wishes,
    folder: Path,
    within: PurePosixPath,
    *,
    progress: Progress | None = None,
) -> tuple[Project, list[str]]:
    """Write a project's audio, and return the project with what has to be said of it.

    Parameters
    ----------
    renderer : Renderer
        Song, engine and threads.
    plan : MixPlan
        Of these stems.
    host : Host
        What is to hold it.
    wishes : Wishes
        How it is to travel.
    folder : Path
        Where the audio goes.
    within : PurePosixPath
        The same folder as the project names it.
    progress : callable, optional
        Told what is being done.

    Returns
    -------
    project : Project
        With the audio that was written.
    told : list of str
        What the host does not hold, one line each.
    """
    files = _Files(renderer, folder, within)
    held = held_strips(plan, host, wishes)
    told = [*_told_of_stages(plan, host, held, wishes.printing), *_told_of_ways(plan, host, held)]
    make_folder(folder)
    tracks = []
    names = file_names([strip.name for strip in plan.stems], ".wav")
    for number, (strip, name) in enumerate(zip(plan.stems, names, strict=True)):
        if progress is not None:
            progress("writing tracks", number, len(names))
        tracks.append(_track(files, plan, strip, held[strip.name], name, wishes.originals))
    returns, said = _returns(files, plan, wishes.reverb)
    if host.pan_law_in_fader and any(track.audio.channels == 1 for track in tracks):
        said.append(
            "pan: it is a balance there, so that the faders of mono tracks hold our pan law and stand up to 3 dB lower"
        )
    if progress is not None:
        progress("writing tracks", len(names), len(names))
    tails = [_tail_samples(renderer, plan, each.bus.name) for each in returns]
    tempo_bpm = _tempo(renderer, plan)
    if tempo_bpm is None:
        said.append("tempo: none was found, the project has the host's own")
    project = Project(
        title=plan.title or renderer.stems.title or "song",
        sample_rate=renderer.stems.sample_rate,
        samples=renderer.stems.samples + max(tails, default=0),
        tempo_bpm=tempo_bpm,
        tracks=tuple(tracks),
        returns=tuple(returns),
        master=dataclasses.replace(plan.master, plugins=()),
        master_note=note_of(plan, ""),
        markers=markers_of(renderer, plan),
        plan=plan,
    )
    return project, [*told, *said]


def held_strips(plan: MixPlan, host: Host, wishes: Wishes) -> dict[str, HeldStrip]:
    """Return every strip of a plan as a host holds it."""
    held = {}
    for strip in plan.stems:
        each = held_strip(strip, host.lacks(strip), wishes.printing)
        if wishes.reverb != "ir":
            each = dataclasses.replace(each, strip=dataclasses.replace(each.strip, sends=()))
        held[strip.name] = each
    return held


class _Files:
    """The audio files of a project, as they are written."""

    def __init__(self, renderer: Renderer, folder: Path, within: PurePosixPath) -> None:
        self.renderer = renderer
        self._folder = folder
        self._within = within

    def write(self, name: str, source: Source, subtype: str) -> ProjectAudio:
        """Write a source as a WAV file."""
        rate = self.renderer.stems.sample_rate
        write_blocks(
            self._folder / name,
            blocks_of(source),
            samples=source.samples,
            channels=source.channels,
            sample_rate=rate,
            subtype=subtype,
        )
        path = self._within / name
        return ProjectAudio(path=path, channels=source.channels, samples=source.samples, sample_rate=rate)


def _track(
    files: _Files, plan: MixPlan, strip: StemPlan, held: HeldStrip, name: str, originals: Mapping[str, Path]
) -> Track:
    stem = files.renderer.stems[strip.name]
    original = None if held.printed else originals.get(strip.name)
    if original is not None:
        audio = ProjectAudio(
            path=PurePosixPath(original.as_posix()),
            channels=stem.channels,
            samples=stem.samples,
            sample_rate=files.renderer.stems.sample_rate,
            is_external=True,
        )
    else:
        source = stem_source(files.renderer, plan, strip.name, held.printed)
        audio = files.write(name, source, "FLOAT" if held.printed else _subtype_of(stem))
    return Track(strip=held.strip, audio=audio, colour=colour_of(strip.role), note=note_of(plan, strip.name))


def _subtype_of(stem: Stem) -> str:
    """Return the sample format of a stem as it is: 24 bits, or float where it exceeds full scale."""
    return "FLOAT" if stem.peak > 1.0 else "PCM_24"


def _returns(files: _Files, plan: MixPlan, way: ReverbWay) -> tuple[list[Return], list[str]]:
    """Return the reverbs that stems are sent to as they travel, and what has to be said of them."""
    sent = {send.to for strip in plan.stems for send in strip.sends if not strip.mute}
    buses = [bus for bus in plan.reverbs if bus.name in sent]
    if way == "none":
        left_out = listed([bus.name for bus in buses])
        return [], [f"left out, as asked: the reverb {left_out} and the sends to it"] if buses else []
    returns, told = [], []
    for bus, name in zip(buses, file_names([f"reverb {bus.name}" for bus in buses], ".wav"), strict=True):
        if way == "ir":
            response = files.renderer.reverb_response(plan, bus.name)
            returns.append(Return(bus=bus, response=response, response_name=f"impulse response {name}"))
            continue
        rendered = return_source(files.renderer, plan, bus.name)
        if rendered is not None:
            returns.append(Return(bus=bus, audio=files.write(name, rendered, "FLOAT")))
            told.append(
                f"rendered: the reverb {bus.name} is a track of its own, which does not follow faders and sends"
            )
    return returns, told


def _tail_samples(renderer: Renderer, plan: MixPlan, bus: str) -> int:
    from mixrules.processors import impulse_response

    return len(impulse_response(renderer.stems.sample_rate, plan.reverb(bus))) - 1


def _tempo(renderer: Renderer, plan: MixPlan) -> float | None:
    """Return the tempo that the plan's decisions measured, else that of the stems; None where there is none."""
    from mixrules.analysis import estimate_tempo

    for decision in plan.decisions:
        measured = {quantity.name: quantity.value for quantity in decision.measured}
        bpm, confidence = measured.get(_TEMPO_QUANTITY), measured.get(_CONFIDENCE_QUANTITY)
        if bpm is not None and confidence is not None:
            return bpm if confidence >= _LEAST_CONFIDENCE else None
    low_bpm, high_bpm = _TEMPO_RANGE_BPM
    tempo = estimate_tempo(
        MonoSum(list(renderer.stems)), renderer.stems.sample_rate, low_bpm=low_bpm, high_bpm=high_bpm
    )
    found = math.isfinite(tempo.bpm) and tempo.confidence >= _LEAST_CONFIDENCE
    return tempo.bpm if found else None


def _told_of_stages(
    plan: MixPlan, host: Host, held: Mapping[str, HeldStrip], printing: Printing
) -> list[str]:
    """Say which stages the host lacks, and what became of them, stems of the same kind in one line."""
    lacking: dict[str, list[str]] = {}
    for strip in plan.stems:
        for what in host.lacks(strip).values():
            lacking.setdefault(what, []).append(strip.name)
    told = [
        f"{'left out' if printing == 'none' else 'rendered into the track'}: {what} of {listed_briefly(names)}, "
        f"which {host.name} does not hold"
        for what, names in lacking.items()
    ]
    if printing == "all":
        asked = [name for name, each in held.items() if each.printed and not host.lacks(plan.stem(name))]
        if asked:
            told.append(f"rendered into the track, as asked: all effects of {listed_briefly(asked)}")
    if plan.master.plugins:
        told.append(f"left out: the master's plug-ins, which {host.name} does not hold")
    return told


def _told_of_ways(plan: MixPlan, host: Host, held: Mapping[str, HeldStrip]) -> list[str]:
    """Say what the host does in a way of its own."""
    differing: dict[str, list[str]] = {}
    for name, each in held.items():
        for what in host.differs(each.strip):
            differing.setdefault(what, []).append(name)
    return [
        *_by_stems(differing, all_stems=[strip.name for strip in plan.stems]),
        *(f"master: {what}" for what in host.master_differs(plan.master)),
    ]


def _by_stems(differing: Mapping[str, Sequence[str]], all_stems: Iterable[str]) -> list[str]:
    everyone = list(all_stems)
    return [
        f"{'all tracks' if list(names) == everyone and len(everyone) > 1 else listed_briefly(list(names))}: {what}"
        for what, names in differing.items()
    ]
