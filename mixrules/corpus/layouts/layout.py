"""What a data set's layout is: a name, a picture of the tree, and a function that lists the songs in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mixrules.corpus.layouts.listing import Listing
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
    surely : callable or None
        Whether a folder has this layout without a doubt, looked at briefly. None: where one of the first songs is
        complete.
    """

    name: str
    title: str
    source: str
    tree: str
    songs: Callable[[Path], Iterator[SongDescription]]
    surely: Callable[[Path], bool] | None = None


def artist_and_title(name: str) -> tuple[str, str]:
    """Return the artist and the title that ``Artist - Title`` names; without an artist where it has no such form."""
    artist, _, title = name.partition(" - ")
    return (artist.strip(), title.strip()) if title.strip() else ("", name)


def stems_in(found: Listing, roles: dict[str, str], missing: list[str]) -> tuple[StemDescription, ...]:
    """Return a stem for each name that has a role, from the file of that name; note in `missing` those without."""
    stems = []
    for name, role in roles.items():
        path = found.audio(name)
        if path is None:
            missing.append(f"{name}.wav")
        else:
            stems.append(StemDescription(name=name, role=role, parts=(AudioPart(path=path),)))
    return tuple(stems)


def mixture_in(found: Listing, name: str, missing: list[str] | None = None) -> tuple[AudioPart, ...]:
    """Return the mixture from the file of a name; where there is none, note it in `missing`."""
    path = found.audio(name)
    if path is not None:
        return (AudioPart(path=path),)
    if missing is not None:
        missing.append(f"{name}.wav")
    return ()


def problem_of(found: Listing, missing: list[str]) -> str:
    """Return the problem of a song some of whose files are not there; empty where all are."""
    return found.problem or problem_of_missing(missing)


def problem_of_missing(files: Sequence[str]) -> str:
    """Return the problem of a song without some files; empty where there are none."""
    return f"{', '.join(files)} {'is' if len(files) == 1 else 'are'} missing" if files else ""
