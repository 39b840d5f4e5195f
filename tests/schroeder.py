"""Reverberation time by scipy alone: the twin of `mixrules.analysis.decay_time`."""

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import signal

Array = npt.NDArray[Any]


def schroeder_t60(
    response: Array,
    sample_rate: int,
    centre_hz: float,
    start_s: float,
    low_db: float = -5.0,
    high_db: float = -35.0,
) -> float:
    """T30 of an octave band by backward integration, both ears together, of what follows `start_s`.

    The reversed response is filtered: the filter's own decay then runs the other way (ISO 3382-1).
    """
    edges = [centre_hz / np.sqrt(2), min(centre_hz * np.sqrt(2), 0.49 * sample_rate)]
    sections = signal.butter(3, edges, "bandpass", fs=sample_rate, output="sos")
    band = signal.sosfilt(sections, response[::-1].astype(np.float64), axis=0)[::-1]
    energy = np.sum(band[round(start_s * sample_rate) :] ** 2, axis=1)
    decay_db = 10 * np.log10(np.maximum(np.cumsum(energy[::-1])[::-1] / energy.sum(), 1e-30))
    fit = (decay_db <= low_db) & (decay_db >= high_db)
    slope = np.polyfit(np.flatnonzero(fit) / sample_rate, decay_db[fit], 1)[0]
    return float(-60 / slope)
