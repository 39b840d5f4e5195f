"""Compiled loops of the compressor, in double precision and, with twice the SIMD lanes, in single.

One loop, compiled twice: `_compress` runs the gain computer, the detector and the gain stage of one precision over
short tiles of the audio. What differs are those three steps: the length of their series and how they split a
number into exponent and mantissa.

Inputs are C-order; audio is (samples, channels). `state` is the detector's two numbers, read and written, so that a
long signal can be passed in blocks.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules._support.jit import jit, jit_inside, jit_template

Array = npt.NDArray[np.floating[Any]]
Singles = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]

_DB_PER_OCTAVE = 20.0 * math.log10(2.0)
_SMALLEST = 1e-6  # -120 dBFS: the detector's silence
_TILE = 2048  # samples that are compressed at once: two arrays of doubles stay in the cache
_LN2 = math.log(2.0)
_TWO_OVER_LN2 = 2.0 / _LN2
# Of a double: the bits of its mantissa, those of sqrt(1/2), and what shifts sqrt(1/2) onto 1.
_MANTISSA_BITS = np.uint64(52)
_MANTISSA = np.uint64((1 << 52) - 1)
_ROOT_HALF = np.uint64(0x3FE6A09E667F3BCD)
_SHIFT = np.uint64(0x3FF0000000000000 - 0x3FE6A09E667F3BCD)
# Or-ed with these bits an integer reads as 2^52 plus itself; exponents are stored plus 1023.
_INTEGER_BITS = np.uint64(0x4330000000000000)
_INTEGER_ORIGIN = 2.0**52 + 1023.0
# Adding this rounds to an integer, which is then in the lowest bits of the sum.
_ROUND = 1.5 * 2.0**52

# The same in single precision throughout: numba makes a double of a single times a double.
_F32_MANTISSA_BITS = np.uint32(23)
_F32_MANTISSA = np.uint32((1 << 23) - 1)
_F32_ROOT_HALF = np.uint32(0x3F3504F3)
_F32_SHIFT = np.uint32(0x3F800000 - 0x3F3504F3)
_F32_EXPONENT_ORIGIN = np.int32(127)
_F32_WITHOUT_SIGN = np.int32(0x7FFFFFFF)
_F32_INFINITY_BITS, _F32_ZERO_BITS = np.int32(0x7F800000), np.int32(0)
_F32_SMALLEST = np.float32(_SMALLEST)
_F32_DB_PER_OCTAVE = np.float32(_DB_PER_OCTAVE)
_F32_OCTAVES_PER_DB = np.float32(1.0 / _DB_PER_OCTAVE)
_F32_LN2 = np.float32(_LN2)
_F32_ROUND = np.float32(1.5 * 2.0**23)
_ZERO, _ONE = np.float32(0.0), np.float32(1.0)
# 20 log10 of a mantissa m: odd powers of (m - 1) / (m + 1), the series of 2 artanh.
_A0, _A1, _A2, _A3, _A4 = (np.float32(40.0 / math.log(10.0) / n) for n in (1, 3, 5, 7, 9))
_E2, _E3, _E4, _E5, _E6, _E7 = (np.float32(1.0 / math.factorial(n)) for n in range(2, 8))


@jit
def compress_double(
    audio: Array,
    detector: Array,
    curve: tuple[float, float, float],
    poles: tuple[float, float],
    makeup_db: float,
    state: Floats,
    out: Array,
) -> None:
    """Compress `audio` by the level of `detector`; `curve` is threshold, slope and knee, `poles` attack and release."""
    _compress(audio, detector, curve, poles, makeup_db, state, out, False)


@jit
def compress_single(
    audio: Singles,
    detector: Singles,
    curve: tuple[float, float, float],
    poles: tuple[float, float],
    makeup_db: float,
    state: Floats,
    out: Singles,
) -> None:
    """Do as `compress_double` in single precision but for the detector; gains are right to 2e-6."""
    _compress(audio, detector, curve, poles, makeup_db, state, out, True)


@jit_template
def _compress(
    audio: Array,
    detector: Array,
    curve: tuple[float, float, float],
    poles: tuple[float, float],
    makeup_db: float,
    state: Floats,
    out: Array,
    single: bool,
) -> None:
    """Compress tile by tile; `single` is a constant, and the steps of the other precision are not compiled."""
    samples, channels = audio.shape
    threshold_db, slope, knee_db = curve
    attack, release = poles
    if single:
        reduction_tile: Any = np.empty(_TILE, np.float32)
        scratch_tile: Any = np.empty(_TILE, np.float32)
    else:
        reduction_tile, scratch_tile = np.empty(_TILE), np.empty(_TILE)
    makeup = reduction_tile.dtype.type(10.0 ** (makeup_db / 20.0))
    knee_start = np.float32(10.0 ** ((threshold_db - 0.5 * knee_db) / 20.0))
    for start in range(0, samples, _TILE):
        count = min(_TILE, samples - start)
        part, result = audio[start : start + count].reshape(-1), out[start : start + count].reshape(-1)
        levels = detector[start : start + count]
        if single:
            compresses = _gain_computer_single(levels, curve, knee_start, scratch_tile, reduction_tile)
        else:
            compresses = gain_computer(levels, threshold_db, slope, knee_db, scratch_tile, reduction_tile)
        if not compresses and state[0] == 0.0 and state[1] == 0.0:
            for i in range(part.size):
                result[i] = part[i] * makeup
            continue
        reduction, scratch = reduction_tile[:count], scratch_tile[:count]
        if not compresses:
            reduction[:] = 0.0
        if single:
            _smooth_decoupled_single(reduction, attack, release, state)
            _gains_single(reduction, makeup_db, scratch)
        else:
            smooth_decoupled(reduction, attack, release, state, reduction)
            _gains(reduction, makeup_db, scratch)
        if channels == 2:
            for i in range(count):
                result[2 * i] = part[2 * i] * reduction[i]
                result[2 * i + 1] = part[2 * i + 1] * reduction[i]
        else:
            for i in range(count):
                for channel in range(channels):
                    result[i * channels + channel] = part[i * channels + channel] * reduction[i]


@jit
def peak_levels(audio: Array, out: Array) -> np.floating[Any]:
    """Write each sample's largest magnitude over channels to `out`, and return the largest of all."""
    samples, channels = audio.shape
    highest = audio.dtype.type(0.0)
    if channels == 2:
        for i in range(samples):
            peak = max(abs(audio[i, 0]), abs(audio[i, 1]))
            out[i] = peak
            highest = max(highest, peak)
    else:
        for i in range(samples):
            peak = abs(audio[i, 0])
            for channel in range(1, channels):
                peak = max(peak, abs(audio[i, channel]))
            out[i] = peak
            highest = max(highest, peak)
    return highest


