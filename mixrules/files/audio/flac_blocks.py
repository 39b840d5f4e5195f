"""What a FLAC file holds beside its samples, carried over to another: comments, pictures, cue sheets.

libsndfile writes a few comments and nothing else.

References
----------
.. [1] RFC 9639, sections 8.1 (headers of metadata blocks) and 8.6 (comments).
"""

from __future__ import annotations

import os
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from mixrules.errors import AudioFileError
from mixrules.files.audio.chunks import behind_id3, move_bytes

_PADDING, _COMMENT = 1, 4
_CARRIED = (2, _COMMENT, 5, 6)  # applications' own, comments, cue sheets, pictures
_MOST_BYTES = 64 << 20
_STALE = ("REPLAYGAIN_", "R128_")
_LAST = 0x80

Block = tuple[int, bytes]


def carried_blocks(path: Path) -> list[Block]:
    """Return the kind and the content of each metadata block of a FLAC file that is not about its samples.

    Comments that state a gain to be applied are left out: they are about other samples. None of another file.

    Raises
    ------
    AudioFileError
        If they take more than 64 MiB.
    """
    with open(path, "rb") as file:
        start = behind_id3(file)
        file.seek(start)
        if file.read(4) != b"fLaC":
            return []
        carried = [block for block in _blocks(file) if block[0] in _CARRIED]
    if sum(len(content) for _, content in carried) > _MOST_BYTES:
        raise AudioFileError(
            f"{path} holds more than {_MOST_BYTES >> 20} MiB beside its samples, which is not carried over"
        )
    return [(kind, _without_gains(content) if kind == _COMMENT else content) for kind, content in carried]


def replace_blocks(path: Path, blocks: Sequence[Block]) -> None:
    """Put metadata blocks into a FLAC file that was just written, in place of its own comments and padding."""
    if not blocks:
        return
    with open(path, "rb+") as file:
        file.seek(4)
        kept = [block for block in _blocks(file) if block[0] not in (_COMMENT, _PADDING)]
        frames_at = file.tell()
        content = _joined([*kept, *blocks])
        move_bytes(file, frames_at, file.seek(0, os.SEEK_END), 4 + len(content) - frames_at)
        file.seek(4)
        file.write(content)


def _blocks(file: IO[bytes]) -> list[Block]:
    """Return the metadata blocks of an open file; it then stands at its first frame."""
    blocks = []
    last = False
    while not last:
        head = file.read(4)
        if len(head) < 4:
            break
        last = bool(head[0] & _LAST)
        blocks.append((head[0] & ~_LAST, file.read(int.from_bytes(head[1:], "big"))))
    return blocks


def _joined(blocks: Sequence[Block]) -> bytes:
    parts = []
    for number, (kind, content) in enumerate(blocks, 1):
        flag = _LAST if number == len(blocks) else 0
        parts.append(bytes((kind | flag,)) + len(content).to_bytes(3, "big") + content)
    return b"".join(parts)


def _without_gains(content: bytes) -> bytes:
    """Return the content of a comment block without the comments that state a gain; as it is if it is broken."""
    try:
        (vendor,) = struct.unpack_from("<I", content)
        (count,) = struct.unpack_from("<I", content, 4 + vendor)
        at = 8 + vendor
        kept = []
        for _ in range(count):
            (size,) = struct.unpack_from("<I", content, at)
            text = content[at + 4 : at + 4 + size]
            at += 4 + size
            if not text.upper().startswith(tuple(sign.encode() for sign in _STALE)):
                kept.append(struct.pack("<I", size) + text)
    except struct.error:
        return content
    return content[: 4 + vendor] + struct.pack("<I", len(kept)) + b"".join(kept)
