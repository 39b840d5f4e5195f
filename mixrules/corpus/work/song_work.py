"""What a work is: something done with every song of a data set, one song at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from mixrules.corpus.work.place import Place
from mixrules.stems.song_description import SongDescription


@dataclass(frozen=True, slots=True, kw_only=True)
class SongResult:
    """What a work found and wrote for one song.

    Attributes
    ----------
    values : dict
        What is worth a row of a table: numbers and texts, kept in the song's record.
    outputs : tuple of str
        The files that were written, by their names in the place of the results.
    """

    values: dict[str, Any] = field(default_factory=dict)
    outputs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """How a song went.

    Attributes
    ----------
    song : str
        Its name in the data set.
    stamp : str
        Names, sizes and times of the files that it was read from: while they stay, the song is not read again.
    key : str
        A hash of everything that the result depends on: content of the files, settings of the work, version.
    reason : str
        Why it failed; empty where it is done.
    values : dict
        As in `SongResult`.
    outputs : tuple of str
        As in `SongResult`.
    """

    song: str
    stamp: str = ""
    key: str = ""
    reason: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    outputs: tuple[str, ...] = ()


class DataSet(Protocol):
    """The songs of a data set in order, each time anew: `Catalogue` is one."""

    @property
    def root(self) -> Path:
        """Where it is."""
        ...

    @property
    def layout(self) -> str:
        """The name of its layout."""
        ...

    def __iter__(self) -> Iterator[SongDescription]:
        """Yield the songs, without reading audio."""
        ...


class SongWork(Protocol):
    """Something to be done with every song; it goes to other processes, so it is small and can be pickled."""

    @property
    def kind(self) -> str:
        """What the results are, in one word: a folder holds results of one kind."""
        ...

    @property
    def songs_in_block(self) -> int:
        """How many songs, in the order of the data set, make a block, which `finish_block` is called with.

        0 where there is nothing to put together: then there are no blocks.
        """
        ...

    def settings(self) -> Mapping[str, Any]:
        """Return what the results depend on besides the songs, as plain values: results of other settings are refused."""
        ...

    def also(self, song: SongDescription) -> str:
        """Return what the result of a song depends on besides its files and the settings, such as other songs.

        Where that is another text than it was, the song is done again. Empty where there is nothing more.
        """
        ...

    def needed_mib(self, song: SongDescription) -> float:
        """Return how much memory a song will take at most, in MiB, estimated from the headers of its files."""
        ...

    def do(self, song: SongDescription, place: Place) -> SongResult:
        """Do the work on a song and write its outputs; an exception is the reason why it failed."""
        ...

    def finish_block(self, number: int, records: Sequence[Record], place: Place) -> Sequence[str] | None:
        """Put together what the songs of a block wrote, in their order; called once all of them are done or failed.

        The same again after a killed run or a retried song must give the same files.

        Returns
        -------
        sequence of str or None
            Files that hold what no other file does: where one is gone, the songs of the block are done again.
        """
        ...
