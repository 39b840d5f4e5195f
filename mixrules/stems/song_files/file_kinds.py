"""What a file in a song's folder is: a stem, a song in one file, something left out that might be audio, or nothing.

The extension decides; where it says nothing, the first bytes do. Whatever is left out and might hold audio has a
reason for a note.
"""

from __future__ import annotations

import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mixrules.errors import AudioFileError
from mixrules.files import NEEDS_LIBAV, has_moving_pictures, libav_is_installed, sound_streams
from mixrules.stems.file_extensions import (
    ARCHIVE_EXTENSIONS,
    AUDIO_EXTENSIONS,
    FILM_EXTENSIONS,
    LIBAV_EXTENSIONS,
    STEM_FILE_EXTENSIONS,
)
from mixrules.stems.song_files.audio_content import audio_content

_UNFINISHED = (".part", ".partial", ".crdownload", ".download", ".opdownload", ".!ut", ".tmp", ".filepart")
_COPY = re.compile(r"(\.(bak|backup|old|orig|save|sav|\d{1,3})|~)$", re.IGNORECASE)
# Audio that neither library reads, or that is no stem in one file.
_NOT_READ = {
    ".sd2": "Sound Designer II is not read, export it as WAV",
    ".aup3": "it is an Audacity project, export its tracks",
    ".rx2": "REX loops are not read, export it as WAV",
    ".rex": "REX loops are not read, export it as WAV",
    ".mogg": "it holds several stems in one file, export one file a stem",
    ".aaf": "it is a session that may hold audio, export its tracks",
    ".omf": "it is a session that may hold audio, export its tracks",
}
_MAY_BE_FILMS = ("MP4", "Matroska")


@dataclass(frozen=True, slots=True)
class FileKind:
    """What a file is.

    Attributes
    ----------
    kind : "stem", "stem file", "left out" or "nothing"
        A stem, a song in one file, what might be audio and is not used, or no audio.
    note : str
        The reason why it is left out, or what is odd about a stem; empty if there is nothing to say.
    """

    kind: Literal["stem", "stem file", "left out", "nothing"]
    note: str = ""


_STEM, _NOTHING = FileKind("stem"), FileKind("nothing")


def file_kind(path: Path) -> FileKind:
    """Return what the file at `path` is; reads its first bytes where its name does not say."""
    hidden = path.name.startswith(".")
    if hidden:
        return _hidden_kind(path)
    name = clean_name(path.name)
    try:
        status = path.stat()
    except OSError as error:
        if not named_like_audio(name):
            return _NOTHING
        broken = path.is_symlink() and isinstance(error, FileNotFoundError)
        why = "it is a link to nothing" if broken else f"it cannot be read ({_why(error)})"
        return FileKind("left out", why)
    if not stat.S_ISREG(status.st_mode):
        return FileKind("left out", "it is no regular file") if named_like_audio(name) else _NOTHING
    if status.st_size == 0:
        return FileKind("left out", "it is empty (0 bytes)") if named_like_audio(name) else _NOTHING
    return _by_name(path, name) or _by_content(path, name)


def is_stem_file(path: Path) -> bool:
    """Return whether the name is that of a song in one file, of Native Instruments' format."""
    return path.name.lower().endswith(STEM_FILE_EXTENSIONS)


def is_archive(path: Path) -> bool:
    """Return whether the name is that of files packed together."""
    return path.name.lower().endswith(ARCHIVE_EXTENSIONS)


def bare_name(name: str) -> str:
    """Return a file's name without the extension, if what follows its last dot is one."""
    clean = clean_name(name)
    suffix = Path(clean).suffix
    # "01. Kick" and "v1.2 mix" have dots and no extension.
    return clean[: -len(suffix)] if re.fullmatch(r"\.[A-Za-z0-9]{1,5}", suffix) else clean


