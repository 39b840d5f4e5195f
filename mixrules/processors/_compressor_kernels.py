"""Compiled loops of the compressor, in double precision and, with twice the vector lanes, in single.

Inputs are C-order; audio is (samples, channels). State is the detector's two numbers, read and written, so that a
long signal can be passed in pieces.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules._support.jit import jit

Array = npt.NDArray[np.floating[Any]]
Singles = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]

_DB_PER_OCTAVE = 20.0 * math.log10(2.0)
_SMALLEST = 1e-6  # -120 dBFS: what the detector calls silence
_TILE = 2048  # samples that the compressor works on at once: its two lines of doubles stay near
_LN2 = math.log(2.0)
_TWO_OVER_LN2 = 2.0 / _LN2
# Of a double: the bits of its mantissa, those of sqrt(1/2), and what moves sqrt(1/2) onto 1.
_MANTISSA_BITS = np.uint64(52)
_MANTISSA = np.uint64((1 << 52) - 1)
_ROOT_HALF = np.uint64(0x3FE6A09E667F3BCD)
_SHIFT = np.uint64(0x3FF0000000000000 - 0x3FE6A09E667F3BCD)
# Or-ed with these bits an integer reads as 2^52 plus itself; exponents are stored plus 1023.
_INTEGER_BITS = np.uint64(0x4330000000000000)
_INTEGER_ORIGIN = 2.0**52 + 1023.0
# Adding this rounds to an integer, which the lowest bits of the sum then hold.
_ROUND = 1.5 * 2.0**52

# The same of a float, as singles throughout: numba would make a double of what meets one.
_S_MANTISSA_BITS = np.uint32(23)
_S_MANTISSA = np.uint32((1 << 23) - 1)
_S_ROOT_HALF = np.uint32(0x3F3504F3)
_S_SHIFT = np.uint32(0x3F800000 - 0x3F3504F3)
_S_EXPONENT_ORIGIN = np.int32(127)
_S_WITHOUT_SIGN = np.int32(0x7FFFFFFF)
_S_INFINITY, _S_NOTHING = np.int32(0x7F800000), np.int32(0)
_S_SMALLEST = np.float32(_SMALLEST)
_S_DB_PER_OCTAVE = np.float32(_DB_PER_OCTAVE)
_S_OCTAVES_PER_DB = np.float32(1.0 / _DB_PER_OCTAVE)
_S_LN2 = np.float32(_LN2)
_S_ROUND = np.float32(1.5 * 2.0**23)
_ZERO, _ONE = np.float32(0.0), np.float32(1.0)
# 20 log10 of a mantissa m: odd powers of (m - 1) / (m + 1), the series of 2 artanh.
_A0, _A1, _A2, _A3, _A4 = (np.float32(40.0 / math.log(10.0) / n) for n in (1, 3, 5, 7, 9))
_E2, _E3, _E4, _E5, _E6, _E7 = (np.float32(1.0 / math.factorial(n)) for n in range(2, 8))


@jit
def compress_stretch(
    audio: Array,
    detector: Array,
    curve: tuple[float, float, float],
    poles: tuple[float, float],
    makeup_db: float,
    state: Floats,
    out: Array,
) -> None:
    """Compress `audio` by the level of `detector`; `curve` is threshold, slope and knee, `poles` attack and release.

    `state` is the detector's two numbers, carried on.
    """
    samples, channels = audio.shape
    reduction, scratch = np.empty(_TILE), np.empty(_TILE)
    makeup = 10.0 ** (makeup_db / 20.0)
    for start in range(0, samples, _TILE):
        stop = min(start + _TILE, samples)
        part, result = audio[start:stop], out[start:stop]
        asked, spare = reduction[: stop - start], scratch[: stop - start]
        acts = gain_computer(detector[start:stop], curve[0], curve[1], curve[2], spare, asked)
        if acts or state[0] != 0.0 or state[1] != 0.0:
            smooth_decoupled(asked, poles[0], poles[1], state, asked)
            apply_reduction(part, asked, makeup_db, spare, result)
        else:
            for i in range(stop - start):
                for channel in range(channels):
                    result[i, channel] = part[i, channel] * makeup


@jit
def peak_levels(audio: Array, out: Array) -> np.floating[Any]:
    """Write each sample's largest magnitude over channels to `out`, and return the largest of all."""
    samples, channels = audio.shape
    loudest = audio.dtype.type(0.0)
    if channels == 2:
        for i in range(samples):
            peak = max(abs(audio[i, 0]), abs(audio[i, 1]))
            out[i] = peak
            loudest = max(loudest, peak)
    else:
        for i in range(samples):
            peak = abs(audio[i, 0])
            for channel in range(1, channels):
                peak = max(peak, abs(audio[i, channel]))
            out[i] = peak
            loudest = max(loudest, peak)
    return loudest


