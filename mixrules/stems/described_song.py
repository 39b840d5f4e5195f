"""Loading the stems of a song that a data set describes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules.errors import AudioFileError, StemsError
from mixrules.files import AudioData, NoSamplesError, read_audio
from mixrules.stems.loading import HOLD_MIB, load_stems, stems_of_sources
from mixrules.stems.roles import RoleGuess, guess_roles
from mixrules.stems.song_description import AudioPart, SongDescription, StemDescription
from mixrules.stems.song_files.sources import Source, StemSources
from mixrules.stems.song_files.stem_mp4 import StemStream
from mixrules.stems.stem import MAX_STEM_CHANNELS
from mixrules.stems.stems import Progress, Stems


def load_described(
    song: SongDescription,
    *,
    sample_rate: int | None = None,
    hold_mib: float = HOLD_MIB,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Stems:
    """Load the stems of a song of a data set.

    Parameters
    ----------
    song : SongDescription
        The song.
    sample_rate, hold_mib, threads, progress
        As for `load_stems`.

    Returns
    -------
    Stems
        All of one rate and one length, with the roles that the description gives.

    Raises
    ------
    AudioFileError
        If a file cannot be read; names it.
    StemsError
        If there are no stems, all are silent, or the description says why the song cannot be used.
    """
    if song.problem:
        raise StemsError(f"{song.song}: {song.problem}")
    if song.folder is not None:
        return load_stems(
            song.folder, sample_rate=sample_rate, hold_mib=hold_mib, threads=threads, progress=progress
        )
    guesses = guess_roles([stem.name for stem in song.stems])
    sources = tuple(_source(stem, guesses[stem.name]) for stem in song.stems)
    return stems_of_sources(
        StemSources(sources, song.title or song.song, ()),
        song.song,
        sample_rate=sample_rate,
        hold_mib=hold_mib,
        threads=threads,
        progress=progress,
        join_pairs=True,
    )


def read_parts(parts: tuple[AudioPart, ...]) -> AudioData:
    """Return the sum of some parts of files; fails with `AudioFileError` where they differ in rate.

    The shorter ones end in silence; a mono part among stereo ones goes to both sides.
    """
    first = _read_part(parts[0])
    total = first.audio
    for part in parts[1:]:  # one after the other, so that two are in memory however many there are
        data = _read_part(part)
        if data.sample_rate != first.sample_rate:
            raise AudioFileError(
                f"{part.path} has {data.sample_rate} Hz, the part it is added to {first.sample_rate} Hz: "
                "one rate is needed"
            )
        total = _sum(total, data.audio)
    return replace(first, audio=total)


def _sum(one: Any, other: Any) -> npt.NDArray[np.float32]:
    shape = tuple(max(sizes) for sizes in zip(one.shape, other.shape, strict=True))
    total = np.zeros(shape, dtype=np.float32)
    for audio in (one, other):
        total[: len(audio)] += audio
    return total


def _read_part(part: AudioPart) -> AudioData:
    data = read_audio(part.path, channels_max=MAX_STEM_CHANNELS, stream=part.stream)
    if part.channel is None:
        return data
    channels = data.audio.shape[1]
    if part.channel >= channels:
        raise AudioFileError(
            f"{part.path} has {channels} channel{'s' * (channels > 1)}, channel {part.channel + 1} is needed"
        )
    return replace(data, audio=np.ascontiguousarray(data.audio[:, part.channel : part.channel + 1]))


@dataclass(frozen=True, slots=True)
class _Parts:
    """Reads the sum of some parts."""

    parts: tuple[AudioPart, ...]

    def __call__(self) -> AudioData:
        try:
            return read_parts(self.parts)
        except NoSamplesError as error:
            # What lies in a folder may be left out; a stem that the data set names is missing.
            raise AudioFileError(str(error)) from error


def _source(stem: StemDescription, guess: RoleGuess) -> Source:
    role = RoleGuess(stem.role, 1.0, "given by the data set") if stem.role else guess
    first = stem.parts[0]
    if len(stem.parts) == 1 and first.channel is None:
        if first.stream is not None:
            return Source(stem.name, stem.name, role, StemStream(first.path, first.stream))
        return Source(stem.name, first.path.name, role, _Parts(stem.parts), first.path)
    return Source(stem.name, stem.name, role, _Parts(stem.parts))
