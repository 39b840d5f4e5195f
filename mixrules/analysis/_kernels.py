"""Compiled loops: peak envelope, crest-factor detectors, band-passes, predicted compressors."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules._support.jit import jit, jit_sums
from mixrules._support.pointers import elements, float_bits, float_of_bits, larger, local, smaller

AnyFloat = npt.NDArray[np.floating[Any]]
Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]

LANES = 16
"""How many compressors are predicted at once, one in each SIMD lane."""

_DETECTORS = 2 * LANES
BANDS_AT_ONCE = 16
_BANDS_STATE = 5 * BANDS_AT_ONCE
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
def peak_envelope(bits: Integers, without_sign: np.integer[Any], boundaries: Integers, out: Integers) -> None:
    """Write to `out` the largest magnitude over channels between successive `boundaries`, all as bits.

    `bits` is (samples, channels), the samples' own bits as integers: `without_sign`, the largest integer of their type,
    they are ordered as the magnitudes are, and the maximum of integers is taken in SIMD lanes.
    """
    _, channels = bits.shape
    bounds, peaks = elements(boundaries, 0), elements(out, 0)
    for hop in range(out.size):
        values = elements(bits, bounds[hop] * channels)
        peak = bits.dtype.type(0)
        for i in range((bounds[hop + 1] - bounds[hop]) * channels):
            peak = larger(peak, values[i] & without_sign)
        peaks[hop] = peak


@jit_sums
def add_moments(audio: AnyFloat, moments: Floats) -> None:
    """Add the sums of left, of right, of left squared, right squared, and left times right to `moments`.

    The products have the precision of the samples, the sums are doubles.
    """
    values = elements(audio, 0)
    left = right = left_left = right_right = left_right = 0.0
    for i in range(len(audio)):
        a, b = values[2 * i], values[2 * i + 1]
        left += a
        right += b
        left_left += a * a
        right_right += b * b
        left_right += a * b
    m = elements(moments, 0)
    m[0] += left
    m[1] += right
    m[2] += left_left
    m[3] += right_right
    m[4] += left_right


@jit
def crest_sums(audio: AnyFloat, coefficient: float, state: Floats) -> None:
    """Run both detectors over `audio`; `state` holds the sums of peak² and RMS² so far, and both detectors."""
    samples, channels = audio.shape
    s = elements(state, 0)
    peak_sum, mean_sum, peak_square, mean_square = s[0], s[1], s[2], s[3]
    c, d = coefficient, 1.0 - coefficient
    squares = local(_TILE, np.float64)
    for start in range(0, samples, _TILE):
        count = smaller(_TILE, samples - start)
        values = elements(audio, start * channels)
        if channels == 2:  # the constant makes this loop several times as fast
            for i in range(count):
                largest = np.float64(larger(abs(values[2 * i]), abs(values[2 * i + 1])))
                squares[i] = largest * largest
        else:
            for i in range(count):
                squares[i] = 0.0
            for channel in range(channels):
                for i in range(count):
                    value = np.float64(values[i * channels + channel])
                    squares[i] = larger(squares[i], value * value)
        # Two samples in one step of the recursions: the time of a recursion is the latency of its steps.
        in_twos = count - count % 2
        for i in range(0, in_twos, 2):
            first, second = squares[i], squares[i + 1]
            entering = c * d * first + d * second
            between = larger(c * peak_square + d * first, first)
            peak_square = larger(c * c * peak_square + entering, larger(c * first + d * second, second))
            peak_sum += between + peak_square
            earlier = c * mean_square + d * first
            mean_square = c * c * mean_square + entering
            mean_sum += earlier + mean_square
        for i in range(in_twos, count):
            peak_square = larger(c * peak_square + d * squares[i], squares[i])
            mean_square = c * mean_square + d * squares[i]
            peak_sum += peak_square
            mean_sum += mean_square
    s[0], s[1], s[2], s[3] = peak_sum, mean_sum, peak_square, mean_square


@jit_sums
def band_mean_squares(
    audio: AnyFloat, coefficients: Floats, state: Floats, mono: Floats, out: Floats
) -> None:
    """Filter the mean of the channels of `audio` into several bands at once; write each block's mean squares.

    `coefficients` is (2, 4, BANDS_AT_ONCE): two biquads a band, b1 b2 a1 a2 with a b0 of 1, direct form II
    transposed, whose `state`, (2, 2, BANDS_AT_ONCE), is carried on. `out` is (blocks, BANDS_AT_ONCE); `mono` has room
    for the samples of a block. A recursion cannot be vectorised along time; the bands are filtered in SIMD lanes.
    """
    _, channels = audio.shape
    size = mono.size
    scale = 1.0 / channels
    sums, carried, c = elements(mono, 0), elements(state, 0), elements(coefficients, 0)
    # Two states of either biquad, then the sum of squares.
    s1 = local(_BANDS_STATE, np.float64)
    s2, t1, t2, energy = (
        *(elements(s1, BANDS_AT_ONCE), elements(s1, 2 * BANDS_AT_ONCE)),
        *(elements(s1, 3 * BANDS_AT_ONCE), elements(s1, 4 * BANDS_AT_ONCE)),
    )
    b1, b2, a1, a2 = (
        *(c, elements(c, BANDS_AT_ONCE)),
        *(elements(c, 2 * BANDS_AT_ONCE), elements(c, 3 * BANDS_AT_ONCE)),
    )
    d1, d2, c1, c2 = (
        *(elements(c, 4 * BANDS_AT_ONCE), elements(c, 5 * BANDS_AT_ONCE)),
        *(elements(c, 6 * BANDS_AT_ONCE), elements(c, 7 * BANDS_AT_ONCE)),
    )
    for j in range(4 * BANDS_AT_ONCE):
        s1[j] = carried[j]
    for block in range(len(out)):
        values, means = elements(audio, block * size * channels), elements(out, block * BANDS_AT_ONCE)
        for i in range(size):
            sums[i] = values[i * channels]
        for channel in range(1, channels):
            for i in range(size):
                sums[i] += values[i * channels + channel]
        for j in range(BANDS_AT_ONCE):
            energy[j] = 0.0
        for i in range(size):
            x = scale * sums[i]
            for j in range(BANDS_AT_ONCE):
                y = x + s1[j]
                s1[j] = b1[j] * x - a1[j] * y + s2[j]
                s2[j] = b2[j] * x - a2[j] * y
                z = y + t1[j]
                t1[j] = d1[j] * y - c1[j] * z + t2[j]
                t2[j] = d2[j] * y - c2[j] * z
                energy[j] += z * z
        for j in range(BANDS_AT_ONCE):
            if abs(s1[j]) + abs(s2[j]) + abs(t1[j]) + abs(t2[j]) < _INAUDIBLE:
                s1[j], s2[j], t1[j], t2[j] = 0.0, 0.0, 0.0, 0.0
            means[j] = energy[j] / size
    for j in range(4 * BANDS_AT_ONCE):
        carried[j] = s1[j]


@jit
def compressed_energies(
    peak_db: Singles,
    weights: Singles,
    energies: Singles,
    grid: tuple[int, int],
    between_db: np.float32,
    settings: Singles,
    state: Singles,
    out: Singles,
) -> None:
    """Add to `out`, (blocks, LANES), the energy of each block after several compressors at once.

    `grid` is the number of envelope hops in an energy hop, and of energy hops in a block; `energies` are those of the
    energy hops before compression. The detector is the smooth decoupled one; its input is each envelope hop's peak in
    the middle of the hop and a level `between_db` lower elsewhere. The power gain of an energy hop is the mean over its
    envelope hops, weighted by `weights`. `settings`, (6, LANES), holds the level at which the knee starts, slope, knee
    and curvature within it, and the poles of attack and release over half an envelope hop. The recursion cannot be
    vectorised along time; the compressors run in SIMD lanes, in single precision: gains are right to 1e-5. The power is
    taken as by the compressor's own kernel: whole octaves by the exponent's bits, the rest by the series of exp.
    `state`, (2, LANES), is the detectors', carried on.
    """
    hops_per_energy, energies_per_block = grid
    levels, hop_weights, before = elements(peak_db, 0), elements(weights, 0), elements(energies, 0)
    knee_start_db, slope, knee = (
        elements(settings, 0),
        elements(settings, LANES),
        elements(settings, 2 * LANES),
    )
    curvature, attack, release = (
        elements(settings, 3 * LANES),
        elements(settings, 4 * LANES),
        elements(settings, 5 * LANES),
    )
    carried = elements(state, 0)
    held, total = local(_DETECTORS, np.float32), local(LANES, np.float32)
    smooth = elements(held, LANES)
    for j in range(2 * LANES):
        held[j] = carried[j]
    for k in range(energies.size):
        for j in range(LANES):
            total[j] = _ZERO
        weight = _ZERO
        first_hop = k * hops_per_energy
        for hop in range(first_hop, smaller(first_hop + hops_per_energy, peak_db.size)):
            level, hop_weight = levels[hop], hop_weights[hop]
            weight += hop_weight
            for j in range(LANES):
                over = larger(level - knee_start_db[j], _ZERO)
                bend = smaller(over, knee[j])
                peak_reduction = slope[j] * (curvature[j] * bend * bend + (over - bend))
                over = larger(over - between_db, _ZERO)
                bend = smaller(over, knee[j])
                reduction = slope[j] * (curvature[j] * bend * bend + (over - bend))
                release_input = (_ONE - release[j]) * reduction
                middle = release[j] * held[j] + release_input
                first = _HALF * (held[j] + middle)
                middle = larger(middle, peak_reduction)
                end = release[j] * middle + release_input
                second = _HALF * (middle + end)
                half = attack[j] * smooth[j] + (_ONE - attack[j]) * first
                last = attack[j] * half + (_ONE - attack[j]) * second
                octave = _OCTAVES_PER_DB * (_QUARTER * smooth[j] + _HALF * half + _QUARTER * last)
                held[j], smooth[j] = end, last
                rounded = octave + _ROUND
                x = (octave - (rounded - _ROUND)) * _LN2
                rest = _ONE + x * (_ONE + x * (_E2 + x * (_E3 + x * (_E4 + x * (_E5 + x * (_E6 + x * _E7))))))
                power = float_of_bits(float_bits(rest) + (float_bits(rounded) << _MANTISSA_BITS))
                total[j] += hop_weight * power
        block, gain = elements(out, k // energies_per_block * LANES), before[k] / weight
        for j in range(LANES):
            block[j] += gain * total[j]
    for j in range(2 * LANES):
        carried[j] = held[j]