@jit
def gain_computer(
    audio: Array, threshold_db: float, slope: float, knee_db: float, scratch: Floats, out: Floats
) -> bool:
    """Write the attenuation in dB that the static curve asks for; return False if it is 0 throughout.

    Giannoulis et al. 2012, equation 4, at each sample's loudest channel. `scratch` is as long as
    `out`. The logarithm is taken in loops that compile to vector instructions: exponent and mantissa
    are split by their bits, and log2 of the mantissa, brought into 0.71 to 1.41, is the series of
    2 artanh to the 15th power, right to 1e-13.
    """
    samples = len(audio)
    half = 0.5 * knee_db
    loudest = peak_levels(audio, out)
    if slope == 0.0 or loudest <= 10.0 ** ((threshold_db - half) / 20.0):
        out[:] = 0.0
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


@jit
def smooth_decoupled(reduction: Floats, attack: float, release: float, state: Floats, out: Floats) -> None:
    """Smooth decoupled peak detector (Giannoulis et al. 2012, equation 17); `out` may be `reduction`."""
    held, smooth = state[0], state[1]
    rise = 1.0 - attack
    fall = 1.0 - release
    for i in range(len(reduction)):
        asked = reduction[i]
        held = max(asked, release * held + fall * asked)
        smooth = attack * smooth + rise * held
        out[i] = smooth
    # A tail of 1e-12 dB is over: it would otherwise sink into denormal numbers, which are slow.
    if max(held, smooth) < 1e-12:
        held, smooth = 0.0, 0.0
    state[0], state[1] = held, smooth


