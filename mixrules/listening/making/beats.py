"""Where the beats of a song are: its tempo, and the phase at which the onsets are strongest.

The tempo is that of `mixrules.analysis`; a comb of its period is laid over the onset strength, and each
beat then moves to the strongest onset near it, so that a drifting tempo does no harm.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import Audio
from mixrules.analysis import estimate_tempo, onset_strength

_MIN_CONFIDENCE = 0.1
_PHASES = 64
_SNAP = 0.15  # of a beat
_FREE_S = 0.5
# A rise shows in the first window that reaches well into it: found with clicks at known times.
_LATENCY_S = 0.033


@dataclass(frozen=True, slots=True, kw_only=True)
class Beats:
    """The beats of a song.

    Attributes
    ----------
    times_s : ndarray of float64, shape (beats,)
        When they are; without a tempo, the strongest onset in every half second.
    bpm : float
        The tempo; NaN where none was found.
    """

    times_s: npt.NDArray[np.float64]
    bpm: float

    @property
    def found(self) -> bool:
        """Whether there is a tempo."""
        return math.isfinite(self.bpm)


def find_beats(audio: Audio, sample_rate: int) -> Beats:
    """Find the beats of a song.

    Parameters
    ----------
    audio : ndarray, shape (samples, channels)
        The song. Not modified.
    sample_rate : int
        Hz.

    Returns
    -------
    Beats
    """
    strength, hop_s = onset_strength(audio, sample_rate)
    tempo = estimate_tempo(audio, sample_rate)
    found = math.isfinite(tempo.bpm) and tempo.confidence >= _MIN_CONFIDENCE
    period = (60.0 / tempo.bpm if found else _FREE_S) / hop_s
    phases = np.arange(_PHASES) / _PHASES * period
    frames = np.arange(strength.size)
    combs = [np.arange(phase, strength.size, period) for phase in phases]
    means = [float(np.interp(comb, frames, strength).mean()) if comb.size else 0.0 for comb in combs]
    comb = combs[int(np.argmax(means))]
    reach = _SNAP * period if found else 0.5 * period
    times = np.array([_strongest(strength, frame, reach) for frame in comb]) * hop_s + _LATENCY_S
    times = np.unique(times[times < len(audio) / sample_rate])
    return Beats(times_s=times, bpm=tempo.bpm if found else math.nan)


def _strongest(strength: npt.NDArray[np.float64], frame: float, reach: float) -> float:
    """Return the frame of the strongest onset near `frame`, or `frame` where there is none."""
    low, high = max(0, round(frame - reach)), min(strength.size, round(frame + reach) + 1)
    near = strength[low:high]
    if near.size == 0 or float(near.max()) <= 2.0 * float(strength.mean()):
        return frame
    return float(low + int(np.argmax(near)))
