"""A folder in a store that fsspec reaches: whole files go there and come back, and its errors are lines of ours."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

from mixrules._support.installed import require_installed
from mixrules.corpus.work.outcomes import reason_of
from mixrules.corpus.work.run_ending import RunEndingError
from mixrules.corpus.work.scratch import scratch_folder
from mixrules.errors import AudioFileError, MissingPackageError, ParameterError
from mixrules.files import cannot_write

_Found = TypeVar("_Found")

# Stores of objects: what is put there appears whole, under its name at once, and there are no folders to make.
_PUTS_WHOLE = {"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "adl", "oss", "oci", "tos"}
_PAUSES_S = (1.0, 4.0, 10.0)


@dataclass(frozen=True, slots=True)
class Store:
    """A folder in a store, by its URL. It goes to other processes: the connection is made where it is used.

    Attributes
    ----------
    url : str
        As fsspec reads it: ``s3://bucket/folder``, ``sftp://host/folder``.
    """

    url: str

    def __str__(self) -> str:
        return self.url

    def require_usable(self) -> None:
        """Raise `MissingPackageError` or `ParameterError` where fsspec cannot open the URL or nothing answers there."""
        require_installed("fsspec", what=self.url)
        try:
            files, root = self._opened()
            files.exists(root)
        except ImportError as error:
            raise MissingPackageError(f"{self} cannot be used: {error}") from error
        except Exception as error:
            raise ParameterError(f"{self} cannot be used: {reason_of(error)}") from error

    def put(self, path: Path, name: str) -> None:
        """Put a file there, whole or not at all; fails with `RunEndingError` after some attempts."""
        try:
            self._attempt("written to", lambda files, root: _put(files, path, root, name))
        except FileNotFoundError as error:  # no such bucket
            raise RunEndingError(f"{self} cannot be written to: {error}") from error

    def put_bytes(self, data: bytes, name: str) -> None:
        """Put a file of this content there; fails with `RunEndingError`, where this machine has no room for it too."""
        with scratch_folder() as folder:
            path = folder / "content"
            try:
                path.write_bytes(data)
            except OSError as error:
                raise cannot_write(path, error) from error
            self.put(path, name)

    def get(self, name: str, path: Path) -> None:
        """Fetch a file; fails with `AudioFileError`."""
        try:
            self._attempt("read", lambda files, root: files.get_file(f"{root}/{name}", str(path)))
        except FileNotFoundError as error:
            raise AudioFileError(f"{self}/{name} does not exist") from error

    def read(self, name: str) -> bytes:
        """Return the content of a file; fails with `FileNotFoundError` where there is none."""
        data: bytes = self._attempt("read", lambda files, root: files.cat_file(f"{root}/{name}"))
        return data

    def exists(self, name: str) -> bool:
        """Return whether there is such a file; fails with `AudioFileError`."""
        return bool(self._attempt("read", lambda files, root: files.exists(f"{root}/{name}")))

    def remove(self, name: str) -> None:
        """Remove a file, if it is there; fails with `RunEndingError`."""
        with suppress(FileNotFoundError):
            self._attempt("written to", lambda files, root: files.rm_file(f"{root}/{name}"))

    def names(self, folder: str = "") -> list[str]:
        """Return the names in a folder in order; none where there is no such folder."""

        def listed(files: Any, root: str) -> list[str]:
            entries = files.ls(f"{root}/{folder}".rstrip("/"), detail=False)
            return sorted(PurePosixPath(entry).name for entry in entries)

        try:
            return self._attempt("read", listed)
        except FileNotFoundError:
            return []

    def make(self) -> None:
        """Make the folder, where the store has folders; fails with `AudioFileError`."""
        self._attempt("written to", lambda files, root: _make_folder(files, root))

    def _attempt(self, verb: str, do: Callable[[Any, str], _Found]) -> _Found:
        """Do something with the store, again after a while where it fails; that a file is missing is no failure."""
        pauses_s = list(_PAUSES_S)
        while True:
            try:
                files, root = self._opened()
                files.invalidate_cache()
                return do(files, root)
            except FileNotFoundError:
                raise
            except Exception as error:
                if not pauses_s or not _may_pass(error):
                    kind = RunEndingError if verb == "written to" else AudioFileError
                    raise kind(f"{self} cannot be {verb}: {reason_of(error)}") from error
            time.sleep(pauses_s.pop(0))

    def _opened(self) -> tuple[Any, str]:
        """Return the file system, which fsspec keeps for the process, and the folder in it."""
        from fsspec.core import url_to_fs

        files, root = url_to_fs(self.url)
        return files, root.rstrip("/")


def _may_pass(error: Exception) -> bool:
    """Return whether an error may be gone in a moment: not for want of a right, of credentials or of a package."""
    lasting = (PermissionError, NotImplementedError, ImportError, ValueError)
    return not isinstance(error, lasting) and "Credential" not in type(error).__name__


def _put(files: Any, path: Path, root: str, name: str) -> None:
    target = f"{root}/{name}"
    if _puts_whole(files):
        files.put_file(str(path), target)
        return
    folder = target.rpartition("/")[0]
    files.makedirs(folder, exist_ok=True)
    part = f"{folder}/.{secrets.token_hex(8)}.mixrules.tmp"
    try:
        files.put_file(str(path), part)
        _move(files, part, target)
    except BaseException:
        with suppress(Exception):
            files.rm_file(part)
        raise


def _move(files: Any, part: str, target: str) -> None:
    """Give a file another name; what has that name is replaced, where need be by removing it first."""
    from fsspec import AbstractFileSystem

    if type(files).mv is AbstractFileSystem.mv:  # this one reads the names as patterns
        files.cp_file(part, target)
        files.rm_file(part)
        return
    try:
        files.mv(part, target)
    except Exception:
        if not files.exists(target):
            raise
        files.rm_file(target)
        files.mv(part, target)


def _make_folder(files: Any, root: str) -> None:
    if not _puts_whole(files):
        files.makedirs(root, exist_ok=True)


def _puts_whole(files: Any) -> bool:
    names = files.protocol if isinstance(files.protocol, tuple | list) else (files.protocol,)
    return not _PUTS_WHOLE.isdisjoint(names)
