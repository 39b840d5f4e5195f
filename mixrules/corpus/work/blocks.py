"""Blocks of songs: each is finished as soon as all of its songs are done or failed, and again only when one changed."""

from __future__ import annotations

from array import array

from mixrules.corpus.work.ledger import Ledger
from mixrules.corpus.work.out_of_order import OutOfOrderError
from mixrules.corpus.work.outcomes import reason_of
from mixrules.corpus.work.place import Place
from mixrules.corpus.work.song_work import SongWork


class Blocks:
    """Keeps the count of the songs of each block.

    A song belongs to the block that it was in when it was first met: a data set that grows moves none to another. Songs
    that are in it no more stay in theirs.

    Parameters
    ----------
    work : SongWork
        What finishes them.
    ledger : Ledger
        What came of the songs so far, and which blocks are finished.
    place : Place
        Where the results go.
    """

    def __init__(self, work: SongWork, ledger: Ledger, place: Place) -> None:
        self._work = work
        self._ledger = ledger
        self._place = place
        self._songs: dict[int, array[int]] = {}
        self._not_met: dict[int, int] = {}
        self._running: dict[int, int] = {}
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

    def is_lost(self, number: int) -> bool:
        """Return whether a file is gone that held what a song wrote."""
        block = self._block(number)
        if block not in self._lost:
            self._lost[block] = not self._place.still_has(self._ledger.block_outputs(block))
        return self._lost[block] and self._ledger.is_part_of(number, block)

    def ended(self, number: int) -> None:
        """Take notice that a song is done or failed, and finish its block if it was the last one."""
        block = self._block(number)
        self._running[block] -= 1
        self._finish_if_complete(block)

    def passed(self, index: int) -> None:
        """Finish the blocks before a place in the data set that are complete."""
        full = index // self._work.songs_in_block
        for block in range(self._full, full):
            self._full = block + 1
            self._finish_if_complete(block)

    def all_met(self) -> None:
        """Finish what is complete now that no song is to come."""
        for block in self._songs:
            self._not_met[block] = 0
        self._full = max(self._songs, default=-1) + 1
        for block in sorted(self._songs):
            self._finish_if_complete(block)

    def _block(self, number: int) -> int:
        return self._ledger.index(number) // self._work.songs_in_block

    def _join(self, number: int) -> None:
        block = self._block(number)
        self._songs.setdefault(block, array("q")).append(number)
        self._not_met[block] = self._not_met.get(block, 0) + 1

    def _finish_if_complete(self, block: int) -> None:
        if (
            block >= self._full
            or block not in self._songs
            or self._not_met[block]
            or self._running.get(block)
        ):
            return
        numbers = self._songs[block]
        if block in self.failures or self._ledger.is_finished(block, numbers):
            return
        records = [(self._ledger.index(number), self._ledger.record(number)) for number in numbers]
        records.sort(key=lambda record: (record[0], record[1].song))
        try:
            outputs = self._work.finish_block(block, [record for _, record in records], self._place)
        except OutOfOrderError:
            raise
        except Exception as error:  # the songs of other blocks are not to be lost
            self.failures[block] = f"block {block}: {reason_of(error)}"
        else:
            self._ledger.put_block(block, outputs or ())
