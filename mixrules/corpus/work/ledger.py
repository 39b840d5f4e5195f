"""The ledger of a run: one line a song, appended when the song is done or failed, the last line of a song counts."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

import msgspec

from mixrules.corpus.work.song_work import Record

NAME = "ledger.jsonl"


class Ledger:
    """Appends records to a file; what a killed run left of a line is not believed, and the song is done again."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._file: BinaryIO | None = None

    def read(self) -> dict[str, Record]:
        """Return the last record of every song."""
        records: dict[str, Record] = {}
        if not self._path.exists():
            return records
        with open(self._path, "rb") as file:
            for line in file:
                if not line.endswith(b"\n"):
                    break
                record = msgspec.json.decode(line, type=Record)
                records[record.song] = record
        return records

    def append(self, record: Record) -> None:
        """Add a record; it is on the disk when this returns."""
        if self._file is None:
            self._file = open(self._path, "ab")  # noqa: SIM115, it stays open for the run
        self._file.write(msgspec.json.encode(record) + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None
