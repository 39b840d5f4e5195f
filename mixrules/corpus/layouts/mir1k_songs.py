"""MIR-1K, its 110 recordings before they were cut into clips; otherwise as `mir1k`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mixrules.corpus.layouts.layout import Layout
from mixrules.corpus.layouts.mir1k import LAYOUT as CLIPS
from mixrules.corpus.layouts.mir1k import described
from mixrules.stems.song_description import SongDescription


def songs(root: Path) -> Iterator[SongDescription]:
    """Yield the recordings: ``UndividedWavfile/SINGER_SONG.wav``."""
    return described(root, "UndividedWavfile")


LAYOUT = Layout(
    name="mir1k-songs",
    title="MIR-1K, undivided",
    source=CLIPS.source,
    tree="UndividedWavfile/SINGER_SONG.wav, accompaniment left, voice right",
    songs=songs,
)
