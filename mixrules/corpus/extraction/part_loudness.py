"""Loudness of the signals of a song and of each of its snippets, from energies that were measured once.

The blocks of 400 ms that BS.1770 gates by begin anew with each snippet, as if it were a file; the filter runs through
the whole song.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mixrules.corpus.extraction.snippets import Floats, Integers, Snippets
from mixrules.loudness import (
    BlockEnergies,
    energy_to_lufs,
    integrated_from_energies,
    loudness_range_from_energies,
    momentary_from_energies,
    momentary_range_from_energies,
    short_term_from_energies,
)
from mixrules.loudness.energies import hop_boundary

_SHORT_TERM_S = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class SongLoudness:
    """Loudness of a signal, by the names of the columns; NaN or infinite where it is not defined."""

    integrated_lufs: float
    loudness_range_lu: float
    momentary_range_lu: float
    momentary_max_lufs: float
    short_term_max_lufs: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SnippetLoudness:
    """Loudness of each snippet of a signal, by the names of the columns, shape (snippets,)."""

    integrated_lufs: Floats
    loudness_range_lu: Floats
    momentary_range_lu: Floats
    short_term_lufs: Floats


class LoudnessGrid:
    """The cells whose energies a song and its snippets need, and what follows from them.

    Parameters
    ----------
    snippets : Snippets
        The snippets.
    sample_rate : int
        Hz.
    """

    def __init__(self, snippets: Snippets, sample_rate: int) -> None:
        self._sample_rate = sample_rate
        self._song = _hops(snippets.samples, sample_rate)
        self._snippet = _hops(min(snippets.length, snippets.samples), sample_rate)
        of_snippets = snippets.starts[:, np.newaxis] + self._snippet
        three_s_before = np.maximum(snippets.ends - _SHORT_TERM_S * sample_rate, 0)
        self.boundaries: Integers = np.unique(
            np.concatenate([self._song, of_snippets.ravel(), three_s_before])
        )
        self._of_song = np.searchsorted(self.boundaries, self._song)
        self._of_snippets = np.searchsorted(self.boundaries, of_snippets)
        self._short_term = np.searchsorted(self.boundaries, [three_s_before, snippets.ends])
        self._has_short_term = snippets.ends >= _SHORT_TERM_S * sample_rate

    def of_song(self, energies: Floats) -> SongLoudness:
        """Return the loudness of a signal from its sum of squares in each cell."""
        hops = self._block_energies(np.diff(_running(energies)[self._of_song]), self._song)
        momentary, short_term = momentary_from_energies(hops)[1], short_term_from_energies(hops)[1]
        return SongLoudness(
            integrated_lufs=integrated_from_energies(hops),
            loudness_range_lu=loudness_range_from_energies(hops),
            momentary_range_lu=momentary_range_from_energies(hops),
            momentary_max_lufs=float(momentary.max(initial=-math.inf)),
            short_term_max_lufs=float(short_term.max(initial=-math.inf)),
        )

    def of_snippets(self, energies: Floats) -> SnippetLoudness:
        """Return the loudness of each snippet of a signal from the signal's sum of squares in each cell."""
        running = _running(energies)
        sums = np.diff(running[self._of_snippets], axis=1)
        hops = [self._block_energies(row, self._snippet) for row in sums]
        three_s = running[self._short_term[1]] - running[self._short_term[0]]
        short_term = energy_to_lufs(np.maximum(three_s, 0.0) / (_SHORT_TERM_S * self._sample_rate))
        return SnippetLoudness(
            integrated_lufs=np.array([integrated_from_energies(each) for each in hops]),
            loudness_range_lu=np.array([loudness_range_from_energies(each) for each in hops]),
            momentary_range_lu=np.array([momentary_range_from_energies(each) for each in hops]),
            short_term_lufs=np.where(self._has_short_term, short_term, np.nan),
        )

    def integrated_of_snippets(self, energies: Floats) -> Floats:
        """Return the integrated loudness of each snippet alone."""
        sums = np.diff(_running(energies)[self._of_snippets], axis=1)
        return np.array([integrated_from_energies(self._block_energies(row, self._snippet)) for row in sums])

    def _block_energies(self, sums: Floats, boundaries: Integers) -> BlockEnergies:
        return BlockEnergies(
            energies=np.maximum(sums, 0.0) / np.diff(boundaries),
            boundaries=boundaries,
            sample_rate=self._sample_rate,
            hops_per_100_ms=1,
        )


def _hops(samples: int, sample_rate: int) -> Integers:
    """Return the boundaries of hops of 100 ms that cover some samples; the last may be incomplete."""
    hops = np.arange(10 * samples // sample_rate + 2)
    boundaries = np.asarray(hop_boundary(hops, sample_rate, 1))
    return np.append(boundaries[boundaries < samples], samples)


def _running(energies: Floats) -> Floats:
    return np.concatenate([[0.0], np.cumsum(energies)])
