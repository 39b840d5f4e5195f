"""What a song's result hangs on: its files, as they are named and as they are."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mixrules._support.version import __version__
from mixrules.errors import AudioFileError
from mixrules.files import cannot_read
from mixrules.stems.song_description import SongDescription

_BLOCK = 1 << 20


def stamp_of(song: SongDescription, also: str = "") -> str:
    """Return a hash of the description of a song, of names, sizes and times of its files, and of what `also` says.

    A file that cannot be looked at is part of the stamp too: once it can, the stamp is another.
    """
    digest = hashlib.blake2b(f"{_described(song)}{also}".encode(), digest_size=16)
    for name, path in _files(song):
        try:
            status = path.stat()
            digest.update(f"\0{name}\0{status.st_size}\0{status.st_mtime_ns}".encode())
        except OSError as error:
            digest.update(f"\0{name}\0{error.errno}".encode())
    return digest.hexdigest()


def content_key(song: SongDescription, settings: Mapping[str, Any], also: str = "") -> str:
    """Return a hash of a song's files, byte by byte, of the settings, of what `also` says and of the version.

    Fails with `AudioFileError`.
    """
    digest = hashlib.blake2b(digest_size=16)
    digest.update(f"{__version__}\0{sorted(settings.items())!r}\0{_described(song)}{also}".encode())
    for name, path in _files(song):
        digest.update(f"\0{name}\0".encode())
        try:
            with open(path, "rb") as file:
                while block := file.read(_BLOCK):
                    digest.update(block)
        except OSError as error:
            raise cannot_read(path, error) from error
    return digest.hexdigest()


def _described(song: SongDescription) -> str:
    """Return what a description says, but where the files are: a data set may move."""
    stems = [
        (
            stem.name,
            stem.role,
            stem.vocal,
            [(part.path.name, part.stream, part.channel) for part in stem.parts],
        )
        for stem in song.stems
    ]
    mixture = [(part.path.name, part.stream, part.channel) for part in song.mixture]
    facts = (song.song, song.title, song.artist, song.album, song.split, song.problem)
    return repr((facts, stems, mixture))


def _files(song: SongDescription) -> Iterator[tuple[str, Path]]:
    """Yield the files of a song in order, those in its folder too, each with the name it has there."""
    for path in song.files:
        if not path.is_dir():
            yield path.name, path
            continue
        try:
            inside = sorted(
                file
                for file in path.rglob("*")
                if file.is_file() and not any(part.startswith(".") for part in file.relative_to(path).parts)
            )
        except OSError as error:
            raise AudioFileError(
                f"{path} cannot be read: {(error.strerror or str(error)).lower()}"
            ) from error
        for file in inside:
            yield file.relative_to(path).as_posix(), file