@jit
def _peak_levels_single(audio: Singles, out: Singles) -> np.floating[Any]:
    """Do as `peak_levels`: without the sign the bits of singles are ordered as their magnitudes, in SIMD lanes.

    A NaN, whose bits are larger still, has no level.
    """
    samples, channels = audio.shape
    bits, peaks = audio.reshape(-1).view(np.int32), out.view(np.int32)
    if channels == 2:
        for i in range(samples):
            left, right = bits[2 * i] & _F32_WITHOUT_SIGN, bits[2 * i + 1] & _F32_WITHOUT_SIGN
            left, right = (
                left if left <= _F32_INFINITY_BITS else _F32_ZERO_BITS,
                right if right <= _F32_INFINITY_BITS else _F32_ZERO_BITS,
            )
            peaks[i] = max(left, right)
    else:
        for i in range(samples):
            peak = np.int32(0)
            for channel in range(channels):
                value = bits[i * channels + channel] & _F32_WITHOUT_SIGN
                peak = max(peak, value if value <= _F32_INFINITY_BITS else _F32_ZERO_BITS)
            peaks[i] = peak
    highest_bits = np.int32(0)
    for i in range(samples):
        highest_bits = max(highest_bits, peaks[i])
    result = np.empty(1, np.int32)
    result[0] = highest_bits
    highest: np.floating[Any] = result.view(np.float32)[0]
    return highest


