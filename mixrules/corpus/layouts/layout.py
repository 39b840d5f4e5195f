"""What a data set's layout is: a name, a picture of the tree, and a function that lists the songs in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mixrules.errors import AudioFileError
from mixrules.files import cannot_read
from mixrules.stems.song_description import AudioPart, SongDescription, StemDescription


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The layout of a data set.

    Attributes
    ----------
    name : str
        What ``--layout`` calls it.
    title : str
        What its authors call it.
    source : str
        Where it is described: a paper or a DOI, with the year.
    tree : str
        The files of one song, as paths from the folder that is given.
    songs : callable
        Yields the songs in a folder, in order, without reading audio. A song whose files are not all there is yielded
        with a `problem`.
    """

    name: str
    title: str
    source: str
    tree: str
    songs: Callable[[Path], Iterator[SongDescription]]


def folders_in(folder: Path) -> list[Path]:
    """Return the folders in a folder in order, but for hidden ones; fails with `AudioFileError`."""
    try:
        return sorted(
            entry for entry in folder.iterdir() if entry.is_dir() and not entry.name.startswith(".")
        )
    except OSError as error:
        raise cannot_read(folder, error) from error


def require_songs(root: Path, layout: Layout, found: bool) -> None:
    """Raise `AudioFileError` where a folder holds no song of a layout."""
    if not found:
        raise AudioFileError(f"{root} holds no song of {layout.title}: {layout.tree} is looked for there")


def separate_files(folder: Path, roles: dict[str, str], suffix: str = ".wav") -> tuple[StemDescription, ...]:
    """Return a stem for each name that is a role's, from a file of that name."""
    return tuple(
        StemDescription(name=name, role=role, parts=(AudioPart(path=folder / f"{name}{suffix}"),))
        for name, role in roles.items()
    )


def missing(song: SongDescription) -> str:
    """Return the problem of a song some of whose files are not there; empty where all are."""
    gone = [path.name for path in song.files if not path.exists()]
    return f"{', '.join(gone)} {'is' if len(gone) == 1 else 'are'} missing" if gone else ""
