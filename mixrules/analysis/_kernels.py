"""Compiled loops: peak envelope, crest-factor detectors, predicted compressors."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules._jit import jit

AnyFloat = npt.NDArray[np.floating[Any]]
Floats = npt.NDArray[np.float64]

LANES = 16
"""How many compressors are predicted at once."""

_LN2 = math.log(2.0)
_OCTAVES_PER_DB = -0.1 * math.log2(10.0)  # of power, for an attenuation
_MANTISSA_BITS = np.uint64(52)
# Adding this rounds to an integer, which the lowest bits of the sum then hold.
_ROUND = 1.5 * 2.0**52


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
def compressed_powers(
    peak_db: Floats, weights: Floats, hops_per_block: int, between_db: float, settings: Floats, out: Floats
) -> None:
    """Write to `out`, (blocks, LANES), the mean power gain of each block under several compressors at once.

    The smooth decoupled detector with each hop's peak in its middle and a level `between_db` lower elsewhere;
    a block's gain is the mean over its hops, weighted by `weights`. `settings`, (5, LANES), holds threshold,
    slope and knee, and the poles of attack and release over half a hop: the recursion runs one hop after
    another, but for all compressors side by side in vector lanes. The power is taken as by the compressor's
    own kernel: whole octaves by the exponent's bits, the rest by the series of exp, right to 1e-13.
    """
    bottom, slope, knee = np.empty(LANES), np.empty(LANES), np.empty(LANES)
    curvature, attack, release = np.empty(LANES), np.empty(LANES), np.empty(LANES)
    held, smooth, total = np.zeros(LANES), np.zeros(LANES), np.zeros(LANES)
    power, octaves = np.empty(LANES), np.empty(LANES)
    bits, wholes = power.view(np.uint64), octaves.view(np.uint64)
    for j in range(LANES):
        slope[j], knee[j], attack[j], release[j] = settings[1:, j]
        bottom[j] = settings[0, j] - 0.5 * knee[j]
        curvature[j] = 0.5 / knee[j] if knee[j] > 0.0 else 0.0
    for block in range(len(out)):
        total[:] = 0.0
        weight = 0.0
        for hop in range(block * hops_per_block, min((block + 1) * hops_per_block, peak_db.size)):
            level = peak_db[hop]
            weight += weights[hop]
            for j in range(LANES):
                over = max(level - bottom[j], 0.0)
                bend = min(over, knee[j])
                at_peak = slope[j] * (curvature[j] * bend * bend + (over - bend))
                over = max(over - between_db, 0.0)
                bend = min(over, knee[j])
                asked = slope[j] * (curvature[j] * bend * bend + (over - bend))
                resting = (1.0 - release[j]) * asked
                middle = release[j] * held[j] + resting
                first = 0.5 * (held[j] + middle)
                middle = max(middle, at_peak)
                end = release[j] * middle + resting
                second = 0.5 * (middle + end)
                half = attack[j] * smooth[j] + (1.0 - attack[j]) * first
                last = attack[j] * half + (1.0 - attack[j]) * second
                octave = _OCTAVES_PER_DB * (0.25 * smooth[j] + 0.5 * half + 0.25 * last)
                held[j], smooth[j] = end, last
                whole = octave + _ROUND
                octaves[j] = whole
                x = (octave - (whole - _ROUND)) * _LN2
                tail = 1 / 720 + x * (
                    1 / 5040 + x * (1 / 40320 + x * (1 / 362880 + x * (1 / 3628800 + x / 39916800)))
                )
                power[j] = 1.0 + x * (
                    1.0 + x * (1 / 2 + x * (1 / 6 + x * (1 / 24 + x * (1 / 120 + x * tail))))
                )
            for j in range(LANES):
                bits[j] += wholes[j] << _MANTISSA_BITS
            for j in range(LANES):
                total[j] += weights[hop] * power[j]
        for j in range(LANES):
            out[block, j] = total[j] / weight
