"""A stem: one named track of a song, its role and its samples; several at one length."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules._support.arguments import shown_value
from mixrules._support.validation import SlicedAudio, as_audio_and_peak
from mixrules.errors import AudioError, StemsError
from mixrules.stems.roles import require_role

MAX_STEM_CHANNELS = 2
"""A stem is mono or stereo."""

_LOUDEST = 1e4  # higher than any recording: integers that were not scaled


@dataclass(frozen=True, slots=True)
class StemHalf:
    """The name of one of the two stems that a stereo stem was joined of, and its file where it came from one."""

    name: str
    file_name: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Stem:
    """One track of a song.

    Attributes
    ----------
    name : str
        Unique among the stems: the file's name without its extension.
    audio : ndarray, shape (samples, channels)
        float32, full scale ±1.0, 1 or 2 channels. Of a song too long for memory an object that
        is read in slices; ``numpy.asarray`` loads it.
    role : str
        One of `mixrules.stems.roles.ROLES`.
    role_confidence : float
        0 to 1; 1 where the caller or ``stems.toml`` gave the role.
    role_reason : str
        The reason for the role.
    file_name : str or None
        The file it came from; None where there is none, or there are two.
    notes : tuple of str
        What was done to this stem when loading.
    halves : tuple of StemHalf
        The left and the right stem that it was joined of; else empty.
    silent : bool
        Whether every sample is zero.
    peak : float
        The largest magnitude of its samples; full scale is 1.
    """

    name: str
    audio: npt.NDArray[np.float32]
    role: str = "unknown"
    role_confidence: float = 0.0
    role_reason: str = ""
    file_name: str | None = None
    notes: tuple[str, ...] = ()
    halves: tuple[StemHalf, ...] = ()
    silent: bool = field(init=False)
    peak: float = field(init=False)

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name:
            raise StemsError(
                f"a stem's name must be text of one character or more, got {shown_value(self.name)}"
            )
        require_role(self.role, name=f"the role of stem {self.name!r}:")
        audio: Any = self.audio
        if isinstance(audio, SlicedAudio):  # checked when it was opened
            peak = audio.peak
        else:
            audio, peak = as_audio_and_peak(audio, name=f"stem {self.name!r}", max_channels=MAX_STEM_CHANNELS)
        if peak > _LOUDEST:
            raise AudioError(
                f"stem {self.name!r} peaks at {20.0 * math.log10(peak):.0f} dBFS: full scale is ±1.0, "
                f"at most {20.0 * math.log10(_LOUDEST):.0f} dBFS is accepted"
            )
        if not isinstance(audio, SlicedAudio):
            audio = audio.astype(np.float32, copy=False)
        object.__setattr__(self, "audio", audio)
        object.__setattr__(self, "silent", peak == 0.0)
        object.__setattr__(self, "peak", float(peak))

    @property
    def channels(self) -> int:
        """1 or 2."""
        return int(self.audio.shape[1])

    @property
    def samples(self) -> int:
        """The length in samples."""
        return len(self.audio)

    @property
    def file_names(self) -> tuple[str, ...]:
        """The files it came from: one, two where it was joined of a left and a right, none where it was an array."""
        own = (self.file_name, *(half.file_name for half in self.halves))
        return tuple(name for name in own if name)

    def read(self, start: int, stop: int) -> npt.NDArray[np.float32]:
        """Return the samples from `start` to before `stop`, shape (samples, channels); not to be written to."""
        return self.audio[start:stop]


def same_length(stems: Sequence[Stem]) -> tuple[tuple[Stem, ...], tuple[str, ...]]:
    """Pad the shorter stems with zeros; return them all and notes on what was added."""
    longest = max((len(stem.audio) for stem in stems), default=0)
    padded, notes = [], []
    for stem in stems:
        missing = longest - len(stem.audio)
        if missing:
            note = f"padded with {missing} zero sample{'s' if missing > 1 else ''} at the end"
            notes.append(f"{stem.file_name or stem.name}: {note}")
            audio: Any = stem.audio
            sliced = isinstance(audio, SlicedAudio)
            audio = audio.padded(longest) if sliced else np.pad(audio, ((0, missing), (0, 0)))
            stem = dataclasses.replace(stem, audio=audio, notes=(*stem.notes, note))
        padded.append(stem)
    return tuple(padded), tuple(notes)
