"""Works without audio: what a run does with them can be counted."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mixrules.corpus.work.place import Place
from mixrules.corpus.work.song_work import Record, SongResult
from mixrules.errors import AudioFileError
from mixrules.stems.song_description import SongDescription


def make_songs(root: Path, count: int) -> Path:
    """Make folders ``s00``, ``s01``, ... with a file each."""
    for number in range(count):
        (root / f"s{number:02d}").mkdir(parents=True)
        (root / f"s{number:02d}" / "vocals.wav").write_text(f"content {number}")
    return root


@dataclass(frozen=True)
class Songs:
    """The folders of a folder as songs; with `twice` one of them is listed once more at the end."""

    root: Path
    twice: str = ""
    layout: str = "folders"

    def __iter__(self) -> Iterator[SongDescription]:
        """Yield the songs in order."""
        names = sorted(path.name for path in self.root.iterdir())
        for name in [*names, *([self.twice] if self.twice else [])]:
            problem = "drums.wav is missing" if (self.root / name / "problem").exists() else ""
            yield SongDescription(song=name, folder=self.root / name, problem=problem)


@dataclass(frozen=True)
class Copying:
    """Copies what a song's file says, into a file of its own and into a table a block.

    A song whose file says "bad" fails. Every call is a line in `log`: a song's name, or a block's number.
    """

    log: Path
    seconds: float = 0.0
    options: tuple[int, ...] = (1, 2)

    kind = "copies"
    songs_in_block = 4

    def settings(self) -> Mapping[str, Any]:
        """Return the options."""
        return {"options": self.options, "more": {"deep": 1}}

    def also(self, song: SongDescription) -> str:
        """Return nothing: a result depends on no other song."""
        return ""

    def needed_mib(self, song: SongDescription) -> float:
        """Return 1 MiB."""
        return 1.0

    def do(self, song: SongDescription, place: Place) -> SongResult:
        """Copy a song."""
        assert song.folder is not None
        note(self.log, song.song)
        said = (song.folder / "vocals.wav").read_text()
        time.sleep(self.seconds)
        if said == "bad":
            raise AudioFileError(f"{song.folder / 'vocals.wav'} is cut short")
        name = f"{song.song}/copy.txt"
        with place.writing(f"spool/{song.song}", name) as (row, copy):
            row.write_text(f"{song.song}: {said}\n")
            copy.write_text(said)
        return SongResult(values={"length": len(said)}, outputs=(name,))

    def finish_block(self, number: int, records: Sequence[Record], place: Place) -> Sequence[str] | None:
        """Put the rows of the songs together: from the spool, or from the table that was there."""
        note(self.log, f"block {number}")
        table = f"table/part-{number:05d}.txt"
        before = {}
        if place.exists(table):
            with place.reading(table) as path:
                before = {line.partition(":")[0]: line for line in path.read_text().splitlines(keepends=True)}
        rows, spooled = [], []
        for record in records:
            if record.reason:
                continue
            name = f"spool/{record.song}"
            if place.exists(name):
                spooled.append(name)
                with place.reading(name) as path:
                    rows.append(path.read_text())
            else:
                rows.append(before[record.song])
        with place.writing(table) as (path,):
            path.write_text("".join(rows))
        time.sleep(self.seconds)
        for name in spooled:
            place.remove(name)
        return [table]


def note(log: Path, line: str) -> None:
    """Add a line to a file, whole even where several processes do."""
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, f"{line}\n".encode())
    os.close(descriptor)


def logged(log: Path) -> list[str]:
    """Return the lines so far, and begin anew."""
    lines = log.read_text().splitlines() if log.exists() else []
    log.unlink(missing_ok=True)
    return lines


def contents(folder: Path) -> dict[str, str]:
    """Return every file in a folder, hidden ones too, but for the ledger, whose lines are in the order of their ends."""
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "ledger.jsonl"
    }
