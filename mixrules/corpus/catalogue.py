"""The songs of a data set: a folder and the layout that says what is in it. It can be gone through again and again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from mixrules.corpus.layouts import resolved_layout, songs_of
from mixrules.errors import ParameterError
from mixrules.stems.song_description import SongDescription


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The songs of a data set, listed anew each time, in the same order; none is held in memory.

    Attributes
    ----------
    root : Path
        The data set's folder, or a manifest's file; made absolute, since songs go to processes that are somewhere else.
    layout : str
        The name of its layout.
    split : str
        Only songs of this official split; empty for all.
    only : tuple of str
        Only songs whose name, or the last part of it, is like one of these patterns of the shell (``test/*``, ``AM *``);
        empty for all.
    """

    root: Path
    layout: str = "folders"
    split: str = ""
    only: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "root", self.root.absolute())

    def __iter__(self) -> Iterator[SongDescription]:
        found = False
        splits: set[str] = set()
        for song in songs_of(self.root, self.layout):
            splits.add(song.split)
            if self._has(song):
                found = True
                yield song
        if not found:
            there = (
                f", there are {', '.join(sorted(filter(None, splits))) or 'no splits'}" if self.split else ""
            )
            raise ParameterError(f"{self.root} holds no song {self._wanted()}{there}")

    def _has(self, song: SongDescription) -> bool:
        if self.split and song.split != self.split:
            return False
        names = (song.song, song.song.rpartition("/")[2])
        # A name may hold brackets, which are a pattern's too.
        return not self.only or any(
            name == pattern or fnmatchcase(name, pattern) for name in names for pattern in self.only
        )

    def _wanted(self) -> str:
        named = f"of the name {' or '.join(self.only)}" if self.only else ""
        split = f"of the split {self.split}" if self.split else ""
        return " ".join(filter(None, (named, split)))


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
