"""Atomic writing: files that are complete or absent.

Writing goes to a hidden file beside the target, which is renamed when it is complete, so that a crash, an
interrupt or a full disk never leaves a partial file under the final name. Every failure is an
`AudioFileError` of one line.
"""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mixrules.errors import AudioFileError, MixrulesError
from mixrules.files.folders import obstacle

_FULL = {errno.ENOSPC: "the disk is full", errno.EFBIG: "the file is larger than allowed"}
if hasattr(errno, "EDQUOT"):
    _FULL[errno.EDQUOT] = "the disk quota is used up"


def check_writable(path: str | os.PathLike[str]) -> None:
    """Raise `AudioFileError` unless a file can be created at `path`; leaves nothing behind.

    For calling before a long computation.
    """
    _reserve(Path(path)).unlink(missing_ok=True)


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
    try:
        yield temporary
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())
        # A symbolic link stays a link to the same file.
        os.replace(temporary, os.path.realpath(target))
    except MixrulesError:
        raise
    except OSError as error:
        if error.filename in (None, str(temporary), temporary):
            raise _cannot_write(target, error) from error
        raise
    finally:
        with suppress(OSError):
            temporary.unlink()


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
        shown = str(path).encode(errors="backslashreplace").decode()
        raise AudioFileError(f"{shown} has a name that is not UTF-8, rename it") from None


def why_short(folder: Path) -> str:
    """Return the likely reason for a partial write: libsndfile does not say."""
    with suppress(OSError, AttributeError):
        free = os.statvfs(folder)
        if free.f_bavail * free.f_frsize < 1 << 20:
            return _FULL[errno.ENOSPC]
    return "the disk is full or the file larger than allowed"


def _cannot_write(target: Path, error: OSError) -> AudioFileError:
    why = _FULL.get(error.errno or 0) or (error.strerror or str(error)).lower()
    return AudioFileError(f"{target} cannot be written: {why}")


def _reserve(target: Path) -> Path:
    """Create an empty hidden file beside `target`, or raise `AudioFileError`."""
    real = Path(os.path.realpath(target))
    require_unicode(real)
    folder = real.parent
    temporary = folder / f".{real.stem[:40]}.{secrets.token_hex(4)}.tmp{real.suffix}"
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
        os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    except MixrulesError:
        raise
    except OSError as error:
        raise _cannot_write(target, error) from error
    return temporary
