"""Compiled inner loops: filters, delay network, gains.

Inputs are C-order; audio is (samples, channels), float32 or float64; everything else is float64.
State arrays are read and written, so that a long signal can be passed in pieces.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules._support.jit import jit

Array = npt.NDArray[np.floating[Any]]
Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

# Filter states below this (-600 dB) are zeroed between the segments of whole blocks, before they turn into
# denormals, which take ten times as long.
_INAUDIBLE = 1e-30
_STEPS, _LANES = 64, 32  # of a block of the filters: 16 kB of doubles


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
            # A line is longer than a block: it comes to its end once at most.
            head = min(count, length - position)
            for i in range(head):
                ring[position + i] = scale * tap[i]
            for i in range(head, count):
                ring[position + i - length] = scale * tap[i]
            position += count
            positions[line] = position - length if position >= length else position
            if start == 0:
                ring[0] += signs[line]  # the impulse


@jit
def add_scaled(total: Array, audio: Array, gain: np.floating[Any]) -> None:
    """Add `audio`, 1-D and no longer than `total`, times `gain` of the same type to `total`."""
    for i in range(audio.size):
        total[i] += audio[i] * gain
