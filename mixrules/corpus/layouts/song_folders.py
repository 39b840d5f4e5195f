"""Which folders below a folder are songs, and what else lies there.

A folder with audio in it is a song, and so is one whose folders are called as a song's groups are ("Drums", "Stems"). A
folder of other folders is an album or an artist, and is looked into.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mixrules._support.text_encoding import casefolded, shown
from mixrules.corpus.layouts.listing import Listing, song_listing, why_ours
from mixrules.errors import AudioFileError
from mixrules.files import cannot_read
from mixrules.stems.left_out import note_of
from mixrules.stems.song_files.archives import archived_title
from mixrules.stems.song_files.file_kinds import is_archive, is_stem_file, named_like_audio
from mixrules.stems.song_files.folder_scan import natural_order
from mixrules.stems.song_files.layout import named_as_part

_SHOWN = 10
_DEEPEST = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundSongs:
    """The songs in a folder.

    Attributes
    ----------
    folders : tuple of Path
        One a song, in order.
    notes : tuple of str
        What was left out, and why.
    """

    folders: tuple[Path, ...]
    notes: tuple[str, ...]


def find_songs(folder: str | os.PathLike[str]) -> FoundSongs:
    """Return the songs in a folder: each a folder of stems, in that folder or in folders in it.

    Parameters
    ----------
    folder : path-like
        Folders whose names begin with ``_`` or ``.``, reports and listening tests of ours, and files, archives and
        ``.stem.mp4`` among them, are left out.

    Returns
    -------
    FoundSongs

    Raises
    ------
    AudioFileError
        If there is no such folder, or no song in it.
    """
    top = Path(folder)
    try:
        if not top.is_dir():
            raise AudioFileError(
                f"{top} is no folder: a folder with one folder of stems for each song is needed"
            )
    except OSError as error:
        raise cannot_read(top, error) from error
    notes: list[str] = []
    songs = [found.path for found in walk_songs(top, notes)]
    if not songs:
        there = f" ({'; '.join(notes)})" if notes else ""
        raise AudioFileError(f"{top} holds no songs{there}: one folder of stems for each is needed")
    return FoundSongs(folders=tuple(songs), notes=tuple(notes))


def walk_songs(top: Path, notes: list[str] | None = None) -> Iterator[Listing]:
    """Yield what the folder of each song holds, in natural order; note in `notes` what is left out in `top`."""
    folders, files = _entries(top)
    if notes is not None:
        notes += _notes(top, folders, files)
    yield from _walk(top, folders, _DEEPEST, {os.path.realpath(top)})


def _walk(folder: Path, names: list[str], deepest: int, above: set[str]) -> Iterator[Listing]:
    for name in names:
        if name[0] in "_.":
            continue
        found = song_listing(folder / name)
        if why_ours(found):
            continue
        inner = [name for name in found.folders if name[0] not in "_."]
        if found.problem or deepest == 1 or not _is_collection(found, inner):
            yield found
        elif (real := os.path.realpath(found.path)) not in above:  # a link may lead back
            yield from _walk(found.path, inner, deepest - 1, above | {real})


def holds_stems(folder: Path) -> bool:
    """Return whether a folder is a song itself: it holds stems, or folders that are called as a song's groups are."""
    found = song_listing(folder)
    inner = [name for name in found.folders if name[0] not in "_."]
    stems = any(_may_be_stem(file) for file in found.files)
    return (
        not (found.problem or why_ours(found)) and (stems or bool(inner)) and not _is_collection(found, inner)
    )


def _is_collection(found: Listing, inner: list[str]) -> bool:
    """Return whether a folder holds songs and is none."""
    if not inner or any(_may_be_stem(file) for file in found.files):
        return False
    # Archives are often unpacked into a folder of their own name within one of that name.
    if len(inner) == 1 and casefolded(inner[0]) == casefolded(found.path.name):
        return False
    return sum(map(named_as_part, inner)) * 2 < len(inner)


def _may_be_stem(file: str) -> bool:
    path = Path(file)
    return named_like_audio(file) or is_stem_file(path) or is_archive(path)


def _entries(top: Path) -> tuple[list[str], list[str]]:
    folders: list[str] = []
    files: list[str] = []
    try:
        with os.scandir(top) as entries:
            for entry in entries:
                (folders if entry.is_dir() else files).append(entry.name)
    except OSError as error:
        raise cannot_read(top, error) from error
    return sorted(folders, key=natural_order), sorted(files, key=natural_order)


def _notes(top: Path, folders: list[str], files: list[str]) -> list[str]:
    left_out = {
        name: why for name in folders if (why := _why_hidden(name) or why_ours(song_listing(top / name)))
    }
    left_out |= {
        name: "it is one file, put its stems into a folder"
        for name in files
        if archived_title(top / name) is not None or is_stem_file(top / name)
    }
    notes = [note_of(name, why) for name, why in left_out.items()]
    others = [name for name in files if not (name in left_out or name.startswith("."))]
    if others:
        names = ", ".join(map(shown, others[:_SHOWN]))
        more = f" and {len(others) - _SHOWN} more" if len(others) > _SHOWN else ""
        notes.append(f"{names}{more} left out: a song is a folder of stems")
    return notes


def _why_hidden(name: str) -> str:
    return f"its name begins with {name[0]}" if name[0] in "_." else ""
