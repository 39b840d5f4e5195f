"""The levels of a signal in one pass over its blocks: the measures of a compression rule."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import Audio, require_block, require_sample_rate
from mixrules.loudness import BlockEnergies, EnergyStream, resolve_weights

_DETECTOR_S = 0.2  # both crest-factor detectors, Giannoulis et al. 2013
ENVELOPE_HOP_S = 0.002


@dataclass(frozen=True, slots=True, eq=False)
class LevelScan:
    """The measures of a level scan.

    Attributes
    ----------
    energies : BlockEnergies
        K-weighted energies in hops of 10 ms.
    envelope : ndarray, shape (hops,)
        Largest magnitude over channels every 2 ms; the samples' dtype, as a song has many of them.
    crest_factor_squared : float
        See `crest_factor_squared_smoothed`.
    """

    energies: BlockEnergies
    envelope: npt.NDArray[np.floating[Any]]
    crest_factor_squared: float


class LevelScanStream:
    """Measures the levels of a signal that comes in blocks.

    Parameters
    ----------
    sample_rate : int
        Hz.
    channels : int
        Channels of every block.
    """

    def __init__(self, sample_rate: int, channels: int) -> None:
        self._energies = EnergyStream(require_sample_rate(sample_rate), resolve_weights(None, channels))
        self._envelope = EnvelopeStream(sample_rate, ENVELOPE_HOP_S)
        self._crest = CrestStream(sample_rate)

    @property
    def updates(self) -> tuple[Callable[[Audio], None], ...]:
        """Functions that must all be called with the next block, shape (samples, channels), checked, in any order."""
        return self._energies.update, self._envelope.update, self._crest.update

    def result(self, *, fader: float = 1.0) -> LevelScan:
        """Return the measures so far, the energies after a linear gain."""
        return LevelScan(
            self._energies.block_energies().scaled(fader), self._envelope.result(), self._crest.result()
        )


class EnvelopeStream:
    """The largest magnitude over channels in each hop, of a signal that comes in blocks.

    Hop ``i`` begins at its time in samples, rounded half up, so that no rate drifts.

    Parameters
    ----------
    sample_rate : int
        Hz.
    hop_s : float
        Hop in seconds, at least one sample.
    """

    def __init__(self, sample_rate: int, hop_s: float) -> None:
        self._hop_samples = hop_s * sample_rate
        self._samples = 0
        self._parts: list[npt.NDArray[np.floating[Any]]] = []
        self._last_hop = -1

    def update(self, block: Audio) -> None:
        """Measure the next block, shape (samples, channels)."""
        from mixrules.analysis._kernels import peak_envelope

        block = require_block(block)
        if not len(block):
            return
        start, end = self._samples, self._samples + len(block)
        # The hop of a sample is the last that starts at or before it.
        first = self._hop_of(start)
        last = self._hop_of(end - 1)
        hop_starts = self._boundary(np.arange(first, last + 2))
        boundaries = np.clip(hop_starts, start, end) - start
        integers = np.dtype(f"i{block.dtype.itemsize}")
        bits = np.empty(last - first + 1, integers)
        without_sign = integers.type(np.iinfo(integers).max)
        peak_envelope(block.view(integers), without_sign, boundaries, bits)
        peaks = bits.view(block.dtype)
        if first == self._last_hop:
            self._parts[-1][-1] = max(self._parts[-1][-1], peaks[0])
            peaks = peaks[1:]
        if peaks.size:
            self._parts.append(peaks)
        self._last_hop, self._samples = last, end

    def result(self) -> npt.NDArray[np.floating[Any]]:
        """Return the envelope so far, of the samples' dtype; the last hop may be incomplete."""
        return np.concatenate(self._parts) if self._parts else np.zeros(0)

    def _boundary(self, hops: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        # The small number makes rounding of a boundary at exactly a half reliable.
        return np.asarray(np.floor(hops * self._hop_samples + (0.5 + 1e-6)), dtype=np.int64)

    def _hop_of(self, sample: int) -> int:
        hop = int(sample / self._hop_samples)
        near = np.arange(max(hop - 1, 0), hop + 3)
        return int(near[np.searchsorted(self._boundary(near), sample, side="right") - 1])


class CrestStream:
    """The squared crest factor of `crest_factor_squared_smoothed`, of a signal that comes in blocks.

    Parameters
    ----------
    sample_rate : int
        Hz.
    """

    def __init__(self, sample_rate: int) -> None:
        self._coefficient = math.exp(-1.0 / (_DETECTOR_S * sample_rate))
        self._state = np.zeros(4)

    def update(self, block: Audio) -> None:
        """Measure the next block, shape (samples, channels)."""
        from mixrules.analysis._kernels import crest_sums

        crest_sums(require_block(block), self._coefficient, self._state)

    def result(self) -> float:
        """Return C², at least 1; 1 for silence."""
        peak_sum, mean_sum = self._state[:2]
        return float(peak_sum / mean_sum) if mean_sum > 0.0 else 1.0
