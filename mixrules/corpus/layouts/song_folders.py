"""Which folders of a folder are songs, and what else lies there."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from mixrules._support.text_encoding import shown
from mixrules.errors import AudioFileError
from mixrules.files import cannot_read
from mixrules.files.own_documents import is_comparison
from mixrules.stems.left_out import note_of
from mixrules.stems.song_files.archives import archived_title
from mixrules.stems.song_files.file_kinds import is_stem_file

_SHOWN = 10


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
    """Return the songs in a folder: each a folder of stems.

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
        entries = sorted(top.iterdir())
        left_out = {entry: why for entry in entries if entry.is_dir() and (why := _why_no_song(entry))}
        songs = [entry for entry in entries if entry.is_dir() and entry not in left_out]
        left_out |= {
            entry: "it is one file, put its stems into a folder"
            for entry in entries
            if not entry.is_dir() and (archived_title(entry) is not None or is_stem_file(entry))
        }
        files = [
            entry.name
            for entry in entries
            if not (entry.is_dir() or entry in left_out or entry.name.startswith("."))
        ]
    except OSError as error:
        raise cannot_read(top, error) from error
    notes = [note_of(entry.name, why) for entry, why in left_out.items()]
    if files:
        names = ", ".join(map(shown, files[:_SHOWN]))
        more = f" and {len(files) - _SHOWN} more" if len(files) > _SHOWN else ""
        notes.append(f"{names}{more} left out: a song is a folder of stems")
    if not songs:
        there = f" ({'; '.join(notes)})" if notes else ""
        raise AudioFileError(f"{top} holds no songs{there}: one folder of stems for each is needed")
    return FoundSongs(folders=tuple(songs), notes=tuple(notes))


def _why_no_song(entry: Path) -> str:
    if entry.name[0] in "_.":
        return f"its name begins with {entry.name[0]}"
    if is_comparison(entry):
        return "it is a report of ours"
    if (entry / "key.json").is_file() and (entry / "site").is_dir():
        return "it is a listening test of ours"
    return ""
