"""How loud each stem is in a mix from moment to moment: sums over short frames from which gains can be solved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import Audio

HOP_S = 0.0007
"""What levels are taken in: short against any attack."""
HOPS_PER_FRAME = 8

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class FrameStatistics:
    """Sums of products over frames of 6 ms, both sides together.

    With gains g for the stems, a frame of the mix is off by ``mix_power - 2 g onto_mix + g between g``.

    Attributes
    ----------
    between : ndarray of float64, shape (frames, stems, stems)
        Products of the stems as they would be in the mix at gain 1.
    onto_mix : ndarray of float64, shape (frames, stems)
        Products of stems and mix.
    mix_power : ndarray of float64, shape (frames,)
        Power of the mix.
    """

    between: Floats
    onto_mix: Floats
    mix_power: Floats

    def for_stem(self, number: int, gains: Floats) -> tuple[Floats, Floats]:
        """Return power and product with what the other stems, at `gains` of shape (frames, stems), leave."""
        others = gains.copy()
        others[:, number] = 0.0
        left = self.onto_mix[:, number] - np.einsum("ts,ts->t", self.between[:, number], others)
        return self.between[:, number, number], left

    def residual_power(self, gains: Floats) -> Floats:
        """Return the power that gains of shape (frames, stems) leave unexplained, shape (frames,)."""
        return np.asarray(
            self.mix_power
            - 2.0 * np.einsum("ts,ts->t", gains, self.onto_mix)
            + np.einsum("ts,tsu,tu->t", gains, self.between, gains, optimize=True)
        )


def hop_samples(sample_rate: int) -> int:
    """Return the samples of a hop, about 0.7 ms."""
    return max(1, round(HOP_S * sample_rate))


def frame_samples(sample_rate: int) -> int:
    """Return the samples of a frame, about 6 ms."""
    return HOPS_PER_FRAME * hop_samples(sample_rate)


def frame_statistics(parts: Sequence[Audio], mix: Audio, sample_rate: int) -> FrameStatistics:
    """Measure an excerpt.

    Parameters
    ----------
    parts : sequence of ndarray, shape (samples, 2)
        The stems as they would be in the mix at gain 1.
    mix : ndarray, shape (samples, 2)
        The mix.
    sample_rate : int
        Hz.

    Returns
    -------
    FrameStatistics
        Of whole frames: what is left at the end is not counted.
    """
    length = frame_samples(sample_rate)
    frames = len(mix) // length
    every = np.stack([part[: frames * length].reshape(frames, -1) for part in (*parts, mix)], axis=1)
    products = (every @ every.transpose(0, 2, 1)).astype(np.float64)
    count = len(parts)
    return FrameStatistics(products[:, :count, :count], products[:, :count, count], products[:, count, count])
