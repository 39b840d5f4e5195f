"""Songs that have to be in one split: of one artist, or one recording under several names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mixrules._support.text_encoding import composed

_FEATURING = re.compile(r"(?<=\S)[\s,]*[(\[]?\b(?:feat|ft|featuring)(?:\.\s*|\s+)\S.*")  # not Little Feat
_LEADING_THE = re.compile(r"^the (?=\S)")
_TRAILING_THE = re.compile(r"(?<=\S),? the$")


@dataclass(frozen=True, slots=True, kw_only=True)
class SongFacts:
    """What is known of a song before its audio is opened.

    Attributes
    ----------
    song, artist : str
        As the data set says; an artist may be empty.
    split : str
        The official one; empty where there is none.
    duration_s : float
        Its length.
    vocal_to_backing_lu : float
        Its level by the ground truth; NaN where it is not defined.
    title : str
        As the data set says; it may be empty.
    integrated_lufs : tuple of float or None
        Loudness of the vocal, the backing and the mix, None where one is silent; empty where they are not known.
    """

    song: str
    artist: str
    split: str
    duration_s: float
    vocal_to_backing_lu: float
    title: str = ""
    integrated_lufs: tuple[float | None, ...] = ()


def grouped(songs: Iterable[SongFacts]) -> dict[str, list[SongFacts]]:
    """Return songs in groups that are not to be torn apart.

    Those of one artist; those of one title where no artist is known; and those that are one recording, with the groups
    that each of them is in.
    """
    ordered = sorted(songs, key=lambda song: song.song)
    parents: dict[object, object] = {}

    def root(key: object) -> object:
        while parents.setdefault(key, key) != key:
            parents[key] = key = parents[parents[key]]
        return key

    for song in ordered:
        for key in (_title(song), _recording(song)):
            if key:
                parents[root(key)] = root(_name(song))
    members: dict[object, list[SongFacts]] = {}
    for song in ordered:
        members.setdefault(root(_name(song)), []).append(song)
    return {min(map(_name, group)): group for group in members.values()}


def same_recordings(songs: Iterable[SongFacts]) -> list[list[str]]:
    """Return the names of songs whose length and loudnesses are all equal, one list a recording."""
    found: dict[object, list[str]] = {}
    for song in songs:
        if recording := _recording(song):
            found.setdefault(recording, []).append(song.song)
    return sorted(sorted(names) for names in found.values() if len(names) > 1)


def same_artist(artist: str) -> str:
    """Return an artist as artists are compared: without guests, without "The", in small letters."""
    plain = _plain(artist)
    alone = _FEATURING.sub("", plain)
    without = _LEADING_THE.sub("", alone)
    return _TRAILING_THE.sub("", without) if without == alone else without


def _name(song: SongFacts) -> str:
    artist = same_artist(song.artist)
    return f"artist {artist}" if artist else f"song {song.song}"


def _title(song: SongFacts) -> Sequence[object]:
    title = _plain(song.title)
    return ("title", title) if title and not song.artist.strip() else ()


def _recording(song: SongFacts) -> Sequence[object]:
    return ("recording", song.duration_s, *song.integrated_lufs) if song.integrated_lufs else ()


def _plain(text: str) -> str:
    return " ".join(composed(text).casefold().split())
