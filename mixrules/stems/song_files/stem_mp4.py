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
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from mixrules.errors import AudioFileError, StemsError
from mixrules.files import (
    NEEDS_LIBAV,
    AudioData,
    boxes,
    cannot_read,
    libav_is_installed,
    read_audio,
    sound_streams,
)
from mixrules.stems.stem import MAX_STEM_CHANNELS

_MUSDB18_ORDER = ("drums", "bass", "other", "vocals")
_MOST_JSON_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class StemStream:
    """One stem in a container: the file, and which of its streams of sound it is."""

    path: Path
    stream: int

    def __call__(self) -> AudioData:
        """Read its audio."""
        return read_audio(self.path, channels_max=MAX_STEM_CHANNELS, stream=self.stream)


def stem_readers(path: Path) -> dict[str, Callable[[], AudioData]]:
    """Return the names of the stems in the file, each with a function that reads it."""
    if not libav_is_installed():
        raise StemsError(f"{path}: a .stem.mp4 file {NEEDS_LIBAV}")
    try:
        streams = sound_streams(path)
    except AudioFileError as error:
        why = str(error).removeprefix(f"{path} ")
        raise AudioFileError(f"{path} cannot be read as a .stem.mp4 file: it {why}") from error
    except OSError as error:
        raise cannot_read(path, error) from error
    if len(streams) < 2:
        raise StemsError(
            f"{path} holds {len(streams)} audio streams, the mix and at least one stem are needed"
        )
    wide = [stream.channels for stream in streams[1:] if stream.channels > MAX_STEM_CHANNELS]
    if wide:
        raise AudioFileError(f"{path} has {wide[0]} channels in a stream, stems of 1 or 2 are accepted")
    names = _unique(_names(path, [stream.title for stream in streams[1:]]))
    return {name: StemStream(path, number + 1) for number, name in enumerate(names)}


def _unique(names: list[str]) -> list[str]:
    """Return the names with a number behind those that occur again, so that none is lost."""
    found: list[str] = []
    for name in names:
        number, other = 1, name
        while other in found or (number > 1 and other in names):
            number += 1
            other = f"{name} {number}"
        found.append(other)
    return found


def _names(path: Path, titles: list[str]) -> list[str]:
    """Names for the streams after the mix."""
    boxed = []
    # Whatever is wrong with the names, the stems are there.
    with suppress(Exception), open(path, "rb") as file:
        boxed = [_as_name(entry.get("name", "")) for entry in _stem_box(file).get("stems", [])]
    by_order = list(_MUSDB18_ORDER) if len(titles) == len(_MUSDB18_ORDER) else [""] * len(titles)
    for names in (boxed, [_as_name(title) for title in titles], by_order):
        if len(names) == len(titles) and all(names):
            return names
    return [f"stem {number + 1}" for number in range(len(titles))]


def _as_name(text: object) -> str:
    """Return text as one line that can be written as UTF-8."""
    printable = "".join(c if c.isprintable() else " " for c in str(text))
    return " ".join(printable.split())


def _stem_box(file: IO[bytes]) -> dict[str, Any]:
    """Return the JSON of the ``moov/udta/stem`` box, or nothing."""
    ranges: Iterable[tuple[int, int]] = [(0, file.seek(0, 2))]
    for wanted in (b"moov", b"udta", b"stem"):
        ranges = [
            (first, min(last, stop))
            for start, stop in ranges
            for name, first, last in boxes(file, start, stop)
            if name == wanted
        ]
    for start, stop in ranges:
        file.seek(start)
        content = file.read(min(stop - start, _MOST_JSON_BYTES))
        document = json.loads(content.decode("utf-8", "replace").strip("\0"))
        if isinstance(document, dict):
            return document
    return {}
