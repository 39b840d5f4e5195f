"""Compiled inner loops of the limiter: peak detection, gain smoothing, gain stage.

Flags mark the blocks whose samples come near the ceiling; the others cost one comparison a sample. Traces in dB are
float32 and one sample longer than the audio at both ends: index ``i + 1`` belongs to sample ``i``.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules._support.jit import jit
from mixrules._support.pointers import elements, larger, local, smaller, viewed

Array = npt.NDArray[np.floating[Any]]
Trace = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]
Integer = np.signedinteger[Any]
Integers = npt.NDArray[Integer]
Indices = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

BLOCK_SAMPLES = 128
_PART = 32
_DB_PER_OCTAVE = 20.0 * math.log10(2.0)
_ZERO = np.float32(0.0)


@jit
def mark_loud_blocks(bits: Integers, bound: Integer, without_sign: Integer, loud: Flags) -> None:
    """Flag the blocks that hold, or whose neighbour holds, a sample above `bound`; samples and bound as their bits.

    Masked by `without_sign` the bits are ordered as the magnitudes are, and compared in SIMD lanes.
    """
    _, channels = bits.shape
    blocks, width = loud.size, BLOCK_SAMPLES * channels
    flags = elements(loud, 0)
    for block in range(blocks):
        flags[block] = 0
    for block in range(blocks):
        values = elements(bits, block * width)
        peak = bound
        for i in range(smaller(width, bits.size - block * width)):
            peak = larger(peak, values[i] & without_sign)
        if peak > bound:
            for near in range(larger(block - 1, 0), smaller(block + 2, blocks)):
                flags[near] = 1


@jit
def add_excess(
    audio: Array, bank: Trace, ceiling: float, target: float, loud: Flags, scratch: Trace, required: Trace
) -> bool:
    """Raise `required` where peaks pass `ceiling`, by their excess over `target`; return whether any did.

    Row p of `bank` (phases, taps) interpolates between samples i and i + 1 from samples
    i - taps/2 + 1 to i + taps/2; a peak there counts for both. `taps` is a multiple of four.
    `scratch` is (3, BLOCK_SAMPLES + 1 + taps).

    Parts of a block whose samples are so low that nothing between them can pass the ceiling are not interpolated, nor is
    a channel that holds what the one before it holds.
    """
    samples, channels = audio.shape
    phases, taps = bank.shape
    blocks = loud.size
    before = taps // 2 - 1
    flags, increments = elements(loud, 0), elements(required, 0)
    samples_around = elements(scratch, 0)
    _, row = scratch.shape
    peaks, interpolated = elements(scratch, row), elements(scratch, 2 * row)
    worst_gain = _ZERO
    for phase in range(phases):
        gain, w = _ZERO, elements(bank, phase * taps)
        for tap in range(taps):
            gain += abs(w[tap])
        worst_gain = larger(worst_gain, gain)
    # A little lower, so that rounding lifts nothing above the ceiling.
    low_samples = local(1, np.float32)
    low_samples[0] = np.float32(0.99999 * ceiling / worst_gain)
    low_bits, without_sign = viewed(low_samples, np.int32)[0], np.int32(0x7FFF_FFFF)
    any_above = False
    carried = _ZERO  # required of this block's first sample by the last interval of the block before
    for block in range(blocks):
        if not flags[block]:
            carried = _ZERO
            continue
        # The interval before the first sample belongs to the first block, that after the last to the last.
        first = block * BLOCK_SAMPLES - 1 if block == 0 else block * BLOCK_SAMPLES
        count = smaller((block + 1) * BLOCK_SAMPLES, samples) - first
        start = first - before
        for i in range(count):
            peaks[i] = _ZERO
        for channel in range(channels):
            # Silence surrounds the audio.
            source = elements(audio, channel)
            low, high = larger(-start, 0), smaller(count + taps - 1, samples - start)
            for i in range(low):
                samples_around[i] = _ZERO
            if channel:  # peaks holds what the channel before has
                apart = _ZERO
                for i in range(low, high):
                    sample = np.float32(source[(start + i) * channels])
                    apart = larger(apart, abs(samples_around[i] - sample))
                    samples_around[i] = sample
                if apart == _ZERO:
                    continue
            else:
                for i in range(low, high):
                    samples_around[i] = source[(start + i) * channels]
            for i in range(high, count + taps - 1):
                samples_around[i] = _ZERO
            current = elements(samples_around, before)
            for i in range(count):
                peaks[i] = larger(peaks[i], abs(current[i]))
            first_part, end = 0, 0
            for part in range(0, count + _PART, _PART):
                highest = low_bits
                if part < count:
                    part_bits = viewed(elements(samples_around, part), np.int32)
                    for i in range(smaller(_PART, count - part) + taps - 1):
                        highest = larger(highest, part_bits[i] & without_sign)
                if highest > low_bits:
                    end = smaller(part + _PART, count)
                    continue
                # What has come since the last low part is interpolated in one go.
                width = end - first_part
                around, top = elements(samples_around, first_part), elements(peaks, first_part)
                for phase in range(phases):
                    for i in range(width):
                        interpolated[i] = _ZERO
                    for tap in range(0, taps, 4):
                        w, x = elements(bank, phase * taps + tap), elements(around, tap)
                        w0, w1, w2, w3 = w[0], w[1], w[2], w[3]
                        for i in range(width):
                            interpolated[i] += (w0 * x[i] + w1 * x[i + 1]) + (w2 * x[i + 2] + w3 * x[i + 3])
                    for i in range(width):
                        top[i] = larger(top[i], abs(interpolated[i]))
                first_part = part + _PART
                end = first_part
        for i in range(count):
            over = _ZERO
            if peaks[i] > ceiling:
                over = np.float32(20.0 * math.log10(peaks[i] / target))
                any_above = True
            increments[first + i + 1] += larger(over, carried)
            carried = over
        if block + 1 == blocks or not flags[block + 1]:
            increments[first + count + 1] += carried
    return any_above


@jit
def shape_reduction(
    required: Trace,
    loud: Flags,
    release: float,
    queue: Indices,
    history1: Floats,
    history2: Floats,
    active: Flags,
    reduction: Trace,
) -> None:
    """Smooth the required reduction to one that is never less, and flag the blocks where it is not 0.

    The largest requirement of the next `lookahead` samples is held, released exponentially in dB after it, and smoothed
    by two moving averages whose lengths together are the look-ahead: the ramp reaches the held value exactly at the
    peak. `history1` and `history2`, zeros at first, are as long as the two; `queue` is as
    long as both together.
    """
    length, blocks = required.size, loud.size
    length1, length2, ring = history1.size, history2.size, queue.size
    lookahead = length1 + length2 - 2
    window = lookahead + 1
    needed, flags, moved, target = (
        elements(required, 0),
        elements(loud, 0),
        elements(active, 0),
        elements(reduction, 0),
    )
    maxima, values1, values2 = elements(queue, 0), elements(history1, 0), elements(history2, 0)
    for block in range(blocks):
        moved[block] = 0
    # `maxima`, a ring buffer, holds the indices of the falling maxima within the window.
    head, queued = 0, 0
    sum1, sum2, held = 0.0, 0.0, 0.0
    index1, index2 = 0, 0
    idle = 2 * window
    ahead = 0
    while ahead < length + lookahead:
        if idle >= 2 * window:
            # The reduction has ended: skip to the next block that may require one.
            block = larger(ahead - 1, 0) // BLOCK_SAMPLES
            if block >= blocks:
                break
            if not flags[block] and (block == 0 or not flags[block - 1]):
                ahead = (block + 1) * BLOCK_SAMPLES + 1
                continue
            if ahead < length and needed[ahead] == _ZERO:
                ahead += 1
                continue
            sum1, sum2 = 0.0, 0.0
        current = needed[ahead] if ahead < length else _ZERO
        if current > _ZERO:
            while queued > 0 and needed[maxima[(head + queued - 1) % ring]] <= current:
                queued -= 1
            maxima[(head + queued) % ring] = ahead
            queued += 1
        now = ahead - lookahead
        if queued > 0 and maxima[head] < now:
            head = (head + 1) % ring
            queued -= 1
        maximum = np.float64(needed[maxima[head]]) if queued > 0 else 0.0
        held = larger(maximum, held * release)
        if held < 1e-5:
            held = 0.0
        idle = idle + 1 if held == 0.0 and queued == 0 else 0
        sum1 += held - values1[index1]
        values1[index1] = held
        index1 = index1 + 1 if index1 + 1 < length1 else 0
        average = sum1 / length1
        sum2 += average - values2[index2]
        values2[index2] = average
        index2 = index2 + 1 if index2 + 1 < length2 else 0
        if now >= 0 and idle < 2 * window:
            value = np.float32(larger(sum2 / length2, 0.0))
            target[now] = value
            if value > _ZERO:
                moved[smaller(larger(now - 1, 0) // BLOCK_SAMPLES, blocks - 1)] = 1
        ahead += 1


@jit
def apply_trace(audio: Array, reduction: Trace, active: Flags, out: Array) -> None:
    """Attenuate the active blocks of `audio` by `reduction` dB; the others stay as they are in `out`."""
    samples, channels = audio.shape
    flags, trace = elements(active, 0), elements(reduction, 1)
    for block in range(active.size):
        if flags[block]:
            for i in range(block * BLOCK_SAMPLES, smaller((block + 1) * BLOCK_SAMPLES, samples)):
                gain = 2.0 ** (-np.float64(trace[i]) / _DB_PER_OCTAVE)
                source, target = elements(audio, i * channels), elements(out, i * channels)
                for channel in range(channels):
                    target[channel] = source[channel] * gain
