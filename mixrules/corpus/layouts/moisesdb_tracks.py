"""MoisesDB with each track as a stem of its own; otherwise as `moisesdb`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from mixrules.corpus.layouts.layout import Layout
from mixrules.corpus.layouts.moisesdb import LAYOUT as STEMS
from mixrules.corpus.layouts.moisesdb import entries, surely
from mixrules.stems.song_description import AudioPart, SongDescription, StemDescription


def songs(root: Path) -> Iterator[SongDescription]:
    """Yield the songs; a track is called after its type, with a number where the song has several of it."""
    for song in entries(root):
        several = {kind for kind, count in Counter(track.kind for track in song.tracks).items() if count > 1}
        numbers: Counter[str] = Counter()
        stems = []
        for track in song.tracks:
            numbers[track.kind] += 1
            name = f"{track.kind} {numbers[track.kind]}" if track.kind in several else track.kind
            stems.append(
                StemDescription(
                    name=name,
                    role=track.role,
                    parts=(AudioPart(path=track.path),),
                    vocal=track.stem == "vocals",
                )
            )
        yield song.described(tuple(stems))


LAYOUT = Layout(
    name="moisesdb-tracks",
    title="MoisesDB, tracks",
    source=STEMS.source,
    tree=STEMS.tree,
    songs=songs,
    surely=surely,
)
