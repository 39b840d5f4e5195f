"""Compiled loops: peak envelope and crest-factor detectors."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules._jit import jit

AnyFloat = npt.NDArray[np.floating[Any]]


@jit
def peak_envelope(audio: AnyFloat, boundaries: npt.NDArray[np.int64], out: npt.NDArray[np.float64]) -> None:
    """Write to `out` the largest magnitude over channels between successive `boundaries`."""
    channels = audio.shape[1]
    for hop in range(out.size):
        peak = 0.0
        for i in range(boundaries[hop], boundaries[hop + 1]):
            for channel in range(channels):
                value = abs(audio[i, channel])
                if value > peak:
                    peak = value
        out[hop] = peak


@jit
def crest_sums(audio: AnyFloat, coefficient: float, sums: npt.NDArray[np.float64]) -> None:
    """Run both detectors over `audio`; leave the sums of peak² and of RMS² in `sums`."""
    channels = audio.shape[1]
    peak_square = 0.0
    mean_square = 0.0
    peak_sum = 0.0
    mean_sum = 0.0
    for i in range(audio.shape[0]):
        largest = 0.0
        for channel in range(channels):
            value = abs(audio[i, channel])
            if value > largest:
                largest = value
        square = float(largest) * float(largest)
        mean_square = coefficient * mean_square + (1.0 - coefficient) * square
        peak_square = coefficient * peak_square + (1.0 - coefficient) * square
        if square > peak_square:
            peak_square = square
        peak_sum += peak_square
        mean_sum += mean_square
    sums[0] = peak_sum
    sums[1] = mean_sum
