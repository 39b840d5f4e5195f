"""Writing audio files.

Audio goes to a hidden file beside the target, is checked there and renamed, so that a crash or a full disk
never leaves a partial file under the final name. Every failure is an `AudioFileError` of one line.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import (
    SlicedAudio,
    as_audio,
    require_sample_rate,
)
from mixrules.errors import AudioFileError, MixrulesError
from mixrules.files.atomic import atomic_path, check_writable, is_full, why_short
from mixrules.files.audio.chunks import clear_time_stamp
from mixrules.files.audio.header import BYTES_PER_SAMPLE
from mixrules.files.audio.libav_encoding import FRAME_SAMPLES, encode_m4a
from mixrules.files.audio.reading import BLOCK_SAMPLES, audio_blocks, audio_header
from mixrules.files.audio.resampled_blocks import resampled_blocks
from mixrules.files.audio.written_formats import format_of, require_channels, require_subtype

_PCM_BITS = {"PCM_16": 16, "PCM_24": 24, "PCM_32": 32}
# RIFF and AIFF count their bytes in 32 bits; some bytes are left for the other chunks.
_MAX_CHUNKED_BYTES = 2**32 - 2**16


@dataclass(frozen=True, slots=True)
class WriteReport:
    """A written file: path, subtype, how many samples beyond full scale were clipped, and its sample rate in Hz."""

    path: Path
    subtype: str
    clipped_samples: int
    sample_rate: int

    @property
    def lossy(self) -> bool:
        """Whether the samples of the file differ from those written."""
        return self.subtype not in BYTES_PER_SAMPLE


def write_audio(
    path: str | os.PathLike[str],
    audio: npt.ArrayLike | SlicedAudio,
    sample_rate: int,
    *,
    subtype: str | None = None,
) -> WriteReport:
    """Write audio to a file, atomically.

    Integer formats are rounded to the nearest step, without dither. The same audio gives the same
    bytes on every run (OGG excepted, whose streams carry a random serial number). A format that does not take the
    sample rate gets the next one that it takes.

    Parameters
    ----------
    path : path-like
        The extension chooses the format: .wav, .flac, .aiff, .aif, .ogg, .mp3, .opus or, with PyAV, .m4a.
    audio : array_like, shape (samples, channels) or (samples,)
        Float samples, full scale ±1.0. Not modified.
    sample_rate : int
        Hz.
    subtype : str, optional
        PCM_16, PCM_24, PCM_32, FLOAT or DOUBLE as far as the format has it; the others have one coding each. By default
        PCM_24, or FLOAT for WAV and AIFF where the audio exceeds full scale.

    Returns
    -------
    WriteReport
        The path, the subtype, how many samples beyond full scale were clipped (none in a lossy format, whose peaks are
        the decoder's), and the sample rate of the file.

    Raises
    ------
    AudioFileError
        If the extension or the subtype cannot be written, or the file cannot be written whole.
    AudioError
        If `audio` is not finite floating-point audio.
    """
    path = Path(path)
    form = format_of(path)
    array = as_audio(audio, name=path.name)
    sample_rate = require_sample_rate(sample_rate)
    clipped = sum(
        int(np.count_nonzero(np.abs(array[k : k + BLOCK_SAMPLES]) > 1.0))
        for k in range(0, len(array), BLOCK_SAMPLES)
    )
    if subtype is None:
        subtype = "FLOAT" if clipped and "FLOAT" in form.subtypes else form.subtypes[0]
    write_blocks(
        path,
        (array[start : start + BLOCK_SAMPLES] for start in range(0, len(array), BLOCK_SAMPLES)),
        samples=len(array),
        channels=array.shape[1],
        sample_rate=sample_rate,
        subtype=subtype,
    )
    # Float holds what exceeds full scale, and so do encoders of lossy formats.
    clipped = clipped if subtype in _PCM_BITS else 0
    return WriteReport(path, subtype, clipped, form.rate_for(sample_rate))


def write_blocks(
    path: str | os.PathLike[str],
    blocks: Iterable[npt.NDArray[Any]],
    *,
    samples: int,
    channels: int,
    sample_rate: int,
    subtype: str,
    tags: Mapping[str, str] | None = None,
    extensible: bool = False,
    finish: Callable[[Path], None] | None = None,
) -> None:
    """Write audio that arrives in blocks to a file, atomically; samples as in `write_audio`.

    Parameters
    ----------
    path : path-like
        The extension chooses the format, as in `write_audio`.
    blocks : iterable of ndarray, shape (samples, channels)
        Checked samples.
    samples, channels : int
        The shape of all of them together.
    sample_rate : int
        Hz, of the blocks.
    subtype : str
        One that the format has.
    tags : mapping of str to str, optional
        Title, artist and so on, by soundfile's names; .mp3 and .m4a get none.
    extensible : bool
        Whether a WAV file gets the header with a channel mask.
    finish : callable, optional
        Is given the complete file before it gets its name; what it raises leaves no file.

    Raises
    ------
    AudioFileError
        If the extension or the subtype cannot be written, or the file cannot be written whole.
    """
    path = Path(path)
    form, kind = format_of(path), format_of(path).kind
    require_subtype(path, subtype)
    require_channels(path, channels)
    size = samples * channels * BYTES_PER_SAMPLE.get(subtype, 0)
    if size > _MAX_CHUNKED_BYTES and kind == "AIFF":
        raise AudioFileError(f"{path.name} exceeds the 4 GiB of AIFF, write .wav or .flac")
    if kind == "WAV" and (size > _MAX_CHUNKED_BYTES or extensible):
        kind = "RF64" if size > _MAX_CHUNKED_BYTES else "WAVEX"
    written_rate = form.rate_for(sample_rate)
    if written_rate != sample_rate:
        blocks, samples = resampled_blocks(blocks, samples, channels, sample_rate, written_rate)
    texts = tags if tags and kind not in ("MP3", "M4A") else {}
    encoding = _Encoding(kind, subtype, channels, written_rate, texts, form.compression_level)
    with atomic_path(path) as temporary:
        _encode(temporary, path, blocks, samples, encoding)
        if kind in ("WAV", "WAVEX", "RF64", "AIFF"):
            clear_time_stamp(temporary)
        if finish is not None:
            finish(temporary)


def written_format(path: str | os.PathLike[str]) -> tuple[str, tuple[str, ...]]:
    """Return the format that the extension of `path` chooses, and its subtypes, the usual one first.

    Raises
    ------
    AudioFileError
        If no audio is written under such a name.
    """
    form = format_of(Path(path))
    return form.kind, form.subtypes


def written_rate(path: str | os.PathLike[str], sample_rate: int) -> int:
    """Return the sample rate in Hz at which audio of a rate is written under a name.

    Raises
    ------
    AudioFileError
        If no audio is written under such a name.
    """
    return format_of(Path(path)).rate_for(sample_rate)


def check_audio_path(
    path: str | os.PathLike[str], *, subtype: str | None = None, makes_folder: bool = False
) -> None:
    """Raise `AudioFileError` unless audio can be written at `path`: format, subtype, library for it, and folder.

    With `makes_folder` the folder may be missing, where it can be made.
    """
    form = format_of(Path(path))
    require_subtype(Path(path), form.subtypes[0] if subtype is None else subtype)
    check_writable(path, makes_folder=makes_folder)


@dataclass(frozen=True, slots=True)
class _Encoding:
    """How samples are written: format and subtype by libsndfile's names, channels, Hz, texts, and how well."""

    kind: str
    subtype: str
    channels: int
    sample_rate: int
    tags: Mapping[str, str]
    compression_level: float | None


def _encode(
    temporary: Path, target: Path, blocks: Iterable[npt.NDArray[Any]], samples: int, encoding: _Encoding
) -> None:
    """Write blocks to `temporary` and check that they are complete."""
    if encoding.kind == "M4A":
        _encode_by_libav(temporary, target, blocks, samples, encoding)
        return
    import soundfile

    try:
        with soundfile.SoundFile(
            temporary,
            "w",
            samplerate=encoding.sample_rate,
            channels=encoding.channels,
            subtype=encoding.subtype,
            format=encoding.kind,
            compression_level=encoding.compression_level,
        ) as file:
            for name, text in encoding.tags.items():
                setattr(file, name, text)
            for block in blocks:
                file.write(_quantise(block, encoding.subtype))
    except (soundfile.SoundFileError, AssertionError) as error:
        # libsndfile reports a short write as a system error without its cause, or not at all.
        raise _not_whole(target) from error
    arrived = _samples_in(temporary, encoding.subtype)
    if arrived != samples:
        raise _not_whole(target, f", {arrived} of {samples} samples arrived")


def _encode_by_libav(
    temporary: Path, target: Path, blocks: Iterable[npt.NDArray[Any]], samples: int, encoding: _Encoding
) -> None:
    try:
        encode_m4a(temporary, blocks, channels=encoding.channels, sample_rate=encoding.sample_rate)
    except MixrulesError:
        raise
    except Exception as error:  # libav's errors are of many types
        raise _not_whole(target) from error
    arrived = _samples_in(temporary, encoding.subtype)
    if not samples <= arrived <= samples + 2 * FRAME_SAMPLES:
        raise _not_whole(target, f", {arrived} of {samples} samples arrived")


def _not_whole(target: Path, how: str = "") -> AudioFileError:
    """Return the error to raise where a file was cut short; with the number of the system's where the disk is full."""
    error = AudioFileError(f"{target} could not be written whole{how}: {why_short(target.parent)}")
    if is_full(target.parent):
        error.errno = errno.ENOSPC
    return error


def _samples_in(path: Path, subtype: str) -> int:
    """Return how many samples a written file holds, 0 where it is cut short.

    Where every sample takes as many bytes, those are counted; the others are decoded to the end.
    """
    try:
        header = audio_header(path)
        if subtype in BYTES_PER_SAMPLE and header.format != "FLAC":
            return header.samples
        return sum(len(block) for block in audio_blocks(path))
    except AudioFileError:
        return 0


def _quantise(block: npt.NDArray[Any], subtype: str) -> npt.NDArray[Any]:
    """Round to the nearest integer step; libsndfile on its own would round 24 bits downwards."""
    bits = _PCM_BITS.get(subtype)
    if bits is None:
        return block
    scale = 2.0 ** (bits - 1)
    steps = np.clip(np.rint(block * np.float64(scale)), -scale, scale - 1)
    return steps.astype(np.int64).astype(np.int32) << (32 - bits)  # libsndfile uses the upper bits
