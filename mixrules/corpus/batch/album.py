"""Mixing with one gain an album: first what every song's sum measures, then the gains, then the mixes."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

import numpy as np

from mixrules.corpus.batch.mixing import Mixing
from mixrules.corpus.work.place import Place
from mixrules.corpus.work.song_work import Record, SongResult
from mixrules.engine import Renderer, load_engine
from mixrules.errors import ParameterError, StemsError
from mixrules.loudness import BlockEnergies
from mixrules.measurements import Measurements
from mixrules.mixer import decide, finished
from mixrules.mixplan import MixPlan
from mixrules.plan_fitting import fitted
from mixrules.rules import RULES
from mixrules.rules.album_gain import AlbumGain, SongSum, album_gain, with_album_gain
from mixrules.rules.master import NormaliseSettings
from mixrules.ruleset import RuleSet, Step, typed_settings
from mixrules.session import Session
from mixrules.stems.song_description import SongDescription

MASTER = "master"
_OWN_MASTERS = ("master:normalise", "master:limit")


def master_settings(rules: RuleSet) -> NormaliseSettings:
    """Return the constants of the master rule that ends a chain; fails with `ParameterError` where none of ours does."""
    last = rules.chain[-1] if rules.chain else Step("")
    if str(last) not in _OWN_MASTERS or last.function is not None or rules.chain.count(last) > 1:
        raise ParameterError(
            f"one gain an album needs a chain that ends with {' or '.join(_OWN_MASTERS)}, that of rule set "
            f"{rules.name} ends with {last if rules.chain else 'nothing'}"
        )
    settings: NormaliseSettings = typed_settings(rules, MASTER, RULES[str(last)].settings_type)
    return settings


def album_of(song: SongDescription) -> tuple[str, str]:
    """Return which album a song is on: the folder that holds it in the data set, and the album's title there, if any."""
    parent = str(PurePosixPath(song.song).parent)
    return ("" if parent == "." else parent, song.album)


def name_of(album: tuple[str, str]) -> str:
    """Return what an album is called in a sentence."""
    folder, title = album
    return title or folder


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
    songs_in_block = 1000

    def settings(self) -> Mapping[str, Any]:
        """Return what the sums hang on: the settings of the mixes but for how they are written."""
        settings = dict(self.mixing.settings())
        return {name: settings[name] for name in ("rules", "chain", "constants", "engine", "sample_rate")}

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
        """Do nothing: the gains are found from the songs' files."""


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


def album_gains(
    songs: Iterable[SongDescription], sums: Place, settings: NormaliseSettings
) -> dict[tuple[str, str], AlbumGain]:
    """Find the gain of every album.

    Parameters
    ----------
    songs : iterable of SongDescription
        The songs whose sums are known.
    sums : Place
        Where `Summing` has put what it measured.
    settings : NormaliseSettings
        The constants of the master.

    Returns
    -------
    dict of (str, str) to AlbumGain
        By album, as `album_of` names it.
    """
    albums: dict[tuple[str, str], list[str]] = {}
    for song in songs:
        albums.setdefault(album_of(song), []).append(song.song)
    return {
        album: album_gain(name_of(album), [read_sum(name, sums) for name in names], settings)
        for album, names in albums.items()
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class AlbumMixing:
    """Mixes a song with the gain of its album.

    Attributes
    ----------
    mixing : Mixing
        How the songs are mixed.
    sums : Place
        Where `Summing` has put the plans before the master.
    gains : mapping of (str, str) to AlbumGain
        The gain of every album.
    failed : mapping of str to str
        Songs that have no sum, and why.
    """

    mixing: Mixing
    sums: Place
    gains: Mapping[tuple[str, str], AlbumGain] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)

    kind = "mixes"
    songs_in_block = 1000

    def settings(self) -> Mapping[str, Any]:
        """Return the settings of the mixes; what an album gets hangs on its songs, see `also`."""
        return {**self.mixing.settings(), "album": True}

    def also(self, song: SongDescription) -> str:
        """Return what the mix of a song hangs on besides its files and the settings: its album's gain."""
        if song.song in self.failed:
            return self.failed[song.song]
        return repr(dataclasses.astuple(self.gains[album_of(song)]))

    def needed_mib(self, song: SongDescription) -> float:
        """Return how much memory the mix takes at most."""
        return self.mixing.needed_mib(song)

    def do(self, song: SongDescription, place: Place) -> SongResult:
        """Master and render the plan of a song; write the mix and its plan."""
        if song.song in self.failed:
            raise StemsError(self.failed[song.song])
        processors = load_engine(self.mixing.engine)
        with self.sums.reading(f"{song.song}.plan.json") as path:
            plan = MixPlan.load(path)
        plan, stems = fitted(plan, self.mixing.stems(song), processors)
        session = Session(stems, plan, measurements=Measurements(Renderer(stems, processors, threads=1)))
        settings = master_settings(self.mixing.rules)
        session.apply(with_album_gain(session, settings, self.gains[album_of(song)]))
        return self.mixing.written(finished(session.plan, session.measurements), song, place)

    def finish_block(self, number: int, records: Sequence[Record], place: Place) -> None:
        """Do nothing: the table is one of all songs."""
