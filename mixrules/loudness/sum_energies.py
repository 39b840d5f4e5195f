"""Energies of sums of stereo signals between any samples: the loudness of parts of a song, wherever they begin.

The energy of a sum is a quadratic form in the signals: each is K-weighted once, and what all the sums of them have in
each cell between two boundaries follows from the products of all pairs. The filter runs through the whole signal.

Reference: ITU-R BS.1770-5, Annex 1, equations 1 and 2, of a sum of signals.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import Audio
from mixrules.loudness.kweighting import k_weighting

_ROUNDING = (
    1e-12  # a sum below this share of its parts is what single precision leaves of signals that cancel out
)


class SumEnergyStream:
    """Follows several stereo signals that come in blocks, all of them together.

    Parameters
    ----------
    sample_rate : int
        Hz.
    gains : array_like, shape (sums, signals)
        The linear gain of each signal in each sum.
    boundaries : ndarray of int64, shape (cells + 1,)
        Where the cells begin, and where the last one ends: rising, from 0 to the length of the signals.
    """

    def __init__(self, sample_rate: int, gains: npt.ArrayLike, boundaries: npt.NDArray[np.int64]) -> None:
        self._coefficients = k_weighting(sample_rate).for_kernels()
        self._gains = np.asarray(gains, dtype=np.float64)
        signals = self._gains.shape[1]
        self._boundaries = boundaries
        self._states = np.zeros((signals, 2, 4))
        self._open_cell = np.zeros((signals, signals))
        self._samples = 0
        self._cells = 0
        self._sums = np.zeros((len(self._gains), len(boundaries) - 1))

    def update(self, blocks: Sequence[Audio]) -> None:
        """Measure the next block of every signal, each of shape (samples, 2) or, for both sides, (samples, 1)."""
        from mixrules.loudness._kernels import hop_products, k_weight

        weighted = np.empty((len(blocks), len(blocks[0]), 2), np.float32)
        for block, state, out in zip(blocks, self._states, weighted, strict=True):
            both = np.ascontiguousarray(np.broadcast_to(block, out.shape), np.float32)
            k_weight(both, self._coefficients, state, out)
        end = self._samples + len(blocks[0])
        last = int(np.searchsorted(self._boundaries, end, side="right")) - 1
        stops = np.append(self._boundaries[self._cells + 1 : last + 1], end) - self._samples
        products = np.zeros((len(stops), *self._open_cell.shape))
        products[0] = self._open_cell
        hop_products(weighted, stops, products)
        self._open_cell = products[-1].copy()
        self._sums[:, self._cells : last] = self._energies(products[:-1])
        self._samples, self._cells = end, last

    def result(self) -> npt.NDArray[np.float64]:
        """Return the sum of squares of each K-weighted sum in each cell, both channels, shape (sums, cells)."""
        return self._sums

    def _energies(self, products: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        own = np.einsum("cii->ci", products)
        # The upper triangle counts twice off its diagonal.
        rows, columns = np.triu_indices(len(self._open_cell))
        factors = self._gains[:, rows] * self._gains[:, columns] * np.where(rows == columns, 1.0, 2.0)
        total = factors @ products[:, rows, columns].T
        total[total < _ROUNDING * (self._gains**2 @ own.T)] = 0.0
        return np.asarray(total)
