"""Compiled loops: peak envelope, crest-factor detectors, band-passes, predicted compressors."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules._support.jit import jit, jit_sums

AnyFloat = npt.NDArray[np.floating[Any]]
Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]

LANES = 16
"""How many compressors are predicted at once, one in each SIMD lane."""

BANDS_AT_ONCE = 16
_TILE = 1024
_INAUDIBLE = 1e-30  # filter states below this (-600 dB) are zeroed before they turn into slow denormals
# Single precision throughout: numba makes a double of a single times a double.
_ZERO, _QUARTER, _HALF, _ONE = np.float32(0.0), np.float32(0.25), np.float32(0.5), np.float32(1.0)
_LN2 = np.float32(math.log(2.0))
_OCTAVES_PER_DB = np.float32(-0.1 * math.log2(10.0))  # of power, for an attenuation
_MANTISSA_BITS = np.uint32(23)
# Adding this rounds to an integer, which is then in the lowest bits of the sum.
_ROUND = np.float32(1.5 * 2.0**23)
_E2, _E3, _E4, _E5, _E6, _E7 = (np.float32(1.0 / math.factorial(n)) for n in range(2, 8))


@jit
def peak_envelope(bits: Integers, boundaries: Integers, out: Integers) -> None:
    """Write to `out` the largest magnitude over channels between successive `boundaries`, all as bits.

    `bits` is (samples, channels), the samples' own bits as integers: without the sign they are ordered as the
    magnitudes are, and the maximum of integers is taken in SIMD lanes.
    """
    channels = bits.shape[1]
    without_sign = bits.dtype.type(np.iinfo(bits.dtype).max)
    values = bits.reshape(-1)
    for hop in range(out.size):
        part = values[boundaries[hop] * channels : boundaries[hop + 1] * channels]
        peak = bits.dtype.type(0)
        for i in range(part.size):
            peak = max(peak, part[i] & without_sign)
        out[hop] = peak


@jit_sums
def add_moments(audio: AnyFloat, sums: Floats, products: Floats) -> None:
    """Add the sum of each channel to `sums`, and of left squared, right squared and left times right to `products`."""
    samples, channels = audio.shape
    if channels == 2:
        left = right = left_left = right_right = left_right = 0.0
        for i in range(samples):
            a, b = float(audio[i, 0]), float(audio[i, 1])
            left += a
            right += b
            left_left += a * a
            right_right += b * b
            left_right += a * b
        sums[0] += left
        sums[1] += right
    else:
        second = 1 if channels > 1 else 0
        left_left = right_right = left_right = 0.0
        for i in range(samples):
            a, b = float(audio[i, 0]), float(audio[i, second])
            left_left += a * a
            right_right += b * b
            left_right += a * b
        for channel in range(channels):
            total = 0.0
            for i in range(samples):
                total += audio[i, channel]
            sums[channel] += total
    products[0] += left_left
    products[1] += right_right
    products[2] += left_right


@jit
def crest_sums(audio: AnyFloat, coefficient: float, state: npt.NDArray[np.float64]) -> None:
    """Run both detectors over `audio`; `state` holds the sums of peak² and RMS² so far, and both detectors."""
    samples, channels = audio.shape
    peak_sum, mean_sum, peak_square, mean_square = state
    c, d = coefficient, 1.0 - coefficient
    squares = np.empty(_TILE)
    for start in range(0, samples, _TILE):
        count = min(_TILE, samples - start)
        part = audio[start : start + count]
        if channels == 2:
            for i in range(count):
                largest = np.float64(max(abs(part[i, 0]), abs(part[i, 1])))
                squares[i] = largest * largest
        else:
            for i in range(count):
                largest = np.float64(0.0)
                for channel in range(channels):
                    largest = max(largest, np.float64(abs(part[i, channel])))
                squares[i] = largest * largest
        # Two samples in one step of the recursions: the time of a recursion is the latency of its steps.
        for i in range(0, count - 1, 2):
            first, second = squares[i], squares[i + 1]
            entering = c * d * first + d * second
            between = max(c * peak_square + d * first, first)
            peak_square = max(c * c * peak_square + entering, max(c * first + d * second, second))
            peak_sum += between + peak_square
            earlier = c * mean_square + d * first
            mean_square = c * c * mean_square + entering
            mean_sum += earlier + mean_square
        if count % 2:
            square = squares[count - 1]
            peak_square = max(c * peak_square + d * square, square)
            mean_square = c * mean_square + d * square
            peak_sum += peak_square
            mean_sum += mean_square
    state[0], state[1], state[2], state[3] = peak_sum, mean_sum, peak_square, mean_square


@jit_sums
def band_mean_squares(audio: AnyFloat, coefficients: Floats, size: int, state: Floats, out: Floats) -> None:
    """Filter the mean of the channels of `audio` into several bands at once; write each block's mean squares.

    `coefficients` is (2, 4, BANDS_AT_ONCE): two biquads a band, b1 b2 a1 a2 with a b0 of 1, direct form II
    transposed, whose `state`, (2, 2, BANDS_AT_ONCE), is carried on. `out` is (blocks, BANDS_AT_ONCE), for
    blocks of `size` samples. A recursion cannot be vectorised along time; the bands are filtered in SIMD
    lanes.
    """
    channels = audio.shape[1]
    scale = 1.0 / channels
    n = BANDS_AT_ONCE
    # All in one array, at constant offsets: the compiler then knows that its parts do not overlap.
    work = np.empty(13 * n)
    work[: 8 * n] = coefficients.reshape(-1)
    work[8 * n : 12 * n] = state.reshape(-1)
    mono = np.empty(size)
    for block in range(len(out)):
        part = audio[block * size : (block + 1) * size]
        for i in range(size):
            mono[i] = part[i, 0]
        for channel in range(1, channels):
            for i in range(size):
                mono[i] += part[i, channel]
        work[12 * n :] = 0.0
        for i in range(size):
            x = scale * mono[i]
            for j in range(n):
                y = x + work[8 * n + j]
                work[8 * n + j] = work[j] * x - work[2 * n + j] * y + work[9 * n + j]
                work[9 * n + j] = work[n + j] * x - work[3 * n + j] * y
                z = y + work[10 * n + j]
                work[10 * n + j] = work[4 * n + j] * y - work[6 * n + j] * z + work[11 * n + j]
                work[11 * n + j] = work[5 * n + j] * y - work[7 * n + j] * z
                work[12 * n + j] += z * z
        for j in range(n):
            magnitude = abs(work[8 * n + j]) + abs(work[9 * n + j])
            if magnitude + abs(work[10 * n + j]) + abs(work[11 * n + j]) < _INAUDIBLE:
                for k in range(8, 12):
                    work[k * n + j] = 0.0
            out[block, j] = work[12 * n + j] / size
    state[:] = work[8 * n : 12 * n].reshape(2, 2, n)


@jit
def compressed_energies(
    peak_db: Singles,
    weights: Singles,
    energies: Singles,
    grid: tuple[int, int],
    between_db: float,
    settings: Floats,
    state: Singles,
    out: Singles,
) -> None:
    """Write to `out`, (blocks, LANES), the energy of each block after several compressors at once.

    `grid` is the number of envelope hops in an energy hop, and of energy hops in a block; `energies` are those of the
    energy hops before compression. The detector is the smooth decoupled one; its input is each envelope hop's peak in
    the middle of the hop and a level `between_db` lower elsewhere. The power gain of an energy hop is the mean over its
    envelope hops, weighted by `weights`. `settings`, (5, LANES), holds threshold, slope and knee, and the poles of
    attack and release over half an envelope hop. The recursion cannot be vectorised along time; the compressors run in
    SIMD lanes, in single precision: gains are right to 1e-5. The power is taken as by the compressor's own kernel: whole
    octaves by the exponent's bits, the rest by the series of exp. `state`, (2, LANES), is the detectors', carried on.
    """
    knee_start_db, slope, knee = (
        np.empty(LANES, np.float32),
        np.empty(LANES, np.float32),
        np.empty(LANES, np.float32),
    )
    curvature, attack, release = (
        np.empty(LANES, np.float32),
        np.empty(LANES, np.float32),
        np.empty(LANES, np.float32),
    )
    held, smooth, total = (
        np.empty(LANES, np.float32),
        np.empty(LANES, np.float32),
        np.empty(LANES, np.float32),
    )
    power, octaves = np.empty(LANES, np.float32), np.empty(LANES, np.float32)
    bits, octave_bits = power.view(np.uint32), octaves.view(np.uint32)
    for j in range(LANES):
        held[j], smooth[j] = state[0, j], state[1, j]
        slope[j], knee[j] = settings[1, j], settings[2, j]
        attack[j], release[j] = settings[3, j], settings[4, j]
        knee_start_db[j] = settings[0, j] - 0.5 * settings[2, j]
        curvature[j] = 0.5 / settings[2, j] if settings[2, j] > 0.0 else 0.0
    between = np.float32(between_db)
    hops_per_energy, energies_per_block = grid
    out[:] = _ZERO
    for k in range(energies.size):
        total[:] = _ZERO
        weight = _ZERO
        for hop in range(k * hops_per_energy, min((k + 1) * hops_per_energy, peak_db.size)):
            level, hop_weight = peak_db[hop], weights[hop]
            weight += hop_weight
            for j in range(LANES):
                over = max(level - knee_start_db[j], _ZERO)
                bend = min(over, knee[j])
                peak_reduction = slope[j] * (curvature[j] * bend * bend + (over - bend))
                over = max(over - between, _ZERO)
                bend = min(over, knee[j])
                reduction = slope[j] * (curvature[j] * bend * bend + (over - bend))
                release_input = (_ONE - release[j]) * reduction
                middle = release[j] * held[j] + release_input
                first = _HALF * (held[j] + middle)
                middle = max(middle, peak_reduction)
                end = release[j] * middle + release_input
                second = _HALF * (middle + end)
                half = attack[j] * smooth[j] + (_ONE - attack[j]) * first
                last = attack[j] * half + (_ONE - attack[j]) * second
                octave = _OCTAVES_PER_DB * (_QUARTER * smooth[j] + _HALF * half + _QUARTER * last)
                held[j], smooth[j] = end, last
                rounded = octave + _ROUND
                octaves[j] = rounded
                x = (octave - (rounded - _ROUND)) * _LN2
                power[j] = _ONE + x * (
                    _ONE + x * (_E2 + x * (_E3 + x * (_E4 + x * (_E5 + x * (_E6 + x * _E7)))))
                )
            for j in range(LANES):
                bits[j] += octave_bits[j] << _MANTISSA_BITS
            for j in range(LANES):
                total[j] += hop_weight * power[j]
        block, gain = out[k // energies_per_block], energies[k] / weight
        for j in range(LANES):
            block[j] += gain * total[j]
    for j in range(LANES):
        state[0, j], state[1, j] = held[j], smooth[j]
