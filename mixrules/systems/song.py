"""A song for a comparison: its stems, its name, and the mix a person made of it, where there is one."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mixrules.errors import StemsError
from mixrules.stems import Stems, load_stems


@dataclass(frozen=True, slots=True, eq=False)
class Song:
    """A song.

    Attributes
    ----------
    name : str
        Its folder's name: plans and finished mixes are found by it.
    stems : Stems
        Its stems, without the mixture that may lie beside them.
    human : Path or None
        That mixture: the mix that a person made.
    """

    name: str
    stems: Stems
    human: Path | None = None


def load_song(
    folder: str | os.PathLike[str],
    *,
    roles: Mapping[str, str] | None = None,
    sample_rate: int | None = None,
) -> Song:
    """Load a song from its folder of stems.

    Parameters
    ----------
    folder : path-like
        As for `load_stems`; a mixture in it, left out of the stems, is the human mix.
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
    stems = load_stems(folder, roles=roles, sample_rate=sample_rate, hold_mib=math.inf)
    name = stems.title or Path(folder).resolve().name
    if not name:
        raise StemsError(f"{folder} has no name that plans and mixes could be found by: name a folder")
    mixture = stems.mixture_path
    # A .stem.mp4 holds its own mixture as a stream, and a mix of ours is no person's.
    ours = mixture is not None and mixture.with_suffix(".plan.json").is_file()
    human = mixture if mixture is not None and not ours and ".stem." not in mixture.name else None
    return Song(name, stems, human)
