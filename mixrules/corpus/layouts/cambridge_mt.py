"""Cambridge-MT's "Mixing Secrets" library: hundreds of multitracks, a folder for each archive as it is unzipped.

A folder is called ``Artist_Title_Full``, or ``_Edited`` or ``_Excerpt``, and holds numbered tracks [1]_. The mix that the
library offers is the mixture where its file lies beside the folders: ``Title_UnmasteredWAV.wav``, or
``ArtistTitle_Full_Preview.mp3``, each perhaps in a folder of its own.

References
----------
.. [1] Senior: The 'Mixing Secrets' Free Multitrack Download Library, cambridge-mt.com.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from mixrules._support.text_encoding import casefolded
from mixrules.corpus.layouts.layout import Layout
from mixrules.corpus.layouts.listing import Listing, listing, song_listing, why_ours
from mixrules.stems.song_description import AudioPart, SongDescription

_VERSION = re.compile(r"_(full|edited|excerpt)(?=_|$)", re.IGNORECASE)
_MIXTURE = re.compile(r"_(unmasteredwav|preview)$", re.IGNORECASE)


def songs(root: Path) -> Iterator[SongDescription]:
    """Yield the songs: ``Artist_Title_Full/01_Kick.wav`` and so on."""
    contents = listing(root)
    mixtures = _mixtures(contents)
    named = [(name, *_artist_and_title(name)) for name in contents.folders if not _MIXTURE.search(name)]
    artists: dict[str, set[str]] = {}
    for _, artist, title in named:
        artists.setdefault(_key(title), set()).add(_key(artist))
    for name, artist, title in named:
        found = song_listing(root / name)
        if why_ours(found):
            continue
        # A mix may be called after the title alone, which does for one artist's song of that title.
        keys = [_key(artist + title), *([_key(title)] if len(artists[_key(title)]) == 1 else [])]
        mixture = next(
            (mixtures[place] for key in keys for place in _places(key, name) if place in mixtures), None
        )
        holds = found.problem or found.folders or found.audio_files()
        yield SongDescription(
            song=name,
            title=title.replace("_", " "),
            artist=artist,
            folder=root / name,
            mixture=() if mixture is None else (AudioPart(path=mixture),),
            problem=found.problem if holds else "it holds no audio",
        )


def _mixtures(contents: Listing) -> dict[tuple[str, str], Path]:
    """Return the mixes beside the songs by song and version; one without the losses of MP3 comes before a preview."""
    files = {os.path.splitext(file)[0]: contents.path / file for file in contents.audio_files()}
    for name in contents.folders:
        if _MIXTURE.search(name):
            inner = song_listing(contents.path / name)
            if inner.audio_files():
                files[name] = inner.path / inner.audio_files()[0]
    mixes = [name for name in files if _MIXTURE.search(name)]
    mixes.sort(key=lambda name: name.lower().endswith("_unmasteredwav"))
    return {(_key(_VERSION.split(_MIXTURE.sub("", name))[0]), _version(name)): files[name] for name in mixes}


def _places(key: str, name: str) -> Iterator[tuple[str, str]]:
    """Yield where the mix of a folder's song is looked for: an excerpt's is no mix of the song."""
    version = _version(name)
    versions = {"excerpt": ("excerpt",), "edited": ("edited", "", "full")}.get(version, ("", "full"))
    for other in versions:
        yield key, other


def _artist_and_title(name: str) -> tuple[str, str]:
    artist, _, title = _VERSION.split(name)[0].partition("_")
    return (artist, title) if title else ("", artist)


def _version(name: str) -> str:
    found = _VERSION.search(name)
    return found[1].lower() if found else ""


def _key(name: str) -> str:
    """Return a name for comparison: a mix is called as its folder is, but for what joins artist and title."""
    return casefolded(re.sub(r"[\W_]+", "", name))


def _surely(root: Path) -> bool:
    names = listing(root).folders
    return bool(names) and sum(bool(_VERSION.search(name)) for name in names) * 2 > len(names)


LAYOUT = Layout(
    name="cambridge-mt",
    title="Cambridge-MT's multitrack library",
    source="Senior: The 'Mixing Secrets' Free Multitrack Download Library, cambridge-mt.com",
    tree="ARTIST_SONG_Full/01_Kick.wav",
    songs=songs,
    surely=_surely,
)
