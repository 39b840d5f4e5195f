"""Compiled inner loops: filters, delay network, gains.

Inputs are C-order; audio is (samples, channels), float32 or float64; everything else is float64.
State arrays are read and written, so that a long signal can be passed in blocks.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules._support.jit import jit
from mixrules._support.pointers import elements, local

Array = npt.NDArray[np.floating[Any]]
Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

# Filter states below this (-600 dB) are zeroed between the segments of a tile, before they turn into denormals,
# which take ten times as long.
_INAUDIBLE = 1e-30
_SEGMENT_SAMPLES, _LANES = 64, 32
_TILE = _SEGMENT_SAMPLES * _LANES  # samples: 16 kB of doubles


@jit
def biquad_cascade(audio: Array, coefficients: Floats, state: Floats, out: Array) -> None:
    """Run sections of b0 b1 b2 a1 a2 over every channel; state is (channels, sections, 2), direct form II transposed.

    A recursion cannot be vectorised along time, so each tile of samples is cut into segments that are filtered from a
    zero state in SIMD lanes; as the filter is linear, the zero-input response of each segment's true initial state is
    then added. The remainder at the end, less than a tile, is filtered sample by sample.
    """
    samples, channels = audio.shape
    sections = coefficients.shape[0]
    tile = local(_TILE, np.float64)
    state1, state2 = local(_LANES, np.float64), local(_LANES, np.float64)
    initial1, initial2 = local(_LANES, np.float64), local(_LANES, np.float64)
    # The zero-input response to a state of (1, 0) and of (0, 1).
    response1, response2 = local(_SEGMENT_SAMPLES, np.float64), local(_SEGMENT_SAMPLES, np.float64)
    in_tiles = samples - samples % _TILE
    for start in range(0, in_tiles, _TILE):
        for channel in range(channels):
            for lane in range(_LANES):
                source = elements(audio, (start + lane * _SEGMENT_SAMPLES) * channels + channel)
                for i in range(_SEGMENT_SAMPLES):
                    tile[i * _LANES + lane] = source[i * channels]
            for section in range(sections):
                c = elements(coefficients, section * 5)
                b0, b1, b2, a1, a2 = c[0], c[1], c[2], c[3], c[4]
                m11, m21, m12, m22 = 1.0, 0.0, 0.0, 1.0  # of a segment's first state on its last
                for i in range(_SEGMENT_SAMPLES):
                    y = m11
                    m11 = m21 - a1 * y
                    m21 = -a2 * y
                    response1[i] = y
                    y = m12
                    m12 = m22 - a1 * y
                    m22 = -a2 * y
                    response2[i] = y
                for lane in range(_LANES):
                    state1[lane], state2[lane] = 0.0, 0.0
                for i in range(_SEGMENT_SAMPLES):
                    samples_of_lanes = elements(tile, i * _LANES)
                    for lane in range(_LANES):
                        x = samples_of_lanes[lane]
                        y = b0 * x + state1[lane]
                        state1[lane] = (b1 * x + state2[lane]) - a1 * y
                        state2[lane] = b2 * x - a2 * y
                        samples_of_lanes[lane] = y
                s = elements(state, (channel * sections + section) * 2)
                s1, s2 = s[0], s[1]
                for lane in range(_LANES):
                    if abs(s1) + abs(s2) < _INAUDIBLE:
                        s1, s2 = 0.0, 0.0
                    initial1[lane], initial2[lane] = s1, s2
                    s1, s2 = m11 * s1 + m12 * s2 + state1[lane], m21 * s1 + m22 * s2 + state2[lane]
                s[0], s[1] = s1, s2
                for i in range(_SEGMENT_SAMPLES):
                    samples_of_lanes = elements(tile, i * _LANES)
                    h1, h2 = response1[i], response2[i]
                    for lane in range(_LANES):
                        samples_of_lanes[lane] += h1 * initial1[lane] + h2 * initial2[lane]
            for lane in range(_LANES):
                target = elements(out, (start + lane * _SEGMENT_SAMPLES) * channels + channel)
                for i in range(_SEGMENT_SAMPLES):
                    target[i * channels] = tile[i * _LANES + lane]
    source, target = elements(audio, in_tiles * channels), elements(out, in_tiles * channels)
    for channel in range(channels):
        for i in range(samples - in_tiles):
            x = float(source[i * channels + channel])
            for section in range(sections):
                c, s = elements(coefficients, section * 5), elements(state, (channel * sections + section) * 2)
                y = c[0] * x + s[0]
                s[0] = (c[1] * x + s[1]) - c[3] * y
                s[1] = c[2] * x - c[4] * y
                x = y
            target[i * channels + channel] = x


@jit
def delay_network(
    lengths: Integers, gains: Floats, shelves: Floats, signs: Floats, block_samples: int, out: Floats
) -> None:
    """Write the impulse response of a feedback delay network with a Hadamard matrix.

    `shelves` is (lines, 2, 5): two biquads for each delay line; `gains` and `signs` (input) are (lines,); `out` is
    (samples, 2): even lines feed the left channel, odd ones the right. No line may be shorter than
    `block_samples`, so that no block reads its own output.
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
        block = out[start : start + count]
        block[:] = 0.0
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
            channel = line % 2
            for i in range(count):
                block[i, channel] += tap[i]
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
            # A delay line is longer than a block: its position wraps around once at most.
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
