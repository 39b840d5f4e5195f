"""DSD100: 100 songs as four stems and their mixture, in WAV (Liutkus et al. 2017, doi:10.1007/978-3-319-53547-0_31).

Half of the songs are ``Dev``, half ``Test`` [1]_; most of them are in MUSDB18 too, some in its other half.

References
----------
.. [1] Stöter: dsdtools, 2016, ``configs/tracklist.csv``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from mixrules.corpus.layouts.layout import Layout, artist_and_title, mixture_in, problem_of, stems_in
from mixrules.corpus.layouts.listing import listing, song_listing
from mixrules.corpus.layouts.musdb18hq import ROLES
from mixrules.stems.song_description import SongDescription

_SPLITS = {"Dev": "train", "Test": "test"}


def songs(root: Path) -> Iterator[SongDescription]:
    """Yield the songs: ``Sources/Dev/051 - Artist - Title/vocals.wav`` and so on, mixtures below ``Mixtures``."""
    tops = [root / part for part in ("Sources", "Mixtures") if part in listing(root).folders]
    for half, split in _SPLITS.items():
        halves = [listing(top / half) for top in tops if half in listing(top).folders]
        # Either folder may have been unpacked without the other: then the song says what is missing.
        for name in dict.fromkeys(name for half_of in halves for name in half_of.folders):
            sources = song_listing(root / "Sources" / half / name)
            mixture = song_listing(root / "Mixtures" / half / name)
            missing: list[str] = []
            artist, title = artist_and_title(re.sub(r"^\d{3} - ", "", name))
            yield SongDescription(
                song=f"{half}/{name}",
                title=title,
                artist=artist,
                split=split,
                stems=stems_in(sources, ROLES, missing),
                mixture=mixture_in(mixture, "mixture", missing),
                problem=problem_of(sources, []) or problem_of(mixture, missing),
            )


LAYOUT = Layout(
    name="dsd100",
    title="DSD100",
    source="Liutkus et al. 2017, doi:10.1007/978-3-319-53547-0_31",
    tree="Sources/Dev/SONG/vocals.wav, drums.wav, bass.wav, other.wav, Mixtures/Dev/SONG/mixture.wav (and Test/)",
    songs=songs,
)
