"""The songs of a data set: a folder and the layout that says what is in it. It can be gone through again and again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mixrules.corpus.layouts import resolved_layout, songs_of
from mixrules.stems.song_description import SongDescription


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The songs of a data set, listed anew each time, in the same order; none is held in memory.

    Attributes
    ----------
    root : Path
        The data set's folder, or a manifest's file.
    layout : str
        The name of its layout.
    """

    root: Path
    layout: str = "folders"

    def __iter__(self) -> Iterator[SongDescription]:
        return songs_of(self.root, self.layout)


def open_catalogue(root: str | os.PathLike[str], layout: str = "folders") -> Catalogue:
    """Return the songs of a data set; for the layout ``auto``, under that which the folder has.

    Raises
    ------
    ParameterError
        If there is no such layout.
    AudioFileError
        If the folder does not tell its layout.
    """
    return Catalogue(Path(root), resolved_layout(root, layout))
