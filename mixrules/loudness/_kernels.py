"""Compiled inner loops of the meter: K-weighting, K-weighted energies and the true-peak search.

Small working arrays are made inside: numba aligns them and LLVM sees that nothing else points to them,
which halves the time of the loops.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules._support.jit import constant, jit, jit_inside, jit_sums

F64 = npt.NDArray[np.float64]
AnyFloat = npt.NDArray[np.floating[Any]]
Singles = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]

# Filter state below this (-600 dB) is zeroed at the end of each hop, before it turns into slow denormals.
_TINY = 1e-30

LANES = 16
_TILE = 64
_STEPS, _SEGMENTS = 32, 16  # a tile of `k_weight`, which stays in the first-level cache
_WIDTH = 2 * _SEGMENTS
_SAMPLES_AT_ONCE = 256

_FIRST = constant(0)

_BLOCK = 32
_CHUNK = 4096
PEAK_BUFFER_SAMPLES = _CHUNK + 3 * _BLOCK


@jit_inside
def _k_filter(
    x: float, filters: tuple[float, ...], s1: float, s2: float, r1: float, r2: float
) -> tuple[float, float, float, float, float]:
    """Filter one sample; `s1` and `s2` are the state of the shelf, `r1` and `r2` that of the high-pass."""
    b0, b1, b2, a1, a2, c1, c2 = filters
    u = b0 * x + s1
    y = u + r1
    return y, b1 * x - a1 * u + s2, b2 * x - a2 * u, r2 - 2.0 * u - c1 * y, u - c2 * y


@jit_inside
def _k_filter_lane(x: float, filters: tuple[float, ...], state: F64, lane: int, width: int) -> float:
    """Do as `_k_filter` in one of `width` lanes; `state` is four rows of `width` numbers, flattened.

    Written out: the loop over the lanes is some 3 % faster than with `_k_filter` inside.
    """
    b0, b1, b2, a1, a2, c1, c2 = filters
    u = b0 * x + state[lane]
    state[lane] = b1 * x - a1 * u + state[width + lane]
    state[width + lane] = b2 * x - a2 * u
    y: float = u + state[2 * width + lane]
    state[2 * width + lane] = state[3 * width + lane] - 2.0 * u - c1 * y
    state[3 * width + lane] = u - c2 * y
    return y


@jit
def k_energies(
    audio: AnyFloat, coefficients: F64, state: F64, ends: npt.NDArray[np.int64], sums: F64, out: F64
) -> None:
    """Apply K-weighting to `audio` and sum its squares up to each of `ends`; `state` and `sums` are carried on.

    `coefficients` holds b0 b1 b2 a1 a2 of the shelf and a1 a2 of the high-pass, `state` four numbers a
    channel, `sums` the sum of squares a channel since the last end, `out` (ends, channels) the sums.
    Samples after the last end stay in `sums`.
    """
    samples, channels = audio.shape
    b0, b1, b2, a1, a2, c1, c2 = coefficients
    filters = (b0, b1, b2, a1, a2, c1, c2)
    for channel in range(channels):
        s1, s2, r1, r2 = state[channel]
        start = 0
        total = sums[channel]
        for hop in range(ends.size + 1):
            end = ends[hop] if hop < ends.size else samples
            for i in range(start, end):
                x = np.float64(audio[i, channel])
                y, s1, s2, r1, r2 = _k_filter(x, filters, s1, s2, r1, r2)
                total += y * y
            if abs(s1) + abs(s2) + abs(r1) + abs(r2) < _TINY:
                s1 = s2 = r1 = r2 = 0.0
            if hop < ends.size:
                out[hop, channel] = total
                total = 0.0
            start = end
        state[channel, 0], state[channel, 1], state[channel, 2], state[channel, 3] = s1, s2, r1, r2
        sums[channel] = total


@jit
def k_energies_in_lanes(
    audio: AnyFloat, coefficients: F64, state: F64, hop: int, warm_up: int, out: F64
) -> None:
    """Do as `k_energies` for complete hops of one length, several segments of `audio` in SIMD lanes.

    A recursive filter cannot be vectorised along time, so distant segments are filtered at once, each in lanes of its
    own. A segment starts `warm_up` hops early from a zero state, long enough for the response to the samples before
    to have decayed. `out` has a row for each hop, a multiple of the number of segments.
    """
    channels = audio.shape[1]
    segments = LANES // channels
    hops = out.shape[0] // segments
    b0, b1, b2, a1, a2, c1, c2 = coefficients
    filters = (b0, b1, b2, a1, a2, c1, c2)
    lanes = np.zeros(5 * LANES)
    tile = np.zeros(_TILE * LANES)
    for h in range(-warm_up, hops):
        if h == 0:
            for channel in range(channels):
                for k in range(4):
                    lanes[k * LANES + channel] = state[channel, k]
        lanes[4 * LANES :] = 0.0
        for start in range(0, hop, _TILE):
            count = min(_TILE, hop - start)
            # The first segment has no samples before its start: its lanes stay zero until h is 0.
            for segment in range(1 if h < 0 else 0, segments):
                first = (segment * hops + h) * hop + start
                part = audio[first : first + count]
                lanes_of_segment = tile[segment * channels :]
                for channel in range(channels):
                    for i in range(count):
                        lanes_of_segment[i * LANES + channel] = part[i, channel]
            for i in range(count):
                for j in range(LANES):
                    y = _k_filter_lane(tile[i * LANES + j], filters, lanes, j, LANES)
                    lanes[4 * LANES + j] += y * y
        for j in range(LANES):
            magnitude = abs(lanes[j]) + abs(lanes[LANES + j])
            if magnitude + abs(lanes[2 * LANES + j]) + abs(lanes[3 * LANES + j]) < _TINY:
                for k in range(4):
                    lanes[k * LANES + j] = 0.0
        if h >= 0:
            for segment in range(segments):
                for channel in range(channels):
                    out[segment * hops + h, channel] = lanes[4 * LANES + segment * channels + channel]
    for channel in range(channels):
        for k in range(4):
            state[channel, k] = lanes[k * LANES + (segments - 1) * channels + channel]


@jit
def k_weight(audio: Singles, coefficients: F64, state: F64, out: Singles) -> None:
    """Write stereo `audio` K-weighted to `out`; `coefficients` and `state` are those of `k_energies`.

    Each tile is cut into segments that are filtered from a zero state in SIMD lanes, left next to right; as the filter
    is linear, the zero-input response of a segment's true initial state is then added. The remainder, less than a
    tile, is filtered sample by sample. A stereo frame is moved into and out of its lanes as one complex number.
    """
    samples = len(audio)
    b0, b1, b2, a1, a2, c1, c2 = coefficients
    filters = (b0, b1, b2, a1, a2, c1, c2)
    # The zero-input response to each unit state, and the state after a segment.
    zero_input_response = np.empty((_STEPS, 4))
    transition = np.empty((4, 4))
    for unit in range(4):
        s1, s2, r1, r2 = 1.0 * (unit == 0), 1.0 * (unit == 1), 1.0 * (unit == 2), 1.0 * (unit == 3)
        for i in range(_STEPS):
            u = s1
            s1 = s2 - a1 * u
            s2 = -a2 * u
            y = u + r1
            r1 = r2 - 2.0 * u - c1 * y
            r2 = u - c2 * y
            zero_input_response[i, unit] = y
        (
            transition[0, unit],
            transition[1, unit],
            transition[2, unit],
            transition[3, unit],
        ) = s1, s2, r1, r2
    frames, results = audio.reshape(-1).view(np.complex64), out.reshape(-1).view(np.complex64)
    tile = np.empty(_STEPS * _SEGMENTS, np.complex64)
    tile_samples = tile.view(np.float32)
    filtered = np.empty(_STEPS * _WIDTH)
    final, initial = np.empty(4 * _WIDTH), np.empty(4 * _WIDTH)
    in_tiles = samples - samples % tile.size
    for start in range(0, in_tiles, tile.size):
        for segment in range(_SEGMENTS):
            part = frames[start + segment * _STEPS : start + (segment + 1) * _STEPS]
            for i in range(_STEPS):
                tile[i * _SEGMENTS + segment] = part[i]
        final[:] = 0.0
        for i in range(_STEPS):
            source, target = (
                tile_samples[i * _WIDTH : (i + 1) * _WIDTH],
                filtered[i * _WIDTH : (i + 1) * _WIDTH],
            )
            for j in range(_WIDTH):
                target[j] = _k_filter_lane(np.float64(source[j]), filters, final, j, _WIDTH)
        for channel in range(2):
            s1, s2, r1, r2 = state[channel]
            for j in range(channel, _WIDTH, 2):
                if abs(s1) + abs(s2) + abs(r1) + abs(r2) < _TINY:
                    s1 = s2 = r1 = r2 = 0.0
                initial[j], initial[_WIDTH + j] = s1, s2
                initial[2 * _WIDTH + j], initial[3 * _WIDTH + j] = r1, r2
                r1, r2 = (
                    transition[2, 0] * s1
                    + transition[2, 1] * s2
                    + transition[2, 2] * r1
                    + transition[2, 3] * r2,
                    transition[3, 0] * s1
                    + transition[3, 1] * s2
                    + transition[3, 2] * r1
                    + transition[3, 3] * r2,
                )
                s1, s2 = (
                    transition[0, 0] * s1 + transition[0, 1] * s2,
                    transition[1, 0] * s1 + transition[1, 1] * s2,
                )
                s1, s2 = s1 + final[j], s2 + final[_WIDTH + j]
                r1, r2 = r1 + final[2 * _WIDTH + j], r2 + final[3 * _WIDTH + j]
            state[channel, 0], state[channel, 1], state[channel, 2], state[channel, 3] = s1, s2, r1, r2
        for i in range(_STEPS):
            zero_state, result = (
                filtered[i * _WIDTH : (i + 1) * _WIDTH],
                tile_samples[i * _WIDTH : (i + 1) * _WIDTH],
            )
            h1, h2, h3, h4 = zero_input_response[i]
            for j in range(_WIDTH):
                shelf = h1 * initial[j] + h2 * initial[_WIDTH + j]
                high_pass = h3 * initial[2 * _WIDTH + j] + h4 * initial[3 * _WIDTH + j]
                result[j] = np.float32(zero_state[j] + (shelf + high_pass))
        for segment in range(_SEGMENTS):
            part = results[start + segment * _STEPS : start + (segment + 1) * _STEPS]
            for i in range(_STEPS):
                part[i] = tile[i * _SEGMENTS + segment]
    for channel in range(2):
        s1, s2, r1, r2 = state[channel]
        for i in range(in_tiles, samples):
            x = np.float64(audio[i, channel])
            y, s1, s2, r1, r2 = _k_filter(x, filters, s1, s2, r1, r2)
            out[i, channel] = y
        state[channel, 0], state[channel, 1], state[channel, 2], state[channel, 3] = s1, s2, r1, r2


@jit_sums
def hop_products(signals: AnyFloat, stops: Integers, lengths: Integers, partial: F64, out: F64) -> None:
    """Write to `out`, (hops, pairs), the mean product of each pair of stereo signals over each hop that ends.

    `stops` is where each hop ends in `signals`, (signals, samples, 2), and last where the samples end; `lengths` are the
    hops' lengths. `partial`, (signals, signals), holds the sums of the incomplete hop and is carried on.
    """
    count = len(signals)
    start = _FIRST
    for hop in range(stops.size):
        add_products(signals, start, stops[hop], partial)
        start = stops[hop]
        if hop < lengths.size:
            pair = 0
            for row in range(count):
                for column in range(row, count):
                    out[hop, pair] = partial[row, column] / lengths[hop]
                    partial[row, column] = 0.0
                    pair += 1


@jit_sums
def add_products(signals: AnyFloat, start: int, stop: int, out: F64) -> None:
    """Add the sums of products of all pairs of stereo signals, (signals, samples, 2), to the upper triangle of `out`.

    From the sample `start` to before `stop`. Sums over `_SAMPLES_AT_ONCE` samples have the signals' precision.
    """
    count = len(signals)
    zero = signals.dtype.type(0.0)
    for first in range(start, stop, _SAMPLES_AT_ONCE):
        last = min(first + _SAMPLES_AT_ONCE, stop)
        for row in range(count):
            own = signals[row].reshape(-1)[2 * first : 2 * last]
            column = row
            while column + 3 < count:  # four at once, so that a signal is read less often
                a = signals[column].reshape(-1)[2 * first : 2 * last]
                b = signals[column + 1].reshape(-1)[2 * first : 2 * last]
                c = signals[column + 2].reshape(-1)[2 * first : 2 * last]
                d = signals[column + 3].reshape(-1)[2 * first : 2 * last]
                sum_a = sum_b = sum_c = sum_d = zero
                for i in range(own.size):
                    sum_a += own[i] * a[i]
                    sum_b += own[i] * b[i]
                    sum_c += own[i] * c[i]
                    sum_d += own[i] * d[i]
                out[row, column] += sum_a
                out[row, column + 1] += sum_b
                out[row, column + 2] += sum_c
                out[row, column + 3] += sum_d
                column += 4
            while column < count:
                a = signals[column].reshape(-1)[2 * first : 2 * last]
                sum_a = zero
                for i in range(own.size):
                    sum_a += own[i] * a[i]
                out[row, column] += sum_a
                column += 1


@jit
def peak_search(audio: AnyFloat, history: F64, taps: F64, worst_gain: float, buffer: F64, peaks: F64) -> None:
    """Raise `peaks`, the highest sample so far and the highest point on or between the samples so far.

    `taps` are the interpolator folded about the middle of an interval, see `folded_taps`; `history`
    (channels, one less than the interpolator's width) holds the samples before `audio` and is carried on;
    `buffer` holds one channel's history and chunk.
    Blocks that even at `worst_gain` cannot exceed the peak so far are skipped, which never changes the
    result.
    """
    samples, channels = audio.shape
    before = history.shape[1]
    block_peaks = np.empty(_CHUNK // _BLOCK + 2)
    work = np.empty(3 * _BLOCK)
    best = np.empty(_BLOCK)
    for start in range(0, samples, _CHUNK):
        part = audio[start : start + _CHUNK]
        count = part.shape[0]
        blocks = (count + _BLOCK - 1) // _BLOCK
        for channel in range(channels):
            for i in range(before):
                buffer[i] = history[channel, i]
            new_samples = buffer[before:]
            for i in range(count):
                new_samples[i] = part[i, channel]
            new_samples[count : count + 2 * _BLOCK] = 0.0
            for i in range(before):
                history[channel, i] = buffer[count + i]
            channel_peak = 0.0
            for block in range(blocks + 1):
                values = buffer[block * _BLOCK : (block + 1) * _BLOCK]
                for i in range(16):
                    best[i] = max(abs(values[i]), abs(values[i + 16]))
                for i in range(8):
                    best[i] = max(best[i], best[i + 8])
                for i in range(4):
                    best[i] = max(best[i], best[i + 4])
                block_peaks[block] = max(best[0], best[1], best[2], best[3])
                channel_peak = max(channel_peak, block_peaks[block])
            peaks[0] = max(peaks[0], channel_peak)
            peaks[1] = max(peaks[1], channel_peak)
            best[:] = 0.0
            for block in range(blocks):
                if max(block_peaks[block], block_peaks[block + 1]) * worst_gain > peaks[1]:
                    intervals = min(_BLOCK, count - block * _BLOCK)
                    _interpolate(buffer[block * _BLOCK :], intervals, taps, work, best)
            for i in range(_BLOCK):
                peaks[1] = max(peaks[1], best[i])


@jit
def _interpolate(buffer: F64, intervals: int, taps: F64, work: F64, best: F64) -> None:
    """Raise `best` (one running maximum for each index in the block) by the points inside each interval."""
    half = taps.shape[1]
    for i in range(intervals):
        work[i] = 0.0
        work[_BLOCK + i] = 0.0
        work[2 * _BLOCK + i] = 0.0
    for k in range(half):
        left = buffer[half - 1 - k :]
        right = buffer[half + k :]
        middle, even, odd = taps[0, k], taps[1, k], taps[2, k]
        for i in range(intervals):
            both = left[i] + right[i]
            work[i] += middle * both
            work[_BLOCK + i] += even * both
            work[2 * _BLOCK + i] += odd * (left[i] - right[i])
    for i in range(intervals):
        midpoint = abs(work[i])
        quarters = abs(work[_BLOCK + i]) + abs(work[2 * _BLOCK + i])
        highest = midpoint if midpoint > quarters else quarters
        best[i] = highest if highest > best[i] else best[i]
