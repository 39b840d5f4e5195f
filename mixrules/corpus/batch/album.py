"""Albums: which song is on which, and all songs of some."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from mixrules.corpus.work.song_work import DataSet
from mixrules.stems.song_description import SongDescription


def album_of(song: SongDescription) -> tuple[str, str]:
    """Return which album a song is on: the folder that holds it in the data set, and the album's title there, if any."""
    parent = str(PurePosixPath(song.song).parent)
    return ("" if parent == "." else parent, song.album)


def name_of(album: tuple[str, str]) -> str:
    """Return what an album is called in a sentence."""
    folder, title = album
    return title or folder


@dataclass(frozen=True, slots=True)
class SongsOfAlbums:
    """All songs of some albums of a data set.

    Attributes
    ----------
    songs : DataSet
        All songs of the data set.
    albums : frozenset of (str, str)
        The albums, as `album_of` names them.
    """

    songs: DataSet
    albums: frozenset[tuple[str, str]]

    @property
    def root(self) -> Path:
        """Where the data set is."""
        return self.songs.root

    @property
    def layout(self) -> str:
        """The name of its layout."""
        return self.songs.layout

    def __iter__(self) -> Iterator[SongDescription]:
        return (song for song in self.songs if album_of(song) in self.albums)
