"""Compiled inner loops of the meter: K-weighted energies and the true-peak search."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules._jit import jit

F64 = npt.NDArray[np.float64]
AnyFloat = npt.NDArray[np.floating[Any]]

# Filter state below this (-600 dB) is zeroed at the end of each hop, before it turns into slow denormals.
_TINY = 1e-30


@jit
def k_energies(
    audio: AnyFloat, coefficients: F64, state: F64, ends: npt.NDArray[np.int64], sums: F64, out: F64
) -> None:
    """Filter `audio` and sum its squares up to each of `ends`; carries on in `state` and `sums`.

    `coefficients` holds b0 b1 b2 a1 a2 of the shelf and a1 a2 of the high-pass, `state` four numbers a
    channel, `sums` the sum of squares a channel since the last end, `out` (ends, channels) the sums.
    Samples after the last end stay in `sums`.
    """
    samples, channels = audio.shape
    b0, b1, b2, a1, a2, c1, c2 = coefficients
    for channel in range(channels):
        s1, s2, r1, r2 = state[channel]
        start = 0
        total = sums[channel]
        for hop in range(ends.size + 1):
            end = ends[hop] if hop < ends.size else samples
            for i in range(start, end):
                x = np.float64(audio[i, channel])
                u = b0 * x + s1
                s1 = b1 * x - a1 * u + s2
                s2 = b2 * x - a2 * u
                y = u + r1
                r1 = r2 - 2.0 * u - c1 * y
                r2 = u - c2 * y
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
def interpolated_peak(audio: AnyFloat, history: F64, taps: F64, scratch: F64, peak: float) -> float:
    """Return the larger of `peak` and the highest point between the samples of `audio`.

    `taps` (points between two samples, taps) weigh the samples from the oldest to the newest; `history`
    (channels, taps - 1) holds the samples before `audio` and is carried on; `scratch` has room for one
    channel's history and a chunk.
    """
    samples, channels = audio.shape
    points, width = taps.shape
    before = width - 1
    chunk = scratch.size - before
    for start in range(0, samples, chunk):
        count = min(chunk, samples - start)
        for channel in range(channels):
            scratch[:before] = history[channel]
            for i in range(count):
                scratch[before + i] = audio[start + i, channel]
            for i in range(count):
                for point in range(points):
                    value = 0.0
                    for k in range(width):
                        value += taps[point, k] * scratch[i + k]
                    peak = max(peak, abs(value))
            history[channel] = scratch[count : count + before]
    return peak
