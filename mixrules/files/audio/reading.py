"""Reading audio files: float32 of shape (samples, channels). Every failure is an `AudioFileError` of one line."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import MAX_CHANNELS, MAX_SAMPLE_RATE, MIN_SAMPLE_RATE
from mixrules.errors import AudioFileError, MixrulesError
from mixrules.files.atomic import cannot_read
from mixrules.files.audio.decoding import Decoder, NoSamplesError, open_decoder
from mixrules.files.audio.header import AudioHeader

BLOCK_SAMPLES = 1 << 16
"""How many samples are read or written at once."""

# Compressed audio of more samples to a byte is made room for as it is decoded: about 5 kbit/s.
_BELIEVED_SAMPLES_PER_BYTE = 64


@dataclass(frozen=True, slots=True, eq=False)
class AudioData:
    """The content of a file: float32 audio of shape (samples, channels), sample rate in Hz, subtype."""

    audio: npt.NDArray[np.float32]
    sample_rate: int
    subtype: str


@dataclass(frozen=True, slots=True)
class CheckedAudio:
    """A file whose samples were all read and checked: its header and its sample peak."""

    header: AudioHeader
    peak: float


def read_audio(
    path: str | os.PathLike[str], *, channels_max: int = 8, stream: int | None = None
) -> AudioData:
    """Read a whole audio file as float32.

    Parameters
    ----------
    path : path-like
        A WAV, FLAC, OGG, MP3 or AIFF file, known by its content; with the extra ``mixrules[stems]``
        whatever libav decodes.
    channels_max : int
        The most channels accepted.
    stream : int, optional
        Which stream of sound in a container, counted from 0; it is decoded by libav.

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
    with _opened(path, channels_max, stream) as (decoder, header), _one_line(path):
        audio = _all_samples(decoder, path)
    _require_finite(audio, header.sample_rate, path)
    return AudioData(audio, header.sample_rate, header.subtype)


