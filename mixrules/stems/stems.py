"""Stems: a song's named tracks, their roles, at one sample rate and of one length.

They come from arrays, from a folder of audio files, or from one ``.stem.mp4`` file. Notes for the report
say what was done when loading (resampled, padded, left out).
"""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules._support.arguments import require_mapping, shown_value
from mixrules._support.text_encoding import composed
from mixrules._support.validation import SlicedAudio, as_audio_and_peak, require_sample_rate
from mixrules.errors import AudioError, StemsError
from mixrules.stems.left_out import is_note_of
from mixrules.stems.roles import require_role
from mixrules.stems.stem_names import hint, same_name

Progress = Callable[[str, int, int], None]

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


@dataclass(frozen=True, slots=True, eq=False)
class Stems:
    """A song as stems of one sample rate and one length.

    Attributes
    ----------
    stems : tuple of Stem
        In natural order of their names (2 before 10), or as given.
    sample_rate : int
        Hz.
    title : str
        The folder's or the file's name.
    notes : tuple of str
        What was done when loading the stems.
    mixture_path : Path or None
        A mix in the same folder, which was left out.
    """

    stems: tuple[Stem, ...]
    sample_rate: int
    title: str = ""
    notes: tuple[str, ...] = ()
    mixture_path: Path | None = None

    def __post_init__(self) -> None:
        stems: Any = self.stems
        if not isinstance(stems, list | tuple) or not all(isinstance(stem, Stem) for stem in stems):
            raise StemsError(
                f"stems must be a tuple of Stem, got {shown_value(stems)}: Stems.from_arrays makes them"
            )
        object.__setattr__(self, "stems", tuple(stems))
        object.__setattr__(self, "sample_rate", require_sample_rate(self.sample_rate))
        if not self.stems:
            raise StemsError("there are no stems, at least one is needed")
        spelled = [composed(name) for name in self.names]
        twice = [name for name, count in Counter(spelled).items() if count > 1]
        if twice:
            raise StemsError(f"several stems are called {twice[0]!r}, every name must be unique")
        lengths = {len(stem.audio) for stem in self.stems}
        if len(lengths) > 1:
            raise StemsError(
                f"the stems have {min(lengths)} to {max(lengths)} samples, one length is needed "
                "(Stems.from_arrays and load_stems pad)"
            )

    @property
    def names(self) -> tuple[str, ...]:
        """The stems' names, in order."""
        return tuple(stem.name for stem in self.stems)

    @property
    def samples(self) -> int:
        """The length of every stem in samples."""
        return len(self.stems[0].audio)

    @property
    def in_memory(self) -> bool:
        """Whether all stems are in memory."""
        return not any(isinstance(stem.audio, SlicedAudio) for stem in self.stems)

    @property
    def duration_s(self) -> float:
        """The length of every stem in seconds."""
        return self.samples / self.sample_rate

    def __getitem__(self, name: str) -> Stem:
        for stem in self.stems:
            if same_name(stem.name, name):
                return stem
        raise StemsError(
            f"there is no stem {shown_value(name)}{hint(name, self.names)}, there are {', '.join(self.names)}"
        )

    def __iter__(self) -> Iterator[Stem]:
        return iter(self.stems)

    def __len__(self) -> int:
        return len(self.stems)

    def with_roles(self, roles: Mapping[str, str], *, reason: str = "given by the caller") -> Stems:
        """Return the same stems with other roles.

        Parameters
        ----------
        roles : mapping of str to str
            From a stem's name or file name to a role; the name of either half means a joined stem.
        reason : str
            Where the roles come from, for the report.

        Raises
        ------
        StemsError
            If there is no such stem.
        ParameterError
            If there is no such role, or it is ``mixture``: a mixture is left out when stems are loaded.
        """
        require_mapping(roles, name="roles", what="from a stem's or file's name to its role")
        new_roles: dict[str, str] = {}
        for key, role in roles.items():
            matches = [stem.name for stem in self.stems if _is_called(stem, key)]
            if not matches:
                left_out = [note for note in self.notes if is_note_of(note, key)]
                there = f"there are {', '.join(self.names)}"
                raise StemsError(f"there is no stem {shown_value(key)}, {'; '.join([there, *left_out])}")
            new_roles[matches[0]] = require_role(role, name=f"the role of {key!r}:", mixable=True)
        changed = tuple(
            dataclasses.replace(stem, role=new_roles[stem.name], role_confidence=1.0, role_reason=reason)
            if stem.name in new_roles
            else stem
            for stem in self.stems
        )
        return dataclasses.replace(self, stems=changed)

    def named_as(self, names: Iterable[str]) -> Stems:
        """Return the same stems by the names of a plan: where it has the halves of a joined stem, the two halves.

        Parameters
        ----------
        names : iterable of str
            The plan's stems. Names that are not here, or not there, are no matter of this.
        """
        from mixrules.stems.pairs import split_pair

        wanted = {composed(name) for name in names}
        stems: list[Stem] = []
        for stem in self.stems:
            halves = {composed(half.name) for half in stem.halves}
            split = halves and halves <= wanted and composed(stem.name) not in wanted
            stems += split_pair(stem) if split else (stem,)
        return self if len(stems) == len(self.stems) else dataclasses.replace(self, stems=tuple(stems))

    @classmethod
    def from_arrays(
        cls,
        arrays: Mapping[str, npt.ArrayLike],
        sample_rate: int,
        roles: Mapping[str, str] | None = None,
        *,
        title: str = "",
        threads: int | None = None,
        join_pairs: bool = True,
    ) -> Stems:
        """Make stems of arrays, with the care that `load_stems` gives a folder.

        A mixture among them (``"mix"``) and what is no part of the song (a click, a guide) are left out, with a
        note. Two mono arrays that are left and right by their names (``"OH L"``, ``"OH R"``) become one stereo stem.

        Parameters
        ----------
        arrays : mapping of str to array_like of shape (samples, channels) or (samples,)
            Float samples, 1 or 2 channels. Shorter ones are padded with zeros. Not modified.
        sample_rate : int
            Hz, of all of them.
        roles : mapping of str to str, optional
            From name to role; the others' roles are guessed from their names.
        title : str
            What the song is called.
        threads : int or None
            How many arrays to check in parallel; by default as many as there are cores.
        join_pairs : bool
            Whether a left and a right become one stereo stem.

        Returns
        -------
        Stems
            All of one length, with the roles guessed or given.

        Raises
        ------
        AudioError
            If an array is not float, is empty, has more than 2 channels, or holds NaN or infinity.
        StemsError
            If there are no arrays, all are silent or left out, a name is no text or is there twice, or `roles` names
            one that is not there.
        ParameterError
            If a role or the sample rate is not one.
        """
        from mixrules.stems.arrays import stems_of_arrays

        stems, notes, later_roles = stems_of_arrays(
            arrays, sample_rate, {} if roles is None else roles, threads=threads, join_pairs=join_pairs
        )
        return cls(stems, sample_rate, title, notes).with_roles(later_roles)


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


def _is_called(stem: Stem, name: object) -> bool:
    """Return whether a stem, its file or one of its halves has this name."""
    if not isinstance(name, str):
        return False
    names = (stem.name, *stem.file_names, *(half.name for half in stem.halves))
    return composed(name) in {composed(each) for each in names}