@jit
def gain_computer(
    audio: Array, threshold_db: float, slope: float, knee_db: float, scratch: Floats, out: Floats
) -> bool:
    """Write the gain reduction in dB of the static curve; return False if it is 0 throughout.

    Giannoulis et al. 2012, equation 4, at each sample's highest channel. `out` and `scratch` are at
    least as long as `audio`. The logarithm is taken in loops that compile to vector instructions: exponent and mantissa
    are split by their bits, and log2 of the mantissa, brought into 0.71 to 1.41, is the series of 2 artanh to the 15th
    power, right to 1e-13.
    """
    samples = len(audio)
    half = 0.5 * knee_db
    highest = peak_levels(audio, out)
    if slope == 0.0 or highest <= 10.0 ** ((threshold_db - half) / 20.0):
        out[:samples] = 0.0
        return False
    for i in range(samples):
        out[i] = max(out[i], _SMALLEST)
    bits = out.view(np.uint64)
    octaves = scratch.view(np.uint64)
    for i in range(samples):
        shifted = bits[i] + _SHIFT
        octaves[i] = (shifted >> _MANTISSA_BITS) | _INTEGER_BITS
        bits[i] = (shifted & _MANTISSA) + _ROOT_HALF
    # A parabola within the knee, a line above it; both begin at 0.
    curvature = 0.5 / knee_db if knee_db > 0.0 else 0.0
    for i in range(samples):
        mantissa = out[i]
        # np.divide has no check for zero, which would keep the loop from being vectorised
        s = np.divide(mantissa - 1.0, mantissa + 1.0)
        q = s * s
        series = 1 / 9 + q * (1 / 11 + q * (1 / 13 + q * (1 / 15)))
        series = 1.0 + q * (1 / 3 + q * (1 / 5 + q * (1 / 7 + q * series)))
        level = _DB_PER_OCTAVE * ((scratch[i] - _INTEGER_ORIGIN) + _TWO_OVER_LN2 * s * series)
        over = level - threshold_db + half
        bend = min(max(over, 0.0), knee_db)
        out[i] = slope * (curvature * bend * bend + max(over - knee_db, 0.0))
    return True


@jit_inside
def _gain_computer_single(
    audio: Singles, curve: tuple[float, float, float], knee_start: np.float32, scratch: Singles, out: Singles
) -> bool:
    """Do as `gain_computer`, the series cut where singles end; where it returns False it does not write to `out`.

    `knee_start` is the linear level at which the knee starts.
    """
    samples = len(audio)
    threshold, slope, knee = np.float32(curve[0]), np.float32(curve[1]), np.float32(curve[2])
    highest = _peak_levels_single(audio, out)
    if slope == _ZERO or highest <= knee_start:
        return False
    bits, octaves = out.view(np.uint32), scratch.view(np.int32)
    curvature = np.float32(0.5 / curve[2]) if curve[2] > 0.0 else _ZERO
    knee_start_db = threshold - np.float32(0.5) * knee
    for i in range(samples):
        out[i] = max(out[i], _F32_SMALLEST)
    for i in range(samples):
        shifted = bits[i] + _F32_SHIFT
        octaves[i] = np.int32(shifted >> _F32_MANTISSA_BITS) - _F32_EXPONENT_ORIGIN
        bits[i] = (shifted & _F32_MANTISSA) + _F32_ROOT_HALF
    for i in range(samples):
        # np.divide has no check for zero, which would keep the loop from being vectorised
        s = np.divide(out[i] - _ONE, out[i] + _ONE)
        q = s * s
        series = _A0 + q * (_A1 + q * (_A2 + q * (_A3 + q * _A4)))
        over = (_F32_DB_PER_OCTAVE * np.float32(octaves[i]) - knee_start_db) + s * series
        bend = min(max(over, _ZERO), knee)
        out[i] = slope * (curvature * bend * bend + max(over - knee, _ZERO))
    return True


@jit
def smooth_decoupled(reduction: Floats, attack: float, release: float, state: Floats, out: Floats) -> None:
    """Smooth decoupled peak detector (Giannoulis et al. 2012, equation 17); `out` may be `reduction`."""
    held, smooth = state[0], state[1]
    rise = 1.0 - attack
    fall = 1.0 - release
    for i in range(len(reduction)):
        target = reduction[i]
        held = max(target, release * held + fall * target)
        smooth = attack * smooth + rise * held
        out[i] = smooth
    # A tail of 1e-12 dB is over: it would otherwise sink into denormal numbers, which are slow.
    if max(held, smooth) < 1e-12:
        held, smooth = 0.0, 0.0
    state[0], state[1] = held, smooth


