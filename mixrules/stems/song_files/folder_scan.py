"""What lies in a song's folder and the folders within it; bounded in number and depth, and without going in circles."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from mixrules._support.text_encoding import composed
from mixrules.errors import StemsError
from mixrules.files import cannot_read
from mixrules.stems.song_files.file_kinds import FileKind, file_kind, named_like_audio

ENTRIES_MAX = 10_000
"""Files and folders below a song's folder; the largest sessions have a tenth of that in audio."""

_DEPTH_MAX = 12


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file: where it lies, its name within the song's folder, and what is odd about it, if anything."""

    path: Path
    name: str
    note: str = ""


@dataclass(slots=True)
class FoundFolder:
    """A folder: what might be audio in it, what is left out with the reasons, and the folders within it."""

    path: Path
    name: str = ""
    stems: list[FoundFile] = field(default_factory=list)
    stem_files: list[FoundFile] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    folders: list[FoundFolder] = field(default_factory=list)
    entries: list[str] = field(default_factory=list)
    """Names of everything in it."""

    def every_folder(self) -> Iterator[FoundFolder]:
        """Yield the folder and all below it."""
        yield self
        for folder in self.folders:
            yield from folder.every_folder()

    def every_stem(self) -> list[FoundFile]:
        """Return the stems in it and below it."""
        return [stem for folder in self.every_folder() for stem in (*folder.stems, *folder.stem_files)]

    def everything_left_out(self) -> dict[str, str]:
        """Return what is left out in it and below it, with the reasons."""
        return {name: why for folder in self.every_folder() for name, why in folder.left_out.items()}


def scan_folder(path: Path) -> FoundFolder:
    """Return what lies in a folder; fails with one line if it cannot be read or is no song's by its size."""
    if path.resolve() == Path(path.resolve().anchor):
        raise StemsError(f"{path} is the whole disk, the folder of a song is needed")
    top = FoundFolder(path)
    try:
        listed = _entries(path)
    except OSError as error:
        raise cannot_read(path, error) from error
    pending: list[tuple[FoundFolder, list[os.DirEntry[str]]]] = [(top, listed)]
    links: list[tuple[FoundFolder, Path, str]] = []
    seen = {_identity(path)}
    count = 0
    files: list[tuple[FoundFolder, Path, str]] = []
    # Everything is counted before any file is opened: a disk full of files is refused at once.
    while pending or links:
        if not pending:  # links last: a folder is read under its own name
            if (inside := _inside(*links.pop(0), seen)) is not None:
                pending.append(inside)
            continue
        folder, entries = pending.pop(0)
        count += len(entries)
        if count > ENTRIES_MAX:
            raise StemsError(
                f"{path} holds over {ENTRIES_MAX} files, more than a song: name the song's own folder"
            )
        folder.entries = [entry.name for entry in entries]
        for entry in entries:
            name = f"{folder.name}/{entry.name}" if folder.name else entry.name
            if not _is_folder(entry):
                files.append((folder, Path(entry.path), name))
            elif entry.is_symlink():
                links.append((folder, Path(entry.path), name))
            elif (inside := _inside(folder, Path(entry.path), name, seen)) is not None:
                pending.append(inside)
    for folder, file, name in files:
        _sort_in(folder, FoundFile(file, name), file_kind(file))
    return top


def _inside(
    folder: FoundFolder, path: Path, name: str, seen: set[tuple[int, int]]
) -> tuple[FoundFolder, list[os.DirEntry[str]]] | None:
    """Return a folder within another with its entries, or None, with the reason noted, if it is not looked into."""
    identity = _identity(path)
    if path.name.startswith("."):
        if _holds_audio_by_name(path):
            folder.left_out[f"{name}/"] = "it is hidden"
    elif identity in seen:
        folder.left_out[f"{name}/"] = "it is a link to a folder that is read already"
    elif name.count("/") >= _DEPTH_MAX:
        folder.left_out[f"{name}/"] = f"it lies {_DEPTH_MAX} folders deep, move it up if it holds stems"
    else:
        seen.add(identity)
        try:
            entries = _entries(path)
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            folder.left_out[f"{name}/"] = f"it cannot be read ({why}) and may hold stems"
            return None
        found = FoundFolder(path, name)
        folder.folders.append(found)
        return found, entries
    return None


def _sort_in(folder: FoundFolder, file: FoundFile, kind: FileKind) -> None:
    """Put a file where it belongs."""
    if kind.kind == "stem":
        folder.stems.append(FoundFile(file.path, file.name, kind.note))
    elif kind.kind == "stem file":
        folder.stem_files.append(file)
    elif kind.kind == "left out":
        folder.left_out[file.name] = kind.note


def _entries(path: Path) -> list[os.DirEntry[str]]:
    with os.scandir(path) as entries:
        found = []
        for entry in entries:
            found.append(entry)
            if len(found) > ENTRIES_MAX:
                break
    return sorted(found, key=lambda entry: natural_order(entry.name))


def _holds_audio_by_name(path: Path) -> bool:
    try:
        return any(
            named_like_audio(entry.name) for entry in _entries(path) if not entry.name.startswith("._")
        )
    except OSError:
        return False


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _identity(path: Path) -> tuple[int, int]:
    try:
        status = os.stat(path)
    except OSError:
        return (-1, hash(str(path)))
    return (status.st_dev, status.st_ino)


def natural_order(name: str) -> list[tuple[int, int, str]]:
    """Return a sort key for natural order, 2 before 10; its last item makes the order total."""
    parts = re.split(r"(\d+)", composed(name).casefold())
    return [*((1, int(p), "") if p.isdecimal() and len(p) < 100 else (0, 0, p) for p in parts), (0, 0, name)]
