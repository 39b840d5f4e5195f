"""MoisesDB: 240 songs, each of up to 11 stems that are sums of tracks (Pereira et al. 2023, arXiv:2307.15913).

``moisesdb_v0.1/UUID/data.json`` names the stems and their tracks; these lie in ``STEM/TRACK.wav`` beside it [1]_. The
mixture is the sum of all tracks; a click, which some songs have among "other", is none of them.

References
----------
.. [1] Moises AI: moises-db, 2023, ``track.py`` and ``defaults.py``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mixrules.corpus.layouts.layout import Layout, problem_of_missing
from mixrules.corpus.layouts.listing import Listing, folders_of_songs, song_listing
from mixrules.errors import AudioFileError
from mixrules.files import read_text
from mixrules.stems.song_description import AudioPart, SongDescription, StemDescription

_ROLES = {
    "vocals": "vocal",
    "bass": "bass",
    "drums": "drums",
    "guitar": "guitar",
    "other_plucked": "guitar",
    "percussion": "percussion",
    "piano": "piano",
    "other_keys": "keys",
    "bowed_strings": "strings",
    "wind": "winds",
    "other": "other",
}
# Of tracks that are something else than their stem, by a word of their type.
_ROLES_OF_TRACKS = {
    "background": "backing_vocal",
    "choir": "backing_vocal",
    "snare": "snare",
    "toms": "toms",
    "kick": "kick",
    "cymbals": "cymbals",
    "electric_piano": "keys",
    "synth": "synth",
    "fx": "effects",
}
_CLICK = "click"
_DATA = "data.json"
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Track:
    """A track of a song: the stem it belongs to, its type, its file and whether other instruments are heard in it."""

    stem: str
    kind: str
    path: Path
    bleed: bool

    @property
    def role(self) -> str:
        """The role of the track alone."""
        by_word = (role for word, role in _ROLES_OF_TRACKS.items() if word in self.kind)
        return next(by_word, _ROLES.get(self.stem, "other")) if self.stem != "bass" else "bass"


@dataclass(frozen=True, slots=True)
class Song:
    """A song's entry: its names, its tracks, and why it cannot be used."""

    path: str
    title: str = ""
    artist: str = ""
    tracks: tuple[Track, ...] = ()
    problem: str = ""

    def described(self, stems: tuple[StemDescription, ...]) -> SongDescription:
        """Return the description, given its stems; the mixture is the sum of the tracks."""
        return SongDescription(
            song=self.path,
            title=self.title or self.path.rpartition("/")[2],
            artist=self.artist,
            stems=stems,
            mixture=tuple(AudioPart(path=track.path) for track in self.tracks),
            has_bleed=any(track.bleed for track in self.tracks) if self.tracks else None,
            problem=self.problem,
        )


def entries(root: Path, *, widest: int | None = None) -> Iterator[Song]:
    """Yield the songs of the data set with their tracks; the folder given may be that of one provider."""
    for found in folders_of_songs(root, _is_song, deepest=2, widest=widest):
        yield _entry(found, found.path.relative_to(root).as_posix())


def songs(root: Path) -> Iterator[SongDescription]:
    """Yield the songs, a stem being the sum of its tracks."""
    for song in entries(root):
        parts: dict[str, list[AudioPart]] = {}
        for track in song.tracks:
            parts.setdefault(track.stem, []).append(AudioPart(path=track.path))
        yield song.described(
            tuple(
                StemDescription(
                    name=stem, role=_ROLES.get(stem, "other"), parts=tuple(found), vocal=stem == "vocals"
                )
                for stem, found in parts.items()
            )
        )


def _is_song(found: Listing) -> bool:
    return _DATA in found.files or bool(_UUID.fullmatch(found.path.name))


def _entry(found: Listing, path: str) -> Song:
    if found.problem or _DATA not in found.files:
        return Song(path, problem=found.problem or f"{_DATA} is missing")
    try:
        data = json.loads(read_text(found.path / _DATA))
        tracks = tuple(_tracks(found.path, data))
        title, artist = str(data.get("song") or ""), str(data.get("artist") or "")
    except (AudioFileError, ValueError, KeyError, TypeError, AttributeError) as error:
        return Song(path, problem=f"{_DATA} is not what MoisesDB has there ({type(error).__name__}: {error})")
    names = {stem: _names(found.path / stem) for stem in {track.stem for track in tracks}}
    missing = [
        f"{track.stem}/{track.path.name}" for track in tracks if track.path.name not in names[track.stem]
    ]
    return Song(
        path,
        title,
        artist,
        tracks,
        problem_of_missing(missing) or ("" if tracks else f"{_DATA} names no tracks"),
    )


def _tracks(folder: Path, data: Mapping[str, Any]) -> Iterator[Track]:
    for stem in data["stems"]:
        name = str(stem["stemName"])
        for track in stem["tracks"]:
            kind = re.sub(r"\s+", "_", str(track["trackType"]).strip().lower())
            if not kind.startswith(_CLICK):
                path = folder / name / f"{track['id']}.{track['extension']}"
                yield Track(name, kind, path, bool(track.get("has_bleed")))


def _names(folder: Path) -> frozenset[str]:
    return frozenset(song_listing(folder).files)


def surely(root: Path) -> bool:
    """Return whether one of the first songs is there."""
    return any(not song.problem for song in entries(root, widest=3))


LAYOUT = Layout(
    name="moisesdb",
    title="MoisesDB",
    source="Pereira et al. 2023, arXiv:2307.15913",
    tree="moisesdb_v0.1/UUID/data.json and STEM/TRACK.wav",
    songs=songs,
    surely=surely,
)