@jit_inside
def _smooth_decoupled_single(reduction: Singles, attack: float, release: float, state: Floats) -> None:
    """Do as `smooth_decoupled` in place, four samples in one step of the recursions.

    The time of a recursion is the latency of its steps. The detector after n samples is max(m, release^n held + c),
    with m and c known without the detector before them.
    """
    rise, fall = 1.0 - attack, 1.0 - release
    attack_2, release_2 = attack * attack, release * release
    attack_3, release_3 = attack_2 * attack, release_2 * release
    attack_4, release_4 = attack_2 * attack_2, release_2 * release_2
    held, smooth = state[0], state[1]
    in_fours = len(reduction) - len(reduction) % 4
    for i in range(0, in_fours, 4):
        a0, a1, a2, a3 = (
            np.float64(reduction[i]),
            np.float64(reduction[i + 1]),
            np.float64(reduction[i + 2]),
            np.float64(reduction[i + 3]),
        )
        c0 = fall * a0
        m1, c1 = max(a1, release * a0 + fall * a1), release * c0 + fall * a1
        m2, c2 = max(a2, release * m1 + fall * a2), release * c1 + fall * a2
        m3, c3 = max(a3, release * m2 + fall * a3), release * c2 + fall * a3
        h0, h1 = max(a0, release * held + c0), max(m1, release_2 * held + c1)
        h2 = max(m2, release_3 * held + c2)
        held = max(m3, release_4 * held + c3)
        z0 = rise * h0
        z1 = attack * z0 + rise * h1
        z2 = attack * z1 + rise * h2
        z3 = attack * z2 + rise * held
        reduction[i] = np.float32(attack * smooth + z0)
        reduction[i + 1] = np.float32(attack_2 * smooth + z1)
        reduction[i + 2] = np.float32(attack_3 * smooth + z2)
        smooth = attack_4 * smooth + z3
        reduction[i + 3] = np.float32(smooth)
    for i in range(in_fours, len(reduction)):
        target = np.float64(reduction[i])
        held = max(target, release * held + fall * target)
        smooth = attack * smooth + rise * held
        reduction[i] = np.float32(smooth)
    if max(held, smooth) < 1e-12:  # as in `smooth_decoupled`
        held, smooth = 0.0, 0.0
    state[0], state[1] = held, smooth


@jit
def _gains(reduction: Floats, makeup_db: float, scratch: Floats) -> None:
    """Turn `reduction` in dB, with `makeup_db`, into linear gains, in place; `scratch` is as long.

    As in `gain_computer` the power is taken in vector loops: whole octaves go into the exponent's bits, and the
    rest, at most half an octave, through the series of exp to the 11th power, right to 1e-14.
    """
    for i in range(len(reduction)):
        octaves = (makeup_db - reduction[i]) / _DB_PER_OCTAVE
        rounded = octaves + _ROUND
        scratch[i] = rounded
        x = (octaves - (rounded - _ROUND)) * _LN2
        tail = 1 / 720 + x * (
            1 / 5040 + x * (1 / 40320 + x * (1 / 362880 + x * (1 / 3628800 + x / 39916800)))
        )
        reduction[i] = 1.0 + x * (1.0 + x * (1 / 2 + x * (1 / 6 + x * (1 / 24 + x * (1 / 120 + x * tail)))))
    bits, rounded_bits = reduction.view(np.uint64), scratch.view(np.uint64)
    for i in range(len(reduction)):
        bits[i] += rounded_bits[i] << _MANTISSA_BITS


@jit_inside
def _gains_single(reduction: Singles, makeup_db: float, scratch: Singles) -> None:
    """Do as `_gains`, the series cut where singles end."""
    bits, octave_bits = reduction.view(np.uint32), scratch.view(np.int32)
    makeup_octaves = np.float32(makeup_db) * _F32_OCTAVES_PER_DB
    for i in range(len(reduction)):
        octaves = makeup_octaves - reduction[i] * _F32_OCTAVES_PER_DB
        rounded = octaves + _F32_ROUND
        x = (octaves - (rounded - _F32_ROUND)) * _F32_LN2
        reduction[i] = rounded
        octave_bits[i] = np.int32(bits[i] << _F32_MANTISSA_BITS)
        reduction[i] = _ONE + x * (_ONE + x * (_E2 + x * (_E3 + x * (_E4 + x * (_E5 + x * (_E6 + x * _E7))))))
    for i in range(len(reduction)):
        bits[i] += np.uint32(octave_bits[i])
