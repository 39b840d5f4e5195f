"""Atomic writing: files that are complete or absent, one alone or several that belong together.

Writing goes to a hidden file beside the target, which is renamed when it is complete, so that a crash, an
interrupt or a full disk never leaves a partial file under the final name. What a killed program left is removed by the
next one that writes into the folder. Every failure is an `AudioFileError` of one line.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path

from mixrules.errors import AudioFileError, MixrulesError
from mixrules.files.folders import check_folder, obstacle
from mixrules.files.temporary_files import Temporary, temporary_file, temporary_folder

_FULL = {errno.ENOSPC: "the disk is full", errno.EFBIG: "the file is larger than allowed"}
if hasattr(errno, "EDQUOT"):
    _FULL[errno.EDQUOT] = "the disk quota is used up"

# The files of a block of `written_together` that are complete, each with its target.
_complete: ContextVar[list[tuple[Temporary, Path]] | None] = ContextVar("_complete", default=None)


def check_writable(path: str | os.PathLike[str], *, makes_folder: bool = False) -> None:
    """Raise `AudioFileError` unless a file can be created at `path`; leaves nothing behind.

    For calling before a long computation. With `makes_folder` a folder that is missing is no obstacle, where it
    can be made.
    """
    folder = Path(path).parent
    if makes_folder and not folder.exists():
        check_folder(folder)
        return
    _reserve(Path(path)).remove()


@contextmanager
def atomic_path(target: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a temporary path beside `target` that becomes `target` when the block succeeds.

    The temporary file exists already, is empty, hidden, and has the target's extension. On any
    exception, an interrupt included, it is removed and an existing target stays as it was.

    Raises
    ------
    AudioFileError
        If the folder is missing or read-only, `target` is a directory or a device, or the disk is full.
    """
    target = Path(target)
    temporary = _reserve(target)
    together = _complete.get()
    try:
        yield temporary.path
        with open(temporary.path, "rb+") as file:
            os.fsync(file.fileno())
        if together is None:
            # A symbolic link stays a link to the same file.
            os.replace(temporary.path, os.path.realpath(target))
        else:
            together.append((temporary, target))
    except MixrulesError:
        raise
    except OSError as error:
        if error.filename in (None, str(temporary.path), temporary.path):
            raise cannot_write(target, error) from error
        raise
    finally:
        if not (together and together[-1][0] is temporary):
            temporary.remove()


@contextmanager
def written_together() -> Iterator[None]:
    """Rename the files that are written in this block when all of them are complete, the last one last.

    An older file in the last one's place is moved aside before any other is replaced. A program that is killed
    meanwhile leaves the others without the last one, never the last one beside files of another run. On any
    exception, and where one of them cannot be renamed, all older files stay as they were.

    Raises
    ------
    AudioFileError
        If a file cannot be renamed.
    """
    if _complete.get() is not None:
        yield
        return
    files: list[tuple[Temporary, Path]] = []
    token = _complete.set(files)
    try:
        yield
        if files:
            _rename_all(files)
    finally:
        _complete.reset(token)
        for temporary, _ in files:
            temporary.remove()


def _rename_all(files: list[tuple[Temporary, Path]]) -> None:
    aside: list[Temporary] = []
    last = len(files) - 1
    with ExitStack() as undo:
        if last:
            _set_aside(files[last][1], os.replace, aside, undo)
        for number, (temporary, target) in enumerate(files):
            if number < last:
                _set_aside(target, _link_or_move, aside, undo)
            try:
                os.replace(temporary.path, os.path.realpath(target))
            except OSError as error:
                raise cannot_write(target, error) from error
        undo.pop_all()
    for folder in aside:
        folder.remove()


def _set_aside(
    target: Path, move: Callable[[Path, Path], None], aside: list[Temporary], undo: ExitStack
) -> None:
    """Keep an older file in a temporary folder beside it, whose lock keeps other programs from removing it."""
    real = Path(os.path.realpath(target))
    try:
        if not real.exists():
            undo.callback(_remove, real)
            return
        folder = temporary_folder(real)
        aside.append(folder)
        undo.callback(_put_back, folder, real)
        move(real, folder.path / real.name)
    except OSError as error:
        raise cannot_write(target, error) from error


