"""Loading a song's stems from a folder of audio files, or from one ``.stem.mp4`` file: one rate, one length."""

from __future__ import annotations

import dataclasses
import math
import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mixrules._support.arguments import as_path, require_mapping
from mixrules._support.cores import thread_count
from mixrules._support.validation import SlicedAudio, require_sample_rate
from mixrules.errors import StemsError
from mixrules.stems.left_out import note_of
from mixrules.stems.pairs import joined_pairs
from mixrules.stems.placed_audio import placed
from mixrules.stems.resampling import resampled, resampled_in_blocks, to_disk
from mixrules.stems.stem import MAX_STEM_CHANNELS, Stem, same_length
from mixrules.stems.stems import Progress, Stems

if TYPE_CHECKING:
    from mixrules.files import AudioHeader
    from mixrules.stems.song_files.sources import Source, StemSources

HOLD_MIB = 448.0
"""Larger songs are read in blocks: together with the rest of a mix, memory then stays below 1 GiB."""
_SILENT = "silent, left alone"


def load_stems(
    folder: str | os.PathLike[str],
    *,
    roles: Mapping[str, str] | None = None,
    sample_rate: int | None = None,
    hold_mib: float = HOLD_MIB,
    threads: int | None = None,
    progress: Progress | None = None,
    join_pairs: bool = True,
) -> Stems:
    """Load a song's stems from a folder of audio files, or from one ``.stem.mp4`` file.

    Folders in it are read as groups (``Drums/Kick.wav``). A mixture (``mixture.wav``, ``mix.wav``) and what is
    no part of the song (a click, a guide vocal) are left out; the notes name them and whatever else might be
    audio and is not used. A ``stems.toml`` beside the stems may hold ``[roles]`` (file name = role) and
    ``ignore`` (a list of file names).

    Parameters
    ----------
    folder : path-like
        A folder of WAV, FLAC, OGG, MP3 or AIFF files, one stem each, a ``.zip`` or ``.tar`` of one, or a
        ``.stem.mp4`` (needs the extra ``mixrules[stems]``), or a folder that holds one.
    roles : mapping of str to str, optional
        From a file name, with or without its folder and extension, to a role; wins over ``stems.toml``,
        which wins over the guess from the name.
    sample_rate : int, optional
        Hz to bring everything to; by default the rate that most stems have (of equals the higher).
    hold_mib : float
        Stems that take more memory than this together, in MiB, at one rate and padded to one length, are
        left on the disk and read in blocks.
    threads : int, optional
        How many files to read in parallel; by default as many as there are cores.
    progress : callable, optional
        Called with a description, the number of files read, and the number of files.
    join_pairs : bool
        Whether two mono files that are left and right by their names (``OH L.wav``, ``OH R.wav``) become one
        stereo stem.

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
    from mixrules.stems.song_files.sources import find_sources

    if sample_rate is not None:
        sample_rate = require_sample_rate(sample_rate)
    if roles is not None:
        require_mapping(roles, name="roles", what="from a file's name to its role", to_texts=True)
    song = find_sources(as_path(folder, name="folder"), dict(roles or {}))
    return stems_of_sources(
        song,
        folder,
        sample_rate=sample_rate,
        hold_mib=hold_mib,
        threads=threads,
        progress=progress,
        join_pairs=join_pairs,
    )


def stems_of_sources(
    song: StemSources,
    folder: object,
    *,
    sample_rate: int | None,
    hold_mib: float,
    threads: int | None,
    progress: Progress | None,
    join_pairs: bool,
) -> Stems:
    """Read the stems of a song whose files are known; `folder` names it in messages, the rest is as for `load_stems`."""
    found, empty = _read(song.sources, sample_rate, hold_mib, threads, progress)
    if not found:
        raise StemsError(f"no stem in {folder} holds samples, at least one is needed")
    target = sample_rate or _usual_rate(data.sample_rate for _, data in found)
    stems = _at_one_rate(found, target, hold_mib, keep=song.unpacked)
    notes = [*song.notes, *(note_of(source.file_name, "it holds no samples") for source in empty)]
    notes += [f"{stem.file_name}: {note}" for stem in stems for note in stem.notes]
    if join_pairs:
        stems, pair_notes = joined_pairs(stems)
        notes += pair_notes
    stems, notes_on_all = _looked_over(stems, folder)
    padded, pad_notes = same_length(stems)
    if progress is not None:
        progress("stems read", len(stems), len(stems))
    return Stems(padded, target, song.title, (*notes, *notes_on_all, *pad_notes), song.mixture_path)


def _read(
    sources: Sequence[Source],
    sample_rate: int | None,
    hold_mib: float,
    threads: int | None,
    progress: Progress | None,
) -> tuple[list[tuple[Source, _Loaded]], list[Source]]:
    """Read stems in parallel; return those that hold samples, each with its audio, and those that hold none."""
    found: list[tuple[Source, _Loaded]] = []
    empty: list[Source] = []
    with ThreadPoolExecutor(thread_count(threads)) as pool:
        try:
            headers = list(pool.map(_header, sources))
            starts_s = [source.start_s for source in sources]
            fits_in_memory = _headers_mib(headers, starts_s, sample_rate) <= hold_mib
            results = pool.map(lambda source, header: _load(source, header, fits_in_memory), sources, headers)
            for done, source in enumerate(sources):
                if progress is not None:
                    progress(f"reading {source.file_name}", done, len(sources))
                data = next(results)
                if data is None:
                    empty.append(source)
                else:
                    found.append((source, data))
        except BaseException:  # cancel the files not yet read: the first bad file ends it
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return found, empty


def _at_one_rate(
    found: list[tuple[Source, _Loaded]], target: int, hold_mib: float, *, keep: object
) -> list[Stem]:
    """Bring stems to one rate and to their places in the song; `found` is emptied, so that each is held once."""
    placed_stems: list[tuple[Source, int, Any]] = []
    found.reverse()
    while found:
        source, data = found.pop()
        audio = data.audio if data.sample_rate == target else data.resampled_to(target)
        audio = placed(audio, round(source.start_s * target), keep=keep)
        placed_stems.append((source, data.sample_rate, audio))
        del data, audio
    # The header of a compressed file may have promised less than there is.
    fits_in_memory = _padded_mib([audio.shape for _, _, audio in placed_stems]) <= hold_mib
    stems = []
    for source, rate, audio in placed_stems:
        if not fits_in_memory and not isinstance(audio, SlicedAudio):
            audio = to_disk(audio)
        own_notes = []
        if rate != target:
            own_notes.append(f"resampled from {rate} to {target} Hz")
        if source.start_s:
            own_notes.append(f"starts {source.start_s:.3f} s later, as its time reference (bext) says")
        guess = source.guess
        stems.append(
            Stem(
                source.name,
                audio,
                guess.role,
                guess.confidence,
                guess.reason,
                source.file_name,
                tuple(own_notes),
            )
        )
    return stems


def _looked_over(stems: Sequence[Stem], folder: object) -> tuple[list[Stem], list[str]]:
    """Return stems with a note on those that are silent, and notes on them all."""
    if all(stem.silent for stem in stems):
        raise StemsError(f"every stem in {folder} is silent, at least one must hold sound")
    told = [
        dataclasses.replace(stem, notes=(*stem.notes, _SILENT)) if stem.silent else stem for stem in stems
    ]
    notes = [f"{stem.file_name or stem.name}: {_SILENT}" for stem in stems if stem.silent]
    mono = sum(stem.channels == 1 for stem in stems)
    if 0 < mono < len(stems):
        notes.append(f"{mono} mono and {len(stems) - mono} stereo stems are mixed together")
    return told, notes


@dataclass(frozen=True, slots=True, eq=False)
class _Loaded:
    """A stem's audio at its own sample rate, and a function that resamples it."""

    audio: Any
    sample_rate: int
    resampled_to: Callable[[int], Any]


