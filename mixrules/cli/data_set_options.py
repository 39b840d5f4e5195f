"""Options of the commands that take folders of stems or, with --layout, the songs of a data set."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mixrules.cli.completions import data_set_layouts
from mixrules.cli.corpus_options import only_option, split_option
from mixrules.corpus.layouts import AUTO, NAMES

if TYPE_CHECKING:
    from mixrules.systems import SongSource

_F = TypeVar("_F", bound=Callable[..., Any])


def data_set_options(command: _F) -> _F:
    """Give a command the options ``--layout``, ``--split`` and ``--only``."""
    layout = click.option(
        "--layout",
        metavar="NAME",
        shell_complete=data_set_layouts,
        help=f"SONGS is a data set of this layout: {', '.join(NAMES)}, mirdata:DATASET, or {AUTO}, where the folder "
        "tells [default: folders of stems].",
    )
    return layout(split_option(only_option(command)))


def data_set_songs(root: Path, layout: str, split: str, only: tuple[str, ...]) -> list[SongSource]:
    """Return the songs of a data set that the options mean, with the names that they have among all of its songs.

    Raises
    ------
    ParameterError
        If there is no such layout, or no song that is meant.
    AudioFileError
        If the data set cannot be read.
    """
    from mixrules.cli.corpus_options import chosen_songs
    from mixrules.systems import song_sources

    chosen = {song.song for song in chosen_songs(root, layout, split, only)}
    return [
        source for source in song_sources(chosen_songs(root, layout)) if source.description.song in chosen
    ]


def require_layout(layout: str | None, split: str, only: tuple[str, ...]) -> None:
    """Refuse options that choose among the songs of a data set where there is none."""
    if layout is None and (split or only):
        option = "--split" if split else "--only"
        raise click.UsageError(f"{option} chooses among the songs of a data set: --layout says which it is")
