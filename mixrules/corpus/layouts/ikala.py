"""iKala: 252 excerpts of 30 s of 206 songs (Chan et al. 2015).

A file has the accompaniment in its left channel and the voice in its right one, and is called after the song and the
section: ``10161_chorus.wav``. Who sings is in ``id_mapping.txt``, where that lies beside ``Wavfile``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mixrules.corpus.layouts.layout import Layout
from mixrules.corpus.layouts.two_channels import named_folder, recordings, stems_of, sum_of
from mixrules.files import read_text
from mixrules.stems.song_description import SongDescription

_SECTIONS = ("chorus", "verse")


def songs(root: Path) -> Iterator[SongDescription]:
    """Yield the excerpts: ``Wavfile/SONG_chorus.wav`` and ``Wavfile/SONG_verse.wav``."""
    found = named_folder(root, "Wavfile")
    singers = {} if found is None else _singers(found.path.parent / "id_mapping.txt")
    for name, path in recordings(found):
        song, _, section = name.rpartition("_")
        song = song if section in _SECTIONS else name
        yield SongDescription(
            song=name,
            title=song,
            artist=singers.get(song, ""),
            stems=stems_of(path),
            mixture=sum_of(path),
        )


def _singers(path: Path) -> dict[str, str]:
    """Return the singer of each song: lines of singer and song, with a tab between them."""
    if not path.is_file():
        return {}
    rows = [line.split("\t") for line in read_text(path).splitlines()]
    return {row[1].strip(): f"singer {row[0].strip()}" for row in rows[1:] if len(row) > 1}


def _surely(root: Path) -> bool:
    names = [name for name, _ in recordings(named_folder(root, "Wavfile"))]
    return bool(names) and all(name.rpartition("_")[2] in _SECTIONS for name in names)


LAYOUT = Layout(
    name="ikala",
    title="iKala",
    source="Chan et al.: Vocal Activity Informed Singing Voice Separation with the iKala Dataset, ICASSP 2015",
    tree="Wavfile/SONG_chorus.wav, accompaniment left, voice right",
    songs=songs,
    surely=_surely,
)
