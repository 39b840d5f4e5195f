"""Native Instruments' STEMS files: one MP4 whose first stream is the mix and whose others are stems.

The names come from the JSON in the file's ``moov/udta/stem`` box where there is one [1]_; MUSDB18's
files have none and use a fixed order: mixture, drums, bass, other, vocals [2]_.

References
----------
.. [1] Native Instruments, "Stem file format", the ``stem`` atom and its JSON.
.. [2] Rafii, Liutkus, Stöter, Mimilakis, Bittner: MUSDB18, 2017; stream order of the ``stem.mp4`` files.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import IO, Any

import numpy as np

from mixrules.errors import AudioFileError, StemsError
from mixrules.files import AudioData

_MUSDB18_ORDER = ("drums", "bass", "other", "vocals")


def stem_readers(path: Path) -> dict[str, Callable[[], AudioData]]:
    """Return the names of the stems in the file, each with a function that reads it."""
    av = _av()
    try:
        with av.open(str(path)) as container:
            titles = [str(stream.metadata.get("title", "")).strip() for stream in container.streams.audio]
            channels = [int(stream.codec_context.channels) for stream in container.streams.audio]
    except (av.FFmpegError, OSError) as error:
        raise _unreadable(path, error) from error
    if len(titles) < 2:
        raise StemsError(
            f"{path} holds {len(titles)} audio streams, the mix and at least one stem are needed"
        )
    wide = [count for count in channels[1:] if count > 2]
    if wide:
        raise AudioFileError(f"{path} has {wide[0]} channels in a stream, stems of 1 or 2 are accepted")
    names: list[str] = []
    for name in _names(path, titles[1:]):
        count = sum(other == name or other.startswith(f"{name} ") for other in names)
        names.append(f"{name} {count + 1}" if name in names else name)
    return {name: partial(_decode, path, stream + 1, name) for stream, name in enumerate(names)}


def _av() -> Any:
    try:
        import av
    except ImportError as error:
        raise StemsError('a .stem.mp4 file needs PyAV: pip install "mixrules[stems]"') from error
    return av


def _unreadable(path: Path, error: Exception) -> AudioFileError:
    why = str(getattr(error, "strerror", None) or error).lower()
    return AudioFileError(f"{path} cannot be read as a .stem.mp4 file: {why}")


def _decode(path: Path, stream: int, name: str) -> AudioData:
    """Decode one audio stream of the file."""
    av = _av()
    try:
        with av.open(str(path)) as container:
            source = container.streams.audio[stream]
            rate, codec = int(source.codec_context.sample_rate), str(source.codec_context.name)
            layout = "mono" if source.codec_context.channels == 1 else "stereo"
            resampler = av.AudioResampler(format="fltp", layout=layout, rate=rate)
            frames = [out for frame in container.decode(source) for out in resampler.resample(frame)]
            blocks = [frame.to_ndarray() for frame in frames]
    except (av.FFmpegError, OSError) as error:
        raise _unreadable(path, error) from error
    if not blocks:
        raise AudioFileError(f"{path} holds no samples in its stream {name!r}")
    audio = np.ascontiguousarray(np.concatenate(blocks, axis=1).T, dtype=np.float32)
    if not np.isfinite(audio).all():
        raise AudioFileError(f"{path} holds NaN or infinity in {name!r}, only finite samples are accepted")
    return AudioData(audio, rate, codec)


def _names(path: Path, titles: list[str]) -> list[str]:
    """Names for the streams after the mix."""
    boxed = []
    with suppress(OSError, ValueError, TypeError, struct.error), open(path, "rb") as file:
        boxed = [str(entry.get("name", "")).strip() for entry in _stem_box(file).get("stems", [])]
    by_order = list(_MUSDB18_ORDER) if len(titles) == len(_MUSDB18_ORDER) else [""] * len(titles)
    for names in (boxed, titles, by_order):
        if len(names) == len(titles) and all(names):
            return names
    return [f"stem {number + 1}" for number in range(len(titles))]


def _stem_box(file: IO[bytes]) -> dict[str, Any]:
    """Return the JSON of the ``moov/udta/stem`` box, or nothing."""
    ranges = [(0, file.seek(0, 2))]
    for name in (b"moov", b"udta", b"stem"):
        ranges = [box for start, end in ranges for box in _boxes(file, name, start, end)]
    for start, end in ranges:
        file.seek(start)
        document = json.loads(file.read(end - start).decode("utf-8").strip("\0"))
        if isinstance(document, dict):
            return document
    return {}


def _boxes(file: IO[bytes], wanted: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Start and end of the content of each box called `wanted` between two offsets."""
    while start + 8 <= end:
        file.seek(start)
        size, name = struct.unpack(">I4s", file.read(8))
        head = 8
        if size == 1:
            size, head = struct.unpack(">Q", file.read(8))[0], 16
        size = size or end - start
        if size < head:
            return
        if name == wanted:
            yield start + head, min(start + size, end)
        start += size