def _link_or_move(path: Path, to: Path) -> None:
    """Give a file a second name, so that it stays where it is until it is replaced; not every disk can."""
    try:
        os.link(path, to)
    except OSError:
        os.replace(path, to)


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink()


def _put_back(folder: Temporary, real: Path) -> None:
    """Put an older file back; where that is not possible it is not removed either."""
    try:
        os.replace(folder.path / real.name, real)
    except FileNotFoundError:  # it was never set aside
        folder.remove()
    except OSError:
        folder.release()
    else:
        folder.remove()


def write_text_atomic(path: str | os.PathLike[str], text: str) -> None:
    """Write `text` to `path` as UTF-8, atomically; fails with `AudioFileError`.

    Bytes of a file's name that are not UTF-8 are written as escapes, which JSON reads back.
    """
    with (
        atomic_path(path) as temporary,
        open(temporary, "w", encoding="utf-8", errors="backslashreplace", newline="\n") as file,
    ):
        file.write(text)


def read_text(path: str | os.PathLike[str]) -> str:
    """Return the text of a UTF-8 file; fails with `AudioFileError`."""
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise AudioFileError(f"{path} is not text: a file in UTF-8 is accepted") from error
    except OSError as error:
        raise cannot_read(Path(path), error) from error


def cannot_read(path: Path, error: OSError) -> AudioFileError:
    """Return the error to raise where `path` could not be read."""
    if isinstance(error, FileNotFoundError):
        return AudioFileError(f"{path} does not exist")
    if isinstance(error, IsADirectoryError):
        return AudioFileError(f"{path} is a folder, a file is needed")
    return AudioFileError(f"{path} cannot be read: {(error.strerror or str(error)).lower()}")


def require_unicode(path: Path) -> None:
    """Raise `AudioFileError` if a part of `path` is not UTF-8: libsndfile cannot open it."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        with suppress(UnicodeDecodeError):
            name = os.fsencode(path).decode("utf-8")
            raise AudioFileError(
                f"{name} has a name in UTF-8, the locale is another: set PYTHONUTF8=1"
            ) from None
        shown = str(path).encode(errors="backslashreplace").decode()
        raise AudioFileError(f"{shown} has a name that is not UTF-8, rename it") from None


def why_short(folder: Path) -> str:
    """Return the likely reason for a partial write: libsndfile does not say."""
    return _FULL[errno.ENOSPC] if is_full(folder) else "the disk is full or the file larger than allowed"


def is_full(folder: Path) -> bool:
    """Return whether there is next to no room on a folder's disk."""
    with suppress(OSError, AttributeError):
        free = os.statvfs(folder)
        return free.f_bavail * free.f_frsize < 1 << 20
    return False


def cannot_write(target: Path, error: OSError) -> AudioFileError:
    """Return the error to raise where `target` could not be written."""
    why = _FULL.get(error.errno or 0) or (error.strerror or str(error)).lower()
    return AudioFileError(f"{target} cannot be written: {why}")


def _reserve(target: Path) -> Temporary:
    """Create an empty hidden file beside `target`, or raise `AudioFileError`."""
    real = Path(os.path.realpath(target))
    require_unicode(real)
    folder = real.parent
    try:
        if real.is_dir():
            raise AudioFileError(f"{target} is a directory, the name of a file is needed")
        if real.exists() and not real.is_file():
            raise AudioFileError(f"{target} is not a regular file and would be replaced, name another")
        # The path as given says more than its resolved links.
        why = obstacle(target.parent) or obstacle(folder)
        if why is not None:
            raise AudioFileError(f"{target} cannot be written: {why}")
        if not folder.exists():
            raise AudioFileError(f"{target} cannot be written: the folder {folder} does not exist")
        return temporary_file(real)
    except MixrulesError:
        raise
    except OSError as error:
        raise cannot_write(target, error) from error
