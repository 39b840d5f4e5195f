"""A song in an archive (ZIP, tar): unpacked into a temporary folder, which is removed when it is not used any more.

An archive is someone else's file: what would be written outside of the folder, what is no regular file, and what would
not fit is refused before anything is written.
"""

from __future__ import annotations

import lzma
import re
import shutil
import stat
import struct
import tarfile
import tempfile
import weakref
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO

from mixrules._support.text_encoding import composed, shown
from mixrules.errors import AudioFileError, StemsError
from mixrules.files import cannot_read, private_folder
from mixrules.stems.file_extensions import TAR_EXTENSIONS, ZIP_EXTENSIONS

_FILES_MAX = 2_000
_BYTES_MAX = 64 << 30
_SMALL_BYTES = 1 << 30  # silence may be packed a thousandfold: less than this is never a bomb
_RATIO_MAX = 100
_HEADER_BYTES_MAX = 1 << 20
_HEADERS = (  # of pax and GNU: names and attributes of the file that follows
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)
_DAMAGE = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    ValueError,
    OverflowError,
    MemoryError,
)


class _LongHeadersError(Exception):
    """Before a file in a tar stands more about it than any program writes."""


def _checked_tar_info() -> type[tarfile.TarInfo]:
    """Return the class of a tar's entries that refuses long headers: tarfile reads them whole, one within another."""

    class Checked(tarfile.TarInfo):
        before = 0

        def _proc_member(self, archive: tarfile.TarFile) -> tarfile.TarInfo:
            Checked.before = Checked.before + 512 + self.size if self.type in _HEADERS else 0
            if Checked.before > _HEADER_BYTES_MAX:
                raise _LongHeadersError
            return super()._proc_member(archive)  # type: ignore[misc,no-any-return]

    return Checked


@dataclass(frozen=True, slots=True)
class _Entry:
    """A file in an archive: its name, its size in bytes, and a function that opens it."""

    name: str
    size: int
    open: Callable[[], IO[bytes]]


@dataclass(frozen=True, slots=True)
class Unpacked:
    """An unpacked archive: its folder, what was not unpacked, and the temporary folder around it."""

    path: Path
    left_out: dict[str, str]
    temporary: _TemporaryFolder


class _TemporaryFolder:
    """A folder that is removed with this object, with the process, or by the next one if that is killed."""

    def __init__(self) -> None:
        folder = private_folder("song")
        self.path = folder.path
        self.remove = weakref.finalize(self, folder.remove)


def archived_title(path: Path) -> str | None:
    """Return the name of a song's archive without its ending; None if the name is that of none that is read."""
    ends = sorted((*ZIP_EXTENSIONS, *TAR_EXTENSIONS), key=len, reverse=True)
    return next((path.name[: -len(end)] for end in ends if path.name.lower().endswith(end)), None)


def unpack_archive(path: Path) -> Unpacked:
    """Unpack a song's archive into a temporary folder.

    Raises
    ------
    StemsError
        If it is encrypted, unsafe, or larger than a song.
    AudioFileError
        If it is damaged, or there is no room for it.
    """
    try:
        if path.name.lower().endswith(ZIP_EXTENSIONS):
            with zipfile.ZipFile(path) as archive:
                return _unpack(path, *_zip_entries(path, archive))
        with tarfile.open(path, tarinfo=_checked_tar_info()) as archive:
            return _unpack(path, *_tar_entries(path, archive))
    except (StemsError, AudioFileError):
        raise
    except NotImplementedError as error:
        raise AudioFileError(f"{path} is packed in a way that is not read, unpack it") from error
    except (_LongHeadersError, RecursionError) as error:
        raise StemsError(f"{path} has headers that are longer than any names, unpack it yourself") from error
    except RuntimeError as error:  # zipfile's word for a password
        raise StemsError(f"{path} is encrypted, unpack it with its password") from error
    except _DAMAGE as error:
        why = (str(error).splitlines() or ["it ends too early"])[0]
        raise AudioFileError(
            f"{path} is no archive that can be read ({why}), make or copy it again"
        ) from error
    except OSError as error:
        raise cannot_read(path, error) from error


