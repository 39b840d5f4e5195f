"""The layouts of known data sets, one module each: which files are a song's stems, and what they are."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from mixrules._support.arguments import require_known
from mixrules.corpus.layouts.identities import checked
from mixrules.corpus.layouts.layout import Layout
from mixrules.errors import AudioFileError, MixrulesError
from mixrules.stems.song_description import SongDescription

# By the name that `--layout` takes: the module that holds the description. Those that are told from others by fewer
# files come later.
_MODULES = {
    "musdb18": "musdb18",
    "musdb18hq": "musdb18hq",
    "dsd100": "dsd100",
    "moisesdb": "moisesdb",
    "moisesdb-tracks": "moisesdb_tracks",
    "medleydb": "medleydb",
    "medleydb-raw": "medleydb_raw",
    "ikala": "ikala",
    "mir1k": "mir1k",
    "mir1k-songs": "mir1k_songs",
    "ccmixter": "ccmixter",
    "damp-vsep": "damp_vsep",
    "demucs": "demucs",
    "spleeter": "spleeter",
    "cambridge-mt": "cambridge_mt",
    "manifest": "manifest",
    "folders": "folders",
}
NAMES = tuple(_MODULES)
"""The layouts by name; besides these, ``mirdata:DATASET``."""

AUTO = "auto"
"""What is given in place of a name where the folder is to tell."""

_MIRDATA = "mirdata:"
_LOOKED_AT = 3


def layout_named(name: str) -> Layout:
    """Return a layout by its name; fails with `ParameterError`, which lists the names."""
    if isinstance(name, str) and name.startswith(_MIRDATA) and name != _MIRDATA:
        from mixrules.corpus.layouts.mirdata_songs import layout_of

        return layout_of(name)
    require_known(name, (*_MODULES, f"{_MIRDATA}DATASET"), what="layout")
    module = importlib.import_module(f"mixrules.corpus.layouts.{_MODULES.get(name, 'folders')}")
    layout: Layout = module.LAYOUT
    return layout


def guess_layout(root: str | os.PathLike[str]) -> str:
    """Return the name of the layout that a folder has; empty where that is not sure.

    Parameters
    ----------
    root : path-like
        The folder of a data set, or a manifest.

    Returns
    -------
    str

    Examples
    --------
    >>> guess_layout("my_song")
    ''
    """
    top = Path(root)
    return next((name for name in _MODULES if _surely(layout_named(name), top)), "")


def resolved_layout(root: str | os.PathLike[str], name: str) -> str:
    """Return the name of a layout; for ``auto``, the one that the folder has; fails with `AudioFileError`."""
    if name != AUTO:
        return layout_named(name).name
    found = guess_layout(root)
    if not found:
        raise AudioFileError(f"{root} does not tell its layout, name it: {', '.join(NAMES)}")
    return found


def songs_of(root: str | os.PathLike[str], layout: str = "folders") -> Iterator[SongDescription]:
    """Yield the songs of a data set in order, without reading audio.

    Raises
    ------
    ParameterError
        If there is no such layout.
    AudioFileError
        If there is no such folder, it cannot be read, or it holds no song of this layout.
    """
    top = Path(root)
    chosen = layout_named(resolved_layout(top, layout))
    if not top.exists():
        raise AudioFileError(f"{top} does not exist: {chosen.tree} is looked for there")
    if not top.is_dir() and chosen.name != "manifest":
        raise AudioFileError(
            f"{top} is a file, a folder is needed: {chosen.tree} is looked for there (a table of songs is read with "
            "--layout manifest)"
        )
    songs = checked(chosen.songs(top))
    first = list(islice(songs, _LOOKED_AT))
    if not first:
        raise AudioFileError(f"{top} holds no song of {chosen.title}: {_instead(top, chosen)}")
    if all(song.problem for song in first) and (guess := _other_guess(top, chosen)):
        raise AudioFileError(f"{top} looks like {guess}, not like {chosen.name} ({first[0].problem})")
    yield from first
    yield from songs


def _instead(top: Path, chosen: Layout) -> str:
    """Return where the songs may be, or what they may be, for a message."""
    if not top.is_dir():
        return "a row for each stem is needed"
    if guess := _other_guess(top, chosen):
        return f"it looks like {guess}"
    for place in (top.resolve().parent, *_inner(top)):
        if _surely(chosen, place):
            return f"{place} looks like it"
    return f"{chosen.tree} is looked for there"


def _other_guess(top: Path, chosen: Layout) -> str:
    """Return the layout that a folder looks like where that is not the chosen one or a variant of it."""
    guess = guess_layout(top)
    return "" if guess in (chosen.name, chosen.name.rpartition("-")[0]) else guess


def _inner(top: Path) -> list[Path]:
    from mixrules.corpus.layouts.listing import listing

    return [top / name for name in listing(top).folders[:20]]


def _surely(layout: Layout, top: Path) -> bool:
    try:
        if layout.surely is not None and not layout.surely(top):
            return False
        if not top.is_dir() and layout.name != "manifest":
            return False
        return any(not song.problem for song in islice(layout.songs(top), _LOOKED_AT))
    except MixrulesError:
        return False


__all__ = ["AUTO", "NAMES", "Layout", "guess_layout", "layout_named", "resolved_layout", "songs_of"]
