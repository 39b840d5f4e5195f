"""ccMixter's vocal separation database: 50 songs as background, voice and mix (Liutkus et al. 2014).

``source-01.wav`` is the background, ``source-02.wav`` the voice [1]_.

References
----------
.. [1] Liutkus, Fitzgerald, Rafii, Pardo and Daudet: Kernel Additive Models for Source Separation, IEEE Transactions on
   Signal Processing 62(16), 2014.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mixrules.corpus.layouts.layout import Layout, artist_and_title, mixture_in, problem_of
from mixrules.corpus.layouts.listing import listing, song_listing, why_ours
from mixrules.stems.song_description import AudioPart, SongDescription, StemDescription

_FILES = {"source-01": ("background", "accompaniment"), "source-02": ("vocals", "vocal")}


def songs(root: Path) -> Iterator[SongDescription]:
    """Yield the songs: ``SONG/source-01.wav``, ``source-02.wav`` and ``mix.wav``."""
    for name in listing(root).folders:
        found = song_listing(root / name)
        if why_ours(found):
            continue
        missing = [f"{file}.wav" for file in _FILES if found.audio(file) is None]
        artist, title = artist_and_title(name)
        yield SongDescription(
            song=name,
            title=title,
            artist=artist,
            stems=tuple(
                StemDescription(name=stem, role=role, parts=(AudioPart(path=path),))
                for file, (stem, role) in _FILES.items()
                if (path := found.audio(file)) is not None
            ),
            mixture=mixture_in(found, "mix", missing),
            problem=problem_of(found, missing),
        )


LAYOUT = Layout(
    name="ccmixter",
    title="ccMixter's vocal separation database",
    source="Liutkus et al.: Kernel Additive Models for Source Separation, IEEE TSP 62(16), 2014",
    tree="SONG/source-01.wav, source-02.wav, mix.wav",
    songs=songs,
)
