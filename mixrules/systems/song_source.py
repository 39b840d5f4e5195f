"""Where songs for a comparison come from, and what each is called there."""

from __future__ import annotations

import dataclasses
import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mixrules._support.arguments import as_path
from mixrules._support.text_encoding import casefolded
from mixrules.errors import StemsError
from mixrules.stems.song_description import SongDescription
from mixrules.stems.song_files.archives import archived_title
from mixrules.systems.song import Song, load_song


@dataclass(frozen=True, slots=True, kw_only=True)
class SongSource:
    """A song before it is loaded. Small, since it goes to other processes.

    Attributes
    ----------
    name : str
        What tables call it, and what its files in a report are called.
    description : SongDescription
        Its stems and its mixture.
    of_data_set : bool
        Whether a data set describes it; else it is found in a folder, about which nothing more is known.
    """

    name: str
    description: SongDescription
    of_data_set: bool = True

    def load(self, *, sample_rate: int | None = None) -> Song:
        """Load the song; parameters and errors as for `load_song`."""
        return dataclasses.replace(load_song(self.description, sample_rate=sample_rate), name=self.name)

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folder that is the song, or the folders that hold its files, each once."""
        described = self.description
        if described.folder is not None:
            return (described.folder,)
        return tuple(dict.fromkeys(path.parent for path in described.files))


def song_sources(songs: Iterable[str | os.PathLike[str] | SongDescription | SongSource]) -> list[SongSource]:
    """Return songs with their names.

    Parameters
    ----------
    songs : iterable of path-like, SongDescription or SongSource
        Or one alone. A path, as for `load_stems`, is called as its folder, or as its file without the ending. A song
        of a data set is called by the last part of its name there (``Artist - Title`` for ``test/Artist - Title``),
        where no other song given has that last part, capitals and small letters being the same; else by its whole
        name. A source keeps its name.

    Returns
    -------
    list of SongSource
        In the order given. A song whose name cannot be that of a file has a `problem` that says so.

    Raises
    ------
    ParameterError
        If one is neither a path nor a song.
    StemsError
        If a path has no name.
    """
    given = _listed(songs)
    last_parts = Counter(
        casefolded(song.song.rpartition("/")[2]) for song in given if isinstance(song, SongDescription)
    )
    found = []
    for song in given:
        if isinstance(song, SongSource):
            found.append(song)
        elif isinstance(song, SongDescription):
            last = song.song.rpartition("/")[2]
            name = last if last_parts[casefolded(last)] == 1 else song.song
            found.append(SongSource(name=name, description=_checked(song)))
        else:
            path = as_path(song, name="each of the songs")
            description = SongDescription(song=path_name(path), folder=path)
            found.append(SongSource(name=description.song, description=description, of_data_set=False))
    return found


def _listed(songs: Any) -> list[Any]:
    """Return songs as a list; one alone is a list of one."""
    if isinstance(songs, str | os.PathLike | SongDescription | SongSource) or not isinstance(songs, Iterable):
        return [songs]
    try:
        return list(songs)
    except TypeError:  # an array without axes calls itself iterable
        return [songs]


def path_name(path: Path) -> str:
    """Return what a song at a path is called: as its folder, or as its .stem.mp4 file or archive without the ending."""
    real = path.resolve()
    name = real.name if real.is_dir() else archived_title(real) or real.name.partition(".stem.")[0]
    if not name:
        raise StemsError(f"{path} has no name that plans and mixes could be found by: name a folder")
    return name


def _checked(song: SongDescription) -> SongDescription:
    """Return a description, with a problem where files cannot have the song's name."""
    parts = song.song.split("/")
    if song.problem or not ({"", ".", ".."} & set(parts) or "\0" in song.song):
        return song
    return dataclasses.replace(song, problem="files cannot have its name: give it another in the data set")