def _by_name(path: Path, name: str) -> FileKind | None:
    """Return what a file is by its extension, None if that says nothing."""
    lower = name.lower()
    suffix = Path(lower).suffix
    odd = "" if name == path.name else "its name ends with a space or a dot"
    if lower.endswith(STEM_FILE_EXTENSIONS):
        return FileKind("stem file")
    if suffix in AUDIO_EXTENSIONS:
        return FileKind("stem", odd)
    if suffix in _NOT_READ:
        return FileKind("left out", _NOT_READ[suffix])
    if suffix in LIBAV_EXTENSIONS:
        return FileKind("stem", odd) if libav_is_installed() else FileKind("left out", f"it {NEEDS_LIBAV}")
    if suffix in FILM_EXTENSIONS:
        return _film_kind(path)
    if suffix in _UNFINISHED and named_like_audio(name[: -len(suffix)]):
        return FileKind("left out", "it is an unfinished download or copy")
    if suffix == ".icloud" and named_like_audio(name[: -len(suffix)]):
        return FileKind("left out", "it is in iCloud and not on this disk, download it")
    if (copy := _COPY.search(lower)) and named_like_audio(lower[: copy.start()]):
        return FileKind("left out", "its name says that it is an old copy")
    if is_archive(path):
        return FileKind("left out", "it is an archive, unpack it if it holds stems")
    return None


def _by_content(path: Path, name: str) -> FileKind:
    """Return what a file is whose name does not say it."""
    try:
        content = audio_content(path)
    except OSError as error:
        return FileKind("left out", f"it cannot be read ({_why(error)})")
    if content is None:
        return _NOTHING
    if Path(name).suffix.lower() in _UNFINISHED or _COPY.search(name):
        return FileKind("left out", f"its content is {content.format}, its name says old or unfinished")
    by_content = FileKind(
        "stem", f"its name does not say that it is audio, its content does ({content.format})"
    )
    if content.format in _MAY_BE_FILMS:
        kind = _film_kind(path)
        return by_content if kind is _STEM else kind
    if content.libsndfile or libav_is_installed():
        return by_content
    return FileKind("left out", f"its content is {content.format}, which {NEEDS_LIBAV}")


def _hidden_kind(path: Path) -> FileKind:
    """Return what a hidden file is: at most something to be named."""
    name = path.name
    # macOS keeps a file's attributes beside it; a file that mixrules was writing is no one's stem.
    if name.startswith("._") or re.search(r"\.[0-9a-f]{8}\.tmp(\.\w+)?$", name):
        return _NOTHING
    if name.endswith(".icloud") and named_like_audio(name[1 : -len(".icloud")]):
        shown = name[1 : -len(".icloud")]
        return FileKind("left out", f"{shown} is in iCloud and not on this disk, download it")
    return FileKind("left out", "it is hidden") if named_like_audio(clean_name(name)) else _NOTHING


def _film_kind(path: Path) -> FileKind:
    """Return what a file is that may hold pictures; one that holds sound alone is a stem."""
    if not libav_is_installed():
        return FileKind("left out", f"it may be a film, or sound, which {NEEDS_LIBAV}")
    try:
        if has_moving_pictures(path):
            return FileKind("left out", "it is a film, export its sound as a file of its own")
        return _STEM if sound_streams(path) else FileKind("left out", "it holds no sound")
    except AudioFileError as error:
        return FileKind("left out", f"it {str(error).removeprefix(f'{path} ')}")


def clean_name(name: str) -> str:
    """Return a name without the spaces and dots at its end that copying and typing leave there."""
    return name.rstrip(" .\t\u00a0") or name


def named_like_audio(name: str) -> bool:
    """Return whether a name has an extension of sound or film."""
    clean = clean_name(name).lower()
    suffixes = AUDIO_EXTENSIONS | LIBAV_EXTENSIONS | FILM_EXTENSIONS | set(_NOT_READ)
    return Path(clean).suffix in suffixes


def _why(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error).lower().splitlines()[0]
