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


@jit
def biquad_cascade(audio: Array, coefficients: Floats, state: Floats, scratch: Floats, out: Array) -> None:
    """Run rows of b0 b1 b2 a1 a2 over every channel; state is (channels, rows, 2), direct form II transposed.

    Two rows are run in one loop: their recursions overlap in the processor.
    """
    samples, channels = audio.shape
    rows = len(coefficients)
    for start in range(0, samples, len(scratch)):
        count = min(len(scratch), samples - start)
        block = audio[start : start + count]
        result = out[start : start + count]
        for channel in range(channels):
            for i in range(count):
                scratch[i] = block[i, channel]
            row = 0
            while row + 1 < rows:
                b0, b1, b2, a1, a2 = coefficients[row]
                d0, d1, d2, c1, c2 = coefficients[row + 1]
                s1, s2 = state[channel, row]
                t1, t2 = state[channel, row + 1]
                for i in range(count):
                    x = scratch[i]
                    y = b0 * x + s1
                    s1 = (b1 * x + s2) - a1 * y
                    s2 = b2 * x - a2 * y
                    z = d0 * y + t1
                    t1 = (d1 * y + t2) - c1 * z
                    t2 = d2 * y - c2 * z
                    scratch[i] = z
                state[channel, row, 0], state[channel, row, 1] = s1, s2
                state[channel, row + 1, 0], state[channel, row + 1, 1] = t1, t2
                row += 2
            if row < rows:
                b0, b1, b2, a1, a2 = coefficients[row]
                s1, s2 = state[channel, row]
                for i in range(count):
                    x = scratch[i]
                    y = b0 * x + s1
                    s1 = (b1 * x + s2) - a1 * y
                    s2 = b2 * x - a2 * y
                    scratch[i] = y
                state[channel, row, 0], state[channel, row, 1] = s1, s2
            for i in range(count):
                result[i, channel] = scratch[i]


@jit
def gain_computer(audio: Array, threshold_db: float, slope: float, knee_db: float, out: Floats) -> None:
    """Write the attenuation in dB that the static curve asks for at each sample's loudest channel."""
    samples, channels = audio.shape
    half = 0.5 * knee_db
    floor = 10.0 ** ((threshold_db - half) / 20.0)
    for i in range(samples):
        peak = 0.0
        for channel in range(channels):
            peak = max(peak, abs(audio[i, channel]))
        reduction = 0.0
        if peak > floor:
            over = 20.0 * math.log10(max(peak, _SMALLEST)) - threshold_db
            if over >= half:
                reduction = slope * over
            elif over > -half:
                reduction = slope * (over + half) ** 2 / (2.0 * knee_db)
        out[i] = reduction


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
    state[0], state[1] = held, smooth


@jit
def apply_reduction(audio: Array, reduction: Floats, makeup_db: float, out: Array) -> None:
    """Turn every channel down by `reduction` dB and up by `makeup_db`."""
    samples, channels = audio.shape
    for i in range(samples):
        gain = 2.0 ** ((makeup_db - reduction[i]) / _DB_PER_OCTAVE)
        for channel in range(channels):
            out[i, channel] = audio[i, channel] * gain


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
    for line in range(lines):
        memory[starts[line]] = signs[line]  # the impulse has just been written: it leaves after one length
        positions[line] = 1 % lengths[line]
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
