"""A folder of folders of stems, each read as `load_stems` reads it; folders of such folders too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from mixrules.corpus.layouts.layout import Layout
from mixrules.corpus.layouts.song_folders import walk_songs
from mixrules.stems.song_description import SongDescription


def songs(root: Path) -> Iterator[SongDescription]:
    """Yield the songs, one a folder: ``SONG``, ``ALBUM/SONG`` or ``ARTIST/ALBUM/SONG``."""
    for found in walk_songs(root):
        path = PurePosixPath(found.path.relative_to(root).as_posix())
        yield SongDescription(
            song=str(path),
            title=path.name,
            album=path.parent.name,
            artist=path.parent.parent.name,
            folder=found.path,
            problem=found.problem,
        )


def _surely(root: Path) -> bool:
    """Return False: stems in folders are in any data set."""
    return False


LAYOUT = Layout(
    name="folders",
    title="a folder of folders of stems",
    source="",
    tree="SONG/STEM.wav",
    songs=songs,
    surely=_surely,
)
