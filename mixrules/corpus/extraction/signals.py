"""The signals of a song that are measured: its stems, the vocal, the backing and the mix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from mixrules._support.validation import Audio, SlicedAudio
from mixrules.errors import StemsError
from mixrules.stems.described_song import load_described
from mixrules.stems.loading import HOLD_MIB
from mixrules.stems.song_description import AudioPart, SongDescription, StemDescription
from mixrules.stems.stem import Stem
from mixrules.stems.stems import Stems

Part = Literal["vocal", "backing", ""]


@dataclass(frozen=True, slots=True, eq=False)
class Signal:
    """A signal of a song.

    Attributes
    ----------
    kind : {"stem", "vocal", "backing", "mix"}
        What it is.
    stem, role : str
        Name and role of a stem; else empty.
    part : {"vocal", "backing", ""}
        What it belongs to.
    audio : ndarray or SlicedAudio, shape (samples, channels)
        Its samples.
    members : tuple of int
        Which of the sources of the song it is the sum of; of one, it is that source.
    paths : tuple of Path
        The files it is read from.
    """

    kind: str
    stem: str
    role: str
    part: Part
    audio: Any
    members: tuple[int, ...]
    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True, eq=False)
class SignalSet:
    """The signals of a song, all of one rate and one length.

    Attributes
    ----------
    sample_rate, samples : int
        Hz; the length of the longest stem.
    sources : tuple of ndarray or SlicedAudio
        The stems, and after them the data set's own mixture where it has one.
    signals : tuple of Signal
        The stems in order, the vocal and the backing where there are stems in them, and the mix.
    mix_source : {"file", "sum"}
        Whether the mix is the data set's own, or the sum of all stems.
    stems : Stems
        The stems that the signals are made of.
    """

    sample_rate: int
    samples: int
    sources: tuple[Any, ...]
    signals: tuple[Signal, ...]
    mix_source: Literal["file", "sum"]
    stems: Stems


class SourceSum(SlicedAudio):
    """The sum of signals of one length, read in slices; a mono one goes to both sides.

    Parameters
    ----------
    parts : sequence of SlicedAudio or ndarray
        The signals, at least one.
    samples : int
        The length wanted, at most theirs.
    """

    def __init__(self, parts: Sequence[Any], samples: int) -> None:
        super().__init__(samples, max(part.shape[1] for part in parts))
        self._parts = parts

    def __getitem__(self, index: slice) -> Audio:
        """Return the samples of a slice with step 1, shape (samples, channels)."""
        start, stop, _ = index.indices(len(self))
        total = np.zeros((max(stop - start, 0), self.shape[1]), np.float32)
        for part in self._parts:
            total += part[start:stop]
        return total


def song_signals(song: SongDescription) -> SignalSet:
    """Load the signals of a song.

    Parameters
    ----------
    song : SongDescription
        The song. A mixture is brought to the stems' rate, and ended or filled with silence at their length.

    Returns
    -------
    SignalSet

    Raises
    ------
    AudioFileError, StemsError
        If the song cannot be loaded.
    """
    stems = load_described(song, threads=1)
    mixture = song.mixture
    if not mixture and stems.mixture_path is not None:
        mixture = (AudioPart(path=stems.mixture_path),)
    sources: list[Any] = [stem.audio for stem in stems]
    if mixture:
        sources.append(_mixture(song, mixture, stems))
    paths = [_paths(song, stem) for stem in stems]
    parts = [_part(song, stem) for stem in stems]

    def sum_of(kind: str, part: Part, members: list[int]) -> Signal:
        files = dict.fromkeys(path for member in members for path in paths[member])
        return Signal(kind, "", "", part, _sum([sources[i] for i in members]), tuple(members), tuple(files))

    signals = [
        Signal("stem", stem.name, stem.role, parts[i], stem.audio, (i,), paths[i])
        for i, stem in enumerate(stems)
    ]
    both: tuple[Part, ...] = ("vocal", "backing")
    for part in both:
        members = [i for i, own in enumerate(parts) if own == part]
        if members:
            signals.append(sum_of(part, part, members))
    if mixture:
        own = tuple(dict.fromkeys(each.path for each in mixture))
        signals.append(Signal("mix", "", "", "", sources[-1], (len(stems),), own))
    else:
        signals.append(sum_of("mix", "", list(range(len(stems)))))
    return SignalSet(
        sample_rate=stems.sample_rate,
        samples=stems.samples,
        sources=tuple(sources),
        signals=tuple(signals),
        mix_source="file" if mixture else "sum",
        stems=stems,
    )


def _part(song: SongDescription, stem: Stem) -> Part:
    return "vocal" if song.is_vocal(stem.name, stem.role) else "backing"


def _sum(parts: list[Any]) -> Any:
    if len(parts) == 1:
        return parts[0]
    total = SourceSum(parts, parts[0].shape[0])
    # Of stems in memory the sum is there too; it is read several times.
    return total if any(isinstance(part, SlicedAudio) for part in parts) else total[:]


def _mixture(song: SongDescription, parts: tuple[AudioPart, ...], stems: Stems) -> Any:
    """Return the data set's own mixture at the rate and the length of the stems."""
    alone = SongDescription(
        song=song.song, stems=(StemDescription(name="mixture", parts=parts, role="other"),)
    )
    hold_mib = HOLD_MIB if stems.in_memory else 0.0  # beside stems that are read in blocks, so is the mixture
    try:
        loaded = load_described(alone, sample_rate=stems.sample_rate, hold_mib=hold_mib, threads=1)
    except StemsError as error:
        raise StemsError(f"the mixture of {song.song} cannot be used: {error}") from error
    audio: Any = loaded.stems[0].audio
    missing = stems.samples - audio.shape[0]
    if not isinstance(audio, SlicedAudio):
        return np.pad(audio, ((0, max(missing, 0)), (0, 0)))[: stems.samples]
    return audio.padded(stems.samples) if missing >= 0 else SourceSum([audio], stems.samples)


def _paths(song: SongDescription, stem: Stem) -> tuple[Path, ...]:
    """Return the files of a stem, which may be joined of two."""
    if song.folder is not None:
        folder = song.folder
        if not folder.is_dir():  # an archive, or one file with all stems
            return (folder,)
        return tuple(folder / name for name in stem.file_names) or (folder,)
    names = {half.name for half in stem.halves} or {stem.name}
    parts = (part for each in song.stems if each.name in names for part in each.parts)
    return tuple(dict.fromkeys(part.path for part in parts))