def _place(source: Source) -> tuple[Path, int | None] | None:
    """Return the file of a stem, and its stream in a container; None where the stem has no file."""
    from mixrules.stems.song_files.stem_mp4 import StemStream

    if isinstance(source.read, StemStream):
        return source.read.path, source.read.stream
    return None if source.path is None else (source.path, None)


def _header(source: Source) -> AudioHeader | None:
    """Return the header of a stem's file; None where it has none."""
    from mixrules.files import audio_header

    place = _place(source)
    if place is None:
        return None
    return audio_header(place[0], channels_max=MAX_STEM_CHANNELS, stream=place[1])


def _headers_mib(
    headers: Sequence[AudioHeader | None], starts_s: Sequence[float], sample_rate: int | None
) -> float:
    """Return how much memory stems need at one rate and one length, each at its place."""
    known = [
        (header, start_s) for header, start_s in zip(headers, starts_s, strict=True) if header is not None
    ]
    if not known:
        return 0.0
    rate = sample_rate or _usual_rate(header.sample_rate for header, _ in known)
    return _padded_mib(
        [
            (math.ceil((header.samples / header.sample_rate + start_s) * rate), header.channels)
            for header, start_s in known
        ]
    )


def _padded_mib(shapes: Sequence[tuple[int, int]]) -> float:
    return max(samples for samples, _ in shapes) * sum(channels for _, channels in shapes) * 4 / 2**20


def _usual_rate(rates: Iterable[int]) -> int:
    """Return the rate that most have, of equals the higher."""
    counts = Counter(rates)
    return max(counts, key=lambda rate: (counts[rate], rate))


def _load(source: Source, header: AudioHeader | None, fits_in_memory: bool) -> _Loaded | None:
    """Read a stem; None where it has no samples."""
    from mixrules.files import NoSamplesError

    place = _place(source)
    try:
        if fits_in_memory or place is None or header is None:
            return _in_memory(source)
        return _on_disk(*place, header)
    except NoSamplesError:
        return None


def _in_memory(source: Source) -> _Loaded:
    data = source.read()
    return _Loaded(data.audio, data.sample_rate, lambda rate: resampled(data.audio, data.sample_rate, rate))


def _on_disk(path: Path, stream: int | None, header: AudioHeader) -> _Loaded:
    """Check a file to be read in slices; one that is not seekable is decoded to a temporary file."""
    from mixrules.files import FileAudio, Scratch, audio_blocks, check_audio

    audio: SlicedAudio
    if header.seekable:
        checked = check_audio(path, channels_max=MAX_STEM_CHANNELS)
        samples = checked.header.samples
        audio = FileAudio(path, header.channels, samples, samples, checked.peak)
    else:
        scratch = Scratch(0, header.channels)
        samples, peak = 0, 0.0
        for block in audio_blocks(path, channels_max=MAX_STEM_CHANNELS, stream=stream):
            scratch.write(samples, block)
            samples += len(block)
            peak = max(peak, float(block.max()), -float(block.min()))
        audio = scratch.padded(samples).with_peak(peak)
    return _Loaded(
        audio, header.sample_rate, lambda rate: resampled_in_blocks(audio, header.sample_rate, rate)
    )
