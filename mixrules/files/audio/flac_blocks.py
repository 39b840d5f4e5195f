"""What a FLAC file holds beside its samples, carried over to another: comments, pictures, cue sheets.

libsndfile writes a few comments and nothing else.

References
----------
.. [1] RFC 9639, sections 8.1 (headers of metadata blocks) and 8.4 (applications), 8.6 (comments), 8.8 (pictures).
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from mixrules.errors import AudioFileError
from mixrules.files.audio.chunks import behind_id3, move_bytes

_PADDING, _APPLICATION, _COMMENT, _CUE_SHEET, _PICTURE = 1, 2, 4, 5, 6
_CARRIED = (_APPLICATION, _COMMENT, _CUE_SHEET, _PICTURE)
# Headers of the file that was once compressed, with its length and checksums: `flac --keep-foreign-metadata`.
_FOREIGN = (b"riff", b"aiff", b"w64 ")
_MOST_BYTES = 64 << 20
_STALE = (b"REPLAYGAIN_", b"R128_")
_LAST = 0x80

Block = tuple[int, bytes]


def carried_blocks(path: Path) -> tuple[list[Block], str]:
    """Return the metadata blocks of a FLAC file that are not about its samples, and what is to be said of the others.

    Comments that state a gain to be applied are left out: they are about other samples. A broken block of comments or a
    broken picture would make the file that gets it unreadable to some programs, and is left out with a note.

    Parameters
    ----------
    path : Path
        A file; one of another format has no such blocks.

    Returns
    -------
    blocks : list of (int, bytes)
        The kind and the content of each.
    note : str
        What was broken; empty as a rule.

    Raises
    ------
    AudioFileError
        If they take more than 64 MiB.
    """
    carried: list[Block] = []
    broken: list[str] = []
    total = 0
    with open(path, "rb") as file:
        file.seek(behind_id3(file))
        if file.read(4) != b"fLaC":
            return [], ""
        for kind, size in _block_headers(file):
            if kind not in _CARRIED:
                continue
            total += size
            if total > _MOST_BYTES:
                raise AudioFileError(
                    f"{path} holds more than {_MOST_BYTES >> 20} MiB beside its samples, which is not carried over"
                )
            content = file.read(size)
            if kind == _APPLICATION and content[:4] in _FOREIGN:
                continue
            try:
                carried.append((kind, _checked(kind, content)))
            except ValueError as error:
                broken.append(str(error))
    return carried, f"left out, as they are broken: {', '.join(broken)}" if broken else ""


def replace_blocks(path: Path, blocks: Sequence[Block]) -> None:
    """Put metadata blocks into a FLAC file that was just written, in place of its own comments and padding."""
    if not blocks:
        return
    with open(path, "rb+") as file:
        file.seek(4)
        own = [
            (kind, file.read(size)) for kind, size in _block_headers(file) if kind not in (_COMMENT, _PADDING)
        ]
        frames_at = file.tell()
        content = _joined([*own, *blocks])
        move_bytes(file, frames_at, file.seek(0, os.SEEK_END), 4 + len(content) - frames_at)
        file.seek(4)
        file.write(content)


def _block_headers(file: IO[bytes]) -> Iterator[tuple[int, int]]:
    """Yield kind and size of each metadata block, the file at its content; in the end it is at the first frame."""
    last = False
    while not last:
        head = file.read(4)
        if len(head) < 4:
            return
        last = bool(head[0] & _LAST)
        size = int.from_bytes(head[1:], "big")
        behind = file.tell() + size
        yield head[0] & ~_LAST, size
        file.seek(behind)


def _joined(blocks: Sequence[Block]) -> bytes:
    parts = []
    for number, (kind, content) in enumerate(blocks, 1):
        flag = _LAST if number == len(blocks) else 0
        parts.append(bytes((kind | flag,)) + len(content).to_bytes(3, "big") + content)
    return b"".join(parts)


def _checked(kind: int, content: bytes) -> bytes:
    """Return the content of a block as it is carried over; raise `ValueError` with a name for it where it is broken."""
    if kind == _COMMENT:
        return _without_gains(content)
    if kind == _PICTURE:
        _require_picture(content)
    return content


def _without_gains(content: bytes) -> bytes:
    """Return the content of a comment block without the comments that state a gain."""
    try:
        vendor, at = _text(content, 0, "<I")
        (count,) = struct.unpack_from("<I", content, at)
        at += 4
        carried = []
        for _ in range(count):
            text, at = _text(content, at, "<I")
            if not text.upper().startswith(_STALE):
                carried.append(text)
    except struct.error:
        raise ValueError("comments") from None
    listed = b"".join(struct.pack("<I", len(text)) + text for text in carried)
    return struct.pack("<I", len(vendor)) + vendor + struct.pack("<I", len(carried)) + listed


def _require_picture(content: bytes) -> None:
    try:
        _, at = _text(content, 4, ">I")
        _, at = _text(content, at, ">I")
        _text(content, at + 16, ">I")
    except struct.error:
        raise ValueError("a picture") from None


def _text(content: bytes, at: int, form: str) -> tuple[bytes, int]:
    """Return the text at `at`, whose length stands before it, and where it ends; `struct.error` where it is cut short."""
    (size,) = struct.unpack_from(form, content, at)
    at += 4
    if at + size > len(content):
        raise struct.error
    return content[at : at + size], at + size
