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
from mixrules._support.pointers import elements, local, smaller

Array = npt.NDArray[np.floating[Any]]
Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

# Filter states below this (-600 dB) are zeroed between the segments of a tile, before they turn into denormals,
# which take ten times as long.
_INAUDIBLE = 1e-30
_SEGMENT_SAMPLES, _LANES = 64, 32
_MAX_LINES, _MAX_LINES_STATE = 128, 512  # of the delay network
_TILE = _SEGMENT_SAMPLES * _LANES  # samples: 16 kB of doubles


@jit
def biquad_cascade(audio: Array, coefficients: Floats, state: Floats, out: Array) -> None:
    """Run sections of b0 b1 b2 a1 a2 over every channel; state is (channels, sections, 2), direct form II transposed.

    A recursion cannot be vectorised along time, so each tile of samples is cut into segments that are filtered from a
    zero state in SIMD lanes; as the filter is linear, the zero-input response of each segment's true initial state is
    then added. The remainder at the end, less than a tile, is filtered sample by sample.
    """
    samples, channels = audio.shape
    sections = len(coefficients)
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
                c, s = (
                    elements(coefficients, section * 5),
                    elements(state, (channel * sections + section) * 2),
                )
                y = c[0] * x + s[0]
                s[0] = (c[1] * x + s[1]) - c[3] * y
                s[1] = c[2] * x - c[4] * y
                x = y
            target[i * channels + channel] = x


@jit
def delay_network(
    lengths: Integers,
    gains: Floats,
    shelves: Floats,
    signs: Floats,
    memory: Floats,
    taps: Floats,
    out: Floats,
) -> None:
    """Write the impulse response of a feedback delay network with a Hadamard matrix.

    `shelves` is (lines, 2, 5): two biquads for each delay line; `gains` and `signs` (input) are (lines,); `out` is
    (samples, 2), zeros at first: even lines feed the left channel, odd ones the right. `memory`, zeros at first, holds
    all delay lines one after the other; `taps` is (lines, samples of a block), and no line is shorter than a block, so
    that no block reads its own output.
    """
    lines, block_samples = taps.shape
    positions, state = local(_MAX_LINES, np.int64), local(_MAX_LINES_STATE, np.float64)
    for line in range(lines):
        positions[line] = 0
    for i in range(4 * lines):
        state[i] = 0.0
    scale = 1.0 / math.sqrt(lines)
    samples = len(out)
    for start in range(0, samples, block_samples):
        count = smaller(block_samples, samples - start)
        first = 0
        for line in range(lines):
            ring, tap = elements(memory, first), elements(taps, line * block_samples)
            channel = elements(out, 2 * start + line % 2)
            shelf, s = elements(shelves, 10 * line), elements(state, 4 * line)
            position, length, gain = positions[line], lengths[line], gains[line]
            b0, b1, b2, a1, a2 = shelf[0], shelf[1], shelf[2], shelf[3], shelf[4]
            d0, d1, d2, c1, c2 = shelf[5], shelf[6], shelf[7], shelf[8], shelf[9]
            s1, s2, t1, t2 = s[0], s[1], s[2], s[3]
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
                channel[2 * i] += z
            s[0], s[1], s[2], s[3] = s1, s2, t1, t2
            first += length
        width = 1
        while width < lines:
            for line in range(lines):
                if line & width == 0:
                    upper, lower = (
                        elements(taps, line * block_samples),
                        elements(taps, (line + width) * block_samples),
                    )
                    for i in range(count):
                        a, b = upper[i], lower[i]
                        upper[i], lower[i] = a + b, a - b
            width *= 2
        first = 0
        for line in range(lines):
            ring, tap = elements(memory, first), elements(taps, line * block_samples)
            position, length = positions[line], lengths[line]
            for i in range(count):
                ring[position] = scale * tap[i]
                position += 1
                if position == length:
                    position = 0
            positions[line] = position
            if start == 0:
                ring[0] += signs[line]  # the impulse
            first += length


@jit
def add_scaled(total: Array, audio: Array, gain: np.floating[Any]) -> None:
    """Add `audio`, no larger than `total`, times `gain` of the same type to `total`."""
    target, source = elements(total, 0), elements(audio, 0)
    for i in range(audio.size):
        target[i] += source[i] * gain
