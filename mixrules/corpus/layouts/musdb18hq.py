"""MUSDB18-HQ: 150 songs as four stems and their mixture, in WAV (Rafii et al. 2019, doi:10.5281/zenodo.3338373).

The 14 songs of ``train`` that the authors' package ``musdb`` sets apart for validation are ``validation`` here [1]_.

References
----------
.. [1] Stöter and Liutkus: musdb 0.4, 2020, ``configs/mus.yaml``, ``validation_tracks``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mixrules.corpus.layouts.layout import Layout, artist_and_title, mixture_in, problem_of, stems_in
from mixrules.corpus.layouts.listing import Listing, listing, song_listing
from mixrules.stems.song_description import SongDescription

ROLES = {"vocals": "vocal", "drums": "drums", "bass": "bass", "other": "other"}
VALIDATION = frozenset(
    (
        "ANiMAL - Rockshow",
        "Actions - One Minute Smile",
        "Alexander Ross - Goodbye Bolero",
        "Clara Berry And Wooldog - Waltz For My Victims",
        "Fergessen - Nos Palpitants",
        "James May - On The Line",
        "Johnny Lokke - Promises & Lies",
        "Leaf - Summerghost",
        "Meaxic - Take A Step",
        "Patrick Talbot - A Reason To Leave",
        "Skelpolu - Human Mistakes",
        "Traffic Experiment - Sirens",
        "Triviul - Angelsaint",
        "Young Griffo - Pennies",
    )
)
"""The validation songs among those of ``train``."""


def halves(root: Path) -> Iterator[tuple[str, Listing]]:
    """Yield ``train`` and ``test`` and what they hold; either may be the folder that is given."""
    contents = listing(root)
    named = [name for name in ("train", "test") if name in contents.folders]
    if not named and root.resolve().name in ("train", "test"):
        yield root.resolve().name, contents
    for name in named:
        yield name, listing(root / name)


def split_of(half: str, song: str) -> str:
    """Return the split of a song in ``train`` or ``test``."""
    return "validation" if half == "train" and song in VALIDATION else half


def songs(root: Path) -> Iterator[SongDescription]:
    """Yield the songs: ``train/Artist - Title/vocals.wav`` and so on, ``mixture.wav`` beside them."""
    for half, contents in halves(root):
        for name in contents.folders:
            found = song_listing(contents.path / name)
            missing: list[str] = []
            artist, title = artist_and_title(name)
            yield SongDescription(
                song=f"{half}/{name}",
                title=title,
                artist=artist,
                split=split_of(half, name),
                stems=stems_in(found, ROLES, missing),
                mixture=mixture_in(found, "mixture", missing),
                problem=problem_of(found, missing),
            )


LAYOUT = Layout(
    name="musdb18hq",
    title="MUSDB18-HQ",
    source="Rafii et al. 2019, doi:10.5281/zenodo.3338373",
    tree="train/SONG/vocals.wav, drums.wav, bass.wav, other.wav, mixture.wav (and test/)",
    songs=songs,
)
