"""Compiled inner loops of the meter: K-weighting, K-weighted energies and products of K-weighted signals."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules._support.jit import jit, jit_sums
from mixrules._support.pointers import elements, local, smaller, viewed

F64 = npt.NDArray[np.float64]
AnyFloat = npt.NDArray[np.floating[Any]]
Singles = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]

# Filter state below this (-600 dB) is zeroed at the end of each hop, before it turns into slow denormals.
_TINY = 1e-30

LANES = 16
_TILE_SAMPLES = 64
_TILE = _TILE_SAMPLES * LANES
_STEPS, _SEGMENTS = 32, 16  # a tile of `k_weight`, which stays in the first-level cache
_WIDTH = 2 * _SEGMENTS
_FRAMES = _STEPS * _SEGMENTS
_TILE_VALUES, _STATES, _RESPONSE = _STEPS * _WIDTH, 4 * _WIDTH, 4 * _STEPS
_SAMPLES_AT_ONCE = 256
_ZERO = np.float32(0.0)  # single precision: numba makes a double of a single times a double


@jit
def k_energies(
    audio: AnyFloat, coefficients: F64, state: F64, bounds: Integers, segments: int, warm_up: int, out: F64
) -> None:
    """Apply K-weighting to `audio` and write its sum of squares between successive `bounds` to `out`, (hops, channels).

    A recursive filter cannot be vectorised along time, so several `segments` are filtered at once, each channel of each
    in a SIMD lane of its own: segments * channels is LANES at most. All have the same number of hops, of one length. Each
    but the first begins `warm_up` hops early from a zero state, long enough for the response to the samples before to
    have decayed; the first waits. A single segment, without warm-up, may have hops of any lengths.

    `coefficients` holds b0 b1 b2 a1 a2 of the shelf and a1 a2 of the high-pass. `state`, (channels, 5), is that of both
    filters and the sum so far of the hop that goes on, and is carried on: its last column is then that of the last hop.
    """
    _, channels = audio.shape
    hops = len(out) // segments
    c, carried, bound, sums = (
        elements(coefficients, 0),
        elements(state, 0),
        elements(bounds, 0),
        elements(out, 0),
    )
    b0, b1, b2, a1, a2, c1, c2 = c[0], c[1], c[2], c[3], c[4], c[5], c[6]
    tile, energy = local(_TILE, audio.dtype), local(LANES, np.float64)
    s1, s2 = local(LANES, np.float64), local(LANES, np.float64)
    r1, r2 = local(LANES, np.float64), local(LANES, np.float64)
    for i in range(_TILE):
        tile[i] = 0.0
    for j in range(LANES):
        s1[j], s2[j], r1[j], r2[j] = 0.0, 0.0, 0.0, 0.0
    for hop in range(-warm_up, hops):
        for j in range(LANES):
            energy[j] = 0.0
        if hop == 0:
            for j in range(channels):
                s = elements(carried, 5 * j)
                s1[j], s2[j], r1[j], r2[j], energy[j] = s[0], s[1], s[2], s[3], s[4]
        last = (segments - 1) * hops + hop
        samples = bound[last + 1] - bound[last]
        for start in range(0, samples, _TILE_SAMPLES):
            count = smaller(_TILE_SAMPLES, samples - start)
            for segment in range(0 if hop >= 0 else 1, segments):
                first = (bound[segment * hops + hop] + start) * channels
                for channel in range(channels):
                    source, target = (
                        elements(audio, first + channel),
                        elements(tile, segment * channels + channel),
                    )
                    for i in range(count):
                        target[i * LANES] = source[i * channels]
            for i in range(count):
                for j in range(LANES):
                    x = np.float64(tile[i * LANES + j])
                    u = b0 * x + s1[j]
                    s1[j] = b1 * x - a1 * u + s2[j]
                    s2[j] = b2 * x - a2 * u
                    y = u + r1[j]
                    r1[j] = r2[j] - 2.0 * u - c1 * y
                    r2[j] = u - c2 * y
                    energy[j] += y * y
        for j in range(LANES):
            if abs(s1[j]) + abs(s2[j]) + abs(r1[j]) + abs(r2[j]) < _TINY:
                s1[j], s2[j], r1[j], r2[j] = 0.0, 0.0, 0.0, 0.0
        for segment in range(segments if hop >= 0 else 0):
            for channel in range(channels):
                sums[(segment * hops + hop) * channels + channel] = energy[segment * channels + channel]
    for channel in range(channels):
        j, s = (segments - 1) * channels + channel, elements(carried, 5 * channel)
        s[0], s[1], s[2], s[3], s[4] = s1[j], s2[j], r1[j], r2[j], energy[j]


@jit
def k_weight(audio: Singles, coefficients: F64, state: F64, out: Singles) -> None:
    """Write stereo `audio` K-weighted to `out`; `coefficients` are those of `k_energies`, `state` is (2, 4).

    Each tile is cut into segments that are filtered from a zero state in SIMD lanes, left next to right; as the filter
    is linear, the zero-input response of a segment's true initial state is then added. The remainder, less than a
    tile, is filtered sample by sample. A stereo frame is moved into and out of its lanes as one number of 64 bits.
    """
    c = elements(coefficients, 0)
    b0, b1, b2, a1, a2, c1, c2 = c[0], c[1], c[2], c[3], c[4], c[5], c[6]
    # The zero-input response to each unit state, and the matrix that leads from a state to that after a segment.
    response, t = local(_RESPONSE, np.float64), local(16, np.float64)
    for i in range(16):
        t[i] = 0.0
    for unit in range(4):
        t[5 * unit] = 1.0
        s1, s2, r1, r2 = t[unit], t[4 + unit], t[8 + unit], t[12 + unit]
        for i in range(_STEPS):
            u = s1
            s1 = s2 - a1 * u
            s2 = -a2 * u
            y = u + r1
            r1 = r2 - 2.0 * u - c1 * y
            r2 = u - c2 * y
            response[4 * i + unit] = y
        t[unit], t[4 + unit], t[8 + unit], t[12 + unit] = s1, s2, r1, r2
    tile, filtered = local(_FRAMES, np.int64), local(_TILE_VALUES, np.float64)
    # Four rows of states: after a segment that began with a zero state, and before it in truth.
    final1, initial1 = local(_STATES, np.float64), local(_STATES, np.float64)
    final2, final3, final4 = (
        elements(final1, _WIDTH),
        elements(final1, 2 * _WIDTH),
        elements(final1, 3 * _WIDTH),
    )
    initial2, initial3, initial4 = (
        elements(initial1, _WIDTH),
        elements(initial1, 2 * _WIDTH),
        elements(initial1, 3 * _WIDTH),
    )
    samples = len(audio)
    in_tiles = samples - samples % _FRAMES
    for start in range(0, in_tiles, _FRAMES):
        for segment in range(_SEGMENTS):
            frames = viewed(elements(audio, 2 * (start + segment * _STEPS)), np.int64)
            for i in range(_STEPS):
                tile[i * _SEGMENTS + segment] = frames[i]
        for j in range(_STATES):
            final1[j] = 0.0
        for i in range(_STEPS):
            row, zero_state = (
                viewed(elements(tile, i * _SEGMENTS), np.float32),
                elements(filtered, i * _WIDTH),
            )
            for j in range(_WIDTH):
                x = np.float64(row[j])
                u = b0 * x + final1[j]
                final1[j] = b1 * x - a1 * u + final2[j]
                final2[j] = b2 * x - a2 * u
                y = u + final3[j]
                final3[j] = final4[j] - 2.0 * u - c1 * y
                final4[j] = u - c2 * y
                zero_state[j] = y
        for channel in range(2):
            s = elements(state, 4 * channel)
            s1, s2, r1, r2 = s[0], s[1], s[2], s[3]
            for j in range(channel, _WIDTH, 2):
                if abs(s1) + abs(s2) + abs(r1) + abs(r2) < _TINY:
                    s1, s2, r1, r2 = 0.0, 0.0, 0.0, 0.0
                initial1[j], initial2[j], initial3[j], initial4[j] = s1, s2, r1, r2
                r1, r2 = (
                    (t[8] * s1 + t[9] * s2 + t[10] * r1 + t[11] * r2) + final3[j],
                    (t[12] * s1 + t[13] * s2 + t[14] * r1 + t[15] * r2) + final4[j],
                )
                s1, s2 = (t[0] * s1 + t[1] * s2) + final1[j], (t[4] * s1 + t[5] * s2) + final2[j]
            s[0], s[1], s[2], s[3] = s1, s2, r1, r2
        for i in range(_STEPS):
            row, zero_state = (
                viewed(elements(tile, i * _SEGMENTS), np.float32),
                elements(filtered, i * _WIDTH),
            )
            h1, h2, h3, h4 = response[4 * i], response[4 * i + 1], response[4 * i + 2], response[4 * i + 3]
            for j in range(_WIDTH):
                shelf, high_pass = h1 * initial1[j] + h2 * initial2[j], h3 * initial3[j] + h4 * initial4[j]
                row[j] = np.float32(zero_state[j] + (shelf + high_pass))
        for segment in range(_SEGMENTS):
            frames = viewed(elements(out, 2 * (start + segment * _STEPS)), np.int64)
            for i in range(_STEPS):
                frames[i] = tile[i * _SEGMENTS + segment]
    for channel in range(2):
        s = elements(state, 4 * channel)
        source, target = elements(audio, channel), elements(out, channel)
        s1, s2, r1, r2 = s[0], s[1], s[2], s[3]
        for i in range(in_tiles, samples):
            x = np.float64(source[2 * i])
            u = b0 * x + s1
            s1 = b1 * x - a1 * u + s2
            s2 = b2 * x - a2 * u
            y = u + r1
            r1 = r2 - 2.0 * u - c1 * y
            r2 = u - c2 * y
            target[2 * i] = np.float32(y)
        s[0], s[1], s[2], s[3] = s1, s2, r1, r2


@jit_sums
def hop_products(signals: AnyFloat, stops: Integers, sums: F64) -> None:
    """Add to `sums`, (hops, signals, signals), those of the products of each pair of stereo signals over each hop.

    `signals` is (signals, samples, 2), `stops` is where each hop ends. Only the upper triangle of each matrix is used.
    Sums over `_SAMPLES_AT_ONCE` samples have the signals' precision.
    """
    count, frames, _ = signals.shape
    samples = 2 * frames
    ends, start = elements(stops, 0), 0
    for hop in range(stops.size):
        for first in range(start, ends[hop], _SAMPLES_AT_ONCE):
            values = 2 * smaller(_SAMPLES_AT_ONCE, ends[hop] - first)
            for row in range(count):
                own, total = (
                    elements(signals, row * samples + 2 * first),
                    elements(sums, (hop * count + row) * count),
                )
                in_fours = count - (count - row) % 4
                for column in range(row, in_fours, 4):  # four at once, so that a signal is read less often
                    a = elements(own, (column - row) * samples)
                    b, c, d = elements(a, samples), elements(a, 2 * samples), elements(a, 3 * samples)
                    sum_a = sum_b = sum_c = sum_d = _ZERO
                    for i in range(values):
                        sum_a += own[i] * a[i]
                        sum_b += own[i] * b[i]
                        sum_c += own[i] * c[i]
                        sum_d += own[i] * d[i]
                    total[column] += sum_a
                    total[column + 1] += sum_b
                    total[column + 2] += sum_c
                    total[column + 3] += sum_d
                for column in range(in_fours, count):
                    a = elements(own, (column - row) * samples)
                    sum_a = _ZERO
                    for i in range(values):
                        sum_a += own[i] * a[i]
                    total[column] += sum_a
        start = ends[hop]
