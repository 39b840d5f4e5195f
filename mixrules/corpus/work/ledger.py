"""The ledger of a run: a line a song when it is done or failed, and a line a block when it is finished.

The last line of a song counts. A line that is not whole or not valid is not believed: its song is done again. In memory
a song takes some 200 bytes, whatever its record holds.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from mixrules.corpus.work.ledger_lines import LedgerLines, LocalLines
from mixrules.corpus.work.song_work import Record
from mixrules.errors import MixrulesError, in_one_line
from mixrules.files.own_documents import RUN_LEDGER

_NOWHERE = -1
_STAMP_BYTES = 16


class _Line(msgspec.Struct, omit_defaults=True):
    """What a line may say: how a song went, that its stamp alone is another now, or that a block is finished."""

    song: str = ""
    index: int = 0
    stamp: str = ""
    key: str = ""
    reason: str = ""
    values: dict[str, Any] = {}
    outputs: tuple[str, ...] = ()
    same: str = ""
    block: int = -1


class Ledger:
    """What came of every song so far. Songs are numbered in the order in which they are first met.

    Parameters
    ----------
    lines : LedgerLines
        Where it is kept.
    """

    def __init__(self, lines: LedgerLines) -> None:
        self._lines = lines
        self._numbers: dict[bytes, int] = {}
        self._stamps = bytearray()
        self._positions: array[int] = array("q")
        self._indices: array[int] = array("q")
        self._failed = bytearray()
        self._finished: dict[int, int] = {}
        for position, line in lines.read():
            self._believe(position, line)

    def __len__(self) -> int:
        return len(self._indices)

    def number(self, song: str) -> int | None:
        """Return the number of a song; None where it is not known."""
        return self._numbers.get(_digest(song))

    def add(self, song: str, index: int) -> int:
        """Give a number to a song that is not known: its place in the data set stays `index`, even where that grows."""
        number = self._numbers[_digest(song)] = len(self._indices)
        self._stamps += bytes(_STAMP_BYTES)
        self._positions.append(_NOWHERE)
        self._indices.append(index)
        self._failed.append(0)
        return number

    def index(self, number: int) -> int:
        """Return the place of a song in the data set when it was first met."""
        return self._indices[number]

    def is_recorded(self, number: int) -> bool:
        """Return whether it is known what came of a song."""
        return self._positions[number] != _NOWHERE

    def has_failed(self, number: int) -> bool:
        """Return whether a song failed."""
        return bool(self._failed[number])

    def has_stamp(self, number: int, stamp: str) -> bool:
        """Return whether the files of a song were so when it was done."""
        return self.is_recorded(number) and self._stamp(number) == stamp

    def record(self, number: int) -> Record:
        """Return the record of a song, read again."""
        line = msgspec.json.decode(self._lines.at(self._positions[number]), type=_Line)
        return Record(
            song=line.song,
            stamp=self._stamp(number),
            key=line.key,
            reason=line.reason,
            values=line.values,
            outputs=line.outputs,
        )

    def put(self, number: int, record: Record) -> None:
        """Keep what came of a song."""
        position = self._lines.append(encoded(record, self._indices[number]))
        self._note(number, position, record.stamp, failed=bool(record.reason))

    def put_stamp(self, number: int, song: str, stamp: str) -> None:
        """Keep that the files of a song have other times now, and the same content."""
        self._lines.append(msgspec.json.encode(_Line(same=_told(song), stamp=stamp)))
        self._set_stamp(number, stamp)

    def put_block(self, block: int, outputs: Sequence[str] = ()) -> None:
        """Keep that a block is finished as its songs are now, and which files hold it."""
        line = _Line(block=block, outputs=tuple(outputs))
        self._finished[block] = self._lines.append(msgspec.json.encode(line))

    def block_outputs(self, block: int) -> tuple[str, ...]:
        """Return the files that held a block when it was finished last; none where it never was."""
        position = self._finished.get(block)
        if position is None:
            return ()
        return msgspec.json.decode(self._lines.at(position), type=_Line).outputs

    def is_finished(self, block: int, numbers: Iterable[int]) -> bool:
        """Return whether a block was finished after the last record of each of its songs."""
        return all(self.is_part_of(number, block) for number in numbers)

    def is_part_of(self, number: int, block: int) -> bool:
        """Return whether a block was finished after the last record of a song."""
        return self._positions[number] < self._finished.get(block, _NOWHERE)

    def close(self) -> None:
        """Bring it to the disk."""
        self._lines.close()

    def _believe(self, position: int, data: bytes) -> None:
        try:
            line = msgspec.json.decode(data, type=_Line)
            stamp = bytes.fromhex(line.stamp)
        except (msgspec.MsgspecError, ValueError):
            return
        if line.block >= 0:
            self._finished[line.block] = position
            return
        song = line.song or line.same
        number = self._numbers.get(_digest(song))
        if len(stamp) != _STAMP_BYTES or not song or line.index < 0 or (line.same and number is None):
            return
        if line.same and number is not None:
            self._set_stamp(number, line.stamp)
            return
        if number is None:
            number = self.add(song, line.index)
        self._note(number, position, line.stamp, failed=bool(line.reason))

    def _note(self, number: int, position: int, stamp: str, *, failed: bool) -> None:
        self._positions[number] = position
        self._failed[number] = failed
        self._set_stamp(number, stamp)

    def _stamp(self, number: int) -> str:
        return self._stamps[number * _STAMP_BYTES : (number + 1) * _STAMP_BYTES].hex()

    def _set_stamp(self, number: int, stamp: str) -> None:
        self._stamps[number * _STAMP_BYTES : (number + 1) * _STAMP_BYTES] = bytes.fromhex(stamp)


def encoded(record: Record, index: int = 0) -> bytes:
    """Return the line of a record; numbers of numpy are numbers."""
    line = _Line(
        song=_told(record.song),
        index=index,
        stamp=record.stamp,
        key=record.key,
        reason=in_one_line(record.reason),
        values=record.values,
        outputs=tuple(record.outputs),
    )
    return msgspec.json.encode(line, enc_hook=_plain)


def failed_songs(folder: Path) -> dict[str, str]:
    """Return the songs that failed by the ledger in a folder of results, each with the reason.

    Raises
    ------
    AudioFileError
        If the ledger cannot be read.
    """
    failed: dict[str, str] = {}
    if not (folder / RUN_LEDGER).exists():
        return failed
    for _, data in LocalLines(folder / RUN_LEDGER).read():
        with suppress(msgspec.MsgspecError):
            line = msgspec.json.decode(data, type=_Line)
            failed.pop(line.song, None)
            if line.reason:
                failed[line.song] = line.reason
    return failed


def _plain(value: Any) -> Any:
    """Return a value that JSON does not know as one that it does."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise MixrulesError(f"a value of {type(value).__name__} cannot be kept: numbers, texts and lists can")


def _told(song: str) -> str:
    """Return a name as text that can be written: bytes that are no text are escapes."""
    return song.encode(errors="backslashreplace").decode()


def _digest(song: str) -> bytes:
    return hashlib.blake2b(_told(song).encode(), digest_size=16).digest()
