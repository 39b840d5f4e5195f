"""What a song's result depends on: its files, as they are named and as they are."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mixrules._support.version import __version__
from mixrules.files import cannot_read
from mixrules.files.hashing import add_content
from mixrules.stems.song_description import AudioPart, SongDescription

# A file's name within the song, its path, and its status or why that cannot be had.
_File = tuple[str, str, os.stat_result | OSError]


def stamp_of(song: SongDescription, also: str = "") -> str:
    """Return a hash of the description of a song, of names, sizes and times of its files, and of what `also` says.

    A file that cannot be looked at is part of the stamp too: once it can, the stamp is another.
    """
    digest = hashlib.blake2b(f"{_described(song)}{also}".encode(errors="backslashreplace"), digest_size=16)
    for name, _, status in _files(song):
        said = status.errno if isinstance(status, OSError) else (status.st_size, status.st_mtime_ns)
        digest.update(f"\0{name}\0{said}".encode(errors="backslashreplace"))
    return digest.hexdigest()


def content_key(song: SongDescription, settings: Mapping[str, Any], also: str = "") -> str:
    """Return a hash of a song's files, byte by byte, of the settings, of what `also` says and of the version.

    Fails with `AudioFileError`.
    """
    digest = hashlib.blake2b(digest_size=16)
    about = f"{__version__}\0{sorted(settings.items())!r}\0{_described(song)}{also}"
    digest.update(about.encode(errors="backslashreplace"))
    for name, path, status in _files(song):
        if isinstance(status, OSError):
            raise cannot_read(Path(path), status)
        digest.update(f"\0{name}\0".encode(errors="backslashreplace"))
        add_content(digest, path)
    return digest.hexdigest()


def song_key(song: str) -> str:
    """Return a name of letters and digits for a song, which no other song has."""
    return hashlib.blake2b(song.encode(errors="surrogatepass"), digest_size=8).hexdigest()


def _described(song: SongDescription) -> str:
    """Return what a description says, but where the files are: a data set may move."""
    stems = [
        (
            stem.name,
            stem.role,
            stem.vocal,
            *(_parts(parts) for parts in (stem.parts, stem.impulse_response, stem.dry)),
        )
        for stem in song.stems
    ]
    mixture = _parts(song.mixture)
    facts = (song.song, song.title, song.artist, song.album, song.split, song.problem)
    return repr((facts, stems, mixture))


def _parts(parts: tuple[AudioPart, ...]) -> list[tuple[str, int | None, int | None]]:
    return [(part.path.name, part.stream, part.channel) for part in parts]


def _files(song: SongDescription) -> Iterator[_File]:
    """Yield the files of a song in order, those in its folder too."""
    for path in song.files:
        try:
            status = os.stat(path)
        except OSError as error:
            yield path.name, str(path), error
            continue
        if stat.S_ISDIR(status.st_mode):
            yield from _files_in(str(path), "")
        else:
            yield path.name, str(path), status


def _files_in(folder: str, above: str) -> Iterator[_File]:
    """Yield the files in a folder and in those below it, but for hidden ones."""
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError as error:
        yield above, folder, error
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        name = f"{above}{entry.name}"
        try:
            if entry.is_dir(follow_symlinks=False):
                yield from _files_in(entry.path, f"{name}/")
            elif entry.is_file():
                yield name, entry.path, entry.stat()
        except OSError as error:
            yield name, entry.path, error
