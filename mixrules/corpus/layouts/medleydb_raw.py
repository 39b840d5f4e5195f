"""MedleyDB with its raw tracks as the stems; otherwise as `medleydb`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mixrules.corpus.layouts.layout import Layout
from mixrules.corpus.layouts.medleydb import LAYOUT as STEMS
from mixrules.corpus.layouts.medleydb import described, surely
from mixrules.stems.song_description import SongDescription


def songs(root: Path) -> Iterator[SongDescription]:
    """Yield the songs with their raw tracks."""
    return described(root, raw=True)


LAYOUT = Layout(
    name="medleydb-raw",
    title="MedleyDB, raw tracks",
    source=STEMS.source,
    tree="Audio/SONG/SONG_RAW/SONG_RAW_01_01.wav, SONG_MIX.wav, SONG_METADATA.yaml",
    songs=songs,
    surely=surely,
)
