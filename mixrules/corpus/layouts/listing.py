"""What lies in a data set's folders: names in natural order, without what systems leave there; no file is opened."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from mixrules.files import cannot_read
from mixrules.files.own_documents import RUN_DOCUMENT, RUN_LEDGER, is_comparison
from mixrules.stems.file_extensions import AUDIO_EXTENSIONS, FILM_EXTENSIONS, LIBAV_EXTENSIONS
from mixrules.stems.song_files.file_kinds import named_like_audio
from mixrules.stems.song_files.folder_scan import natural_order

# The first that lies there is taken: what a data set is distributed as, before copies of it.
_PREFERRED = (".wav", ".flac", ".aif", ".aiff", ".ogg", ".opus", ".m4a", ".mp3", ".mp4")
_SOUND = AUDIO_EXTENSIONS | LIBAV_EXTENSIONS
_MAY_BE_SOUND = _SOUND | FILM_EXTENSIONS
_OF_SYSTEMS = ("__MACOSX", "$RECYCLE.BIN", "System Volume Information", "@eaDir", "lost+found")

_LARGE = 2000
_LARGE_KEPT = 4
_GRAIN_NS = 3_000_000_000
# To put 100,000 names in order takes most of a second, and a data set is gone through several times.
_large: dict[Path, tuple[int, Listing]] = {}


@dataclass(frozen=True, slots=True)
class Listing:
    """What a folder holds.

    Attributes
    ----------
    path : Path
        The folder.
    folders, files : tuple of str
        The names of the folders and of the files in it, in natural order; hidden ones are left out.
    problem : str
        Why it cannot be read; empty where it can.
    """

    path: Path
    folders: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    problem: str = ""
    _by_name: dict[str, str] = field(default_factory=dict, repr=False, compare=False)

    def audio(self, name: str) -> Path | None:
        """Return the audio file of a name without its extension, whatever its case; None where there is none."""
        if not self._by_name:
            for file in sorted(self.files, key=_preference, reverse=True):
                stem, extension = os.path.splitext(file)
                if extension.lower() in _MAY_BE_SOUND:
                    self._by_name[stem.casefold()] = file
        found = self._by_name.get(name.casefold())
        return None if found is None else self.path / found

    def audio_files(self) -> tuple[str, ...]:
        """Return the names of the audio files; no film is one, as ``.mp4`` may be."""
        return tuple(file for file in self.files if os.path.splitext(file)[1].lower() in _SOUND)


def listing(folder: Path) -> Listing:
    """Return what a folder holds; fails with `AudioFileError` where it cannot be read."""
    try:
        changed_ns = os.stat(folder).st_mtime_ns
        known = _large.get(folder)
        if known is not None and known[0] == changed_ns:
            return known[1]
        found = _read(folder)
    except OSError as error:
        raise cannot_read(folder, error) from error
    # Within the grain of a disk's clock a change leaves the time as it is.
    settled = time.time_ns() - changed_ns > _GRAIN_NS
    if settled and len(found.folders) + len(found.files) >= _LARGE:
        while len(_large) >= _LARGE_KEPT:
            _large.pop(next(iter(_large)))
        _large[folder] = (changed_ns, found)
    return found


def song_listing(folder: Path) -> Listing:
    """Return what a song's folder holds, with the problem where it cannot be read."""
    try:
        return _read(folder)
    except OSError as error:
        return Listing(folder, problem=str(cannot_read(folder, error)).removeprefix(f"{folder} "))


def _read(folder: Path) -> Listing:
    folders: list[str] = []
    files: list[str] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if not is_left_out(entry.name):
                (folders if _is_folder(entry) else files).append(entry.name)
    folders.sort(key=natural_order)
    files.sort(key=natural_order)
    return Listing(folder, tuple(folders), tuple(files))


def folders_of_songs(
    root: Path,
    is_song: Callable[[Listing], bool],
    *,
    deepest: int,
    widest: int | None = None,
    known: Listing | None = None,
) -> Iterator[Listing]:
    """Yield the folders of songs below a folder, in natural order; those within a song are not looked into.

    Parameters
    ----------
    root : Path
        The folder.
    is_song : callable
        Whether what a folder holds is a song.
    deepest : int
        How many folders deep it is looked.
    widest : int, optional
        How many folders in each are looked at; all by default.
    known : Listing, optional
        What the folder holds, where that is known.

    Yields
    ------
    Listing
        What a song's folder holds, or why a folder cannot be read.
    """
    contents = listing(root) if known is None else known
    for name in contents.folders[:widest]:
        found = song_listing(contents.path / name)
        if why_ours(found):
            continue
        if found.problem or is_song(found):
            yield found
        elif deepest > 1:
            yield from folders_of_songs(found.path, is_song, deepest=deepest - 1, widest=widest, known=found)


def why_ours(found: Listing) -> str:
    """Return what of this package a folder holds, as a reason why it is no song; empty where it is none of ours."""
    # A report has no audio beside its tables; what holds audio is not looked at further.
    if not any(map(named_like_audio, found.files)) and is_comparison(found.path):
        return "it is a report of ours"
    if RUN_DOCUMENT in found.files and RUN_LEDGER in found.files:
        return "it holds results of ours"
    if "key.json" in found.files and "site" in found.folders:
        return "it is a listening test of ours"
    return ""


def is_left_out(name: str) -> bool:
    """Return whether a name is hidden or a system's own."""
    # "...Baby One More Time" is a title.
    return (name.startswith(".") and not name.startswith("...")) or name in _OF_SYSTEMS


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _preference(file: str) -> int:
    extension = os.path.splitext(file)[1].lower()
    return _PREFERRED.index(extension) if extension in _PREFERRED else len(_PREFERRED)
