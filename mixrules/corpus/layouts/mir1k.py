"""MIR-1K: 1000 clips of 110 karaoke songs (Hsu and Jang 2010, doi:10.1109/TASL.2009.2026503).

A file has the accompaniment in its left channel, the voice in its right one [1]_, and is called after the singer, the
song and the clip: ``abjones_1_01.wav``.

References
----------
.. [1] Hsu and Jang: On the Improvement of Singing Voice Separation for Monaural Recordings Using the MIR-1K Dataset,
   IEEE Transactions on Audio, Speech, and Language Processing 18(2), 2010.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mixrules.corpus.layouts.layout import Layout
from mixrules.corpus.layouts.two_channels import named_folder, recordings, stems_of, sum_of
from mixrules.stems.song_description import SongDescription


def songs(root: Path) -> Iterator[SongDescription]:
    """Yield the clips: ``Wavfile/SINGER_SONG_CLIP.wav``."""
    return described(root, "Wavfile")


def described(root: Path, folder: str) -> Iterator[SongDescription]:
    """Yield what one of the data set's folders of recordings holds."""
    for name, path in recordings(named_folder(root, folder)):
        singer, _, rest = name.partition("_")
        yield SongDescription(
            song=name,
            # Clips of one song have one title.
            title=f"{singer}_{rest.partition('_')[0]}" if rest else name,
            artist=singer if rest else "",
            stems=stems_of(path),
            mixture=sum_of(path),
        )


LAYOUT = Layout(
    name="mir1k",
    title="MIR-1K",
    source="Hsu and Jang 2010, doi:10.1109/TASL.2009.2026503",
    tree="Wavfile/SINGER_SONG_CLIP.wav, accompaniment left, voice right",
    songs=songs,
)
