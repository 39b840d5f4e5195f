"""Reverberation: the decay time of a mix, estimated from its free decays."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import numpy.typing as npt

from mixrules.evaluation.measures.definition import Measure, MeasureGroup
from mixrules.evaluation.rendition import Rendition

_HOP_S = 0.01
_LAG_HOPS = 5
_MIN_DECAY_DB = 10.0
_MIN_DECAY_S = 0.1
_MIN_CORRELATION = 0.97  # of a decay's level in dB with time
_MIN_DECAYS = 3


def measured(candidate: Rendition, reference: Rendition) -> dict[str, float]:
    """Return the difference of the two decay times, in seconds."""
    times = [
        mix.cached("t60", partial(free_decay_s, mix.audio, mix.sample_rate)) for mix in (candidate, reference)
    ]
    return {"decay_time_error_s": abs(times[0] - times[1])}


def free_decay_s(audio: npt.NDArray[np.float32], sample_rate: int) -> float:
    """Estimate the 60 dB decay time of a mix from its free decays.

    A segment counts as a free decay where the level falls for 0.1 s or more, by 10 dB or more, along a
    straight line in dB. Slow decays are the room's, fast ones the instruments': the upper quartile of all is
    taken.

    Parameters
    ----------
    audio : ndarray, shape (samples, channels)
        Full scale ±1.0.
    sample_rate : int
        Hz.

    Returns
    -------
    float
        Seconds; NaN with fewer than three free decays.

    Notes
    -----
    Ours, after the idea of Ratnam et al., "Blind estimation of reverberation time", JASA 114, 2003. Decays of
    instruments count as rooms do: good for comparing two mixes of one song, not for naming a room's T60.
    """
    hop = max(1, round(_HOP_S * sample_rate))
    hops = len(audio) // hop
    if hops < _MIN_DECAY_S / _HOP_S:
        return math.nan
    power = np.square(audio[: hops * hop], dtype=np.float64).reshape(hops, -1).mean(axis=1)
    smooth = np.convolve(power, np.ones(3) / 3.0, mode="same")
    level = 10.0 * np.log10(np.maximum(smooth, 1e-9))
    # Compared over 50 ms: noise makes the level rise between neighbouring hops of a decay.
    falling = level[_LAG_HOPS:] < level[:-_LAG_HOPS]
    edges = np.flatnonzero(np.diff(np.concatenate([[False], falling, [False]]).astype(np.int8)))
    decays = [_decay_s(level[a : b + 1]) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    times_s = [time for time in decays if math.isfinite(time)]
    return float(np.percentile(times_s, 75)) if len(times_s) >= _MIN_DECAYS else math.nan


def _decay_s(level: npt.NDArray[np.float64]) -> float:
    """Return the 60 dB decay time of a falling level in dB, in seconds; NaN where it is no straight decay."""
    if len(level) * _HOP_S < _MIN_DECAY_S or level[0] - level[-1] < _MIN_DECAY_DB:
        return math.nan
    times = np.arange(len(level)) * _HOP_S
    slope = float(np.polyfit(times, level, 1)[0])
    if abs(float(np.corrcoef(times, level)[0, 1])) < _MIN_CORRELATION:
        return math.nan
    return -60.0 / slope


GROUP = MeasureGroup(
    name="reverberation",
    function=measured,
    measures=(
        Measure(
            name="decay_time_error_s",
            unit="s",
            source="ours, after the idea of Ratnam et al. 2003",
            about="how far the decay time of free decays is off; NaN where a mix has fewer than three",
        ),
    ),
)
