"""Loading a song's stems from a folder of audio files, or from one ``.stem.mp4`` file: one rate, one length."""

from __future__ import annotations

import dataclasses
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mixrules._support.arguments import as_path, require_mapping
from mixrules._support.cores import thread_count
from mixrules._support.validation import SlicedAudio, require_sample_rate
from mixrules.errors import StemsError
from mixrules.stems.stems import MAX_STEM_CHANNELS, Progress, Stem, Stems, same_length

if TYPE_CHECKING:
    from mixrules.stems.sources import Source

HOLD_MIB = 448.0
"""Larger songs are read in blocks: together with the rest of a mix, memory then stays below 1 GiB."""


def load_stems(
    folder: str | os.PathLike[str],
    *,
    roles: Mapping[str, str] | None = None,
    sample_rate: int | None = None,
    hold_mib: float = HOLD_MIB,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Stems:
    """Load a song's stems from a folder of audio files, or from one ``.stem.mp4`` file.

    A mixture in the folder (``mixture.wav``, ``mix.wav``) is left out. Hidden files and files that are
    not audio are ignored. A ``stems.toml`` beside the stems may hold ``[roles]`` (file name = role)
    and ``ignore`` (a list of file names).

    Parameters
    ----------
    folder : path-like
        A folder of WAV, FLAC, OGG, MP3 or AIFF files, one stem each, or a ``.stem.mp4`` (needs the extra
        ``mixrules[stems]``), or a folder that holds one.
    roles : mapping of str to str, optional
        From a file name, with or without its extension, to a role; wins over ``stems.toml``, which wins
        over the guess from the name.
    sample_rate : int, optional
        Hz to bring everything to; by default the rate that most stems have (of equals the higher).
    hold_mib : float
        Stems that take more memory than this together, in MiB, are left on the disk and read in blocks.
    threads : int, optional
        How many files to read in parallel; by default as many as there are cores.
    progress : callable, optional
        Called with a description, the number of files read, and the number of files.

    Returns
    -------
    Stems
        All of one rate and one length; its notes say what was done for that.

    Raises
    ------
    AudioFileError
        If the folder or a file cannot be read; names the file.
    StemsError
        If there are no stems, all are silent, or a name is unknown or taken twice.
    ParameterError
        If a role, the sample rate or the number of threads is not one.

    Examples
    --------
    >>> import numpy as np, pathlib, soundfile
    >>> pathlib.Path("my_song").mkdir()
    >>> soundfile.write("my_song/Lead Vox.wav", np.full(4800, 0.1), 48_000)
    >>> soundfile.write("my_song/bass DI.wav", np.full(9600, 0.1), 48_000)
    >>> stems = load_stems("my_song")
    >>> [(stem.name, stem.role, stem.samples) for stem in stems]
    [('bass DI', 'bass', 9600), ('Lead Vox', 'vocal', 9600)]
    """
    from mixrules.stems.sources import find_sources

    if sample_rate is not None:
        sample_rate = require_sample_rate(sample_rate)
    if roles is not None:
        require_mapping(roles, name="roles", what="from a file's name to its role", to_texts=True)
    song = find_sources(as_path(folder, name="folder"), dict(roles or {}))
    fits_in_memory = _size_mib(song.sources) <= hold_mib
    loaded: list[_Loaded] = []
    with ThreadPoolExecutor(thread_count(threads)) as pool:
        results = pool.map(
            lambda source: (
                _in_memory(source) if fits_in_memory or source.path is None else _on_disk(source.path)
            ),
            song.sources,
        )
        try:
            for done, source in enumerate(song.sources):
                if progress is not None:
                    progress(f"reading {source.file_name}", done, len(song.sources))
                loaded.append(next(results))
        except BaseException:  # cancel the files not yet read: the first bad file ends it
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    rates = Counter(data.sample_rate for data in loaded)
    target = sample_rate or max(rates, key=lambda rate: (rates[rate], rate))
    notes = list(song.notes)
    stems = []
    for source, data in zip(song.sources, loaded, strict=True):
        audio, own_notes = data.audio, []
        if data.sample_rate != target:
            audio = data.resampled_to(target)
            own_notes.append(f"resampled from {data.sample_rate} to {target} Hz")
        guess = source.guess
        stem = Stem(
            source.name, audio, guess.role, guess.confidence, guess.reason, source.file_name, tuple(own_notes)
        )
        if stem.silent:
            stem = dataclasses.replace(stem, notes=(*stem.notes, "silent, left alone"))
        notes += [f"{source.file_name}: {note}" for note in stem.notes]
        stems.append(stem)
    if all(stem.silent for stem in stems):
        raise StemsError(f"every stem in {folder} is silent, at least one must hold sound")
    mono = sum(stem.channels == 1 for stem in stems)
    if 0 < mono < len(stems):
        notes.append(f"{mono} mono and {len(stems) - mono} stereo stems are mixed together")
    padded, pad_notes = same_length(stems)
    if progress is not None:
        progress("stems read", len(stems), len(stems))
    return Stems(padded, target, song.title, (*notes, *pad_notes), song.mixture_path)


@dataclass(frozen=True, slots=True, eq=False)
class _Loaded:
    """A stem's audio at its own sample rate, and a function that resamples it."""

    audio: Any
    sample_rate: int
    resampled_to: Callable[[int], Any]


def _size_mib(sources: Sequence[Source]) -> float:
    """Return how much memory the stems need; streams of a larger file are not counted."""
    from mixrules.files import audio_header

    headers = [
        audio_header(source.path, channels_max=MAX_STEM_CHANNELS)
        for source in sources
        if source.path is not None
    ]
    return sum(header.samples * header.channels * 4 for header in headers) / 2**20


def _in_memory(source: Source) -> _Loaded:
    data = source.read()
    return _Loaded(data.audio, data.sample_rate, lambda rate: _resample(data.audio, data.sample_rate, rate))


def _on_disk(path: Path) -> _Loaded:
    """Check a file to be read in slices; one that is not seekable is decoded to a temporary file."""
    from mixrules.files import FileAudio, audio_blocks, check_audio, scratch_of

    checked = check_audio(path, channels_max=MAX_STEM_CHANNELS)
    header = checked.header

    def resampled(rate: int) -> SlicedAudio:
        import soxr

        stream = soxr.ResampleStream(
            header.sample_rate, rate, header.channels, dtype="float32", quality="VHQ"
        )
        length = max(1, round(header.samples * rate / header.sample_rate))

        def blocks() -> Iterator[npt.NDArray[np.float32]]:
            for block in audio_blocks(path):
                yield stream.resample_chunk(block).reshape(-1, header.channels)
            empty = np.zeros((0, header.channels), np.float32)
            yield stream.resample_chunk(empty, last=True).reshape(-1, header.channels)

        return scratch_of(blocks(), length, header.channels).with_peak(checked.peak)

    if header.seekable:
        audio: SlicedAudio = FileAudio(path, header.channels, header.samples, header.samples, checked.peak)
    else:
        audio = scratch_of(audio_blocks(path), header.samples, header.channels).with_peak(checked.peak)
    return _Loaded(audio, header.sample_rate, resampled)


def _resample(audio: npt.NDArray[np.float32], rate_in: int, rate_out: int) -> npt.NDArray[np.float32]:
    """Resample at soxr's very high quality; a stem of a few samples keeps at least one."""
    import soxr

    resampled = np.asarray(soxr.resample(audio, rate_in, rate_out, quality="VHQ"), dtype=np.float32)
    resampled = resampled.reshape(-1, audio.shape[1])
    return resampled if len(resampled) else np.ascontiguousarray(audio[:1])
