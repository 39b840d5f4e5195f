"""Block energies of a signal that arrives in blocks of any size."""

from __future__ import annotations

import functools
import math

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import Audio
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
        first, total = self._hops, self._samples + audio.shape[0]
        # The number of hops whose end, rounded half up, is not past the last sample.
        parts = 10 * self._hops_per_100_ms
        last = (parts * total + parts // 2 - 1) // self._sample_rate
        boundaries = self._boundaries(first, last + 1)
        sums = np.empty((last - first, self._weights.size))
        self._filter(audio, boundaries - self._samples, sums)
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

    def _filter(self, audio: Audio, boundaries: npt.NDArray[np.int64], sums: npt.NDArray[np.float64]) -> None:
        """Fill `sums`, one row a hop: long segments in SIMD lanes, the rest in one segment."""
        from mixrules.loudness._kernels import LANES

        partial = 1 if boundaries[0] < 0 else 0
        lanes = self._hops_in_lanes(sums.shape[0] - partial)
        bounds = np.append(np.maximum(boundaries, 0), audio.shape[0])
        end = 0
        if lanes:
            end = partial + lanes
            if partial:
                sums[:1] = self._segments(audio, bounds[:2], 1)
                self._state[:, _SUM] = 0.0
            sums[partial:end] = self._segments(audio, bounds[partial : end + 1], LANES // self._weights.size)
            self._state[:, _SUM] = 0.0
        # What follows the last complete hop stays in the state.
        sums[end:] = self._segments(audio, bounds[end:], 1)[:-1]

    def _segments(
        self, audio: Audio, bounds: npt.NDArray[np.int64], segments: int
    ) -> npt.NDArray[np.float64]:
        """Filter `audio` in so many segments at once; return the sum of squares of each channel between `bounds`."""
        from mixrules.loudness._kernels import k_energies

        channels = self._weights.size
        hops = (bounds.size - 1) // segments
        warm_up = self._warm_up_hops if segments > 1 else 0
        rows = np.arange(-warm_up, hops)
        # The first segment has nothing before it: the kernel does not look at its rows of the warm-up.
        starts = bounds[rows[:, np.newaxis] + hops * np.arange(segments)] * channels
        lane_starts = (starts[:, :, np.newaxis] + np.arange(channels)).reshape(rows.size, -1)
        out = np.empty(lane_starts.shape)
        lengths = np.diff(bounds)[rows]
        k_energies(audio, self._coefficients, self._state, lane_starts, lengths, warm_up, out)
        return out[warm_up:].reshape(hops, segments, channels).swapaxes(0, 1).reshape(-1, channels)

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
