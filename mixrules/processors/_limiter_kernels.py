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

Array = npt.NDArray[np.floating[Any]]
Trace = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.signedinteger[Any]]

BLOCK_SAMPLES = 128
_DB_PER_OCTAVE = 20.0 * math.log10(2.0)


@jit
def mark_loud_blocks(bits: Integers, bound: int, loud: Flags) -> None:
    """Flag the blocks that hold, or whose neighbour holds, a sample above `bound`; samples and bound as their bits.

    Without the sign the bits are ordered as the magnitudes are, and compared in SIMD lanes.
    """
    width = BLOCK_SAMPLES * bits.shape[1]
    without_sign = bits.dtype.type(np.iinfo(bits.dtype).max)
    values = bits.reshape(-1)
    loud[:] = False
    for block in range(len(loud)):
        part = values[block * width : (block + 1) * width]
        peak = bits.dtype.type(0)
        for i in range(part.size):
            peak = max(peak, part[i] & without_sign)
        if peak > bound:
            for near in range(max(block - 1, 0), min(block + 2, len(loud))):
                loud[near] = True


@jit
def add_excess(
    audio: Array, bank: Trace, ceiling: float, target: float, loud: Flags, scratch: Trace, required: Trace
) -> bool:
    """Raise `required` where peaks pass `ceiling`, by their excess over `target`; return whether any did.

    Row p of `bank` (phases, taps) interpolates between samples i and i + 1 from samples
    i - taps/2 + 1 to i + taps/2; a peak there counts for both. `taps` is a multiple of four.
    `scratch` is (3, BLOCK_SAMPLES + 1 + taps).
    """
    samples, channels = audio.shape
    phases, taps = bank.shape
    before = taps // 2 - 1
    samples_around, peaks, interpolated = scratch[0], scratch[1], scratch[2]
    any_above = False
    carried = np.float32(
        0.0
    )  # required of this block's first sample by the last interval of the block before
    carried_block = -1
    for block in range(len(loud)):
        if not loud[block]:
            continue
        # The interval before the first sample belongs to the first block, that after the last to the last.
        first = block * BLOCK_SAMPLES - 1 if block == 0 else block * BLOCK_SAMPLES
        count = min((block + 1) * BLOCK_SAMPLES, samples) - first
        peaks[:count] = 0.0
        for channel in range(channels):
            start = first - before
            if start >= 0 and start + count + taps - 1 <= samples:
                for i in range(count + taps - 1):
                    samples_around[i] = audio[start + i, channel]
            else:
                for i in range(count + taps - 1):
                    inside = 0 <= start + i < samples
                    samples_around[i] = audio[start + i, channel] if inside else 0.0
            current = samples_around[before:]
            for i in range(count):
                peaks[i] = max(peaks[i], abs(current[i]))
            for phase in range(phases):
                interpolated[:count] = 0.0
                for tap in range(0, taps, 4):
                    w0, w1 = bank[phase, tap], bank[phase, tap + 1]
                    w2, w3 = bank[phase, tap + 2], bank[phase, tap + 3]
                    shifted = samples_around[tap:]
                    for i in range(count):
                        pair = w0 * shifted[i] + w1 * shifted[i + 1]
                        interpolated[i] += pair + (w2 * shifted[i + 2] + w3 * shifted[i + 3])
                for i in range(count):
                    peaks[i] = max(peaks[i], abs(interpolated[i]))
        pending = carried if carried_block == block - 1 else np.float32(0.0)
        for i in range(count):
            over = np.float32(0.0)
            if peaks[i] > ceiling:
                over = np.float32(20.0 * math.log10(peaks[i] / target))
                any_above = True
            index = first + i + 1
            required[index] += max(over, pending)
            pending = over
        carried, carried_block = pending, block
        if not (block + 1 < len(loud) and loud[block + 1]):
            required[first + count + 1] += pending
    return any_above


@jit
def shape_reduction(
    required: Trace, loud: Flags, lookahead: int, release: float, active: Flags, reduction: Trace
) -> None:
    """Smooth the required reduction to one that is never less, and flag the blocks where it is not 0.

    The largest requirement of the next `lookahead` samples is held, released exponentially in dB after it, and smoothed
    by two moving averages whose lengths together are the look-ahead: the ramp reaches the held value exactly at the
    peak.
    """
    length = len(required)
    window = lookahead + 1
    length1 = lookahead // 2 + 1
    length2 = lookahead - lookahead // 2 + 1
    queue = np.zeros(
        window + 1, dtype=np.int64
    )  # indices of the falling maxima within the window, a ring buffer
    head = 0
    queued = 0
    history1 = np.zeros(length1)
    history2 = np.zeros(length2)
    sum1 = 0.0
    sum2 = 0.0
    held = 0.0
    index1 = 0
    index2 = 0
    idle = 2 * window
    active[:] = False
    last_block = len(loud) - 1
    ahead = 0
    while ahead < length + lookahead:
        if idle >= 2 * window:
            # The reduction has ended: skip to the next block that may require one.
            block = max(ahead - 1, 0) // BLOCK_SAMPLES
            if block > last_block:
                break
            if not loud[block] and (block == 0 or not loud[block - 1]):
                ahead = (block + 1) * BLOCK_SAMPLES + 1
                continue
            if ahead < length and required[ahead] == 0.0:
                ahead += 1
                continue
            sum1 = 0.0
            sum2 = 0.0
        current = required[ahead] if ahead < length else np.float32(0.0)
        if current > 0.0:
            while queued > 0 and required[queue[(head + queued - 1) % (window + 1)]] <= current:
                queued -= 1
            queue[(head + queued) % (window + 1)] = ahead
            queued += 1
        now = ahead - lookahead
        if queued > 0 and queue[head] < now:
            head = (head + 1) % (window + 1)
            queued -= 1
        maximum = float(required[queue[head]]) if queued > 0 else 0.0
        held = max(maximum, held * release)
        if held < 1e-5:
            held = 0.0
        idle = idle + 1 if held == 0.0 and queued == 0 else 0
        sum1 += held - history1[index1]
        history1[index1] = held
        index1 = index1 + 1 if index1 + 1 < length1 else 0
        average = sum1 / length1
        sum2 += average - history2[index2]
        history2[index2] = average
        index2 = index2 + 1 if index2 + 1 < length2 else 0
        if now >= 0 and idle < 2 * window:
            value = np.float32(max(sum2 / length2, 0.0))
            reduction[now] = value
            if value > 0.0:
                active[min(max(now - 1, 0) // BLOCK_SAMPLES, last_block)] = True
        ahead += 1


@jit
def apply_trace(audio: Array, reduction: Trace, active: Flags, out: Array) -> None:
    """Attenuate the active blocks of `audio` by `reduction` dB; the others stay as they are in `out`."""
    samples, channels = audio.shape
    for block in range(len(active)):
        if not active[block]:
            continue
        for i in range(block * BLOCK_SAMPLES, min((block + 1) * BLOCK_SAMPLES, samples)):
            gain = 2.0 ** (-float(reduction[i + 1]) / _DB_PER_OCTAVE)
            for channel in range(channels):
                out[i, channel] = audio[i, channel] * gain
