"""A test's folder, whole or absent: built beside its place and renamed into it; ratings are never deleted."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mixrules.errors import AudioFileError, ListeningTestError
from mixrules.files import obstacle, temporary_folder
from mixrules.listening.format.definition import DEFINITION_FILE

RATINGS = "ratings"
_OURS = frozenset(
    (
        "site",
        "key.json",
        "stimuli.csv",
        "report.json",
        "plans",
        "export",
        RATINGS,
        DEFINITION_FILE,
        "definitions",
    )
)


def require_free(folder: Path, *, force: bool) -> None:
    """Raise the error that would keep a test from being written to `folder`.

    Parameters
    ----------
    folder : Path
        Where the test is to go.
    force : bool
        Whether a test of ours that is there already may be replaced.

    Raises
    ------
    ListeningTestError
        If it holds something, unless `force` is given and it is a test of ours without ratings.
    AudioFileError
        If it is a file, or cannot be made.
    """
    try:
        why = obstacle(folder.parent)
        if why is not None:
            raise AudioFileError(f"{folder} cannot be made: {why}")
        if not folder.parent.is_dir():
            raise AudioFileError(f"{folder} cannot be made: the folder {folder.parent} does not exist")
        if not os.access(folder.parent, os.W_OK):
            raise AudioFileError(f"{folder} cannot be made: {folder.parent} may not be written to")
        if not folder.exists():
            return
        if not folder.is_dir():
            raise AudioFileError(f"{folder} is a file, the name of a folder is needed")
        entries = {entry.name for entry in folder.iterdir()}
        rated = sorted(entry.name for entry in (folder / RATINGS).glob("*"))
    except OSError as error:
        if isinstance(error, AudioFileError):
            raise
        raise AudioFileError(
            f"{folder} cannot be written: {(error.strerror or str(error)).lower()}"
        ) from error
    if not entries:
        return
    if not force:
        raise ListeningTestError(
            f"{folder} is not empty: name another folder, or --force to replace a test there"
        )
    if rated:
        raise ListeningTestError(
            f"{folder / RATINGS} holds {len(rated)} files of ratings, which are never deleted: move them away first"
        )
    foreign = sorted(entries - _OURS)
    if foreign or not {"key.json", "site"} <= entries:
        what = f"it holds {foreign[0]}" if foreign else "it holds no key.json and site"
        raise ListeningTestError(
            f"{folder} is no test of ours ({what}) and is not replaced: name another folder"
        )


@contextmanager
def new_folder(folder: Path, *, force: bool) -> Iterator[Path]:
    """Give a hidden folder beside `folder` that takes its place when the block succeeds.

    On any exception it is removed, and what was there stays as it was; parameters and errors as for
    `require_free`.
    """
    given, folder = folder, Path(os.path.abspath(folder))
    require_free(given, force=force)
    try:
        building = temporary_folder(folder)
    except OSError as error:
        raise _cannot_write(given, error) from error
    try:
        yield building.path
        require_free(given, force=force)
        _move(building.path, folder)
    except AudioFileError as error:
        # The hidden folder is gone when this is read: name the place that was asked for.
        raise AudioFileError(str(error).replace(str(building.path), str(given))) from error
    except OSError as error:
        raise _cannot_write(given, error) from error
    finally:
        building.remove()


def _cannot_write(folder: Path, error: OSError) -> AudioFileError:
    return AudioFileError(f"{folder} cannot be written: {(error.strerror or str(error)).lower()}")


def _move(building: Path, folder: Path) -> None:
    """Rename, with what is there moved aside first and removed last."""
    if not folder.exists():
        os.rename(building, folder)
        return
    aside = _aside(folder)
    os.rename(folder, aside)
    try:
        os.rename(building, folder)
    except OSError:
        os.rename(aside, folder)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def restore_older(folder: Path) -> None:
    """Put back, or remove, the older test that a run moved aside before it was killed."""
    folder = Path(os.path.abspath(folder))
    aside = _aside(folder)
    if not aside.is_dir():
        return
    with suppress(OSError):
        if folder.exists():
            shutil.rmtree(aside, ignore_errors=True)
        else:
            os.rename(aside, folder)


def _aside(folder: Path) -> Path:
    digest = hashlib.sha256(os.fsencode(folder.name)).hexdigest()[:8]
    return folder.parent / f".{folder.name[:40]}.{digest}.mixrules-old"
