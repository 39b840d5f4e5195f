"""Reading and writing audio files.

Reading gives float32 of shape (samples, channels); writing goes to a hidden file beside the target,
is checked there and renamed, so that a crash or a full disk never leaves a partial file under the final
name. Every failure is an `AudioFileError` of one line.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import (
    MAX_CHANNELS,
    MAX_SAMPLE_RATE,
    MIN_SAMPLE_RATE,
    SlicedAudio,
    as_audio,
    require_sample_rate,
)
from mixrules.errors import AudioFileError
from mixrules.files.atomic import atomic_path, cannot_read, check_writable, require_unicode, why_short
from mixrules.files.chunks import announced_bytes, clear_time_stamp

READABLE = "WAV, FLAC, OGG, MP3 or AIFF"

_FORMATS = {".wav": "WAV", ".flac": "FLAC", ".aiff": "AIFF", ".aif": "AIFF", ".ogg": "OGG"}
_SUBTYPES = {
    "WAV": ("PCM_24", "PCM_16", "PCM_32", "FLOAT", "DOUBLE"),
    "AIFF": ("PCM_24", "PCM_16", "PCM_32", "FLOAT", "DOUBLE"),
    "FLAC": ("PCM_24", "PCM_16"),
    "OGG": ("VORBIS",),
}
_PCM_BITS = {"PCM_16": 16, "PCM_24": 24, "PCM_32": 32}
_BYTES = {"PCM_16": 2, "PCM_24": 3, "PCM_32": 4, "FLOAT": 4, "DOUBLE": 8}
# RIFF and AIFF count their bytes in 32 bits; some bytes are left for the other chunks.
_MAX_CHUNKED_BYTES = 2**32 - 2**16
_BLOCK = 1 << 16


@dataclass(frozen=True, slots=True, eq=False)
class AudioData:
    """The content of a file: float32 audio of shape (samples, channels), sample rate in Hz, subtype."""

    audio: npt.NDArray[np.float32]
    sample_rate: int
    subtype: str


@dataclass(frozen=True, slots=True)
class AudioHeader:
    """The header of a file: samples, channels, rate in Hz, format and subtype as libsndfile names them."""

    samples: int
    channels: int
    sample_rate: int
    format: str
    subtype: str

    @property
    def seekable(self) -> bool:
        """Whether it can be read exactly from any sample on."""
        return self.format in ("WAV", "WAVEX", "RF64", "FLAC", "AIFF") and self.subtype in _BYTES


@dataclass(frozen=True, slots=True)
class CheckedAudio:
    """A file whose samples were all read and checked: its header and its sample peak."""

    header: AudioHeader
    peak: float


@dataclass(frozen=True, slots=True)
class WriteReport:
    """A written file: path, subtype, and how many samples beyond full scale were clipped."""

    path: Path
    subtype: str
    clipped_samples: int

    @property
    def lossy(self) -> bool:
        """Whether the samples of the file differ from those written."""
        return self.subtype not in _BYTES


def read_audio(path: str | os.PathLike[str], *, channels_max: int = 8) -> AudioData:
    """Read a whole audio file as float32.

    Parameters
    ----------
    path : path-like
        A WAV, FLAC, OGG, MP3 or AIFF file, known by its content.
    channels_max : int
        The most channels accepted.

    Returns
    -------
    AudioData
        Full scale ±1.0; integer samples of up to 24 bits keep their exact value.

    Raises
    ------
    AudioFileError
        If the file is missing, unreadable, empty, not audio, cut short, has too many channels or a rate
        outside 8 to 384 kHz, or holds NaN or infinity.
    """
    path = Path(path)
    with _opened(path, channels_max) as (file, header):
        audio = file.read(dtype="float32", always_2d=True)
        _require_complete(path, len(audio), header)
    _require_finite(audio, header.sample_rate, path)
    return AudioData(audio, header.sample_rate, header.subtype)


def check_audio(path: str | os.PathLike[str], *, channels_max: int = 8) -> CheckedAudio:
    """Check an audio file in blocks, as strictly as `read_audio`, without keeping its samples.

    Parameters
    ----------
    path : path-like
        A WAV, FLAC, OGG, MP3 or AIFF file, known by its content.
    channels_max : int
        The most channels accepted.

    Returns
    -------
    CheckedAudio
        Its header and its sample peak.

    Raises
    ------
    AudioFileError
        As `read_audio`.
    """
    path = Path(path)
    peak, samples = 0.0, 0
    with _opened(path, channels_max) as (file, header):
        for block in file.blocks(_BLOCK, dtype="float32", always_2d=True):
            _require_finite(block, header.sample_rate, path, samples)
            peak = max(peak, float(block.max()), -float(block.min()))
            samples += len(block)
        _require_complete(path, samples, header)
    return CheckedAudio(header, peak)


def audio_header(path: str | os.PathLike[str], *, channels_max: int = 8) -> AudioHeader:
    """Return the header of an audio file; errors as `read_audio`, but for those in the samples."""
    with _opened(Path(path), channels_max) as (_, header):
        return header


def audio_blocks(path: str | os.PathLike[str]) -> Iterator[npt.NDArray[np.float32]]:
    """Yield the samples of a file in blocks, shape (samples, channels); errors as `read_audio`."""
    with _opened(Path(path), MAX_CHANNELS) as (file, _):
        yield from file.blocks(_BLOCK, dtype="float32", always_2d=True)


@contextmanager
def _opened(path: Path, channels_max: int) -> Iterator[tuple[Any, AudioHeader]]:
    """Open an audio file and check its header; turn errors meanwhile into `AudioFileError`."""
    import soundfile

    require_unicode(path)
    try:
        if path.stat().st_size == 0:
            raise AudioFileError(f"{path} is empty (0 bytes), {READABLE} is accepted")
        announced = announced_bytes(path)
    except AudioFileError:
        raise
    except OSError as error:
        raise cannot_read(path, error) from error
    opened = False
    try:
        with soundfile.SoundFile(path) as file:
            opened = True
            if file.channels > channels_max:
                raise AudioFileError(
                    f"{path.name} has {file.channels} channels, {_up_to(channels_max)} are accepted: {path}"
                )
            if not MIN_SAMPLE_RATE <= file.samplerate <= MAX_SAMPLE_RATE:
                raise AudioFileError(
                    f"{path.name} has a sample rate of {file.samplerate} Hz, "
                    f"{MIN_SAMPLE_RATE} to {MAX_SAMPLE_RATE} Hz are accepted: {path}"
                )
            frames = int(file.frames)
            if announced and file.subtype in _BYTES:
                frames = max(frames, announced // (_BYTES[file.subtype] * file.channels))
            yield (
                file,
                AudioHeader(
                    frames, int(file.channels), int(file.samplerate), str(file.format), str(file.subtype)
                ),
            )
    except soundfile.LibsndfileError as error:
        why = " ".join(error.error_string.split()).rstrip(".")
        if opened:
            raise AudioFileError(
                f"{path} is damaged or cut short ({why}), export or copy it again"
            ) from error
        # libsndfile reports this for files that it mistakes for MP3.
        reason = "" if "does not exist" in why else f" ({why})"
        raise AudioFileError(
            f"{path} is not audio that can be read{reason}, {READABLE} is accepted"
        ) from error


def _require_complete(path: Path, samples: int, header: AudioHeader) -> None:
    """Raise `AudioFileError` unless a file holds as many samples as its header says, and at least one."""
    if samples < header.samples:
        missing_s = (header.samples - samples) / header.sample_rate
        raise AudioFileError(
            f"{path} is cut short: it promises {header.samples} samples and holds {samples}, "
            f"{missing_s:.3g} s are missing; export or copy it again"
        )
    if samples == 0:
        raise AudioFileError(f"{path} holds no samples, at least one is needed")


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
        int(np.count_nonzero(np.abs(array[k : k + _BLOCK]) > 1.0)) for k in range(0, len(array), _BLOCK)
    )
    if subtype is None:
        subtype = "FLOAT" if clipped and "FLOAT" in _SUBTYPES[kind] else _SUBTYPES[kind][0]
    _require_subtype(path, kind, subtype)
    size = array.shape[0] * array.shape[1] * _BYTES.get(subtype, 0)
    if size > _MAX_CHUNKED_BYTES:
        if kind == "AIFF":
            raise AudioFileError(f"{path.name} exceeds the 4 GiB of AIFF, write .wav or .flac")
        if kind == "WAV":
            kind = "RF64"
    with atomic_path(path) as temporary:
        _encode(temporary, path, array, sample_rate, kind, subtype)
        if kind != "FLAC" and temporary.stat().st_size < size:
            raise AudioFileError(f"{path} could not be written whole: {why_short(path.parent)}")
        clear_time_stamp(temporary)
    return WriteReport(path, subtype, clipped if subtype not in ("FLOAT", "DOUBLE") else 0)


def check_audio_path(path: str | os.PathLike[str], *, subtype: str | None = None) -> None:
    """Raise `AudioFileError` unless audio can be written at `path`: its format, its subtype and its folder."""
    kind = _format(Path(path))
    if subtype is not None:
        _require_subtype(Path(path), kind, subtype)
    check_writable(path)


def _up_to(channels_max: int) -> str:
    return "1 or 2" if channels_max == 2 else f"1 to {channels_max}"


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


def _encode(
    temporary: Path, target: Path, audio: npt.NDArray[Any], sample_rate: int, kind: str, subtype: str
) -> None:
    """Write `audio` to `temporary` and check that it is complete."""
    import soundfile

    try:
        with soundfile.SoundFile(
            temporary, "w", samplerate=sample_rate, channels=audio.shape[1], subtype=subtype, format=kind
        ) as file:
            for start in range(0, len(audio), _BLOCK):
                file.write(_quantise(audio[start : start + _BLOCK], subtype))
        with soundfile.SoundFile(temporary) as file:
            frames = int(file.frames)
            if kind in (
                "FLAC",
                "OGG",
            ):  # the length in the header does not show whether the samples are there
                frames = sum(len(block) for block in file.blocks(_BLOCK, dtype="int16"))
    except (soundfile.SoundFileError, AssertionError) as error:
        # libsndfile reports a short write as a system error without its cause, or not at all.
        raise AudioFileError(f"{target} could not be written whole: {why_short(target.parent)}") from error
    if frames != len(audio):
        raise AudioFileError(
            f"{target} could not be written whole, {frames} of {len(audio)} samples arrived: "
            f"{why_short(target.parent)}"
        )


def _quantise(block: npt.NDArray[Any], subtype: str) -> npt.NDArray[Any]:
    """Round to the nearest integer step; libsndfile on its own would round 24 bits downwards."""
    bits = _PCM_BITS.get(subtype)
    if bits is None:
        return block
    scale = 2.0 ** (bits - 1)
    steps = np.clip(np.rint(block * np.float64(scale)), -scale, scale - 1)
    return steps.astype(np.int64).astype(np.int32) << (32 - bits)  # libsndfile uses the upper bits


def _require_finite(
    audio: npt.NDArray[np.float32], sample_rate: int, path: Path, first_sample: int = 0
) -> None:
    for start in range(0, len(audio), _BLOCK):
        bad = ~np.isfinite(audio[start : start + _BLOCK])
        if bad.any():
            sample, channel = (int(i) for i in np.argwhere(bad)[0])
            value = audio[start + sample, channel]
            sample += start + first_sample
            raise AudioFileError(
                f"{path} holds {value} at {sample / sample_rate:.3f} s "
                f"(sample {sample}, channel {channel}), only finite samples are accepted"
            )
