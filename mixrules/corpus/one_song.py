"""One song alone, as a data set of one: what works on many songs then works on it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mixrules.corpus.layouts.song_folders import holds_stems
from mixrules.stems.song_description import SongDescription
from mixrules.stems.song_files.archives import archived_title
from mixrules.stems.song_files.file_kinds import is_stem_file
from mixrules.systems.song_source import path_name


@dataclass(frozen=True, slots=True)
class OneSong:
    """A data set of one song.

    Attributes
    ----------
    root : Path
        Its folder of stems, or the archive or ``.stem.mp4`` that is it; made absolute.
    layout : str
        How results say that.
    """

    root: Path
    layout: str = "one song"

    def __post_init__(self) -> None:
        object.__setattr__(self, "root", self.root.absolute())

    def __iter__(self) -> Iterator[SongDescription]:
        name = path_name(self.root)
        yield SongDescription(song=name, title=name, folder=self.root)


def is_song(path: str | os.PathLike[str]) -> bool:
    """Return whether a path is a song rather than a folder of songs: an archive, or a folder with stems in it."""
    path = Path(path)
    if path.is_file():
        return archived_title(path) is not None or is_stem_file(path)
    return path.is_dir() and holds_stems(path)
