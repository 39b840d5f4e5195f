"""A data set of songs that are numbers, and a work on them that needs no audio; workers of a cluster import it too."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mixrules.corpus.catalogue import Catalogue
from mixrules.corpus.work.place import Place
from mixrules.corpus.work.song_work import Record, SongResult
from mixrules.stems.song_description import SongDescription


def counted_songs(root: Path, count: int) -> Catalogue:
    """Write a folder a song; the file in it holds its number."""
    for number in range(count):
        folder = root / f"song {number:03d}"
        folder.mkdir(parents=True)
        (folder / "number.txt").write_text(str(number))
    return Catalogue(root)


@dataclass(frozen=True, slots=True, kw_only=True)
class Squaring:
    """Writes the square of each song's number, and a list a block; every song says in `tried` where it was done.

    Songs that are held back wait there for a file ``go``.
    """

    tried: Path
    sleep_s: float = 0.0
    fails: tuple[int, ...] = ()
    kills: tuple[int, ...] = ()
    kills_once: tuple[int, ...] = ()
    held_back: tuple[int, ...] = ()

    kind = "squares"
    songs_in_block = 10

    def settings(self) -> Mapping[str, Any]:
        """Return what the results depend on: nothing."""
        return {}

    def also(self, song: SongDescription) -> str:
        """Return nothing: a result depends on no other song."""
        return ""

    def needed_mib(self, song: SongDescription) -> float:
        """Return what a song needs, in MiB."""
        return 10.0

    def do(self, song: SongDescription, place: Place) -> SongResult:
        """Write the square."""
        assert song.folder is not None
        number = int((song.folder / "number.txt").read_text())
        attempts = len(list(self.tried.glob(f"{number}-*")))
        (self.tried / f"{number}-{os.getpid()}-{time.monotonic_ns()}").touch()
        time.sleep(self.sleep_s)
        while number in self.held_back and not (self.tried / "go").exists():
            time.sleep(0.01)
        if number in self.kills or (number in self.kills_once and not attempts):
            os.kill(os.getpid(), signal.SIGKILL)
        if number in self.fails:
            raise ValueError(f"{number} is not liked")
        names = (f"{song.song}.double.txt", f"{song.song}.txt")
        try:
            with place.writing(*names) as (double, square):
                double.write_text(str(2 * number))
                square.write_text(str(number * number))
        finally:
            (self.tried / f"left-{number}-{os.getpid()}").touch()
        return SongResult(values={"square": number * number}, outputs=names)

    def finish_block(self, number: int, records: Sequence[Record], place: Place) -> None:
        """Write what the songs of a block came to."""
        (self.tried / f"block-{number}-{os.getpid()}").touch()
        with place.writing(f"blocks/{number}.txt") as (path,):
            path.write_text("".join(f"{record.values.get('square', record.reason)}\n" for record in records))

    def attempts(self, number: int) -> int:
        """Return how often a song was tried."""
        return len(list(self.tried.glob(f"{number}-*")))


def end(process: int) -> None:
    """Kill a process that may have ended."""
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
