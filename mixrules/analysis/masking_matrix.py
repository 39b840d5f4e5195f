"""Who hides whom: how much of each track each other track masks, in some ranges of frequency.

The cells and the threshold of `masking`: a cell is a block of time in a band one ERB wide; another track hides it where
its power, spread over the bands, lies more than 6 dB above it. Where `masking` asks what all others do together, this
asks it of each of them as well.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules.analysis.bands import Bands
from mixrules.analysis.masking import CELL_RANGE_DB, blocks_to_mask, spreading_matrix
from mixrules.analysis.masking_model import PowerTable
from mixrules.errors import ParameterError

_BLOCKS_AT_ONCE = 1024

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class HiddenShares:
    """What a `MaskingMatrix` found, as shares of each whole track.

    Attributes
    ----------
    weight : ndarray of float64, shape (ranges, tracks)
        How much of each track lies in each range; a track that sounds nowhere has none.
    hidden_by : ndarray of float64, shape (ranges, tracks, tracks)
        How much of each track (second axis) each other one (third axis) hides alone.
    hidden : ndarray of float64, shape (ranges, tracks)
        How much of each track all others together hide.
    """

    weight: Floats
    hidden_by: Floats
    hidden: Floats


class MaskingMatrix:
    """Measures who hides whom among some tracks.

    Parameters
    ----------
    bands : Bands
        The bands of the powers, meant for `erb_bands()`.
    edges_hz : sequence of float
        Edges of the ranges, rising; a band belongs to the range that its centre lies in, one beyond the ends to none.
    threshold_db : float
        A cell is hidden when its signal-to-masker ratio is below this.
    power_exponent : float
        A cell weighs its power to this exponent, as in `masking`.

    Raises
    ------
    ParameterError
        If the edges do not rise, or are fewer than two.
    """

    def __init__(
        self,
        bands: Bands,
        edges_hz: Sequence[float],
        *,
        threshold_db: float = -6.0,
        power_exponent: float = 0.3,
    ) -> None:
        edges = np.asarray(edges_hz, np.float64)
        if edges.ndim != 1 or edges.size < 2 or not (np.diff(edges) > 0.0).all():
            raise ParameterError(f"edges_hz must be at least two rising frequencies, got {edges_hz}")
        self._spreading = spreading_matrix(bands)
        self._threshold = 10.0 ** (threshold_db / 10.0)
        self._exponent = power_exponent
        centers = np.asarray(bands.centers_hz)
        self._in_range = np.array(
            [(centers >= low) & (centers < high) for low, high in itertools.pairwise(edges)],
            np.float64,
        )

    def measure(self, tables: Sequence[PowerTable]) -> HiddenShares:
        """Return who hides whom.

        Parameters
        ----------
        tables : sequence of array or SlicedAudio, shape (blocks, bands)
            Mean squares of each track. Blocks past the end of the shortest table do not count.

        Returns
        -------
        HiddenShares
        """
        tracks, ranges = len(tables), len(self._in_range)
        blocks = min(map(len, tables), default=0)
        spans = [(start, min(start + _BLOCKS_AT_ONCE, blocks)) for start in range(0, blocks, _BLOCKS_AT_ONCE)]
        active = [
            blocks_to_mask(np.concatenate([_rows(table, *span).sum(axis=1) for span in spans]))
            for table in tables
            if spans
        ]
        weight = np.zeros((ranges, tracks))
        hidden_by, hidden = np.zeros((ranges, tracks, tracks)), np.zeros((ranges, tracks))
        for start, stop in spans:
            powers = [_rows(table, start, stop) for table in tables]
            spread = [power @ self._spreading for power in powers]
            total = np.sum(spread, axis=0)
            for track, power in enumerate(powers):
                used = active[track][start:stop]
                own = power[used]
                weights = self._weights(own)
                # Hidden where the own power is below the threshold times the spread power of the other.
                needed = own / self._threshold
                weight[:, track] += self._by_range(weights)
                others = np.maximum(total[used] - spread[track][used], 0.0)
                hidden[:, track] += self._by_range(weights * (others > needed))
                for other in range(tracks):
                    if other != track:
                        hides = spread[other][used] > needed
                        hidden_by[:, track, other] += self._by_range(weights * hides)
        whole = weight.sum(axis=0)
        whole[whole == 0.0] = 1.0
        return HiddenShares(weight / whole, hidden_by / whole[:, np.newaxis], hidden / whole)

    def _weights(self, own: Floats) -> Floats:
        """Return what each cell weighs: nothing more than 30 dB below the strongest band of its block."""
        highest = own.max(axis=1, keepdims=True, initial=0.0)
        cells = (own > 0.0) & (own >= highest * 10.0 ** (-CELL_RANGE_DB / 10.0))
        return np.asarray(np.where(cells, own, 0.0) ** self._exponent * cells, np.float64)

    def _by_range(self, weights: Floats) -> Floats:
        return np.asarray(self._in_range @ weights.sum(axis=0))


def _rows(table: PowerTable, start: int, stop: int) -> Floats:
    return np.asarray(table[start:stop], np.float64)
