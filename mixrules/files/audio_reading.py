"""Reading audio files: float32 of shape (samples, channels). Every failure is an `AudioFileError` of one line."""

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
)
from mixrules.errors import AudioFileError
from mixrules.files.atomic import cannot_read, require_unicode
from mixrules.files.chunks import announced_bytes

READABLE = "WAV, FLAC, OGG, MP3 or AIFF"

BYTES_PER_SAMPLE = {"PCM_16": 2, "PCM_24": 3, "PCM_32": 4, "FLOAT": 4, "DOUBLE": 8}
"""Bytes a sample takes, by libsndfile's subtype; of the subtypes that keep samples as they are."""

BLOCK_SAMPLES = 1 << 16
"""How many samples are read or written at once."""


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
        return self.format in ("WAV", "WAVEX", "RF64", "FLAC", "AIFF") and self.subtype in BYTES_PER_SAMPLE


@dataclass(frozen=True, slots=True)
class CheckedAudio:
    """A file whose samples were all read and checked: its header and its sample peak."""

    header: AudioHeader
    peak: float


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
        for block in file.blocks(BLOCK_SAMPLES, dtype="float32", always_2d=True):
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
        yield from file.blocks(BLOCK_SAMPLES, dtype="float32", always_2d=True)


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
            if announced and file.subtype in BYTES_PER_SAMPLE:
                frames = max(frames, announced // (BYTES_PER_SAMPLE[file.subtype] * file.channels))
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


def _up_to(channels_max: int) -> str:
    return "1 or 2" if channels_max == 2 else f"1 to {channels_max}"


def _require_finite(
    audio: npt.NDArray[np.float32], sample_rate: int, path: Path, first_sample: int = 0
) -> None:
    for start in range(0, len(audio), BLOCK_SAMPLES):
        bad = ~np.isfinite(audio[start : start + BLOCK_SAMPLES])
        if bad.any():
            sample, channel = (int(i) for i in np.argwhere(bad)[0])
            value = audio[start + sample, channel]
            sample += start + first_sample
            raise AudioFileError(
                f"{path} holds {value} at {sample / sample_rate:.3f} s "
                f"(sample {sample}, channel {channel}), only finite samples are accepted"
            )
