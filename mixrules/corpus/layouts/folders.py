"""A folder of folders of stems, each read as `load_stems` reads it; folders of such folders too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mixrules.corpus.layouts.layout import Layout
from mixrules.corpus.layouts.song_folders import find_songs
from mixrules.stems.song_description import SongDescription


def songs(root: Path) -> Iterator[SongDescription]:
    """Yield the songs, one a folder."""
    for folder in find_songs(root).folders:
        yield SongDescription(song=folder.name, title=folder.name, folder=folder)


LAYOUT = Layout(
    name="folders",
    title="a folder of folders of stems",
    source="",
    tree="SONG/STEM.wav",
    songs=songs,
)
