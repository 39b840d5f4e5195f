"""Compiled loops of the compressor: all of it in single precision, the detector alone in double precision.

Audio is (samples, channels), C order. `state` is the detector's two numbers, read and written, so that a long signal can
be passed in blocks.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from mixrules._support.jit import jit
from mixrules._support.pointers import elements, float_bits, float_of_bits, larger, local, smaller, viewed

Singles = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]

_TILE = 2048  # samples that are compressed at once: their levels and gains stay in the cache

# Single precision throughout: numba makes a double of a single times a double.
_MANTISSA_BITS = np.uint32(23)
_MANTISSA = np.uint32((1 << 23) - 1)
# The bits of sqrt(1/2), and what shifts them onto those of 1.
_ROOT_HALF = np.uint32(0x3F3504F3)
_SHIFT = np.uint32(0x3F800000 - 0x3F3504F3)
_EXPONENT_ORIGIN = np.int32(127)
_WITHOUT_SIGN = np.int32(0x7FFFFFFF)
_INFINITY_BITS, _ZERO_BITS = np.int32(0x7F800000), np.int32(0)
_SMALLEST = np.float32(1e-6)  # -120 dBFS: the detector's silence
_DB_PER_OCTAVE = np.float32(20.0 * math.log10(2.0))
_OCTAVES_PER_DB = np.float32(1.0 / (20.0 * math.log10(2.0)))
_LN2 = np.float32(math.log(2.0))
# Adding this rounds to an integer, which is then in the lowest bits of the sum.
_ROUND = np.float32(1.5 * 2.0**23)
_ZERO, _ONE = np.float32(0.0), np.float32(1.0)
# 20 log10 of a mantissa m: odd powers of (m - 1) / (m + 1), the series of 2 artanh.
_A0, _A1, _A2, _A3, _A4 = (np.float32(40.0 / math.log(10.0) / n) for n in (1, 3, 5, 7, 9))
_E2, _E3, _E4, _E5, _E6, _E7 = (np.float32(1.0 / math.factorial(n)) for n in range(2, 8))


@jit
def compress_single(
    audio: Singles,
    detector: Singles,
    knee_start_bits: np.int32,
    curve: tuple[np.float32, ...],
    poles: tuple[float, float],
    makeup: tuple[np.float32, np.float32],
    state: Floats,
    out: Singles,
) -> None:
    """Compress `audio` by the level of `detector`; gains are right to 2e-6.

    `knee_start_bits` are those of the linear level at which the knee starts; `curve` is the same in dBFS, slope, knee and
    curvature within it, `poles` are those of attack and release, `makeup` is linear and in octaves. Giannoulis et al.
    2012, equations 4 and 17, at each sample's highest channel. Logarithm and power are taken in loops that compile to
    vector instructions: exponent and mantissa are split by their bits, and the rest is a series, cut where singles end.
    """
    samples, channels = audio.shape
    _, detector_channels = detector.shape
    knee_start_db, slope, knee, curvature = curve
    attack, release = poles
    makeup_gain, makeup_octaves = makeup
    reduction = local(_TILE, np.float32)
    peaks = viewed(reduction, np.int32)
    rise, fall = 1.0 - attack, 1.0 - release
    attack_2, release_2 = attack * attack, release * release
    attack_3, release_3 = attack_2 * attack, release_2 * release
    attack_4, release_4 = attack_2 * attack_2, release_2 * release_2
    held, smooth = state[0], state[1]
    for start in range(0, samples, _TILE):
        count = smaller(_TILE, samples - start)
        source, target = elements(audio, start * channels), elements(out, start * channels)
        # Levels: without the sign, the bits of singles are ordered as their magnitudes. A NaN has no level.
        level_bits = viewed(elements(detector, start * detector_channels), np.int32)
        if detector_channels == 2:  # the constant makes this loop three times as fast
            for i in range(count):
                left, right = level_bits[2 * i] & _WITHOUT_SIGN, level_bits[2 * i + 1] & _WITHOUT_SIGN
                left, right = (
                    left if left <= _INFINITY_BITS else _ZERO_BITS,
                    right if right <= _INFINITY_BITS else _ZERO_BITS,
                )
                peaks[i] = larger(left, right)
        else:
            for i in range(count):
                peaks[i] = _ZERO_BITS
            for channel in range(detector_channels):
                for i in range(count):
                    value = level_bits[i * detector_channels + channel] & _WITHOUT_SIGN
                    peaks[i] = larger(peaks[i], value if value <= _INFINITY_BITS else _ZERO_BITS)
        highest = _ZERO_BITS
        for i in range(count):
            highest = larger(highest, peaks[i])
        compresses = slope > _ZERO and highest > knee_start_bits
        if not compresses and held == 0.0 and smooth == 0.0:
            for i in range(count * channels):
                target[i] = source[i] * makeup_gain
            continue
        # The static curve: a parabola within the knee, a line above it; both begin at 0.
        for i in range(count):
            shifted = np.uint32(float_bits(larger(reduction[i], _SMALLEST)) + _SHIFT)
            mantissa = float_of_bits((shifted & _MANTISSA) + _ROOT_HALF)
            octaves = np.float32(np.int32(shifted >> _MANTISSA_BITS) - _EXPONENT_ORIGIN)
            s = (mantissa - _ONE) / (mantissa + _ONE)
            q = s * s
            series = _A0 + q * (_A1 + q * (_A2 + q * (_A3 + q * _A4)))
            over = (_DB_PER_OCTAVE * octaves - knee_start_db) + s * series
            bend = smaller(larger(over, _ZERO), knee)
            reduction[i] = slope * (curvature * bend * bend + larger(over - knee, _ZERO))
        # The detector, four samples in one step of the recursions, whose time is the latency of their steps: after n
        # samples it is max(m, release^n held + c), with m and c known without the detector before them.
        in_fours = count - count % 4
        for i in range(0, in_fours, 4):
            a0, a1 = np.float64(reduction[i]), np.float64(reduction[i + 1])
            a2, a3 = np.float64(reduction[i + 2]), np.float64(reduction[i + 3])
            c0 = fall * a0
            m1, c1 = larger(a1, release * a0 + fall * a1), release * c0 + fall * a1
            m2, c2 = larger(a2, release * m1 + fall * a2), release * c1 + fall * a2
            m3, c3 = larger(a3, release * m2 + fall * a3), release * c2 + fall * a3
            h0, h1 = larger(a0, release * held + c0), larger(m1, release_2 * held + c1)
            h2 = larger(m2, release_3 * held + c2)
            held = larger(m3, release_4 * held + c3)
            z0 = rise * h0
            z1 = attack * z0 + rise * h1
            z2 = attack * z1 + rise * h2
            z3 = attack * z2 + rise * held
            reduction[i] = np.float32(attack * smooth + z0)
            reduction[i + 1] = np.float32(attack_2 * smooth + z1)
            reduction[i + 2] = np.float32(attack_3 * smooth + z2)
            smooth = attack_4 * smooth + z3
            reduction[i + 3] = np.float32(smooth)
        for i in range(in_fours, count):
            level = np.float64(reduction[i])
            held = larger(level, release * held + fall * level)
            smooth = attack * smooth + rise * held
            reduction[i] = np.float32(smooth)
        if larger(held, smooth) < 1e-12:  # as in `smooth_decoupled`
            held, smooth = 0.0, 0.0
        # Gains: whole octaves go into the exponent's bits, the rest, at most half an octave, through the series of exp.
        for i in range(count):
            octaves = makeup_octaves - reduction[i] * _OCTAVES_PER_DB
            rounded = octaves + _ROUND
            x = (octaves - (rounded - _ROUND)) * _LN2
            rest = _ONE + x * (_ONE + x * (_E2 + x * (_E3 + x * (_E4 + x * (_E5 + x * (_E6 + x * _E7))))))
            reduction[i] = float_of_bits(float_bits(rest) + (float_bits(rounded) << _MANTISSA_BITS))
        if channels == 2:  # the constant makes this loop three times as fast
            for i in range(count):
                target[2 * i] = source[2 * i] * reduction[i]
                target[2 * i + 1] = source[2 * i + 1] * reduction[i]
        else:
            for channel in range(channels):
                for i in range(count):
                    target[i * channels + channel] = source[i * channels + channel] * reduction[i]
    state[0], state[1] = held, smooth


@jit
def smooth_decoupled(reduction: Floats, attack: float, release: float, state: Floats, out: Floats) -> None:
    """Smooth decoupled peak detector (Giannoulis et al. 2012, equation 17); `out` may be `reduction`."""
    source, target = elements(reduction, 0), elements(out, 0)
    held, smooth = state[0], state[1]
    for i in range(reduction.size):
        held = larger(source[i], release * held + (1.0 - release) * source[i])
        smooth = attack * smooth + (1.0 - attack) * held
        target[i] = smooth
    # A tail of 1e-12 dB is over: it would otherwise sink into denormal numbers, which are slow.
    if larger(held, smooth) < 1e-12:
        held, smooth = 0.0, 0.0
    state[0], state[1] = held, smooth
