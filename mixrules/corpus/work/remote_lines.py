"""The lines of a ledger in a store, where no file can grow.

The lines are in files of some hundred kilobytes, ``ledger/000000-RUN-0000.jsonl``. The last one is put again with what
came since, under the next name, a second after anything new came, and then the one before is removed. So a run that is
killed loses the records of a second or two, and no file is ever replaced by another.
"""

from __future__ import annotations

import re
import secrets
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from mixrules.corpus.work.outcomes import reason_of
from mixrules.corpus.work.run_ending import RunEndingError
from mixrules.corpus.work.store import Store
from mixrules.errors import AudioFileError, MixrulesError

FOLDER = "ledger"

_NAME = re.compile(r"(\d{6,})-([0-9a-f]+)-(\d{4,})\.jsonl")
_FULL_BYTES = 1 << 19
_PUT_AFTER_S = 1.0
_FILES_CACHED = 4
_OFFSET_BITS = 32


@dataclass(slots=True)
class _Growing:
    """A file to which lines are added, or not all of which is in the store yet."""

    lines: bytearray = field(default_factory=bytearray)
    name: str = ""
    put_bytes: int = 0
    version: int = 0


class RemoteLines:
    """Lines in files of a store.

    Parameters
    ----------
    store : Store
        The folder of the results.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._run = secrets.token_hex(4)
        self._names: dict[int, str] = {}
        self._cached: OrderedDict[int, bytes] = OrderedDict()
        self._growing: dict[int, _Growing] = {}
        self._number = 0
        self._changing = threading.Lock()
        self._putting = threading.Lock()
        self._timer: threading.Timer | None = None
        self._failure: MixrulesError | None = None

    def read(self) -> Iterator[tuple[int, bytes]]:
        """Yield each line with its position: the number of its file, and of the bytes before it there."""
        newest: dict[tuple[int, str], tuple[int, str]] = {}
        for name in self._store.names(FOLDER):
            if match := _NAME.fullmatch(name):
                file, version = (int(match[1]), match[2]), int(match[3])
                newest[file] = max(newest.get(file, (-1, "")), (version, name))
        # Two runs at once may have used the same number: their files are told apart by a number of our own.
        files = sorted(newest)
        self._names = {number: newest[file][1] for number, file in enumerate(files)}
        self._number = max([len(files), *(number + 1 for number, _ in files)])
        for number in self._names:
            content, start = self._content(number), 0
            while (end := content.find(b"\n", start)) >= 0:
                yield number << _OFFSET_BITS | start, content[start:end]
                start = end + 1

    def at(self, position: int) -> bytes:
        """Return the line at a position; files are kept for a moment, since lines of one are asked for together."""
        number, start = position >> _OFFSET_BITS, position & ((1 << _OFFSET_BITS) - 1)
        with self._changing:
            growing = self._growing.get(number)
            content = bytes(growing.lines) if growing is not None else b""
        if growing is None:
            content = self._content(number)
        return content[start : content.index(b"\n", start)]

    def append(self, line: bytes) -> int:
        """Add a line; it is in the store a second or two later."""
        if self._failure is not None:
            raise self._failure
        with self._changing:
            growing = self._growing.get(self._number)
            if growing is not None and len(growing.lines) >= _FULL_BYTES:
                self._number += 1
                growing = None
            if growing is None:
                growing = self._growing[self._number] = _Growing()
            position = self._number << _OFFSET_BITS | len(growing.lines)
            growing.lines += line + b"\n"
            if self._timer is None:
                self._timer = threading.Timer(_PUT_AFTER_S, self._put_later)
                self._timer.daemon = True
                self._timer.start()
        return position

    def close(self) -> None:
        """Put what is not there yet."""
        with self._changing:
            if self._timer is not None:
                self._timer.cancel()
        self._put()

    def _put_later(self) -> None:
        try:
            self._put()
        except MixrulesError as error:
            self._failure = error  # of the run, which adds the next line
        except Exception as error:  # nothing else would tell of it
            self._failure = RunEndingError(f"{self._store} cannot be written to: {reason_of(error)}")

    def _put(self) -> None:
        with self._putting:
            with self._changing:
                self._timer = None
                growing = dict(self._growing)
            for number, file in growing.items():
                with self._changing:
                    data = bytes(file.lines)
                if len(data) > file.put_bytes:
                    self._put_file(number, file, data)
                with self._changing:
                    if number != self._number and len(file.lines) == file.put_bytes:
                        self._names[number] = file.name
                        del self._growing[number]

    def _put_file(self, number: int, file: _Growing, data: bytes) -> None:
        before, name = file.name, f"{number:06d}-{self._run}-{file.version:04d}.jsonl"
        self._store.put_bytes(data, f"{FOLDER}/{name}")
        file.name, file.put_bytes, file.version = name, len(data), file.version + 1
        if before:
            with suppress(AudioFileError):  # the newer one counts
                self._store.remove(f"{FOLDER}/{before}")

    def _content(self, number: int) -> bytes:
        content = self._cached.pop(number, None)
        if content is None:
            name = f"{FOLDER}/{self._names[number]}"
            try:
                content = self._store.read(name)
            except FileNotFoundError as error:
                raise AudioFileError(f"{self._store}/{name} is gone: another run is at work there") from error
        self._cached[number] = content
        if len(self._cached) > _FILES_CACHED:
            self._cached.popitem(last=False)
        return content
