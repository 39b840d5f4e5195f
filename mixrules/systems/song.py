"""A song for a comparison: its stems, its name, and the mix a person made of it, where there is one."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mixrules.errors import StemsError
from mixrules.stems import Stems, load_stems
from mixrules.stems.described_song import load_described
from mixrules.stems.song_description import AudioPart, SongDescription
from mixrules.stems.song_files.file_kinds import is_stem_file


@dataclass(frozen=True, slots=True, eq=False)
class Song:
    """A song.

    Attributes
    ----------
    name : str
        What tables call it; plans and finished mixes are found by it.
    stems : Stems
        Its stems, without the mixture that may lie beside them.
    human : tuple of AudioPart
        The mix that a person made: a file, a stream of one, or several that are summed. Empty where there is none.
    full_name : str
        Its name with the folders before it, as a data set has it (``test/Artist - Title``); empty where there are none.
    vocal : mapping of str to bool
        Stems of which a data set says whether they belong to the vocal; for the others their roles say it.
    """

    name: str
    stems: Stems
    human: tuple[AudioPart, ...] = ()
    full_name: str = ""
    vocal: Mapping[str, bool] = field(default_factory=dict)


def load_song(
    song: str | os.PathLike[str] | SongDescription,
    *,
    roles: Mapping[str, str] | None = None,
    sample_rate: int | None = None,
) -> Song:
    """Load a song from its folder of stems, or as a data set describes it.

    Parameters
    ----------
    song : path-like or SongDescription
        A path as for `load_stems`: a mixture there, left out of the stems, is the human mix, and so is the first stream
        of a ``.stem.mp4``. Or a song of a data set, whose mixture is the human mix.
    roles : mapping of str to str, optional
        File names to roles.
    sample_rate : int, optional
        Hz to bring the stems to.

    Returns
    -------
    Song

    Raises
    ------
    MixrulesError
        If the stems cannot be read; see `load_stems`.
    """
    if not isinstance(song, SongDescription):
        stems = load_stems(song, roles=roles, sample_rate=sample_rate, hold_mib=math.inf)
        name = stems.title or Path(song).resolve().name
        if not name:
            raise StemsError(f"{song} has no name that plans and mixes could be found by: name a folder")
        return Song(name, stems, _mixture_of(stems))
    stems = load_described(song, sample_rate=sample_rate, hold_mib=math.inf)
    if roles is not None:
        stems = stems.with_roles(roles)
    return Song(
        song.song.rpartition("/")[2],
        stems,
        song.mixture or _mixture_of(stems),
        full_name=song.song,
        vocal={stem.name: stem.vocal for stem in song.stems if stem.vocal is not None},
    )


def _mixture_of(stems: Stems) -> tuple[AudioPart, ...]:
    """Return the mix of a person that was found where the stems were."""
    path = stems.mixture_path
    if path is None or path.with_suffix(".plan.json").is_file():  # a mix of ours is no person's
        return ()
    return (AudioPart(path=path, stream=0 if is_stem_file(path) else None),)
