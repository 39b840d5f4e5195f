"""What goes to the process that does a song, or finishes a block, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass

from mixrules.corpus.work.blocks import Block
from mixrules.corpus.work.content import content_key
from mixrules.corpus.work.ledger import encoded
from mixrules.corpus.work.place import Place
from mixrules.corpus.work.run_ending import RunEndingError
from mixrules.corpus.work.song_work import Record, SongWork
from mixrules.stems.song_description import SongDescription


@dataclass(frozen=True, slots=True)
class SongTask:
    """A song that is to be done.

    Attributes
    ----------
    number : int
        Its number in the ledger.
    song : SongDescription
        The song.
    stamp : str
        Of its files as they are now.
    known_key : str
        Of the result that is there: where it is still the same, nothing is done. Empty where there is none.
    """

    number: int
    song: SongDescription
    stamp: str
    known_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskResult:
    """What came of a task.

    Attributes
    ----------
    record : Record or None
        How the song went; None where the result that is there is still right, and for a block.
    outputs : tuple of str
        The files that hold a block.
    ends : str
        Why the run has to end; empty where it goes on.
    """

    record: Record | None = None
    outputs: tuple[str, ...] = ()
    ends: str = ""


@dataclass(frozen=True, slots=True)
class DoTask:
    """Does a work on one song, or finishes a block, in whatever process this is.

    Attributes
    ----------
    work : SongWork
        What is done.
    place : Place
        Where the results go.
    """

    work: SongWork
    place: Place

    def __call__(self, task: SongTask | Block) -> TaskResult:
        """Do a task; an exception is why it failed."""
        try:
            if isinstance(task, Block):
                outputs = self.work.finish_block(task.number, task.records, self.place)
                return TaskResult(outputs=tuple(outputs or ()))
            return self._song(task)
        except RunEndingError as error:
            return TaskResult(ends=str(error))

    def _song(self, task: SongTask) -> TaskResult:
        song = task.song
        key = content_key(song, self.work.settings(), self.work.also(song))
        if key == task.known_key:
            return TaskResult()
        result = self.work.do(song, self.place)
        record = Record(
            song=song.song, stamp=task.stamp, key=key, values=dict(result.values), outputs=result.outputs
        )
        encoded(record)  # a value that cannot be kept is this song's failure
        return TaskResult(record=record)