def _zip_entries(path: Path, archive: zipfile.ZipFile) -> tuple[list[_Entry], dict[str, str]]:
    entries: list[_Entry] = []
    left_out: dict[str, str] = {}
    for info in archive.infolist():
        name = _zip_name(info)
        kind = stat.S_IFMT(info.external_attr >> 16)
        if info.is_dir() or name.endswith("/"):
            continue
        if kind not in (0, stat.S_IFREG):
            left_out[name] = "it is no regular file"
            continue
        if info.flag_bits & 1:
            raise StemsError(f"{path} is encrypted, unpack it with its password")
        entries.append(_Entry(name, info.file_size, partial(archive.open, info)))
    return entries, left_out


def _zip_name(info: zipfile.ZipInfo) -> str:
    """Return an entry's name; many programs write UTF-8 without saying so."""
    name = info.filename
    if not info.flag_bits & 0x800:
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return name.replace("\\", "/")


def _tar_entries(path: Path, archive: tarfile.TarFile) -> tuple[list[_Entry], dict[str, str]]:
    entries: list[_Entry] = []
    left_out: dict[str, str] = {}
    total, packed = 0, path.stat().st_size
    # To find the next file all of this one is decompressed: what is too much is enough.
    while not _too_much(len(entries), total, packed) and (info := archive.next()) is not None:
        if info.isfile():
            total += info.size
            entries.append(_Entry(info.name, info.size, partial(_opened, archive, info)))
        elif not info.isdir():
            left_out[info.name] = "it is no regular file"
    return entries, left_out


def _opened(archive: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    file = archive.extractfile(info)
    if file is None:
        raise EOFError
    return file


def _unpack(path: Path, entries: list[_Entry], left_out: dict[str, str]) -> Unpacked:
    """Write an archive's files to a temporary folder, once they are known to be harmless."""
    total = sum(entry.size for entry in entries)
    packed = path.stat().st_size
    if len(entries) > _FILES_MAX:
        raise StemsError(
            f"{path} holds over {_FILES_MAX} files, more than a song: unpack it and name the song's folder"
        )
    if _too_much(len(entries), total, packed):
        raise StemsError(
            f"{path} would grow from {packed} to {total} bytes, more than a song: unpack it yourself"
        )
    targets: dict[str, str] = {}
    for entry in entries:
        _require_inside(path, entry.name)
        key = composed(str(PurePosixPath(entry.name))).casefold()
        if key in targets:
            raise StemsError(f"{path} holds {shown(entry.name)!r} twice, unpack it and keep one")
        targets[key] = entry.name
    for key in targets:
        above = next((parent for parent in map(str, PurePosixPath(key).parents) if parent in targets), None)
        if above is not None:
            raise StemsError(
                f"{path} holds {shown(targets[above])!r} as a file and as a folder, unpack it yourself"
            )
    temporary = _TemporaryFolder()
    # Messages about a file in it name the archive.
    folder = temporary.path / path.name
    try:
        folder.mkdir()
        free = shutil.disk_usage(folder).free
        if total > free:
            raise AudioFileError(
                f"no room to unpack {path} in {tempfile.gettempdir()}: {total >> 20} MiB are needed, "
                f"{free >> 20} are free; TMPDIR names another folder"
            )
        for entry in entries:
            _write(folder / entry.name, entry)
    except BaseException:
        temporary.remove()
        raise
    left_out = {name: why for name, why in left_out.items() if not name.startswith("__MACOSX/")}
    return Unpacked(folder, left_out, temporary)


def _too_much(files: int, total: int, packed: int) -> bool:
    return files > _FILES_MAX or total > _BYTES_MAX or (total > _SMALL_BYTES and total > _RATIO_MAX * packed)


def _require_inside(path: Path, name: str) -> None:
    pure = PurePosixPath(name)
    if (
        pure.is_absolute()
        or ".." in pure.parts
        or not pure.parts
        or "\0" in name
        or re.match("[A-Za-z]:", name)
    ):
        raise StemsError(f"{path} holds {shown(name)!r}, a name that leads out of it: unpack it yourself")


def _write(target: Path, entry: _Entry) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with entry.open() as source, open(target, "xb") as file:
        shutil.copyfileobj(source, file, 1 << 20)
        if file.tell() != entry.size:
            raise EOFError
