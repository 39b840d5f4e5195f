"""Undo a balance: every stem of a song gets a gain of its own, drawn from a seed, so that it must be mixed again.

The stems of finished songs, as most data sets have them, sum to the engineer's mix: as they are, nothing is left to
decide. Undone, the balance has to be found, and the engineer's mix is what to come back to.
"""

from __future__ import annotations

import dataclasses
import zlib
from dataclasses import dataclass

import numpy as np

from mixrules._support.field_types import require_field_types
from mixrules._support.validation import require_between
from mixrules.stems import Stems
from mixrules.stems.song_files.folder_scan import natural_order


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """How the balance of songs is undone.

    Attributes
    ----------
    seed : int
        What the gains are drawn from, 0 or more; every song has draws of its own.
    within_db : float
        Gains are drawn evenly from so many dB below to so many above, 0 to 60.
    """

    seed: int
    within_db: float = 8.0

    def __post_init__(self) -> None:
        require_field_types(self)
        require_between(self, seed=(0, 2**31 - 1), within_db=(0.0, 60.0))

    def __str__(self) -> str:
        return f"every stem moved by a gain within ±{self.within_db:g} dB, drawn from seed {self.seed}"

    def gains_db(self, stems: Stems, song: str) -> dict[str, float]:
        """Return the gain that each stem gets, in dB.

        Parameters
        ----------
        stems : Stems
            The song's stems; gains are drawn in the natural order of their names, whatever order they come in.
        song : str
            Its name: the same seed gives other gains to another song.

        Returns
        -------
        dict of str to float
        """
        rng = np.random.default_rng([self.seed, zlib.crc32(song.encode(errors="surrogatepass"))])
        names = sorted(stems.names, key=natural_order)
        return {name: float(rng.uniform(-1.0, 1.0) * self.within_db) for name in names}


def undone(stems: Stems, song: str, undo: Undo) -> Stems:
    """Return a song's stems, each at another level.

    Parameters
    ----------
    stems : Stems
        As they are.
    song : str
        The song's name, as tables of a comparison have it.
    undo : Undo
        From which seed, and how far.

    Returns
    -------
    Stems
        What `compare` lets systems mix when it is given the same `undo`.

    Examples
    --------
    >>> import numpy as np
    >>> from mixrules import Stems
    >>> stems = Stems.from_arrays({"bass": np.ones((4800, 1)), "vocals": np.ones((4800, 1))}, 48_000)
    >>> undo = Undo(seed=1)
    >>> {name: round(gain_db, 1) for name, gain_db in undo.gains_db(stems, "a song").items()}
    {'bass': 3.1, 'vocals': -0.5}
    >>> [round(float(stem.audio.max()), 2) for stem in undone(stems, "a song", undo)]
    [1.42, 0.95]
    """
    gains_db = undo.gains_db(stems, song)
    moved = tuple(
        dataclasses.replace(stem, audio=stem.audio * np.float32(10.0 ** (gains_db[stem.name] / 20.0)))
        for stem in stems
    )
    return dataclasses.replace(stems, stems=moved)
