"""How many bytes of samples a header announces, and how many the file holds: WAV, RF64, AIFF, W64, CAF, AU and NIST.

Programs that write to a pipe, and recorders that lose power, leave a length open: 0, or the largest number
that their field or their program has. Such a length is that of the file. Any other that is larger than the
file is that of a file that was cut.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import IO

from mixrules.files.audio.chunks import Chunk, chunks, riff_chunks, w64_chunks
from mixrules.files.audio.segments import Part, Segment
from mixrules.files.audio.wide_containers import bits_of_32, parts_before

# arecord, sox and mplayer leave a length at 2 GiB or just below, ffmpeg, mpg123 and lame one just below 4 GiB.
_NEAR = 1 << 16
_OPEN_64 = 1 << 62
_MAX_32 = 2**32 - _NEAR
_W64_RIFF = bytes.fromhex("726966662e91cf11a5d628db04c10000")
_W64_DATA = bytes.fromhex("64617461f3acd3118cd100c04f8edb8a")


@dataclass(frozen=True, slots=True)
class _Declared:
    """What a header announces, and where that which belongs to it ends."""

    segment: Segment
    stop: int


_Read = Callable[[IO[bytes], int, int], _Declared | None]


def declared_segments(file: IO[bytes], start: int) -> tuple[Segment, ...]:
    """Return the segments of a file whose header, of one of these formats, begins at the byte `start`.

    There are several where files were joined, and none where the header has no samples.
    """
    size = file.seek(0, 2)
    found: list[tuple[int, _Declared]] = []
    while start < size and (read := _reader(file, start)) is not None:
        declared = read(file, start, size)
        if declared is None:
            break
        found.append((start, declared))
        start = declared.stop
    if len(found) == 1:
        return (found[0][1].segment,)
    return tuple(
        declared.segment
        if declared.segment.parts
        else replace(declared.segment, parts=((first, declared.stop),))
        for first, declared in found
    )


def _reader(file: IO[bytes], start: int) -> _Read | None:
    """Return the function for the header at the byte `start`, None where there is none."""
    file.seek(start)
    head = file.read(16)
    if head[:4] in (b"RIFF", b"RIFX", b"RF64", b"BW64") and head[8:12] == b"WAVE":
        return _riff
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return _aiff
    if head == _W64_RIFF:
        return _w64
    if head[:4] == b"caff":
        return _caf
    if head[:4] in (b".snd", b"dns."):
        return _au
    if head[:8] == b"NIST_1A\n":
        return _nist
    return None


def _riff(file: IO[bytes], start: int, size: int) -> _Declared | None:
    file.seek(start)
    magic = file.read(4)
    order = ">" if magic == b"RIFX" else "<"
    others: list[Chunk] = []
    data: list[Chunk] = []
    stop, open_length = size, False
    for chunk in riff_chunks(file, start, size):
        stop = chunk.header
        if chunk.name in (b"RIFF", b"RIFX", b"RF64", b"BW64"):  # a file that was joined
            break
        if chunk.name == b"ds64":
            continue
        if chunk.name == b"data":
            open_length = _is_open(file, chunk, size, order)
            data.append(replace(chunk, size=size - chunk.start) if open_length else chunk)
        elif not data:
            others.append(chunk)
        stop = min(size, chunk.stop)
        if chunk.start + chunk.size >= size or open_length:
            stop = size
            break
        if chunk.size % 2 and _reader(
            file, chunk.stop - 1
        ):  # joined without the byte that makes the size even
            stop = chunk.stop - 1
            break
    if not data:
        return None
    held = [min(chunk.size, size - chunk.start) for chunk in data]
    announced = None if open_length else sum(chunk.size for chunk in data)
    parts: tuple[Part, ...] = ()
    fmt = next((chunk for chunk in others if chunk.name == b"fmt "), None)
    bits = 0 if fmt is None else bits_of_32(file, fmt, data[0], order)
    if open_length or len(data) > 1 or bits:
        body = parts_before(file, others, bits, order)
        parts = _riff_header(magic, order, body, sum(held))
        parts += tuple((chunk.start, chunk.start + length) for chunk, length in zip(data, held, strict=True))
    return _Declared(Segment(parts, announced=announced, held=sum(held), bits_of_32=bits), stop)


def _riff_header(magic: bytes, order: str, body: Sequence[Part], held: int) -> tuple[Part, ...]:
    """Return a header that announces `held` bytes of samples, as RF64 where 32 bits do not count them."""
    length = 4 + 8 + held + sum(len(p) if isinstance(p, bytes) else p[1] - p[0] for p in body)
    if length <= _MAX_32:
        magic = b"RIFX" if magic == b"RIFX" else b"RIFF"
        head = magic + struct.pack(order + "I", length) + b"WAVE"
        return (head, *body, b"data" + struct.pack(order + "I", held))
    sizes = struct.pack("<QQQI", length + 36, held, 0, 0)
    head = b"RF64" + b"\xff" * 4 + b"WAVEds64" + struct.pack("<I", len(sizes)) + sizes
    return (head, *body, b"data" + b"\xff" * 4)


def _aiff(file: IO[bytes], start: int, size: int) -> _Declared | None:
    before: list[Part] = []
    found: Chunk | None = None
    stop, open_length = size, False
    file.seek(start + 8)
    kind = file.read(4)
    for chunk in chunks(file, start + 12, size, ">"):
        stop = chunk.header
        if chunk.name == b"FORM":
            break
        stop = min(size, chunk.stop)
        if chunk.name == b"SSND" and found is None:
            open_length = _is_open(file, chunk, size, ">")
            found = replace(chunk, size=size - chunk.start) if open_length else chunk
        elif found is None:
            before += _as_part(chunk)
        if open_length or chunk.start + chunk.size >= size:
            stop = size
            break
    if found is None:
        return None
    held = max(0, min(found.size, size - found.start) - 8)
    parts: tuple[Part, ...] = ()
    if open_length:
        common = next((c for c in chunks(file, start + 12, found.header, ">") if c.name == b"COMM"), None)
        if common is not None:
            file.seek(common.start)
            channels, _, bits = struct.unpack(">HIH", file.read(8).ljust(8, b"\0"))
            frames = held // max(1, channels * ((bits + 7) // 8))
            at = before.index(_as_part(common)[0])
            head = b"COMM" + struct.pack(">IHI", common.size, channels, min(frames, 0xFFFFFFFF))
            before[at : at + 1] = [head, (common.start + 6, common.stop)]
        announce = min(held + 8, _MAX_32)
        parts = (
            b"FORM" + struct.pack(">I", min(_MAX_32, size - start - 8)) + kind,
            *before,
            b"SSND" + struct.pack(">I", announce),
            (found.start, found.start + announce),
        )
    announced = None if open_length else max(0, found.size - 8)
    return _Declared(Segment(parts, announced=announced, held=held), stop)


def _w64(file: IO[bytes], start: int, size: int) -> _Declared | None:
    for chunk in w64_chunks(file, start + 40, size):
        if chunk.name != _W64_DATA:
            continue
        at = chunk.start
        held = max(0, min(chunk.size, size - at))
        stop = min(size, at + chunk.size)
        if _reader(file, stop) is None:
            stop = min(size, chunk.stop)
        length = chunk.size + at - chunk.header
        if 24 < length < _OPEN_64 or (length == 24 and at >= size - 8):
            return _Declared(Segment(announced=chunk.size, held=held), stop)
        held = size - at
        head = _W64_RIFF + struct.pack("<Q", size - start)
        parts = (head, (start + 24, chunk.header), _W64_DATA + struct.pack("<Q", held + 24), (at, size))
        return _Declared(Segment(parts, held=held), size)
    return None


def _caf(file: IO[bytes], start: int, size: int) -> _Declared | None:
    announced: int | None = None
    held, at = 0, start + 8
    while at + 12 <= size:
        file.seek(at)
        name, length = struct.unpack(">4sq", file.read(12))
        if name[1:] == b"caf":  # joined after an odd number of bytes that was made even
            at += 1
            break
        if name == b"caff" or not name.isascii() or not name.decode().isprintable():
            break  # a file that was joined, or no chunk
        at += 12
        if length < 0:  # the length of the last chunk may be left open
            held = size - at
            parts = ((start, at - 8), struct.pack(">q", held), (at, size))
            return _Declared(Segment(parts, held=held - 4), size)
        if name == b"data" or (name == b"pakt" and at + length > size):
            announced, held = max(0, length - 4), max(0, min(length, size - at) - 4)
        at += length
    return None if announced is None else _Declared(Segment(announced=announced, held=held), min(at, size))


def _au(file: IO[bytes], start: int, size: int) -> _Declared | None:
    file.seek(start)
    head = file.read(24)
    if len(head) < 24:
        return None
    order = "big" if head[:4] == b".snd" else "little"
    offset, length = int.from_bytes(head[4:8], order), int.from_bytes(head[8:12], order)  # type: ignore[arg-type]
    held = max(0, size - start - offset)
    if length >= 0xFFFFFFFF - _NEAR or (length == 0 and held):
        parts = (head[:8] + min(held, _MAX_32).to_bytes(4, order) + head[12:24], (start + 24, size))  # type: ignore[arg-type]
        return _Declared(Segment(parts, held=held), size)
    stop = min(size, start + offset + length)
    return _Declared(Segment(announced=length, held=min(length, held)), stop)


def _nist(file: IO[bytes], start: int, size: int) -> _Declared | None:
    file.seek(start)
    header = file.read(1024)
    # Of the codings of one byte some writers leave the size of a sample out.
    names = (b"sample_count", b"channel_count", b"sample_n_bytes")
    found = [re.search(name + rb" -i (\d{1,18})\s", header) for name in names]
    if found[0] is None or not header[8:16].strip().isdigit():
        return None
    announced = math.prod(1 if match is None else int(match[1]) for match in found)
    held = max(0, size - start - int(header[8:16]))
    return _Declared(Segment(announced=announced, held=min(announced, held)), size)


def _is_open(file: IO[bytes], chunk: Chunk, size: int, order: str) -> bool:
    """Return whether the length of a chunk of samples was left open."""
    held = size - chunk.start
    if chunk.size == 0 or (order == ">" and chunk.size == 8 and held > 8):
        # An empty file may have other chunks after its samples; then those fill it.
        last = chunk.start + chunk.size
        for other in chunks(file, last, size, order):
            last = other.stop
        return held > chunk.size and last not in (size, size + 1)
    near = min(abs(chunk.size - 2**31), abs(chunk.size - 2**32))
    return chunk.size > held and (near <= _NEAR or chunk.size >= _OPEN_64)


def _as_part(chunk: Chunk) -> list[Part]:
    return [(chunk.header, chunk.stop)]
