"""Results in a store that fsspec reaches (``s3://bucket/folder``): written here first, put there when they are whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.request import url2pathname

from mixrules.corpus.work.ledger_lines import LedgerLines
from mixrules.corpus.work.place import LocalPlace, Place
from mixrules.corpus.work.remote_lines import RemoteLines
from mixrules.corpus.work.remote_lock import only_run_at, require_held
from mixrules.corpus.work.run_ending import RunEndingError
from mixrules.corpus.work.scratch import scratch_folder
from mixrules.corpus.work.store import Store
from mixrules.files import make_folder


def place_of_url(url: str) -> Place:
    """Return the place of a URL: that of ``file:///folder`` is the folder."""
    scheme, _, path = url.partition("://")
    if scheme in ("file", "local"):
        return LocalPlace(Path(url2pathname(path)))
    return RemotePlace(Store(url.rstrip("/")))


@dataclass(frozen=True, slots=True)
class RemotePlace:
    """A folder in a store.

    Attributes
    ----------
    store : Store
        The folder.
    run : str
        The run that writes there, which has to hold the folder; empty for none.
    """

    store: Store
    run: str = ""

    def __str__(self) -> str:
        return str(self.store)

    @contextmanager
    def writing(self, *names: str) -> Iterator[tuple[Path, ...]]:
        """Yield files in a temporary folder of this machine, which are put into the store when all are written.

        Where one cannot be put, those that were are removed again.
        """
        with scratch_folder() as folder:
            paths = tuple(folder / str(number) / Path(name).name for number, name in enumerate(names))
            for path in paths:
                make_folder(path.parent)
            yield paths
            if self.run:
                require_held(self.store, self.run)
            put: list[str] = []
            try:
                for path, name in zip(paths, names, strict=True):
                    self.store.put(path, name)
                    put.append(name)
            except BaseException:
                for name in put:
                    with suppress(RunEndingError):
                        self.store.remove(name)
                raise

    @contextmanager
    def reading(self, name: str) -> Iterator[Path]:
        """Yield a copy of a file in a temporary folder of this machine."""
        with scratch_folder() as folder:
            path = folder / Path(name).name
            self.store.get(name, path)
            yield path

    def exists(self, name: str) -> bool:
        """Return whether there is a file of that name."""
        return self.store.exists(name)

    def still_has(self, names: Iterable[str]) -> bool:
        """Return True: to ask a store about every file of every song would take hours."""
        return True

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        self.store.remove(name)

    def is_empty(self) -> bool:
        """Return whether there is nothing in it; what is hidden does not count."""
        return all(name.startswith(".") for name in self.store.names())

    @contextmanager
    def held(self) -> Iterator[Place]:
        """Hold the folder by a file in it that says who has it and is renewed: as good as a store can."""
        self.store.require_usable()
        self.store.make()
        with only_run_at(self.store) as run:
            yield replace(self, run=run)

    def ledger_lines(self) -> LedgerLines:
        """Return the lines of the files in the folder ``ledger``."""
        return RemoteLines(self.store)
