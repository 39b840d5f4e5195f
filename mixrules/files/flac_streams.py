"""FLAC streams in a file: those of files that were joined are decoded one after another."""

from __future__ import annotations

from pathlib import Path
from typing import IO

from mixrules.files.segments import Segment

# The marker and the header of the STREAMINFO block, 34 bytes long, which may be the last metadata block.
_MARKERS = (b"fLaC\x00\x00\x00\x22", b"fLaC\x80\x00\x00\x22")
# A frame of at most 65535 samples takes at least 8 bytes.
_MOST_SAMPLES_PER_BYTE = 8192


def flac_segments(path: Path, file: IO[bytes], start: int) -> tuple[Segment, ...]:
    """Return the streams of a FLAC file, the first of which begins at the byte `start`."""
    starts = [start]
    position = start + 4
    file.seek(position)
    before = b""
    while block := file.read(1 << 20):
        window = before + block
        base = position - len(before)
        starts += sorted(
            base + at for marker in _MARKERS if marker in window for at in _all_indices(window, marker)
        )
        position += len(block)
        before = window[-7:]
    if len(starts) == 1:
        return (Segment(most_samples=position * _MOST_SAMPLES_PER_BYTE),)
    return tuple(
        Segment(((first, last),), most_samples=(last - first) * _MOST_SAMPLES_PER_BYTE)
        for first, last in zip(starts, [*starts[1:], position], strict=True)
    )


def _all_indices(window: bytes, marker: bytes) -> list[int]:
    found, at = [], window.find(marker)
    while at >= 0:
        found.append(at)
        at = window.find(marker, at + 1)
    return found
