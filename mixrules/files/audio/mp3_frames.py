"""The frames of an MPEG audio file: how many there are, whether the last is whole, and where joined files meet.

A decoder takes the length from the Xing frame of the first file [1]_, or guesses it from the size of the file.
Here the headers of all frames are read [2]_, and counted.

References
----------
.. [1] Mpeg Audio Frame Header and the Xing, Info and VBRI headers: gabriel bouvigne, "mp3 tech"; LAME's tag.
.. [2] ISO/IEC 11172-3, 2.4.1.3 and 2.4.2.3; ISO/IEC 13818-3, 2.4.2.3; "MPEG 2.5" as by Fraunhofer.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO

from mixrules.files.audio.chunks import id3_bytes
from mixrules.files.audio.segments import Segment, cut_short, damaged

# kbit/s by the four bits of the header: version 1 layers 1 to 3, versions 2 and 2.5 layers 1 to 3.
_KBIT_S = {
    (1, 1): (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (1, 2): (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1, 3): (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 1): (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (2, 3): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES_HZ = (44_100, 48_000, 32_000)
_TAGS = (b"Xing", b"Info")
_HEAD_BYTES = 44  # as far as a tag's name may lie from the start of its frame
_VBRI_AT = 36
_WINDOW_BYTES = 1 << 20
_NEAR_BYTES = 4096


@dataclass(frozen=True, slots=True)
class _Frame:
    """What the header of a frame says."""

    size: int  # bytes
    samples: int
    sample_rate: int
    channels: int
    tag_at: int
    layer: int


@dataclass(slots=True)
class _Run:
    """Frames that belong together."""

    start: int
    stop: int
    first: _Frame  # the first one with audio
    frames: int = 0
    tag: bytes = b""  # Xing or Info, to the end of its frame
    tag_frame_bytes: int = 0


def mp3_segments(path: Path, file: IO[bytes], start: int, *, as_it_is: bool) -> tuple[Segment, ...]:
    """Return the segments of an MPEG audio file whose first frame begins at the byte `start`.

    `as_it_is` says whether a decoder finds that frame as well.

    Raises
    ------
    AudioFileError
        If the last frame is not whole, frames are missing, or something else lies between them.
    """
    runs = _runs(path, file, start)
    if len(runs) == 1 and as_it_is:
        (run,) = runs
        size = file.seek(0, 2)
        if _promised_frames(run) == run.frames and size - run.stop <= size // 200:
            return (Segment(most_samples=_segment(run).most_samples),)
    return tuple(_segment(run) for run in runs)


def first_frame(file: IO[bytes], start: int) -> int | None:
    """Return where the first frame begins, from the byte `start` on; None where none is near."""
    file.seek(start)
    block = file.read(_NEAR_BYTES)
    offset = block.find(b"\xff")
    while offset >= 0:
        if _frames_in_a_row(file, start + offset):
            return start + offset
        offset = block.find(b"\xff", offset + 1)
    return None


def frame_bytes(head: bytes) -> int:
    """Return how many bytes the MPEG audio frame takes that begins with `head`, 0 if there is none."""
    frame = _frame(head[:4])
    return 0 if frame is None else frame.size


def _runs(path: Path, file: IO[bytes], start: int) -> list[_Run]:
    runs: list[_Run] = []
    run: _Run | None = None
    position, size = start, file.seek(0, 2)
    window, window_start = b"", start
    while position < size:
        offset = position - window_start
        if offset + _HEAD_BYTES > len(window):
            file.seek(position)
            window, window_start, offset = file.read(_WINDOW_BYTES), position, 0
        head = window[offset : offset + _HEAD_BYTES]
        frame = _frame(head[:4])
        if frame is None:
            skipped = _tag_bytes(head)
            if not skipped:
                if 0 < len(head) < 4 and head[0] == 0xFF:
                    raise cut_short(path, "the last of its MPEG frames is not whole")
                _require_no_frames(path, file, position)
                break
            position += skipped
            run = None  # tags stand at the ends of files
            continue
        stop = position + frame.size
        if stop > size:
            raise cut_short(path, "the last of its MPEG frames is not whole")
        tag = head[frame.tag_at : frame.tag_at + 4]
        if frame.layer == 3 and (tag in _TAGS or head[_VBRI_AT : _VBRI_AT + 4] == b"VBRI"):
            if tag in _TAGS:
                file.seek(position + frame.tag_at)
                said = file.read(max(0, frame.size - frame.tag_at))
                run = _Run(position, stop, frame, tag=said, tag_frame_bytes=frame.size)
            else:
                run = _Run(stop, stop, frame)
            runs.append(run)
        else:
            if run is None or (run.frames and _begins_another(run, frame, head)):
                run = _Run(position, position, frame)
                runs.append(run)
            if not run.frames:
                run.first = frame
            run.frames += 1
            run.stop = stop
        position = stop
    runs = [run for run in runs if run.frames]
    for run in runs:
        promised = _promised_frames(run)
        # Some encoders count the Xing frame as well: then the number of bytes decides.
        if promised is not None and (
            run.frames < promised - 1 or run.stop - run.start < _promised_bytes(run)
        ):
            raise cut_short(path, f"it promises {promised} MPEG frames and holds {run.frames}")
    return runs


def _begins_another(run: _Run, frame: _Frame, head: bytes) -> bool:
    """Return whether a frame, which begins with `head`, belongs to a file that was joined to that of `run`."""
    if _kind(frame) != _kind(run.first):
        return True
    if not run.tag or run.frames != _promised_frames(run):
        return False
    # The first frame of a file takes no bits from the one before (main_data_begin is 0).
    at = 4 if head[1] & 1 else 6
    return head[at] == 0 and (head[1] & 8 == 0 or head[at + 1] & 0x80 == 0)


def _segment(run: _Run) -> Segment:
    samples = run.frames * run.first.samples
    if run.tag and _promised_frames(run) == run.frames:
        return Segment(((run.start, run.stop),), most_samples=samples)
    # A decoder guesses the length from the first frame and the size: repeated so often, the guess is long enough.
    start = run.start + run.tag_frame_bytes
    repeats = 2 + run.frames * run.first.size // (run.stop - start)
    return Segment(((start, run.stop),) * repeats, limit=samples, most_samples=samples)


def _promised_frames(run: _Run) -> int | None:
    """Return the number of frames in the Xing frame of a run, None where it has none."""
    said = run.tag
    return int.from_bytes(said[8:12], "big") if len(said) >= 12 and said[7] & 1 else None


def _promised_bytes(run: _Run) -> int:
    """Return the size of a run by its Xing frame, 0 where it does not say."""
    said = run.tag
    return int.from_bytes(said[12:16], "big") if len(said) >= 16 and said[7] & 3 == 3 else 0


def _kind(frame: _Frame) -> tuple[int, int, int]:
    return frame.layer, frame.sample_rate, frame.channels


def _tag_bytes(head: bytes) -> int:
    """Return how many bytes a tag takes that begins with `head`, 0 if it is none that is known."""
    if head[:3] == b"TAG":
        return 128
    if head[:8] == b"APETAGEX":
        # Its size counts the items and the footer; the header comes on top.
        size, _, flags = struct.unpack("<III", head[12:24]) if len(head) >= 24 else (0, 0, 0)
        return 32 + (size if flags & (1 << 29) else 0)
    return id3_bytes(head)


def _require_no_frames(path: Path, file: IO[bytes], position: int) -> None:
    """Raise `AudioFileError` if frames follow: what lies at `position` was one as well."""
    at = position
    size = file.seek(0, 2)
    while at < size:
        file.seek(at)
        block = file.read(1 << 16)
        offset = block.find(b"\xff")
        while offset >= 0:
            if _frames_in_a_row(file, at + offset):
                raise damaged(path, f"at byte {position} there is no MPEG frame")
            offset = block.find(b"\xff", offset + 1)
        at += len(block)


def _frames_in_a_row(file: IO[bytes], position: int) -> bool:
    """Return whether three frames of one kind follow one another, or fewer that fill the file."""
    kinds = set()
    size = file.seek(0, 2)
    for number in range(3):
        file.seek(position)
        header = file.read(4)
        if position == size or (number == 2 and position > size):
            break
        frame = _frame(header)
        if frame is None:
            return False
        kinds.add((frame.layer, frame.sample_rate))
        position += frame.size
    return len(kinds) == 1


@lru_cache(maxsize=4096)
def _frame(header: bytes) -> _Frame | None:
    """Return what a header of four bytes says; None where it is none, or of a free bit rate."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return None
    version, layer = (header[1] >> 3) & 3, 4 - ((header[1] >> 1) & 3)
    rate_index, kbit_index, padding = (header[2] >> 2) & 3, header[2] >> 4, (header[2] >> 1) & 1
    if version == 1 or layer == 4 or rate_index == 3 or kbit_index in (0, 15):
        return None
    first = version == 3
    rate = _RATES_HZ[rate_index] // (1 if first else 2 if version == 2 else 4)
    bits_s = 1000 * _KBIT_S[1 if first else 2, layer][kbit_index]
    mono = header[3] >> 6 == 3
    tag_at = (21 if mono else 36) if first else (13 if mono else 21)
    if layer == 1:
        size, samples = 4 * (12 * bits_s // rate + padding), 384
    else:
        samples = 1152 if first or layer == 2 else 576
        size = samples // 8 * bits_s // rate + padding
    return _Frame(size, samples, rate, 1 if mono else 2, tag_at, layer)
