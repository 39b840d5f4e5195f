"""Cross energies: what the loudness of any sum of signals follows from, whatever their gains.

The energy of a sum is a quadratic form in the gains. With the K-weighted products of all pairs of
signals in hops of 100 ms, the loudness of any of them together, at any faders, costs no audio.

Reference: ITU-R BS.1770-5, Annex 1, equation 2, of a sum of signals.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import Audio
from mixrules.loudness.energies import BlockEnergies, hop_boundary
from mixrules.loudness.kweighting import k_weighting

_HOPS_PER_100_MS = 1
# What is left of signals that cancel out is rounding: a sum below this share of its parts counts as silence.
_ROUNDING = {np.dtype(np.float64): 1e-12, np.dtype(np.float32): 1e-6}
_LARGE_BYTES = 1 << 26  # more than that is kept in single precision
_SILENT = 1e-12
_HOPS_AT_ONCE = 1024


class Table(Protocol):
    """Rows of numbers that are kept outside the memory: written and read in slices of rows."""

    dtype: np.dtype[Any]

    def write(self, start: int, rows: npt.NDArray[Any]) -> None:
        """Keep rows from row `start` on."""

    def __getitem__(self, rows: slice) -> npt.NDArray[Any]:
        """Return the rows of a slice with step 1."""


MakeTable = Callable[[int, int], Table]
"""Makes a table of float64 for so many rows and columns."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CrossEnergies:
    """K-weighted products of several signals in hops of 100 ms.

    Attributes
    ----------
    signals : mapping of hashable to int
        The signals, and how many samples each has.
    products : ndarray or Table, shape (at least hops, pairs)
        Mean of the product of two signals over each hop, summed over channels: the upper triangle of
        a matrix, row after row.
    boundaries : ndarray of int64, shape (hops + 1,)
        Sample where each hop begins, and where the last one ends.
    sample_rate : int
        Hz.
    """

    signals: Mapping[Any, int]
    products: npt.NDArray[np.floating[Any]] | Table
    boundaries: npt.NDArray[np.int64]
    sample_rate: int

    def of(self, gains: Mapping[Any, float]) -> BlockEnergies:
        """Return the energies of the sum of some signals.

        Parameters
        ----------
        gains : mapping of hashable to float
            Linear gain of each signal that takes part.

        Returns
        -------
        BlockEnergies
            In hops of 100 ms, as long as the longest that takes part.
        """
        weights = np.array([gains.get(signal, 0.0) for signal in self.signals])
        rows, columns = np.triu_indices(weights.size)
        factors = weights[rows] * weights[columns] * np.where(rows == columns, 1.0, 2.0)
        used = np.flatnonzero(factors)
        own = np.flatnonzero(weights)
        diagonal = np.flatnonzero(rows == columns)[own]
        energies = np.empty(len(self.boundaries) - 1)
        for first in range(0, energies.size, _HOPS_AT_ONCE):
            products = self.products[first : min(first + _HOPS_AT_ONCE, energies.size)]
            total = products[:, used].astype(np.float64) @ factors[used]
            parts = products[:, diagonal].astype(np.float64) @ factors[diagonal]
            total[total < _ROUNDING[products.dtype] * parts] = 0.0
            energies[first : first + _HOPS_AT_ONCE] = total
        return self._as_long_as(gains, energies)

    def with_energies(self, energies: Mapping[Any, BlockEnergies]) -> BlockEnergies:
        """Return the energies of the sum of some signals after gains over time that give them these energies.

        Parameters
        ----------
        energies : mapping of hashable to BlockEnergies
            Of each signal that takes part, in hops of 100 ms.

        Returns
        -------
        BlockEnergies
            In hops of 100 ms, as long as the longest that takes part.

        Notes
        -----
        The product of two signals changes as the root of the product of their energies.
        """
        rows, columns = np.triu_indices(len(self.signals))
        places = {signal: place for place, signal in enumerate(self.signals)}
        takes_part = np.isin(np.arange(len(places)), [places[signal] for signal in energies])
        pairs = np.flatnonzero(takes_part[rows] & takes_part[columns] & (rows != columns))
        own = np.flatnonzero(rows == columns)
        total = np.zeros(len(self.boundaries) - 1)
        for first in range(0, total.size, _HOPS_AT_ONCE):
            products = self.products[first : min(first + _HOPS_AT_ONCE, total.size)].astype(np.float64)
            after = np.zeros((len(products), len(places)))
            for signal, each in energies.items():
                part = each.energies[first : first + len(products)]
                after[: part.size, places[signal]] = part
            before = products[:, own]
            gains = np.sqrt(after / np.where(before > 0.0, before, math.inf))
            shared = products[:, pairs] * gains[:, rows[pairs]] * gains[:, columns[pairs]]
            energy = after.sum(axis=1) + 2.0 * shared.sum(axis=1)
            total[first : first + len(products)] = np.maximum(energy, 0.0)
        return self._as_long_as(energies, total)

    def _as_long_as(self, signals: Iterable[Any], energies: npt.NDArray[np.float64]) -> BlockEnergies:
        """Return the energies of a sum of some signals, cut where the longest of them ends."""
        samples = max((self.signals[signal] for signal in signals), default=0)
        hops = int(np.searchsorted(self.boundaries, samples))
        boundaries = self.boundaries[: hops + 1].copy()
        energies = energies[:hops]
        if boundaries[-1] > samples:  # the energy of a hop that ends early lies in what there is of it
            energies[-1] *= (boundaries[-1] - boundaries[-2]) / (samples - boundaries[-2])
            boundaries[-1] = samples
        return BlockEnergies(
            energies=energies,
            boundaries=boundaries,
            sample_rate=self.sample_rate,
            hops_per_100_ms=_HOPS_PER_100_MS,
        )


