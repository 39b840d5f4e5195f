"""The layouts of known data sets, one module each: which files are a song's stems, and what they are."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path

from mixrules._support.arguments import require_known
from mixrules.corpus.layouts.layout import Layout, require_songs
from mixrules.errors import AudioFileError
from mixrules.stems.song_description import SongDescription

# By the name that `--layout` takes: the module that holds the description.
_MODULES = {
    "folders": "folders",
    "musdb18hq": "musdb18hq",
}
NAMES = tuple(_MODULES)


def layout_named(name: str) -> Layout:
    """Return a layout by its name; fails with `ParameterError`, which lists the names."""
    module = importlib.import_module(
        f"mixrules.corpus.layouts.{_MODULES[require_known(name, _MODULES, what='layout')]}"
    )
    layout: Layout = module.LAYOUT
    return layout


def songs_of(root: str | Path, layout: str = "folders") -> Iterator[SongDescription]:
    """Yield the songs of a data set in order, without reading audio.

    Raises
    ------
    ParameterError
        If there is no such layout.
    AudioFileError
        If there is no such folder, it cannot be read, or it holds no song of this layout.
    """
    chosen = layout_named(layout)
    top = Path(root)
    if not top.exists():
        raise AudioFileError(f"{top} does not exist: {chosen.tree} is looked for there")
    found = False
    for song in chosen.songs(top):
        found = True
        yield song
    require_songs(top, chosen, found)


__all__ = ["NAMES", "Layout", "layout_named", "songs_of"]
