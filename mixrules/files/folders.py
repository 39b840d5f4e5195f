"""Folders for output: making them, and checking beforehand whether they can be made."""

from __future__ import annotations

import os
from pathlib import Path

from mixrules.errors import AudioFileError
from mixrules.files.temporary_files import temporary_folder


def obstacle(folder: str | os.PathLike[str]) -> str | None:
    """Return a description of what is no folder at `folder` or among its parents; None if there is nothing."""
    nearest = _nearest(Path(folder))
    if nearest is None or nearest.is_dir():
        return None
    return f"{nearest} is a {'file' if nearest.exists() else 'link to nothing'}, not a folder"


def check_folder(folder: str | os.PathLike[str]) -> None:
    """Raise `AudioFileError` unless files can be written to `folder`, once it is made where it is missing.

    For calling before a long computation; leaves nothing behind.
    """
    nearest = _require_possible(folder)
    if nearest is None:
        return
    try:
        # Permissions do not tell all: a file system may be read-only, or no place for files of anybody's.
        temporary_folder(nearest / "folder").remove()
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise AudioFileError(f"{folder} cannot be written to: {why} for {nearest}, name another") from error


def make_folder(folder: str | os.PathLike[str]) -> None:
    """Make a folder with its parents where it is missing; fails with `AudioFileError`."""
    _require_possible(folder)
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise AudioFileError(f"{folder} cannot be made ({why}): name another folder") from error


def _require_possible(folder: str | os.PathLike[str]) -> Path | None:
    """Refuse a folder that cannot be made or written to, as far as its parents tell; return the nearest that exists."""
    why = obstacle(folder)
    if why is not None:
        raise AudioFileError(f"{folder} cannot be made: {why}")
    nearest = _nearest(Path(folder))
    if nearest is not None and not os.access(nearest, os.W_OK | os.X_OK):
        raise AudioFileError(f"{folder} cannot be written to: permission denied for {nearest}, name another")
    return nearest


def _nearest(folder: Path) -> Path | None:
    """Return the first of a folder and its parents that exists, even as a broken link."""
    return next((path for path in (folder, *folder.parents) if os.path.lexists(path)), None)
