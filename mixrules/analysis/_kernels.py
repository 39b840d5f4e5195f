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
def crest_sums(audio: AnyFloat, coefficient: float, state: npt.NDArray[np.float64]) -> None:
    """Run both detectors over `audio`; `state` holds the sums of peak² and RMS² so far, and both detectors."""
    channels = audio.shape[1]
    peak_sum, mean_sum, peak_square, mean_square = state
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
    state[0], state[1], state[2], state[3] = peak_sum, mean_sum, peak_square, mean_square


@jit
def attenuation_on_hops(
    peak_db: npt.NDArray[np.float64],
    between_db: float,
    curve: tuple[float, float, float],
    poles: tuple[float, float],
    out: npt.NDArray[np.float64],
) -> None:
    """Write to `out` the mean attenuation in dB over each hop, whose peak level is known.

    The smooth decoupled detector with the hop's peak in its middle and a level `between_db` lower
    elsewhere; `curve` is threshold, slope and knee, `poles` those of attack and release over half a hop.
    """
    threshold, slope, knee = curve
    attack, release = poles
    bottom = threshold - 0.5 * knee
    curvature = 0.5 / knee if knee > 0.0 else 0.0
    held = 0.0
    smooth = 0.0
    for hop in range(out.size):
        over = max(peak_db[hop] - bottom, 0.0)
        bend = min(over, knee)
        at_peak = slope * (curvature * bend * bend + (over - bend))
        over = max(over - between_db, 0.0)
        bend = min(over, knee)
        resting = (1.0 - release) * slope * (curvature * bend * bend + (over - bend))
        middle = release * held + resting
        first = 0.5 * (held + middle)
        middle = max(middle, at_peak)
        end = release * middle + resting
        second = 0.5 * (middle + end)
        half = attack * smooth + (1.0 - attack) * first
        whole = attack * half + (1.0 - attack) * second
        out[hop] = 0.25 * smooth + 0.5 * half + 0.25 * whole
        held = end
        smooth = whole
