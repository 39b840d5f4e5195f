"""Where results go: files that appear whole under their names, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from mixrules.files import atomic_path, make_folder, written_together


class Place(Protocol):
    """A folder for results, wherever it is. It goes to other processes, so it is small and can be pickled.

    Names are relative, with ``/`` between folders; folders are made where they are missing.
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

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        ...


@dataclass(frozen=True, slots=True)
class LocalPlace:
    """A folder of this machine or of a disk that several share."""

    folder: Path

    @contextmanager
    def writing(self, *names: str) -> Iterator[tuple[Path, ...]]:
        """Yield hidden files beside their targets."""
        for name in names:
            make_folder((self.folder / name).parent)
        with ExitStack() as stack:
            stack.enter_context(written_together())
            yield tuple(stack.enter_context(atomic_path(self.folder / name)) for name in names)

    @contextmanager
    def reading(self, name: str) -> Iterator[Path]:
        """Yield the file itself."""
        yield self.folder / name

    def exists(self, name: str) -> bool:
        """Return whether there is a file of that name."""
        return (self.folder / name).is_file()

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        with suppress(FileNotFoundError):
            (self.folder / name).unlink()
