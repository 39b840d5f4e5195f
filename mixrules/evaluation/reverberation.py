"""Reverberation: the decay time that can be heard where a mix falls silent by itself."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import numpy.typing as npt

from mixrules.evaluation.measure import Measure, MeasureGroup
from mixrules.evaluation.rendition import Rendition

_HOP_S = 0.01
_LAG = 5
_LEAST_FALL_DB = 10.0
_LEAST_S = 0.1
_STRAIGHT = 0.97  # correlation of a decay with its line
_LEAST_DECAYS = 3


def measured(candidate: Rendition, reference: Rendition) -> dict[str, float]:
    """Return the difference of the decay times heard in both, in seconds."""
    times = [
        mix.kept("t60", partial(heard_decay_s, mix.audio, mix.sample_rate)) for mix in (candidate, reference)
    ]
    return {"decay_time_error_s": abs(times[0] - times[1])}


def heard_decay_s(audio: npt.NDArray[np.float32], sample_rate: int) -> float:
    """Estimate the 60 dB decay time of a mix from its free decays.

    A stretch counts where the level falls for 0.1 s or more, by 10 dB or more, along a straight line. Of
    all such stretches the slow decays are the room's, the fast ones the instruments': the upper quartile is
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
    if hops < _LEAST_S / _HOP_S:
        return math.nan
    power = np.square(audio[: hops * hop], dtype=np.float64).reshape(hops, -1).mean(axis=1)
    smooth = np.convolve(power, np.ones(3) / 3.0, mode="same")
    level = 10.0 * np.log10(np.maximum(smooth, 1e-9))
    # Against the level a little later: noise makes single steps go up.
    falling = level[_LAG:] < level[:-_LAG]
    edges = np.flatnonzero(np.diff(np.concatenate([[False], falling, [False]]).astype(np.int8)))
    found = [_decay_s(level[a : b + 1]) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    times = [time for time in found if math.isfinite(time)]
    return float(np.percentile(times, 75)) if len(times) >= _LEAST_DECAYS else math.nan


def _decay_s(level: npt.NDArray[np.float64]) -> float:
    if len(level) * _HOP_S < _LEAST_S or level[0] - level[-1] < _LEAST_FALL_DB:
        return math.nan
    times = np.arange(len(level)) * _HOP_S
    slope = float(np.polyfit(times, level, 1)[0])
    if abs(float(np.corrcoef(times, level)[0, 1])) < _STRAIGHT:
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
            about="how far the decay time heard in free decays is off; NaN where a mix has fewer than three",
        ),
    ),
)
