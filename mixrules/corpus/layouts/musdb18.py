"""MUSDB18: 150 songs in one ``.stem.mp4`` file each (Rafii et al. 2017, doi:10.5281/zenodo.1117372).

The streams of a file are the mixture, drums, bass, other and vocals, in this order [1]_; the stems were cut off at 16 kHz
by their compression, which is why MUSDB18-HQ exists.

References
----------
.. [1] Stöter and Liutkus: musdb 0.4, 2020, ``configs/mus.yaml``, ``stem_ids``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mixrules.corpus.layouts.layout import Layout, artist_and_title
from mixrules.corpus.layouts.musdb18hq import ROLES, halves, split_of
from mixrules.stems.song_description import AudioPart, SongDescription, StemDescription

_STREAMS = {"drums": 1, "bass": 2, "other": 3, "vocals": 4}
_ENDING = ".stem.mp4"


def songs(root: Path) -> Iterator[SongDescription]:
    """Yield the songs: ``train/Artist - Title.stem.mp4``."""
    for half, contents in halves(root):
        for file in contents.files:
            if not file.lower().endswith(_ENDING):
                continue
            name, path = file[: -len(_ENDING)], contents.path / file
            artist, title = artist_and_title(name)
            yield SongDescription(
                song=f"{half}/{name}",
                title=title,
                artist=artist,
                split=split_of(half, name),
                stems=tuple(
                    StemDescription(name=stem, role=ROLES[stem], parts=(AudioPart(path=path, stream=stream),))
                    for stem, stream in _STREAMS.items()
                ),
                mixture=(AudioPart(path=path, stream=0),),
            )


LAYOUT = Layout(
    name="musdb18",
    title="MUSDB18 (STEMS)",
    source="Rafii et al. 2017, doi:10.5281/zenodo.1117372",
    tree="train/SONG.stem.mp4 (and test/)",
    songs=songs,
)
