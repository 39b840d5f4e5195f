"""Blocks of songs: each is finished once all of its songs are done or failed, and again only when one changed."""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mixrules.corpus.work.ledger import Ledger
from mixrules.corpus.work.place import Place
from mixrules.corpus.work.song_work import Record


@dataclass(frozen=True, slots=True)
class Block:
    """A block whose songs are all done or failed.

    Attributes
    ----------
    number : int
        Which one.
    records : tuple of Record
        How its songs went, in the order of the data set.
    """

    number: int
    records: tuple[Record, ...]


class Blocks:
    """Keeps the count of the songs of each block, and says which are to be finished.

    A song belongs to the block that it was in when it was first met: a data set that grows moves none to another. Songs
    that are in it no more stay in theirs.

    Parameters
    ----------
    songs_in_block : int
        How many songs a block has; 0 where there are no blocks: then none is ever to be finished.
    ledger : Ledger
        What came of the songs so far, and which blocks are finished.
    """

    def __init__(self, songs_in_block: int, ledger: Ledger) -> None:
        self._songs_in_block = songs_in_block
        self._ledger = ledger
        self._complete: deque[int] = deque()
        self._songs: dict[int, array[int]] = {}
        self._not_met: dict[int, int] = {}
        self._running: dict[int, int] = {}
        self._seen: set[int] = set()
        self._lost: dict[int, bool] = {}
        self._full = 0  # blocks below it get no new songs
        self.failures: dict[int, str] = {}
        for number in range(len(ledger)):
            self._join(number)

    def add(self, number: int) -> None:
        """Add a song that is met for the first time."""
        self._join(number)

    def met(self, number: int, *, running: bool) -> None:
        """Take notice of a song of the data set, and whether it is being done."""
        block = self._block(number)
        self._not_met[block] -= 1
        self._running[block] = self._running.get(block, 0) + running

    def is_lost(self, number: int, place: Place) -> bool:
        """Return whether a file is gone that held what a song wrote."""
        block = self._block(number)
        if block not in self._lost:
            self._lost[block] = not place.still_has(self._ledger.block_outputs(block))
        return self._lost[block] and self._ledger.is_part_of(number, block)

    def ended(self, number: int) -> None:
        """Take notice that a song is done or failed, perhaps the last one of its block."""
        block = self._block(number)
        self._running[block] -= 1
        self._look_at(block)

    def passed(self, index: int) -> None:
        """Take notice that the blocks before a place in the data set get no more songs."""
        full = self._block_at(index)
        for block in range(self._full, full):
            self._full = block + 1
            self._look_at(block)

    def all_met(self) -> None:
        """Take notice that no song is to come."""
        for block in self._songs:
            self._not_met[block] = 0
        self._full = max(self._songs, default=-1) + 1
        for block in sorted(self._songs):
            self._look_at(block)

    @property
    def complete(self) -> int:
        """Return how many blocks are to be finished now."""
        return len(self._complete)

    def to_finish(self) -> Iterator[Block]:
        """Yield the blocks that are to be finished now, each once."""
        while self._complete:
            block = self._complete.popleft()
            records = [
                (self._ledger.index(number), self._ledger.record(number)) for number in self._songs[block]
            ]
            records.sort(key=lambda record: (record[0], record[1].song))
            yield Block(block, tuple(record for _, record in records))

    def finished(self, block: int, outputs: Sequence[str], reason: str) -> None:
        """Take notice that a block is finished and in which files, or why it could not be."""
        if reason:
            self.failures[block] = f"block {block}: {reason}"
        else:
            self._ledger.put_block(block, outputs)

    def _block(self, number: int) -> int:
        return self._block_at(self._ledger.index(number))

    def _block_at(self, index: int) -> int:
        return index // self._songs_in_block if self._songs_in_block else 0

    def _join(self, number: int) -> None:
        block = self._block(number)
        self._songs.setdefault(block, array("q")).append(number)
        self._not_met[block] = self._not_met.get(block, 0) + 1

    def _look_at(self, block: int) -> None:
        """See whether a block is complete, and not finished as it is."""
        if (
            not self._songs_in_block
            or block >= self._full
            or block not in self._songs
            or self._not_met[block]
            or self._running.get(block)
            or block in self._seen
        ):
            return
        if not self._ledger.is_finished(block, self._songs[block]):
            self._seen.add(block)
            self._complete.append(block)