def check_audio(
    path: str | os.PathLike[str], *, channels_max: int = 8, stream: int | None = None
) -> CheckedAudio:
    """Check an audio file in blocks, as strictly as `read_audio`, without keeping its samples.

    Parameters
    ----------
    path : path-like
        A WAV, FLAC, OGG, MP3 or AIFF file, known by its content; with the extra ``mixrules[stems]``
        whatever libav decodes.
    channels_max : int
        The most channels accepted.
    stream : int, optional
        Which stream of sound in a container, counted from 0; it is decoded by libav.

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
    with _opened(path, channels_max, stream) as (decoder, header):
        for block in _blocks(decoder, path):
            peak = max(peak, float(block.max()), -float(block.min()))
            samples += len(block)
    return CheckedAudio(replace(header, samples=samples), peak)


def audio_header(
    path: str | os.PathLike[str], *, channels_max: int = 8, stream: int | None = None
) -> AudioHeader:
    """Return the header of an audio file; errors as `read_audio`, but for those in the samples."""
    with _opened(Path(path), channels_max, stream) as (_, header):
        return header


def audio_blocks(
    path: str | os.PathLike[str], *, channels_max: int = MAX_CHANNELS, stream: int | None = None
) -> Iterator[npt.NDArray[np.float32]]:
    """Yield the samples of a file in blocks, shape (samples, channels); errors as `read_audio`."""
    with open_audio(path, channels_max=channels_max, stream=stream) as (_, blocks):
        yield from blocks


@contextmanager
def open_audio(
    path: str | os.PathLike[str],
    *,
    channels_max: int = MAX_CHANNELS,
    stream: int | None = None,
    block_samples: int = BLOCK_SAMPLES,
) -> Iterator[tuple[AudioHeader, Iterator[npt.NDArray[np.float32]]]]:
    """Open an audio file: its header, and its samples in blocks, shape (samples, channels).

    Parameters
    ----------
    path : path-like
        What `read_audio` accepts.
    channels_max : int
        The most channels accepted.
    stream : int, optional
        Which stream of sound in a container, counted from 0; it is decoded by libav.
    block_samples : int
        Samples a block; the last one may be shorter.

    Yields
    ------
    header : AudioHeader
        The header.
    blocks : iterator of ndarray
        The samples, each block an array of its own.

    Raises
    ------
    AudioFileError
        As `read_audio`.
    """
    path = Path(path)
    with _opened(path, channels_max, stream) as (decoder, header):
        yield header, _blocks(decoder, path, block_samples)


@contextmanager
def _opened(path: Path, channels_max: int, stream: int | None) -> Iterator[tuple[Decoder, AudioHeader]]:
    """Open an audio file and check its header."""
    with _one_line(path):
        decoder = open_decoder(path, stream)
    with closing(decoder):
        if decoder.channels > channels_max:
            raise AudioFileError(
                f"{path} has {decoder.channels} channels, {_up_to(channels_max)} are accepted"
            )
        if not MIN_SAMPLE_RATE <= decoder.sample_rate <= MAX_SAMPLE_RATE:
            raise AudioFileError(
                f"{path} has a sample rate of {decoder.sample_rate} Hz, "
                f"{MIN_SAMPLE_RATE} to {MAX_SAMPLE_RATE} Hz are accepted"
            )
        yield (
            decoder,
            AudioHeader(
                decoder.samples,
                decoder.channels,
                decoder.sample_rate,
                decoder.format,
                decoder.subtype,
                decoder.as_it_is,
            ),
        )


@contextmanager
def _one_line(path: Path) -> Iterator[None]:
    """Turn whatever a library raises into an `AudioFileError`."""
    try:
        yield
    except MixrulesError:
        raise
    except MemoryError as error:
        raise AudioFileError(f"{path} needs more memory than there is") from error
    except OSError as error:
        raise cannot_read(path, error) from error
    except Exception as error:
        # libsndfile's errors say more than their reason.
        why = " ".join(str(getattr(error, "error_string", error)).split()).rstrip(".")
        raise AudioFileError(f"{path} is damaged or cut short ({why}), export or copy it again") from error


def _blocks(
    decoder: Decoder, path: Path, block_samples: int = BLOCK_SAMPLES
) -> Iterator[npt.NDArray[np.float32]]:
    """Yield all samples of a file in blocks, checked; errors as `read_audio`."""
    samples = 0
    while True:
        block = np.empty((block_samples, decoder.channels), np.float32)
        with _one_line(path):
            block = block[: decoder.read_into(block)]
        if not len(block):
            break
        _require_finite(block, decoder.sample_rate, path, samples)
        samples += len(block)
        yield block
    _require_samples(path, samples)


def _all_samples(decoder: Decoder, path: Path) -> npt.NDArray[np.float32]:
    """Return all samples of a file as one array, which grows where its header says too little."""
    believed = max(BLOCK_SAMPLES, path.stat().st_size * _BELIEVED_SAMPLES_PER_BYTE)
    audio = np.empty((max(1, min(decoder.samples, believed)), decoder.channels), np.float32)
    samples = 0
    while (count := decoder.read_into(audio[samples:])) == len(audio) - samples:
        samples += count
        more = np.empty((BLOCK_SAMPLES, decoder.channels), np.float32)
        count = decoder.read_into(more)
        if not count:
            break
        audio.resize((samples + max(samples // 2, BLOCK_SAMPLES), decoder.channels), refcheck=False)
        audio[samples : samples + count] = more[:count]
        samples += count
    else:
        samples += count
    _require_samples(path, samples)
    if samples < len(audio):
        audio.resize((samples, decoder.channels), refcheck=False)
    return audio


def _require_samples(path: Path, samples: int) -> None:
    if samples == 0:
        raise NoSamplesError(f"{path} holds no samples, at least one is needed")


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
