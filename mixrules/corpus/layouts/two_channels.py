"""Songs in one stereo file each that holds the accompaniment in its left channel and the voice in its right one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from mixrules.corpus.layouts.listing import Listing, listing
from mixrules.stems.song_description import AudioPart, StemDescription

STEMS = (("accompaniment", "accompaniment", 0), ("vocals", "vocal", 1))
"""Their names, roles and channels."""


def named_folder(root: Path, name: str) -> Listing | None:
    """Return what the folder of a name holds: one in the folder that is given, or that itself."""
    contents = listing(root)
    if name in contents.folders:
        return listing(root / name)
    return contents if root.resolve().name == name else None


def recordings(found: Listing | None) -> Iterator[tuple[str, Path]]:
    """Yield the audio files in a folder, each with its name without the extension."""
    if found is not None:
        for file in found.audio_files():
            yield os.path.splitext(file)[0], found.path / file


def stems_of(path: Path) -> tuple[StemDescription, ...]:
    """Return the accompaniment and the voice of a file."""
    return tuple(
        StemDescription(
            name=name, role=role, parts=(AudioPart(path=path, channel=channel),), vocal=channel == 1
        )
        for name, role, channel in STEMS
    )


def sum_of(path: Path) -> tuple[AudioPart, ...]:
    """Return both channels of a file as the parts of a mixture."""
    return tuple(AudioPart(path=path, channel=channel) for _, _, channel in STEMS)
