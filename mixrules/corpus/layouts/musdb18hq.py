"""MUSDB18-HQ: 150 songs as four stems and their mixture, in WAV (Rafii et al. 2019, doi:10.5281/zenodo.3338373)."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

from mixrules.corpus.layouts.layout import Layout, folders_in, missing, separate_files
from mixrules.stems.song_description import AudioPart, SongDescription

_ROLES = {"vocals": "vocal", "drums": "drums", "bass": "bass", "other": "other"}


def songs(root: Path) -> Iterator[SongDescription]:
    """Yield the songs: ``train/Artist - Title/vocals.wav`` and so on, ``mixture.wav`` beside them."""
    for split in ("train", "test"):
        if not (root / split).is_dir():
            continue
        for folder in folders_in(root / split):
            artist, _, title = folder.name.partition(" - ")
            song = SongDescription(
                song=f"{split}/{folder.name}",
                title=title or folder.name,
                artist=artist if title else "",
                split=split,
                stems=separate_files(folder, _ROLES),
                mixture=(AudioPart(path=folder / "mixture.wav"),),
            )
            yield dataclasses.replace(song, problem=missing(song))


LAYOUT = Layout(
    name="musdb18hq",
    title="MUSDB18-HQ",
    source="Rafii et al. 2019, doi:10.5281/zenodo.3338373",
    tree="train/SONG/vocals.wav, drums.wav, bass.wav, other.wav, mixture.wav (and test/)",
    songs=songs,
)
