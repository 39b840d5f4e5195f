"""From samples to block energies, in pieces of any size."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mixrules.loudness.energies import BlockEnergies, hop_boundary
from mixrules.loudness.kweighting import k_weighting
from mixrules.validation import Audio


class EnergyStream:
    """K-weights a stream and keeps the energy of each hop.

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
        stages = k_weighting(sample_rate)
        self._sample_rate = sample_rate
        self._weights = weights
        self._hops_per_100_ms = hops_per_100_ms
        self._coefficients = np.array([*stages.shelf.b, *stages.shelf.a[1:], *stages.high_pass.a[1:]])
        self._state = np.zeros((weights.size, 4))
        self._sums = np.zeros(weights.size)
        self._samples = 0
        self._hops = 0
        self._energies = np.empty(256)

    @property
    def samples(self) -> int:
        """Samples taken so far."""
        return self._samples

    def update(self, audio: Audio) -> None:
        """Take the next samples, shape (samples, channels), already checked."""
        from mixrules.loudness._kernels import k_energies

        first, total = self._hops, self._samples + audio.shape[0]
        last = first
        while self._boundary(last + 1) <= total:
            last += 1
        boundaries = np.array([self._boundary(k) for k in range(first, last + 1)], dtype=np.int64)
        sums = np.empty((last - first, self._weights.size))
        k_energies(audio, self._coefficients, self._state, boundaries[1:] - self._samples, self._sums, sums)
        self._reserve(last)
        self._energies[first:last] = sums @ self._weights / np.diff(boundaries)
        self._samples, self._hops = total, last

    def block_energies(self) -> BlockEnergies:
        """Return the energies so far, an incomplete last hop included."""
        boundaries = [self._boundary(k) for k in range(self._hops + 1)]
        energies = self._energies[: self._hops]
        left = self._samples - boundaries[-1]
        if left:
            boundaries.append(self._samples)
            energies = np.append(energies, self._sums @ self._weights / left)
        return BlockEnergies(
            energies=energies.copy(),
            boundaries=np.array(boundaries, dtype=np.int64),
            sample_rate=self._sample_rate,
            hops_per_100_ms=self._hops_per_100_ms,
        )

    def _boundary(self, index: int) -> int:
        return hop_boundary(index, self._sample_rate, self._hops_per_100_ms)

    def _reserve(self, hops: int) -> None:
        if hops > self._energies.size:
            larger = np.empty(max(hops, 2 * self._energies.size))
            larger[: self._hops] = self._energies[: self._hops]
            self._energies = larger
