"""Anchors: the reference, low-passed, so that every listener has something plainly bad to rate.

The low and the mid-range anchor of ITU-R BS.1534-3 are low-passed at 3.5 and 7 kHz. The filter keeps what it says of
the first: within ±0.1 dB up to 3.5 kHz, at least 25 dB down at 4 kHz and 50 dB at 4.5 kHz; ours falls by 60 dB within
a seventh of the cutoff, at any cutoff.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import Audio
from mixrules.errors import ParameterError

STOPBAND_DB = 60.0
TRANSITION = 1.0 / 7.0
"""Width of the transition as a share of the cutoff: from 3.5 to 4 kHz."""
_LOWEST_HZ, _HIGHEST_HZ = 200.0, 20_000.0


def anchor_names(
    cutoffs_hz: Sequence[float], *, reference: str | None, taken: Sequence[str]
) -> dict[str, float]:
    """Return the conditions that anchors are: a name to its cutoff in Hz.

    Parameters
    ----------
    cutoffs_hz : sequence of float
        200 to 20,000 Hz each.
    reference : str or None
        The condition that is low-passed.
    taken : sequence of str
        The names of the other conditions.

    Raises
    ------
    ParameterError
        If there is no reference to low-pass, a frequency is none, or a name is taken.
    """
    if cutoffs_hz and reference is None:
        raise ParameterError(
            "anchors are the reference low-passed, and no reference is named: --reference CONDITION"
        )
    names: dict[str, float] = {}
    for cutoff_hz in cutoffs_hz:
        if not (math.isfinite(cutoff_hz) and _LOWEST_HZ <= cutoff_hz <= _HIGHEST_HZ):
            raise ParameterError(
                f"an anchor's frequency must be {_LOWEST_HZ:g} to {_HIGHEST_HZ:g} Hz, got {cutoff_hz:g}"
            )
        name = f"anchor-{cutoff_hz / 1000:g}k"
        if name in names or name in taken:
            raise ParameterError(f"there are two conditions called {name}")
        names[name] = cutoff_hz
    return names


def low_passed(audio: Audio, sample_rate: int, cutoff_hz: float) -> npt.NDArray[np.float32]:
    """Return audio without what lies above a frequency.

    Parameters
    ----------
    audio : ndarray, shape (samples, channels)
        Not modified.
    sample_rate : int
        Hz.
    cutoff_hz : float
        The highest frequency that passes whole. The delay of the filter, which has linear phase, is taken out.

    Returns
    -------
    ndarray of float32, shape (samples, channels)

    Raises
    ------
    ParameterError
        If nothing would be taken away at this sample rate.
    """
    from scipy import signal

    stop_hz = cutoff_hz * (1.0 + TRANSITION)
    if stop_hz >= 0.5 * sample_rate:
        raise ParameterError(
            f"an anchor at {cutoff_hz:g} Hz needs a sample rate above {2 * stop_hz:.0f} Hz, got {sample_rate} Hz"
        )
    width = (stop_hz - cutoff_hz) / (0.5 * sample_rate)
    taps, beta = signal.kaiserord(STOPBAND_DB, width)
    taps |= 1
    filter_taps = signal.firwin(taps, 0.5 * (cutoff_hz + stop_hz), window=("kaiser", beta), fs=sample_rate)
    padded = np.pad(np.asarray(audio, np.float64), ((taps // 2, taps // 2), (0, 0)))
    filtered = signal.oaconvolve(padded, filter_taps[:, np.newaxis], mode="valid", axes=0)
    return np.asarray(filtered, np.float32)
