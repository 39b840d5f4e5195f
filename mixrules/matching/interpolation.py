"""Audio between its samples: a segment of a signal read at evenly spaced positions, whole or not.

A windowed sinc whose taps are polynomials in the fraction of a sample (the structure of Farrow, IEEE ISCAS 1988): one
matrix product a block, whatever the positions.
"""

from __future__ import annotations

import functools
import math

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import Audio

_TAPS = 64
_STOPBAND_DB = 100.0
_ORDER = 10
_AT_ONCE = 1 << 12


def read_at(audio: Audio, first: float, step: float, samples: int) -> npt.NDArray[np.float32]:
    """Return a signal at the positions ``first + step * n``; what lies outside of it is silence.

    Parameters
    ----------
    audio : ndarray, shape (samples, channels)
        Not modified.
    first : float
        The first position in samples; may lie before the signal.
    step : float
        From position to position, 0.25 to 4. Above 1 what lies above the new half rate is removed.
    samples : int
        How many positions.

    Returns
    -------
    ndarray of float32, shape (samples, channels)

    Notes
    -----
    Whole positions at a step of 1 are copied exactly. Otherwise the error on sines is below -95 dB up to 0.9 of half
    the sample rate (the lower of the two).

    Examples
    --------
    >>> import numpy as np
    >>> ramp = np.arange(5.0)[:, np.newaxis]
    >>> [float(value) for value in read_at(ramp, -1.0, 1.0, 4)[:, 0]]
    [0.0, 0.0, 1.0, 2.0]
    """
    if step == 1.0 and first == round(first):
        return _copied(audio, round(first), samples)
    out = np.zeros((samples, audio.shape[1]), np.float32)
    taps, coefficients = _sinc(max(1.0, round(step, 6)))
    before = taps // 2 - 1
    for start in range(0, samples, _AT_ONCE):
        count = min(_AT_ONCE, samples - start)
        # Relative to the block's own start: doubles keep the fraction, however long the song.
        origin = first + step * start
        base = math.floor(origin)
        positions = (origin - base) + step * np.arange(count)
        whole = np.floor(positions).astype(np.int64)
        fraction = ((positions - whole) - 0.5).astype(np.float32)[:, np.newaxis]
        chunk = _copied(audio, base - before, int(whole[-1]) + taps)
        if not chunk.any():
            continue
        for channel in range(audio.shape[1]):
            windows = np.lib.stride_tricks.sliding_window_view(np.ascontiguousarray(chunk[:, channel]), taps)
            terms = windows[whole] @ coefficients
            value = terms[:, -1:]
            for power in range(_ORDER - 1, -1, -1):
                value = value * fraction + terms[:, power : power + 1]
            out[start : start + count, channel] = value[:, 0]
    return out


def _copied(audio: Audio, start: int, samples: int) -> npt.NDArray[np.float32]:
    out = np.zeros((samples, audio.shape[1]), np.float32)
    low, high = max(start, 0), min(start + samples, len(audio))
    if high > low:
        out[low - start : high - start] = audio[low:high]
    return out


@functools.lru_cache(maxsize=4)
def _sinc(widened: float) -> tuple[int, npt.NDArray[np.float32]]:
    """Return how many taps there are, and for each the coefficients of its polynomial in the fraction less one half."""
    from scipy.signal.windows import kaiser

    taps = 2 * math.ceil(_TAPS * widened / 2)
    beta = 0.1102 * (_STOPBAND_DB - 8.7)  # Kaiser's formula
    fine = 4096
    shape = kaiser(taps * fine + 1, beta)
    nodes = np.cos(np.pi * (np.arange(64) + 0.5) / 64) / 2.0
    distance = np.arange(taps)[:, np.newaxis] - (taps // 2 - 1) - (nodes + 0.5)
    window = np.interp(distance + taps / 2, np.arange(taps * fine + 1) / fine, shape)
    # The transition band lies around the lower half rate where that is widened, else above it.
    cutoff = 1.0 / widened
    values = cutoff * np.sinc(cutoff * distance) * window
    fitted = np.polynomial.polynomial.polyfit(nodes, values.T, _ORDER)
    return taps, np.ascontiguousarray(fitted.T, np.float32)
