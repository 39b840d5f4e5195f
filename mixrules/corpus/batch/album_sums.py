"""What the songs of albums measure before the master: the first of two steps to one gain an album."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mixrules.corpus.batch.mixing import Mixing
from mixrules.corpus.work.place import Place
from mixrules.corpus.work.song_work import Record, SongResult
from mixrules.engine import Renderer, load_engine
from mixrules.loudness import BlockEnergies
from mixrules.measurements import Measurements
from mixrules.mixer import decide
from mixrules.rules.album_gain import SongSum
from mixrules.rules.master import RULE as MASTER
from mixrules.stems.song_description import SongDescription


@dataclass(frozen=True, slots=True, kw_only=True)
class Summing:
    """Lets all rules but the master decide, and measures the sum of a song's stems.

    Attributes
    ----------
    mixing : Mixing
        How the songs are mixed.
    """

    mixing: Mixing

    kind = "sums"
    songs_in_block = 0

    def settings(self) -> Mapping[str, Any]:
        """Return what the sums depend on: the settings of the mixes but for how they are written."""
        settings = dict(self.mixing.settings())
        return {name: settings[name] for name in ("rules", "chain", "constants", "engine", "sample_rate")}

    def also(self, song: SongDescription) -> str:
        """Return nothing: a sum depends on no other song."""
        return ""

    def needed_mib(self, song: SongDescription) -> float:
        """Return how much memory a song takes at most."""
        return self.mixing.needed_mib(song)

    def do(self, song: SongDescription, place: Place) -> SongResult:
        """Decide, measure the sum; write ``SONG.plan.json`` and ``SONG.npz``, the energies."""
        stems = self.mixing.stems(song)
        measurements = Measurements(Renderer(stems, load_engine(self.mixing.engine), threads=1))
        plan = decide(measurements, self.mixing.rules.without(MASTER))
        loudness, energies = measurements.mix_loudness(plan), measurements.mix_energies(plan)
        names = (f"{song.song}.plan.json", f"{song.song}.npz")
        with place.writing(*names) as (plan_path, sums_path):
            plan.save(plan_path)
            np.savez(
                sums_path,
                energies=energies.energies,
                boundaries=energies.boundaries,
                sample_rate=energies.sample_rate,
                hops_per_100_ms=energies.hops_per_100_ms,
                true_peak_dbtp=loudness.true_peak_dbtp,
            )
        return SongResult(outputs=names)

    def finish_block(self, number: int, records: Sequence[Record], place: Place) -> None:
        """Do nothing: there are no blocks."""


def read_sum(song: str, place: Place) -> SongSum:
    """Return what `Summing` measured of a song."""
    with place.reading(f"{song}.npz") as path, np.load(path) as arrays:
        energies = BlockEnergies(
            energies=arrays["energies"],
            boundaries=arrays["boundaries"],
            sample_rate=int(arrays["sample_rate"]),
            hops_per_100_ms=int(arrays["hops_per_100_ms"]),
        )
        return SongSum(song=song, energies=energies, true_peak_dbtp=float(arrays["true_peak_dbtp"]))
