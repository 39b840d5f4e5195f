"""Block energies of a signal that arrives in blocks of any size."""

from __future__ import annotations

import functools
import math

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import Audio, require_block
from mixrules.loudness.energies import BlockEnergies, hop_boundary
from mixrules.loudness.kweighting import k_weighting

_SUM = 4  # the column of `EnergyStream._state`


class EnergyStream:
    """Applies K-weighting to a stream and accumulates the energy of each hop.

    Parameters
    ----------
    sample_rate : int
        Hz.
    weights : ndarray, shape (channels,)
        Channel weights.
    hops_per_100_ms : int
        10 for hops of 10 ms.
    """

    def __init__(
        self, sample_rate: int, weights: npt.NDArray[np.float64], *, hops_per_100_ms: int = 10
    ) -> None:
        self._sample_rate = sample_rate
        self._weights = weights
        self._hops_per_100_ms = hops_per_100_ms
        self._coefficients = k_weighting(sample_rate).for_kernels()
        # The filter's state, and the sum of squares since the last complete hop.
        self._state = np.zeros((weights.size, 5))
        self._samples = 0
        self._hops = 0
        self._energies = np.empty(256)

    @property
    def samples(self) -> int:
        """Samples so far."""
        return self._samples

    def update(self, audio: Audio) -> None:
        """Measure the next block, shape (samples, channels), already checked."""
        audio = require_block(audio, channels=self._weights.size)
        first, total = self._hops, self._samples + audio.shape[0]
        # The number of hops whose end, rounded half up, is not past the last sample.
        parts = 10 * self._hops_per_100_ms
        last = (parts * total + parts // 2 - 1) // self._sample_rate
        boundaries = self._boundaries(first, last + 1)
        sums = self._filter(audio, boundaries - self._samples)
        self._reserve(last)
        self._energies[first:last] = sums @ self._weights / np.diff(boundaries)
        self._samples, self._hops = total, last

    def block_energies(self) -> BlockEnergies:
        """Return the energies so far, an incomplete last hop included."""
        boundaries = _grid(self._samples, self._hops, self._sample_rate, self._hops_per_100_ms)
        energies = self._energies[: self._hops].copy()
        remainder = self._samples - int(boundaries[self._hops])
        if remainder:
            energies = np.append(energies, self._state[:, _SUM] @ self._weights / remainder)
        return BlockEnergies(
            energies=energies,
            boundaries=boundaries,
            sample_rate=self._sample_rate,
            hops_per_100_ms=self._hops_per_100_ms,
        )

    def last_energy(self, window_s: float) -> float:
        """Return the mean energy of a window that ends with the last complete hop, NaN where the stream is shorter."""
        hops = round(window_s * 10 * self._hops_per_100_ms)
        if self._hops < hops:
            return math.nan
        boundaries = self._boundaries(self._hops - hops, self._hops + 1)
        energies = self._energies[self._hops - hops : self._hops]
        return float(energies @ np.diff(boundaries) / (boundaries[-1] - boundaries[0]))

    def _filter(self, audio: Audio, boundaries: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """Return the sum of squares of each channel in each hop, the first of which may have begun before `audio`.

        Long segments are filtered in SIMD lanes, the rest in one segment. What follows the last complete hop is summed up
        in the state.
        """
        from mixrules.loudness._kernels import LANES, k_energies

        channels, hops = self._weights.size, boundaries.size - 1
        bounds = np.empty(hops + 2, np.int64)
        np.maximum(boundaries, 0, out=bounds[:-1])
        bounds[-1] = audio.shape[0]
        sums = np.empty((hops + 1, channels))
        partial = 1 if boundaries[0] < 0 else 0
        end = partial + self._hops_in_lanes(hops - partial)
        runs = [(0, hops + 1, 1)]
        if end > partial:
            runs = [(0, partial, 1), (partial, end, LANES // channels), (end, hops + 1, 1)]
        for first, last, segments in runs:
            if first == last:
                continue
            warm_up = self._warm_up_hops if segments > 1 else 0
            part = bounds[first : last + 1], segments, warm_up, sums[first:last]
            k_energies(audio, self._coefficients, self._state, *part)
            if last <= hops:
                self._state[:, _SUM] = 0.0
        return sums[:-1]

    def _hops_in_lanes(self, hops: int) -> int:
        """Return how many of the next complete hops are filtered in lanes; 0 if they are too few or of unequal length."""
        from mixrules.loudness._kernels import LANES

        segments = LANES // self._weights.size
        if self._sample_rate % (10 * self._hops_per_100_ms) or hops // segments < self._warm_up_hops:
            return 0
        return hops // segments * segments

    @property
    def _warm_up_hops(self) -> int:
        # 0.15 s: the slower pole pair (38 Hz, both near -240 / s) has then decayed below 1e-14.
        return (3 * self._hops_per_100_ms + 1) // 2

    def _boundaries(self, first: int, end: int) -> npt.NDArray[np.int64]:
        return hop_boundary(np.arange(first, end), self._sample_rate, self._hops_per_100_ms)

    def _reserve(self, hops: int) -> None:
        if hops > self._energies.size:
            larger = np.empty(max(hops, 2 * self._energies.size))
            larger[: self._hops] = self._energies[: self._hops]
            self._energies = larger


@functools.lru_cache(maxsize=4)
def _grid(samples: int, hops: int, sample_rate: int, hops_per_100_ms: int) -> npt.NDArray[np.int64]:
    """Return the start of each hop and the end of the last, read-only: cached, as the stems of a song share them."""
    boundaries = hop_boundary(np.arange(hops + 1), sample_rate, hops_per_100_ms)
    if samples > boundaries[-1]:
        boundaries = np.append(boundaries, samples)
    boundaries.flags.writeable = False
    return boundaries