class CrossEnergyStream:
    """Follows several stereo signals that come in blocks, all of them together.

    For each block `add` is called once for every signal, from any thread, and then `next_block`. `accumulate`
    adds up the products of that block; it may run while the next block is being added.

    Parameters
    ----------
    sample_rate : int
        Hz.
    signals : sequence of hashable
        What the signals are called.
    samples : int
        How many samples are to come: the longest signal.
    block_samples : int
        The longest block.
    make_table : callable, optional
        Makes the table that keeps the products, which are many where signals are many and long; by default they
        are held in memory.
    """

    def __init__(
        self,
        sample_rate: int,
        signals: Sequence[Hashable],
        samples: int,
        block_samples: int,
        *,
        make_table: MakeTable | None = None,
    ) -> None:
        self._sample_rate = sample_rate
        self._index = {signal: index for index, signal in enumerate(signals)}
        self._coefficients = k_weighting(sample_rate).for_kernels()
        count = len(self._index)
        self._states = np.zeros((count, 2, 4))
        # Two buffers: one is being filled while the products of the other are accumulated.
        self._buffers = np.empty((2, count, block_samples, 2), np.float32)
        self._filling = 0
        self._triangle = np.triu_indices(count)
        self._open_hop = np.zeros((count, count))
        self._samples = 0
        hops = -(-samples * 10 // sample_rate) + 2
        pairs = len(self._triangle[0])
        self._table = make_table(hops, pairs) if make_table is not None else None
        # Beside a table, only the hops of one block are held in memory.
        rows = hops if self._table is None else -(-block_samples * 10 // sample_rate) + 2
        single = rows * pairs * 8 > _LARGE_BYTES
        self._products = np.empty((rows, pairs), np.float32 if single else np.float64)
        self._boundaries = [0]

    def add(self, signal: Hashable, block: Audio, samples: int) -> None:
        """Apply K-weighting to the next block of a signal, shape (up to `samples`, 2).

        After the signal's end the filter rings out.
        """
        from mixrules.loudness._kernels import k_weight

        index = self._index[signal]
        out, state = self._buffers[self._filling, index, :samples], self._states[index]
        if len(block) == 0 and np.abs(state).max() < _SILENT:
            out[:] = 0.0
            return
        if len(block) < samples:
            block = np.concatenate([block, np.zeros((samples - len(block), 2), block.dtype)])
        k_weight(np.ascontiguousarray(block, np.float32), self._coefficients, state, out)

    def add_weighted(self, signal: Hashable, block: Audio, samples: int) -> None:
        """Add the next block of a signal that is K-weighted already."""
        out = self._buffers[self._filling, self._index[signal], :samples]
        out[: len(block)] = block
        out[len(block) :] = 0.0

    def next_block(self) -> None:
        """Begin the next block: every signal has been added for the one before."""
        self._filling = 1 - self._filling

    def accumulate(self, samples: int) -> None:
        """Add up the products of the block before the latest `next_block`."""
        from mixrules.loudness._kernels import hop_products

        start, end = self._samples, self._samples + samples
        boundaries = self._boundaries[-1:]
        while (boundary := self._boundary(len(self._boundaries) + len(boundaries) - 1)) <= end:
            boundaries.append(boundary)
        hops, count = len(boundaries) - 1, len(self._index)
        sums = np.zeros((hops + 1, count, count))
        sums[0] = self._open_hop
        hop_products(self._buffers[1 - self._filling], np.array([*boundaries[1:], end]) - start, sums)
        rows = self._rows(hops)
        rows[:] = sums[:-1, *self._triangle] / np.diff(boundaries)[:, np.newaxis]
        self._open_hop = sums[-1].copy()
        self._keep(rows, boundaries[1:])
        self._samples = end

    def _rows(self, count: int) -> npt.NDArray[Any]:
        """Return the rows of the array that the products of the next hops are written to."""
        hop = 0 if self._table is not None else len(self._boundaries) - 1
        return self._products[hop : hop + count]

    def _keep(self, rows: npt.NDArray[Any], ends: list[int]) -> None:
        """Keep the products of the next hops, which have been written to `_rows`."""
        if self._table is not None:
            self._table.write(len(self._boundaries) - 1, rows)
        self._boundaries += ends

    def _boundary(self, hop: int) -> int:
        return hop_boundary(hop, self._sample_rate, _HOPS_PER_100_MS)

    def result(self, samples: Mapping[Any, int]) -> CrossEnergies:
        """Return the products so far; `samples` says how long each signal is."""
        if self._samples > self._boundaries[-1]:
            self._close(self._samples)
        return CrossEnergies(
            signals={signal: samples[signal] for signal in self._index},
            products=self._products[: len(self._boundaries) - 1] if self._table is None else self._table,
            boundaries=np.array(self._boundaries, dtype=np.int64),
            sample_rate=self._sample_rate,
        )

    def _close(self, boundary: int) -> None:
        rows = self._rows(1)
        rows[0] = self._open_hop[self._triangle] / (boundary - self._boundaries[-1])
        self._keep(rows, [boundary])
        self._open_hop[:] = 0.0
