"""Onsets: when notes begin, and how long it is from one to the next where they are densest."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import SlicedAudio, as_audio
from mixrules.analysis.tempo import onset_strength

_ONSET_SHARE = 0.15  # of the strongest onset's strength
_NEAREST_S = 0.06  # onsets of one note, not of two
_WINDOW_S = 3.0
_WINDOW_HOP_S = 0.5


def onset_times_s(audio: npt.ArrayLike | SlicedAudio, sample_rate: int) -> npt.NDArray[np.float64]:
    """Return when notes begin: where the onset strength peaks, at least 0.15 of its highest.

    Parameters
    ----------
    audio : array_like, shape (samples, channels) or (samples,)
        Linear float samples. Not modified. Channels are averaged first.
    sample_rate : int
        Hz.

    Returns
    -------
    ndarray of float64
        Seconds, rising, more than 60 ms apart.

    Raises
    ------
    AudioError, ParameterError
        If an argument is out of range.
    """
    strength, hop_s = onset_strength(audio, sample_rate)
    inner = strength[1:-1]
    peaks = (inner > strength[:-2]) & (inner >= strength[2:]) & (inner > _ONSET_SHARE * strength.max())
    times = np.asarray((np.flatnonzero(peaks) + 1) * hop_s, dtype=np.float64)
    return times[np.concatenate([[True], np.diff(times) > _NEAREST_S])] if times.size else times


def note_gap_s(audio: npt.ArrayLike | SlicedAudio, sample_rate: int, *, densest_share: float = 0.1) -> float:
    """Return the mean time from one onset to the next where they are dense.

    Parameters
    ----------
    audio : array_like, shape (samples, channels) or (samples,)
        Linear float samples. Not modified.
    sample_rate : int
        Hz.
    densest_share : float
        Which windows of 3 s count as dense: this share of those that have onsets has at least as many.

    Returns
    -------
    float
        Seconds; infinite where there are fewer than two onsets.

    Raises
    ------
    AudioError, ParameterError
        If an argument is out of range.
    """
    audio = as_audio(audio)
    times = onset_times_s(audio, sample_rate)
    if times.size < 2:
        return math.inf
    length_s = float(audio.shape[0] / sample_rate)
    if length_s <= _WINDOW_S:
        return length_s / times.size
    starts = np.arange(0.0, length_s - _WINDOW_S + 1e-9, _WINDOW_HOP_S)
    counts = np.searchsorted(times, starts + _WINDOW_S) - np.searchsorted(times, starts)
    dense = float(np.quantile(counts[counts > 0], 1.0 - densest_share)) if (counts > 0).any() else 0.0
    return _WINDOW_S / dense if dense > 0.0 else math.inf


def left_at_next_note(gap_s: float, t60_s: float) -> float:
    """Return the power of a reverb at the end of a gap between notes over its mean power.

    Parameters
    ----------
    gap_s : float
        Seconds from one note to the next, each of which feeds the reverb anew; infinite after a last one.
    t60_s : float
        Reverberation time in seconds, above 0.

    Returns
    -------
    float
        ``r / (exp(r) - 1)`` with ``r = 6 ln(10) gap / T60``: near 1 where notes follow at once, 0 after an endless gap.
    """
    if math.isinf(gap_s):
        return 0.0
    rate = 6.0 * math.log(10.0) * gap_s / t60_s
    return rate / math.expm1(rate) if rate < 500.0 else 0.0
