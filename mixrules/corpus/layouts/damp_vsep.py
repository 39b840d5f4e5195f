"""DAMP-VSEP: 30 s of 41,000 karaoke performances (Smule 2019, doi:10.5281/zenodo.3553059).

A performance has a folder with ``background.m4a``, ``mix.m4a`` and ``vocal.ogg`` four folders deep [1]_: a number, the
country, the language and ``ARRANGEMENT_PERFORMANCE``. A duet has more than one ``vocal``. The mix has effects on it.

References
----------
.. [1] Roa Dabike: DAMP-VSEP-Singles, 2020, its lists of files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from mixrules.corpus.layouts.layout import Layout, mixture_in, problem_of, stems_in
from mixrules.corpus.layouts.listing import Listing, folders_of_songs
from mixrules.stems.song_description import SongDescription

_KEY = re.compile(r"(\d+)_\d+")
_VOICES = ("vocal", "vocal1", "vocal2")


def songs(root: Path) -> Iterator[SongDescription]:
    """Yield the performances: ``*/COUNTRY/LANGUAGE/ARRANGEMENT_PERFORMANCE/vocal.ogg`` and so on."""
    for found in folders_of_songs(root, _is_performance, deepest=4):
        key = _KEY.fullmatch(found.path.name)
        voices = [name for name in _VOICES if found.audio(name) is not None]
        without = [file for file in ("background", "mix") if found.audio(file) is None]
        missing = [*([] if voices else ["vocal.ogg"]), *(f"{file}.m4a" for file in without)]
        roles = {"background": "accompaniment", **dict.fromkeys(voices, "vocal")}
        yield SongDescription(
            song=found.path.relative_to(root).as_posix(),
            # Performances of one arrangement share the background.
            title=key[1] if key else found.path.name,
            stems=stems_in(found, roles, []),
            mixture=mixture_in(found, "mix"),
            problem=problem_of(found, missing),
        )


def _is_performance(found: Listing) -> bool:
    return bool(_KEY.fullmatch(found.path.name)) or (
        found.audio("background") is not None and any(found.audio(name) for name in _VOICES)
    )


def _surely(root: Path) -> bool:
    return any(
        _KEY.fullmatch(f.path.name) for f in folders_of_songs(root, _is_performance, deepest=4, widest=3)
    )


LAYOUT = Layout(
    name="damp-vsep",
    title="DAMP-VSEP",
    source="Smule 2019, doi:10.5281/zenodo.3553059",
    tree="*/COUNTRY/LANGUAGE/PERFORMANCE/background.m4a, vocal.ogg, mix.m4a",
    songs=songs,
    surely=_surely,
)
