"""FLAC streams in a file: those of files that were joined are decoded one after another."""

from __future__ import annotations

from pathlib import Path
from typing import IO

from mixrules.files.audio.segments import Segment

# The marker, and the header of the STREAMINFO block, 34 bytes long, which may be the last metadata block.
_MARKER = b"fLaC"
_STREAMINFO = (b"\x00\x00\x00\x22", b"\x80\x00\x00\x22")
_OVERLAP = len(_MARKER) + 4 - 1
# A frame of at most 65535 samples takes at least 8 bytes.
_MOST_SAMPLES_PER_BYTE = 8192


def flac_segments(path: Path, file: IO[bytes], start: int) -> tuple[Segment, ...]:
    """Return the streams of a FLAC file, the first of which begins at the byte `start`."""
    starts = [start]
    position = start + 4
    file.seek(position)
    # A buffer that is filled again costs less than new ones.
    buffer = bytearray(_OVERLAP + (1 << 20))
    view = memoryview(buffer)
    while count := file.readinto(view[_OVERLAP:]):  # type: ignore[attr-defined]
        stop = _OVERLAP + count
        at = buffer.find(_MARKER, 0, stop)
        while 0 <= at <= stop - 8:
            if buffer[at + 4 : at + 8] in _STREAMINFO:
                starts.append(position - _OVERLAP + at)
            at = buffer.find(_MARKER, at + 1, stop)
        position += count
        view[:_OVERLAP] = bytes(view[stop - _OVERLAP : stop])
    return tuple(
        Segment(
            ((first, last),) if len(starts) > 1 else (),
            most_samples=(last - first) * _MOST_SAMPLES_PER_BYTE,
            begins_at=_first_sample(file, first),
        )
        for first, last in zip(starts, [*starts[1:], position], strict=True)
    )


def _first_sample(file: IO[bytes], start: int) -> int:
    """Return the number of the first sample of a stream: not 0 where its beginning was cut off on purpose [1]_.

    References
    ----------
    .. [1] RFC 9639, sections 8.1 and 9.1: the headers of metadata blocks and of frames.
    """
    at = start + 4
    block_size = 0
    last = False
    while not last:
        file.seek(at)
        head = file.read(8)
        if len(head) < 8:
            return 0
        last = bool(head[0] & 0x80)
        if head[0] & 0x7F == 0:
            block_size = int.from_bytes(head[4:6], "big")
        at += 4 + int.from_bytes(head[1:4], "big")
    file.seek(at)
    frame = file.read(11)
    if len(frame) < 11 or frame[0] != 0xFF or frame[1] & 0xFE != 0xF8:
        return 0
    # The number is coded as in UTF-8: of frames, or of samples where blocks differ in size.
    more = max(0, 8 - (frame[4] ^ 0xFF).bit_length() - 1)
    number = frame[4] & (0x7F >> (more + 1 if more else 0))
    for byte in frame[5 : 5 + more]:
        number = number << 6 | byte & 0x3F
    return number if frame[1] & 1 else number * block_size
