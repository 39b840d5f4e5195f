"""Where results go: files that appear whole under their names, or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from mixrules.corpus.work.ledger_lines import LedgerLines, LocalLines
from mixrules.corpus.work.lock import only_run_in, require_held
from mixrules.corpus.work.run_ending import ending_the_run
from mixrules.errors import AudioFileError
from mixrules.files import atomic_path, cannot_read, cannot_write, make_folder, written_together

_LEDGER = "ledger.jsonl"


class Place(Protocol):
    """A folder for results, wherever it is. It goes to other processes, so it is small and can be pickled.

    Names are relative, with ``/`` between folders; folders are made where they are missing. As text it is what its user
    calls it. Where it takes nothing any more, whatever the song, it fails with `RunEndingError`.
    """

    def writing(self, *names: str) -> AbstractContextManager[tuple[Path, ...]]:
        """Yield a local path for each name to write to; all appear under their names when the block succeeds."""
        ...

    def reading(self, name: str) -> AbstractContextManager[Path]:
        """Yield a local path that holds the content of a file; fails with `AudioFileError` where there is none."""
        ...

    def exists(self, name: str) -> bool:
        """Return whether there is a file of that name."""
        ...

    def still_has(self, names: Iterable[str]) -> bool:
        """Return whether files that were written are all there still, as far as asking for each is cheap."""
        ...

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        ...

    def is_empty(self) -> bool:
        """Return whether there is nothing in it; what is hidden does not count."""
        ...

    def held(self) -> AbstractContextManager[Place]:
        """Make the place and hold it for one run; fails with `ParameterError` where another run has it.

        Yields the place for the tasks of that run: wherever they are done, it takes no file once the run has ended.
        """
        ...

    def ledger_lines(self) -> LedgerLines:
        """Return the lines of the ledger that is kept there; only for the run that holds the place."""
        ...


def open_place(output: str | Path) -> Place:
    """Return the place of a folder, or of a URL that fsspec reads (``s3://bucket/folder``); makes nothing."""
    if isinstance(output, str) and "://" in output:
        from mixrules.corpus.work.remote_place import place_of_url

        return place_of_url(output)
    return LocalPlace(Path(output))


@dataclass(frozen=True, slots=True)
class LocalPlace:
    """A folder of this machine or of a disk that several share.

    Attributes
    ----------
    folder : Path
        Its path, made absolute: another process may be somewhere else.
    run : str
        The run that writes there, which has to hold the folder; empty for none.
    """

    folder: Path
    run: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "folder", self.folder.absolute())

    def __str__(self) -> str:
        return str(self.folder)

    @contextmanager
    def writing(self, *names: str) -> Iterator[tuple[Path, ...]]:
        """Yield hidden files beside their targets."""
        self._require_held()
        with ending_the_run(self.folder), ExitStack() as stack:
            for name in names:
                make_folder((self.folder / name).parent)
            stack.enter_context(written_together())
            paths = tuple(stack.enter_context(atomic_path(self.folder / name)) for name in names)
            with ending_the_run(self.folder):  # while what was written still takes its room
                yield paths
            self._require_held()

    @contextmanager
    def reading(self, name: str) -> Iterator[Path]:
        """Yield the file itself."""
        path = self.folder / name
        if not path.is_file():
            raise AudioFileError(f"{path} does not exist")
        yield path

    def exists(self, name: str) -> bool:
        """Return whether there is a file of that name."""
        return (self.folder / name).is_file()

    def still_has(self, names: Iterable[str]) -> bool:
        """Return whether there are files of all these names."""
        return all(map(self.exists, names))

    def remove(self, name: str) -> None:
        """Remove a file, if it is there; fails with `AudioFileError`."""
        path = self.folder / name
        self._require_held()
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise cannot_write(path, error) from error

    def is_empty(self) -> bool:
        """Return whether there is nothing in the folder, or no folder."""
        try:
            with os.scandir(self.folder) as entries:
                return all(entry.name.startswith(".") for entry in entries)
        except FileNotFoundError:
            return True
        except OSError as error:
            raise cannot_read(self.folder, error) from error

    @contextmanager
    def held(self) -> Iterator[Place]:
        """Hold the folder by a lock that ends with this process."""
        make_folder(self.folder)
        with only_run_in(self.folder) as run:
            yield replace(self, run=run)

    def ledger_lines(self) -> LedgerLines:
        """Return the lines of ``ledger.jsonl``."""
        return LocalLines(self.folder / _LEDGER)

    def _require_held(self) -> None:
        if self.run:
            require_held(self.folder, self.run)
