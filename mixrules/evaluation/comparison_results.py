"""What a comparison found."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from mixrules.evaluation.constants import CONSTANT_MEAN
from mixrules.evaluation.measures.registry import group_named
from mixrules.evaluation.undone import Undo
from mixrules.evaluation.vetoes import VETOES, VetoResult
from mixrules.stems.song_description import SongDescription


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One system's mix of one song, measured.

    Attributes
    ----------
    song, system : str
        Which.
    values : dict of str to float
        By measure; NaN where one is not defined.
    lufs : float
        Integrated loudness of the mix as delivered.
    audio : str
        An excerpt to listen to, relative to the report's folder, at equal loudness; empty if none.
    notes : tuple of str
        What was noticed and done.
    vetoes : dict of str to VetoResult
        What each line of `mixrules.evaluation.vetoes.VETOES` says of the mix.
    is_reference : bool
        Whether the mix is the reference's own: it comes nearest by construction.
    """

    song: str
    system: str
    values: dict[str, float]
    lufs: float
    audio: str = ""
    notes: tuple[str, ...] = ()
    vetoes: dict[str, VetoResult] = field(default_factory=dict)
    is_reference: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceBalance:
    """What is known of the balance of a song's reference.

    Attributes
    ----------
    levels : dict of str to float
        Level of each role against the sum, LU; empty where the reference's stems are not known.
    off_sum_lu : float or None
        Of a finished mix that is the plain sum of the stems: how far its balance is from theirs. None for any other.
    """

    levels: dict[str, float]
    off_sum_lu: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A song, or one system's mix of it, that could not be used.

    Attributes
    ----------
    song : str
        Which song.
    system : str
        Which system; empty where the whole song is left out.
    reason : str
        Why, in one line.
    """

    song: str
    system: str
    reason: str

    def __str__(self) -> str:
        system = f", system {self.system}" if self.system else ""
        return f"song {self.song}{system} left out: {self.reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What `compare` found.

    Attributes
    ----------
    songs, systems : tuple of str
        In order; songs of which nothing could be measured are not among them, nor is the reference among the systems
        unless it was named.
    reference : str
        The system that all are compared with.
    groups : tuple of str
        The groups of measures made.
    results : tuple of Result
        One for each song and system, but for those that were left out.
    matched : tuple of str
        The systems whose plans explain a finished mix of the very songs: they have heard an answer.
    cached : int
        How many of them were there from an earlier run.
    left_out : tuple of LeftOut
        What failed, and why.
    described : mapping of str to SongDescription
        What a data set says of the songs, by the names that they have here; empty for folders of stems.
    plain_sums : mapping of str to float
        The songs whose reference is the plain sum of the stems, and how far its balance is from theirs, LU: there the
        system ``none`` is the reference.
    undo : Undo or None
        How the stems' balance was undone before the systems mixed.
    undone_db : mapping of str to mapping of str to float
        The gain that each song's stems got by that, dB.
    """

    songs: tuple[str, ...]
    systems: tuple[str, ...]
    reference: str
    groups: tuple[str, ...]
    results: tuple[Result, ...]
    matched: tuple[str, ...] = ()
    cached: int = 0
    left_out: tuple[LeftOut, ...] = ()
    described: Mapping[str, SongDescription] = field(default_factory=dict)
    plain_sums: Mapping[str, float] = field(default_factory=dict)
    undo: Undo | None = None
    undone_db: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def values(self, system: str, measure: str) -> list[float]:
        """Return one measure of one system, song by song; NaN where its mix was left out."""
        found = {r.song: r.values.get(measure, math.nan) for r in self.results if r.system == system}
        return [found.get(song, math.nan) for song in self.songs]

    def competes(self, system: str) -> bool:
        """Return whether a system may be called nearest.

        Not the reference, nor what is the reference in some song, nor what was made of the answers: ``constant-mean``
        and ``matched``.
        """
        return system not in (self.reference, CONSTANT_MEAN, *self.matched) and not any(
            r.is_reference for r in self.results if r.system == system
        )

    def label(self, song: str) -> str:
        """Return what a song is called, with the title and artist of the data set where the name does not say them."""
        described = self.described.get(song)
        if described is None:
            return song
        unsaid = [text for text in (described.title, described.artist) if text and text not in song]
        return f"{song} ({', '.join(unsaid)})" if unsaid else song

    def vetoed(self, system: str, veto: str) -> tuple[str, ...]:
        """Return the songs of which a line would send one system's mix back."""
        return tuple(r.song for r in self.results if r.system == system and r.vetoes[veto].fires)

    def without_veto(self, system: str) -> tuple[str, ...]:
        """Return the songs of which no line would send one system's mix back."""
        return tuple(
            r.song
            for r in self.results
            if r.system == system and not any(line.fires for line in r.vetoes.values())
        )

    @property
    def vetoes(self) -> tuple[str, ...]:
        """The names of the vetoes that fired on any mix, in order."""
        return tuple(name for name in VETOES if any(r.vetoes[name].fires for r in self.results))

    @property
    def measures(self) -> tuple[str, ...]:
        """The names of the measures made, in order."""
        return tuple(measure.name for group in self.groups for measure in group_named(group).measures)