@jit
def apply_reduction(audio: Array, reduction: Floats, makeup_db: float, scratch: Floats, out: Array) -> None:
    """Turn every channel down by `reduction` dB and up by `makeup_db`.

    `scratch` is as long as `reduction`, which is overwritten. As in `gain_computer` the power is
    taken in vector loops: the whole octaves go into the exponent's bits, and the rest, at most half
    an octave, through the series of exp to the 11th power, right to 1e-14.
    """
    samples, channels = audio.shape
    for i in range(samples):
        octaves = (makeup_db - reduction[i]) / _DB_PER_OCTAVE
        whole = octaves + _ROUND
        scratch[i] = whole
        x = (octaves - (whole - _ROUND)) * _LN2
        tail = 1 / 720 + x * (
            1 / 5040 + x * (1 / 40320 + x * (1 / 362880 + x * (1 / 3628800 + x / 39916800)))
        )
        reduction[i] = 1.0 + x * (1.0 + x * (1 / 2 + x * (1 / 6 + x * (1 / 24 + x * (1 / 120 + x * tail)))))
    bits = reduction.view(np.uint64)
    wholes = scratch.view(np.uint64)
    for i in range(samples):
        bits[i] += wholes[i] << _MANTISSA_BITS
    if channels == 2:
        for i in range(samples):
            out[i, 0] = audio[i, 0] * reduction[i]
            out[i, 1] = audio[i, 1] * reduction[i]
    else:
        for i in range(samples):
            for channel in range(channels):
                out[i, channel] = audio[i, channel] * reduction[i]


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
    """Do what `compress_stretch` does, in single precision but for the detector; gains are right to 2e-6.

    The loops are those of `gain_computer` and `apply_reduction`, their series cut where singles end.
    """
    samples, channels = audio.shape
    threshold, slope, knee = np.float32(curve[0]), np.float32(curve[1]), np.float32(curve[2])
    half = np.float32(0.5) * knee
    curvature = np.float32(0.5 / curve[2]) if curve[2] > 0.0 else _ZERO
    bottom = threshold - half
    quiet = np.float32(10.0 ** ((curve[0] - 0.5 * curve[2]) / 20.0))
    makeup_octaves = np.float32(makeup_db) * _S_OCTAVES_PER_DB
    makeup = np.float32(10.0 ** (makeup_db / 20.0))
    attack, release = poles
    rise, fall = 1.0 - attack, 1.0 - release
    attack_2, release_2 = attack * attack, release * release
    attack_3, release_3 = attack_2 * attack, release_2 * release
    attack_4, release_4 = attack_2 * attack_2, release_2 * release_2
    held, smooth = state[0], state[1]
    level = np.empty(_TILE, np.float32)
    bits = level.view(np.uint32)
    octaves = np.empty(_TILE, np.int32)
    for start in range(0, samples, _TILE):
        count = min(_TILE, samples - start)
        part, result = audio[start : start + count].reshape(-1), out[start : start + count].reshape(-1)
        loudest = _peaks_of_singles(detector[start : start + count], level)
        if slope == _ZERO or loudest <= quiet:
            if held == 0.0 and smooth == 0.0:
                for i in range(part.size):
                    result[i] = part[i] * makeup
                continue
            level[:count] = _ZERO
        else:
            for i in range(count):
                level[i] = max(level[i], _S_SMALLEST)
            for i in range(count):
                shifted = bits[i] + _S_SHIFT
                octaves[i] = np.int32(shifted >> _S_MANTISSA_BITS) - _S_EXPONENT_ORIGIN
                bits[i] = (shifted & _S_MANTISSA) + _S_ROOT_HALF
            for i in range(count):
                # np.divide has no check for zero, which would keep the loop from being vectorised
                s = np.divide(level[i] - _ONE, level[i] + _ONE)
                q = s * s
                series = _A0 + q * (_A1 + q * (_A2 + q * (_A3 + q * _A4)))
                over = (_S_DB_PER_OCTAVE * np.float32(octaves[i]) - bottom) + s * series
                bend = min(max(over, _ZERO), knee)
                level[i] = slope * (curvature * bend * bend + max(over - knee, _ZERO))
        # Four samples in one step of the recursions: what they take is how long one step waits for the last.
        # Where the detector is after n of them is max(m, release^n held + c), m and c known without it.
        whole = count - count % 4
        for i in range(0, whole, 4):
            a0, a1, a2, a3 = (
                np.float64(level[i]),
                np.float64(level[i + 1]),
                np.float64(level[i + 2]),
                np.float64(level[i + 3]),
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
            level[i] = np.float32(attack * smooth + z0)
            level[i + 1] = np.float32(attack_2 * smooth + z1)
            level[i + 2] = np.float32(attack_3 * smooth + z2)
            smooth = attack_4 * smooth + z3
            level[i + 3] = np.float32(smooth)
        for i in range(whole, count):
            asked = np.float64(level[i])
            held = max(asked, release * held + fall * asked)
            smooth = attack * smooth + rise * held
            level[i] = np.float32(smooth)
        # A tail of 1e-12 dB is over: it would otherwise sink into denormal numbers, which are slow.
        if max(held, smooth) < 1e-12:
            held, smooth = 0.0, 0.0
        for i in range(count):
            octave = makeup_octaves - level[i] * _S_OCTAVES_PER_DB
            rounded = octave + _S_ROUND
            x = (octave - (rounded - _S_ROUND)) * _S_LN2
            level[i] = rounded
            octaves[i] = np.int32(bits[i] << _S_MANTISSA_BITS)
            level[i] = _ONE + x * (_ONE + x * (_E2 + x * (_E3 + x * (_E4 + x * (_E5 + x * (_E6 + x * _E7))))))
        for i in range(count):
            bits[i] += np.uint32(octaves[i])
        if channels == 2:
            for i in range(count):
                result[2 * i] = part[2 * i] * level[i]
                result[2 * i + 1] = part[2 * i + 1] * level[i]
        else:
            for i in range(count):
                for channel in range(channels):
                    result[i * channels + channel] = part[i * channels + channel] * level[i]
    state[0], state[1] = held, smooth


@jit
def _peaks_of_singles(audio: Singles, out: Singles) -> np.floating[Any]:
    """Do as `peak_levels`: without the sign the bits of singles are ordered as their magnitudes, in vector lanes.

    A NaN, whose bits are larger still, has no level.
    """
    samples, channels = audio.shape
    bits, found = audio.reshape(-1).view(np.int32), out.view(np.int32)
    if channels == 2:
        for i in range(samples):
            left, right = bits[2 * i] & _S_WITHOUT_SIGN, bits[2 * i + 1] & _S_WITHOUT_SIGN
            left, right = (
                left if left <= _S_INFINITY else _S_NOTHING,
                right if right <= _S_INFINITY else _S_NOTHING,
            )
            found[i] = max(left, right)
    else:
        for i in range(samples):
            peak = np.int32(0)
            for channel in range(channels):
                value = bits[i * channels + channel] & _S_WITHOUT_SIGN
                peak = max(peak, value if value <= _S_INFINITY else _S_NOTHING)
            found[i] = peak
    most = np.int32(0)
    for i in range(samples):
        most = max(most, found[i])
    loudest: np.floating[Any] = np.full(1, most).view(np.float32)[0]
    return loudest
