"""The compiled inner loop of the true-peak search."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules._support.jit import jit
from mixrules._support.pointers import elements, larger, local, smaller, viewed

F64 = npt.NDArray[np.float64]
AnyFloat = npt.NDArray[np.floating[Any]]

PEAK_BLOCK = 32
_CHUNK = 2048
_CHUNK_BLOCKS = _CHUNK // PEAK_BLOCK + 1
_BUFFER = _CHUNK + 3 * PEAK_BLOCK
_WITHOUT_SIGN = 0x7FFF_FFFF_FFFF_FFFF


@jit
def peak_search(audio: AnyFloat, taps: F64, worst_gain: float, block: int, peaks: F64) -> None:
    """Raise `peaks`, the highest sample so far and the highest point on or between the samples so far.

    `taps`, (3, half), are the interpolator folded about the middle of an interval, see `folded_taps`: it spans 2 half
    samples, and only the intervals are searched that it fits around in `audio`. Blocks that even at `worst_gain` cannot
    exceed the peak so far are skipped, which never changes the result. `block` is PEAK_BLOCK, not known to the compiler:
    it unrolls short loops of known length instead of vectorising them.

    Without the sign, the bits of floats are ordered as their magnitudes are, and a maximum of integers is vectorised.
    """
    samples, channels = audio.shape
    _, half = taps.shape
    values, block_peaks = local(_BUFFER, np.float64), local(_CHUNK_BLOCKS, np.float64)
    middle, even, odd = (
        local(PEAK_BLOCK, np.float64),
        local(PEAK_BLOCK, np.float64),
        local(PEAK_BLOCK, np.float64),
    )
    weights, highest = elements(taps, 0), elements(peaks, 0)
    highest_bits, block_bits = viewed(highest, np.int64), viewed(block_peaks, np.int64)
    middle_bits = viewed(middle, np.int64)
    intervals = samples - 2 * half + 1
    for start in range(0, intervals, _CHUNK):
        count = smaller(intervals - start, _CHUNK)
        blocks = (count + PEAK_BLOCK - 1) // PEAK_BLOCK
        used = count + 2 * half - 1
        for channel in range(channels):
            source = elements(audio, start * channels + channel)
            for i in range(used):
                values[i] = source[i * channels]
            for i in range(used, used + 2 * PEAK_BLOCK):
                values[i] = 0.0
            for b in range(blocks + 1):
                bits, peak = viewed(elements(values, b * PEAK_BLOCK), np.int64), 0
                for i in range(block):
                    peak = larger(peak, bits[i] & _WITHOUT_SIGN)
                block_bits[b] = peak
                highest_bits[0] = larger(highest_bits[0], peak)
            highest[1] = larger(highest[1], highest[0])
            for b in range(blocks):
                if larger(block_peaks[b], block_peaks[b + 1]) * worst_gain <= highest[1]:
                    continue
                centre = b * PEAK_BLOCK + half
                for i in range(block):
                    middle[i], even[i], odd[i] = 0.0, 0.0, 0.0
                for k in range(half):
                    left, right = elements(values, centre - 1 - k), elements(values, centre + k)
                    middle_tap, even_tap, odd_tap = weights[k], weights[half + k], weights[2 * half + k]
                    for i in range(block):
                        both = left[i] + right[i]
                        middle[i] += middle_tap * both
                        even[i] += even_tap * both
                        odd[i] += odd_tap * (left[i] - right[i])
                for i in range(smaller(count - b * PEAK_BLOCK, PEAK_BLOCK)):
                    middle[i] = larger(abs(middle[i]), abs(even[i]) + abs(odd[i]))
                    highest_bits[1] = larger(highest_bits[1], middle_bits[i])
