"""What Spleeter writes: ``SONG/vocals.wav`` and ``accompaniment.wav`` (Hennequin et al. 2020, doi:10.21105/joss.02154).

With four stems it is vocals, drums, bass and other, with five piano as well [1]_. The mixture is the sum of the parts,
which is nearly the song that was separated.

References
----------
.. [1] Spleeter 2, ``resources/*stems.json`` and ``separator.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mixrules.corpus.layouts.layout import Layout
from mixrules.corpus.layouts.separated_songs import separated_songs
from mixrules.stems.song_description import SongDescription

_COMPLEMENTS = (("vocals", "accompaniment"),)


def songs(root: Path) -> Iterator[SongDescription]:
    """Yield the songs, ``SONG`` or ``ARTIST/ALBUM/SONG``."""
    return separated_songs(root, _COMPLEMENTS)


def _surely(root: Path) -> bool:
    """Return whether there are two stems; four might be anyone's."""
    return any(
        [stem.name for stem in song.stems] == ["vocals", "accompaniment"]
        for song in separated_songs(root, _COMPLEMENTS, widest=3)
    )


LAYOUT = Layout(
    name="spleeter",
    title="the output of Spleeter",
    source="Hennequin et al. 2020, doi:10.21105/joss.02154",
    tree="SONG/vocals.wav, accompaniment.wav (or drums.wav, bass.wav, other.wav)",
    songs=songs,
    surely=_surely,
)
