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
from mixrules.errors import AudioFileError
from mixrules.files.atomic import atomic_path, check_writable, is_full, why_short
from mixrules.files.audio.chunks import clear_time_stamp
from mixrules.files.audio.header import BYTES_PER_SAMPLE
from mixrules.files.audio.reading import BLOCK_SAMPLES, audio_blocks, audio_header

_FORMATS = {".wav": "WAV", ".flac": "FLAC", ".aiff": "AIFF", ".aif": "AIFF", ".ogg": "OGG"}
_SUBTYPES = {
    "WAV": ("PCM_24", "PCM_16", "PCM_32", "FLOAT", "DOUBLE"),
    "AIFF": ("PCM_24", "PCM_16", "PCM_32", "FLOAT", "DOUBLE"),
    "FLAC": ("PCM_24", "PCM_16"),
    "OGG": ("VORBIS",),
}
_PCM_BITS = {"PCM_16": 16, "PCM_24": 24, "PCM_32": 32}
# RIFF and AIFF count their bytes in 32 bits; some bytes are left for the other chunks.
_MAX_CHUNKED_BYTES = 2**32 - 2**16


@dataclass(frozen=True, slots=True)
class WriteReport:
    """A written file: path, subtype, and how many samples beyond full scale were clipped."""

    path: Path
    subtype: str
    clipped_samples: int

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
    bytes on every run (OGG excepted, whose streams carry a random serial number).

    Parameters
    ----------
    path : path-like
        The extension chooses the format: .wav, .flac, .aiff, .aif or .ogg.
    audio : array_like, shape (samples, channels) or (samples,)
        Float samples, full scale ±1.0. Not modified.
    sample_rate : int
        Hz.
    subtype : str, optional
        PCM_16, PCM_24, PCM_32, FLOAT or DOUBLE as far as the format has it (.ogg: VORBIS). By default
        PCM_24, or FLOAT for WAV and AIFF where the audio exceeds full scale.

    Returns
    -------
    WriteReport
        The path, the subtype, and how many samples beyond full scale were clipped.

    Raises
    ------
    AudioFileError
        If the extension or the subtype cannot be written, or the file cannot be written whole.
    AudioError
        If `audio` is not finite floating-point audio.
    """
    path = Path(path)
    kind = _format(path)
    array = as_audio(audio, name=path.name)
    sample_rate = require_sample_rate(sample_rate)
    clipped = sum(
        int(np.count_nonzero(np.abs(array[k : k + BLOCK_SAMPLES]) > 1.0))
        for k in range(0, len(array), BLOCK_SAMPLES)
    )
    if subtype is None:
        subtype = "FLOAT" if clipped and "FLOAT" in _SUBTYPES[kind] else _SUBTYPES[kind][0]
    write_blocks(
        path,
        (array[start : start + BLOCK_SAMPLES] for start in range(0, len(array), BLOCK_SAMPLES)),
        samples=len(array),
        channels=array.shape[1],
        sample_rate=sample_rate,
        subtype=subtype,
    )
    return WriteReport(path, subtype, clipped if subtype not in ("FLOAT", "DOUBLE") else 0)


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
        The extension chooses the format: .wav, .flac, .aiff, .aif or .ogg.
    blocks : iterable of ndarray, shape (samples, channels)
        Checked samples.
    samples, channels : int
        The shape of all of them together.
    sample_rate : int
        Hz.
    subtype : str
        One that the format has.
    tags : mapping of str to str, optional
        Title, artist and so on, by soundfile's names.
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
    kind = _format(path)
    _require_subtype(path, kind, subtype)
    size = samples * channels * BYTES_PER_SAMPLE.get(subtype, 0)
    if size > _MAX_CHUNKED_BYTES and kind == "AIFF":
        raise AudioFileError(f"{path.name} exceeds the 4 GiB of AIFF, write .wav or .flac")
    if kind == "WAV" and (size > _MAX_CHUNKED_BYTES or extensible):
        kind = "RF64" if size > _MAX_CHUNKED_BYTES else "WAVEX"
    encoding = _Encoding(kind, subtype, channels, sample_rate, tags or {})
    with atomic_path(path) as temporary:
        _encode(temporary, path, blocks, samples, encoding)
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
    kind = _format(Path(path))
    return kind, _SUBTYPES[kind]


def check_audio_path(
    path: str | os.PathLike[str], *, subtype: str | None = None, makes_folder: bool = False
) -> None:
    """Raise `AudioFileError` unless audio can be written at `path`: its format, its subtype and its folder.

    With `makes_folder` the folder may be missing, where it can be made.
    """
    kind = _format(Path(path))
    if subtype is not None:
        _require_subtype(Path(path), kind, subtype)
    check_writable(path, makes_folder=makes_folder)


def _format(path: Path) -> str:
    """Return the format for the extension of `path`."""
    try:
        return _FORMATS[path.suffix.lower()]
    except KeyError:
        raise AudioFileError(
            f"{path.name} cannot be written as audio, the name may end in {', '.join(_FORMATS)}"
        ) from None


def _require_subtype(path: Path, kind: str, subtype: str) -> None:
    if subtype not in _SUBTYPES[kind]:
        raise AudioFileError(
            f"{path.name} cannot be written as {subtype!r}, {kind} takes {', '.join(_SUBTYPES[kind])}"
        )


@dataclass(frozen=True, slots=True)
class _Encoding:
    """How samples are written: format and subtype by libsndfile's names, channels, Hz, and what is said of them."""

    kind: str
    subtype: str
    channels: int
    sample_rate: int
    tags: Mapping[str, str]


def _encode(
    temporary: Path, target: Path, blocks: Iterable[npt.NDArray[Any]], samples: int, encoding: _Encoding
) -> None:
    """Write blocks to `temporary` and check that they are complete."""
    import soundfile

    try:
        with soundfile.SoundFile(
            temporary,
            "w",
            samplerate=encoding.sample_rate,
            channels=encoding.channels,
            subtype=encoding.subtype,
            format=encoding.kind,
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
