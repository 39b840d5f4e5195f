"""The samples of a song are kept apart until all songs of its block are done: mel blocks, and what is known of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

import msgspec

from mixrules.corpus.tasks.shards import MEL_BYTES, Row, read_mel_at
from mixrules.corpus.work.content import song_key
from mixrules.corpus.work.place import Place
from mixrules.errors import AudioFileError


def spool_names(song: str) -> tuple[str, str]:
    """Return the file of a song's mel blocks, and the file of its rows."""
    key = song_key(song)
    return f"spool/{key}.f32", f"spool/{key}.json"


def is_spooled(song: str, place: Place) -> bool:
    """Return whether the samples of a song are kept apart."""
    return place.exists(spool_names(song)[1])


def remove_spool(songs: Iterable[str], place: Place) -> None:
    """Remove the samples of songs; the file that says that the other one is there goes first."""
    for song in songs:
        for name in reversed(spool_names(song)):
            place.remove(name)


def spool_again(songs: Sequence[str], rows: Sequence[Row], place: Place) -> None:
    """Put samples that are in shards back where they were before: of each song its mel blocks and its rows."""
    of_song: dict[str, list[Row]] = {song: [] for song in songs}
    for row in rows:
        if row["song"] in of_song:
            of_song[row["song"]].append(row)
    with ExitStack() as stack:
        shards: dict[str, BinaryIO] = {}
        for song, own in of_song.items():
            with place.writing(*spool_names(song)) as (blocks, facts):
                with open(blocks, "wb") as file:
                    for number, row in enumerate(own):
                        shard = row["shard"]
                        if shard not in shards:
                            path = stack.enter_context(place.reading(shard))
                            shards[shard] = stack.enter_context(open(path, "rb"))
                        file.write(read_mel_at(shards[shard], row["offset"]).tobytes())
                        row["number"] = number
                facts.write_bytes(msgspec.json.encode(own))


class Spool:
    """The samples of the songs of a block, opened.

    Parameters
    ----------
    songs : iterable of str
        The songs, in the order of the data set.
    place : Place
        The folder of results.
    stack : ExitStack
        Closes what is opened.

    Attributes
    ----------
    rows : list of dict
        One a sample.

    Raises
    ------
    AudioFileError
        If the samples of a song are not there.
    """

    def __init__(self, songs: Iterable[str], place: Place, stack: ExitStack) -> None:
        self.rows: list[Row] = []
        self._paths: dict[str, Path] = {}
        self._song = ""
        self._file: BinaryIO | None = None
        self._stack = stack
        for song in songs:
            blocks, facts = spool_names(song)
            if not place.exists(facts):
                raise AudioFileError(
                    f"the samples of {song} are missing in {place}: make the task data in another folder"
                )
            with place.reading(facts) as path:
                self.rows += msgspec.json.decode(path.read_bytes())
            self._paths[song] = stack.enter_context(place.reading(blocks))

    def read_mel(self, row: Row) -> bytes:
        """Return the bytes of a sample's mel block; the rows of a song come together."""
        if self._file is None or row["song"] != self._song:
            if self._file is not None:
                self._file.close()
            self._song = row["song"]
            file = open(self._paths[self._song], "rb")  # noqa: SIM115, one at a time
            self._file = self._stack.enter_context(file)
        self._file.seek(row["number"] * MEL_BYTES)
        return self._file.read(MEL_BYTES)
