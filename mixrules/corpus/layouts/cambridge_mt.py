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
from mixrules.corpus.layouts.listing import Listing, listing, song_listing
from mixrules.stems.song_description import AudioPart, SongDescription

_VERSION = re.compile(r"_(full|edited|excerpt)(?=_|$)", re.IGNORECASE)
_MIXTURE = re.compile(r"_(unmasteredwav|preview)$", re.IGNORECASE)


def songs(root: Path) -> Iterator[SongDescription]:
    """Yield the songs: ``Artist_Title_Full/01_Kick.wav`` and so on."""
    contents = listing(root)
    mixtures = _mixtures(contents)
    artists: dict[str, set[str]] = {}
    for name in contents.folders:
        artists.setdefault(_key(name.partition("_")[2]), set()).add(_key(name))
    for name in contents.folders:
        if _MIXTURE.search(name):
            continue
        found = song_listing(root / name)
        artist, _, title = _VERSION.split(name)[0].partition("_")
        mixture = mixtures.get(_key(name))
        # A mix may be called after the title alone, which does for one artist's song of that title.
        if mixture is None and len(artists[_key(name.partition("_")[2])]) == 1:
            mixture = mixtures.get(_key(title))
        holds = found.problem or found.folders or found.audio_files()
        yield SongDescription(
            song=name,
            title=title.replace("_", " ") or artist,
            artist=artist if title else "",
            folder=root / name,
            mixture=() if mixture is None else (AudioPart(path=mixture),),
            problem=found.problem if holds else "it holds no audio",
        )


def _mixtures(contents: Listing) -> dict[str, Path]:
    """Return the mixes beside the songs by what they are called; one without the losses of MP3 comes first."""
    files = {os.path.splitext(file)[0]: contents.path / file for file in contents.audio_files()}
    for name in contents.folders:
        if _MIXTURE.search(name):
            inner = song_listing(contents.path / name)
            if inner.audio_files():
                files[name] = inner.path / inner.audio_files()[0]
    named = {name: path for name, path in files.items() if _MIXTURE.search(name)}
    order = sorted(named, key=lambda name: not name.lower().endswith("_unmasteredwav"), reverse=True)
    return {_key(_MIXTURE.sub("", name)): named[name] for name in order}


def _key(name: str) -> str:
    """Return a song's name for comparison: a mix is called as its folder is, but for what joins artist and title."""
    return casefolded(re.sub(r"[\W_]+", "", _VERSION.split(name)[0]))


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
