"""Each song's name is its own, and one that files of results can have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from mixrules._support.text_encoding import casefolded, shown
from mixrules.errors import AudioFileError
from mixrules.stems.song_description import SongDescription


def checked(songs: Iterable[SongDescription]) -> Iterator[SongDescription]:
    """Yield songs, those with a problem that cannot have results under their name.

    Raises
    ------
    AudioFileError
        If two songs have one name.
    """
    # Hashes: the names of 100,000 songs need not stay.
    names: set[int] = set()
    folded: set[int] = set()
    for song in songs:
        name, same = hash(song.song), hash(casefolded(song.song))
        if name in names:
            raise AudioFileError(f"two songs are called {shown(song.song)}: each needs a name of its own")
        why = _why_no_name(song)
        if not why and same in folded:
            why = "another song's name differs from its own in nothing but case or accents' form, rename one"
        names.add(name)
        folded.add(same)
        yield _unusable(song, why) if why else song


def _why_no_name(song: SongDescription) -> str:
    if any(part in ("", ".", "..") for part in song.song.split("/")):
        return "its name cannot be that of a file of results, as one without empty parts and dots could be"
    parts = (*(part for stem in song.stems for part in stem.parts), *song.mixture)
    names = (song.song, *(stem.name for stem in song.stems), *(part.path.name for part in parts))
    odd = next((name for name in names if not _is_unicode(name)), None)
    return "" if odd is None else f"the name {_as_unicode(odd)} is not UTF-8, rename it"


def _unusable(song: SongDescription, why: str) -> SongDescription:
    """Return a song with a name that results can have, without its files, and why it is not used."""
    name = "/".join(part for part in song.song.split("/") if part not in ("", ".", ".."))
    return replace(
        song,
        song=_as_unicode(name) or "without a name",
        title=_as_unicode(song.title),
        artist=_as_unicode(song.artist),
        album=_as_unicode(song.album),
        stems=(),
        folder=None,
        mixture=(),
        problem=why,
    )


def _is_unicode(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _as_unicode(name: str) -> str:
    return name.encode(errors="backslashreplace").decode()
