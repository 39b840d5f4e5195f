"""A song as a DAW project: tracks with their audio and settings, returns, master. Every format is written from this."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from mixrules._support.validation import Audio
from mixrules.export.markers import Marker
from mixrules.mixplan import MasterPlan, MixPlan, ReverbBus, StemPlan

ReverbWay = Literal["ir", "track", "none"]
"""How a reverb travels: as an impulse response for the host's convolver, as a rendered track, or not at all."""

Printing = Literal["needed", "all", "none"]
"""Which effects are rendered into the tracks: those that the host cannot hold, all, or none."""

REVERB_WAYS: tuple[ReverbWay, ...] = ("ir", "track", "none")
PRINTINGS: tuple[Printing, ...] = ("needed", "all", "none")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectAudio:
    """An audio file of a project.

    Attributes
    ----------
    path : PurePosixPath
        Where it is: within the project, or on the disk if `is_external`.
    channels, samples, sample_rate : int
        Its shape, and its rate in Hz.
    is_external : bool
        Whether the project only points to it.
    """

    path: PurePosixPath
    channels: int
    samples: int
    sample_rate: int
    is_external: bool = False

    @property
    def duration_s(self) -> float:
        """Its length in seconds."""
        return self.samples / self.sample_rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """A stem as a track.

    Attributes
    ----------
    strip : StemPlan
        The settings that the host is to have; what was rendered into the audio, or left out, is neutral.
    audio : ProjectAudio
        What the track plays, from the start of the song.
    colour : str
        Of its role, ``#rrggbb``.
    note : str
        The decisions about it, one a line.
    """

    strip: StemPlan
    audio: ProjectAudio
    colour: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Return:
    """A reverb as a return: rendered, or with the impulse response of its room.

    Attributes
    ----------
    bus : ReverbBus
        The plan's.
    audio : ProjectAudio or None
        What it returns, as loud as in the mix, where it was rendered.
    response : ndarray of float32, shape (samples, 2), or None
        What it makes of an impulse in the mean of its channels, where it was not.
    response_name : str
        What a file with the response is to be called.
    """

    bus: ReverbBus
    audio: ProjectAudio | None = None
    response: Audio | None = None
    response_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Project:
    """A song as a DAW project.

    Attributes
    ----------
    title : str
        What it is called.
    sample_rate, samples : int
        Hz, and the length with all tails.
    tempo_bpm : float or None
        The song's tempo, where one was found.
    tracks : tuple of Track
        The stems, in the plan's order.
    returns : tuple of Return
        The reverbs.
    master : MasterPlan
        What the host is to do to the sum.
    master_note : str
        The decisions about the whole mix, one a line.
    markers : tuple of Marker
        Places in the song, in order of time.
    plan : MixPlan
        The plan that was exported.
    """

    title: str
    sample_rate: int
    samples: int
    tempo_bpm: float | None
    tracks: tuple[Track, ...]
    returns: tuple[Return, ...]
    master: MasterPlan
    master_note: str
    markers: tuple[Marker, ...]
    plan: MixPlan

    @property
    def duration_s(self) -> float:
        """Its length in seconds, tails included."""
        return self.samples / self.sample_rate
