"""The gains of albums, and the songs that are to get them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from pathlib import Path

from mixrules.corpus.batch.album import album_of, name_of
from mixrules.corpus.batch.album_sums import read_sum
from mixrules.corpus.work.place import Place
from mixrules.corpus.work.song_work import DataSet, Record
from mixrules.rules.album_gain import AlbumGain, album_gain
from mixrules.rules.master import NormaliseSettings
from mixrules.stems.song_description import SongDescription

_NOT_MEASURED = "it could not be found when the songs of its album were measured: run it again"


def album_gains(
    songs: Iterable[tuple[SongDescription, Record]], sums: Place, settings: NormaliseSettings
) -> dict[str, AlbumGain | str]:
    """Find the gain of every album.

    Parameters
    ----------
    songs : iterable of (SongDescription, Record)
        All songs of the albums, and what came of measuring each.
    sums : Place
        Where `Summing` has put what it measured.
    settings : NormaliseSettings
        The constants of the master.

    Returns
    -------
    dict of str to AlbumGain or str
        By song: the gain of its album, or why the song has none. The gain is that of the others then.
    """
    gains: dict[str, AlbumGain | str] = {}
    albums: dict[tuple[str, str], list[str]] = {}
    for song, record in songs:
        if record.reason:
            gains[song.song] = record.reason
        else:
            albums.setdefault(album_of(song), []).append(song.song)
    for album, names in albums.items():
        gain = album_gain(name_of(album), [read_sum(name, sums) for name in names], settings)
        gains.update(dict.fromkeys(names, gain))
    return gains


@dataclass(frozen=True, slots=True, kw_only=True)
class SongOfAlbum(SongDescription):
    """A song with the gain of its album: it goes to the process that masters the song, without the other albums'.

    Attributes
    ----------
    gain : AlbumGain
        The gain.
    """

    gain: AlbumGain


@dataclass(frozen=True, slots=True, kw_only=True)
class SongsWithGains:
    """Songs of a data set, each with the gain of its album; one that has none has a problem.

    Attributes
    ----------
    songs : DataSet
        The songs.
    names : set of str
        Which of them are taken.
    gains : mapping of str to AlbumGain or str
        As `album_gains` returns them.
    """

    songs: DataSet
    names: Set[str]
    gains: Mapping[str, AlbumGain | str]

    @property
    def root(self) -> Path:
        """Where the data set is."""
        return self.songs.root

    @property
    def layout(self) -> str:
        """The name of its layout."""
        return self.songs.layout

    def __iter__(self) -> Iterator[SongDescription]:
        for song in self.songs:
            if song.song in self.names:
                yield _with_gain(song, self.gains.get(song.song, _NOT_MEASURED))


def _with_gain(song: SongDescription, gain: AlbumGain | str) -> SongDescription:
    if isinstance(gain, str):
        return dataclasses.replace(song, problem=gain)
    described = {field.name: getattr(song, field.name) for field in dataclasses.fields(SongDescription)}
    return SongOfAlbum(**described, gain=gain)
