"""Compiled inner loops: filters, compressor, delay network, limiter.

Inputs are C-order; audio is (samples, channels), float32 or float64; everything else is float64.
State arrays are read and written, so that a long signal can be passed in pieces.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules._jit import jit

Array = npt.NDArray[np.floating[Any]]
Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

_DB_PER_OCTAVE = 20.0 * math.log10(2.0)
_SMALLEST = 1e-6  # -120 dBFS: what the detector calls silence
# Filter states below this (-600 dB) are zeroed between the segments of whole blocks, before they turn into
# denormals, which take ten times as long.
_INAUDIBLE = 1e-30
_STEPS, _LANES = 64, 32  # of a block of the filters: 16 kB of doubles
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


@jit
def biquad_cascade(audio: Array, coefficients: Floats, state: Floats, out: Array) -> None:
    """Run rows of b0 b1 b2 a1 a2 over every channel; state is (channels, rows, 2), direct form II transposed.

    A recursion cannot be vectorised along time, so each block of samples is cut into segments that run side
    by side from rest; as the filter is linear, what each segment's true initial state adds is put on top. What
    is left over at the end, less than a block, is run sample by sample. Working arrays are made inside: numba
    aligns them and LLVM sees that nothing else points to them.
    """
    samples, channels = audio.shape
    rows = len(coefficients)
    # What a state of (1, 0) and of (0, 1) sounds like without input, and where it ends.
    ringing = np.empty((rows, 2, _STEPS))
    ended = np.empty((rows, 2, 2))
    for row in range(rows):
        a1, a2 = coefficients[row, 3], coefficients[row, 4]
        for unit in range(2):
            s1, s2 = 1.0 - unit, 1.0 * unit
            for i in range(_STEPS):
                y = s1
                s1 = s2 - a1 * y
                s2 = -a2 * y
                ringing[row, unit, i] = y
            ended[row, unit, 0], ended[row, unit, 1] = s1, s2
    lines = np.empty(_STEPS * _LANES)
    first, second = np.empty(_LANES), np.empty(_LANES)
    begins_first, begins_second = np.empty(_LANES), np.empty(_LANES)
    whole = samples - samples % lines.size
    for start in range(0, whole, lines.size):
        for channel in range(channels):
            for lane in range(_LANES):
                part = audio[start + lane * _STEPS : start + (lane + 1) * _STEPS]
                for i in range(_STEPS):
                    lines[i * _LANES + lane] = part[i, channel]
            for row in range(rows):
                b0, b1, b2, a1, a2 = coefficients[row]
                first[:] = 0.0
                second[:] = 0.0
                for i in range(_STEPS):
                    line = lines[i * _LANES : (i + 1) * _LANES]
                    for lane in range(_LANES):
                        x = line[lane]
                        y = b0 * x + first[lane]
                        first[lane] = (b1 * x + second[lane]) - a1 * y
                        second[lane] = b2 * x - a2 * y
                        line[lane] = y
                s1, s2 = state[channel, row]
                m11, m21 = ended[row, 0]
                m12, m22 = ended[row, 1]
                for lane in range(_LANES):
                    if abs(s1) + abs(s2) < _INAUDIBLE:
                        s1 = s2 = 0.0
                    begins_first[lane], begins_second[lane] = s1, s2
                    s1, s2 = m11 * s1 + m12 * s2 + first[lane], m21 * s1 + m22 * s2 + second[lane]
                state[channel, row, 0], state[channel, row, 1] = s1, s2
                for i in range(_STEPS):
                    line = lines[i * _LANES : (i + 1) * _LANES]
                    h1, h2 = ringing[row, 0, i], ringing[row, 1, i]
                    for lane in range(_LANES):
                        line[lane] += h1 * begins_first[lane] + h2 * begins_second[lane]
            for lane in range(_LANES):
                result = out[start + lane * _STEPS : start + (lane + 1) * _STEPS]
                for i in range(_STEPS):
                    result[i, channel] = lines[i * _LANES + lane]
    for channel in range(channels):
        for i in range(whole, samples):
            x = float(audio[i, channel])
            for row in range(rows):
                b0, b1, b2, a1, a2 = coefficients[row]
                y = b0 * x + state[channel, row, 0]
                state[channel, row, 0] = (b1 * x + state[channel, row, 1]) - a1 * y
                state[channel, row, 1] = b2 * x - a2 * y
                x = y
            out[i, channel] = x


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
def gain_computer(
    audio: Array, threshold_db: float, slope: float, knee_db: float, scratch: Floats, out: Floats
) -> bool:
    """Write the attenuation in dB that the static curve asks for; return False if it is 0 throughout.

    Giannoulis et al. 2012, equation 4, at each sample's loudest channel. `scratch` is as long as
    `out`. The logarithm is taken in loops that compile to vector instructions: exponent and mantissa
    are split by their bits, and log2 of the mantissa, brought into 0.71 to 1.41, is the series of
    2 artanh to the 15th power, right to 1e-13.
    """
    samples, channels = audio.shape
    half = 0.5 * knee_db
    loudest = 0.0
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
def delay_network(
    lengths: Integers, gains: Floats, shelves: Floats, signs: Floats, block_samples: int, out: Floats
) -> None:
    """Write the impulse response of a feedback delay network with a Hadamard matrix.

    `shelves` is (lines, 2, 5): two biquads a line; `gains` and `signs` (input) are (lines,); `out` is
    (samples, 2): even lines are heard left, odd ones right. No line may be shorter than
    `block_samples`, so that a block never needs what it writes.
    """
    lines = len(lengths)
    starts = np.zeros(lines + 1, dtype=np.int64)
    for line in range(lines):
        starts[line + 1] = starts[line] + lengths[line]
    memory = np.zeros(starts[lines])
    positions = np.zeros(lines, dtype=np.int64)
    state = np.zeros((lines, 4))
    taps = np.zeros((lines, block_samples))
    scale = 1.0 / math.sqrt(lines)
    samples = len(out)
    for start in range(0, samples, block_samples):
        count = min(block_samples, samples - start)
        heard = out[start : start + count]
        heard[:] = 0.0
        for line in range(lines):
            ring = memory[starts[line] : starts[line + 1]]
            tap = taps[line]
            position = positions[line]
            length = lengths[line]
            gain = gains[line]
            b0, b1, b2, a1, a2 = shelves[line, 0]
            d0, d1, d2, c1, c2 = shelves[line, 1]
            s1, s2, t1, t2 = state[line]
            for i in range(count):
                x = gain * ring[position]
                position += 1
                if position == length:
                    position = 0
                y = b0 * x + s1
                s1 = (b1 * x + s2) - a1 * y
                s2 = b2 * x - a2 * y
                z = d0 * y + t1
                t1 = (d1 * y + t2) - c1 * z
                t2 = d2 * y - c2 * z
                tap[i] = z
            state[line, 0], state[line, 1], state[line, 2], state[line, 3] = s1, s2, t1, t2
            ear = line % 2
            for i in range(count):
                heard[i, ear] += tap[i]
        width = 1
        while width < lines:
            for first in range(0, lines, 2 * width):
                for line in range(first, first + width):
                    upper = taps[line]
                    lower = taps[line + width]
                    for i in range(count):
                        a = upper[i]
                        b = lower[i]
                        upper[i] = a + b
                        lower[i] = a - b
            width *= 2
        for line in range(lines):
            ring = memory[starts[line] : starts[line + 1]]
            tap = taps[line]
            position = positions[line]
            length = lengths[line]
            for i in range(count):
                ring[position] = scale * tap[i]
                position += 1
                if position == length:
                    position = 0
            positions[line] = position
            if start == 0:
                ring[0] += signs[line]  # the impulse


@jit
def add_scaled(total: Array, audio: Array, gain: np.floating[Any]) -> None:
    """Add `audio`, 1-D and no longer than `total`, times `gain` of the same type to `total`."""
    for i in range(audio.size):
        total[i] += audio[i] * gain
