"""Spectral centroid, low-frequency share and dominant band of a sound, from its powers in fine bands."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules.analysis.bands import Bands, log_bands, octave_bands

LOW_HZ = 200.0


@dataclass(frozen=True, slots=True)
class Tone:
    """The measures of `tone_of`.

    Attributes
    ----------
    spectral_centroid_hz : float
        Power-weighted mean frequency; NaN for silence.
    low_share : float
        Share of power below 200 Hz, 0 to 1.
    dominant_band_hz : float
        Centre of the octave band with most power; NaN for silence.
    """

    spectral_centroid_hz: float
    low_share: float
    dominant_band_hz: float


def tone_bands(sample_rate: int) -> Bands:
    """Return the bands of the powers that `tone_of` expects."""
    return log_bands(60).below(sample_rate / 2)


def tone_of(powers: npt.NDArray[np.float64], sample_rate: int) -> Tone:
    """Return where in the spectrum the power of a sound lies.

    Parameters
    ----------
    powers : ndarray of float64, shape (bands,)
        Powers in `tone_bands`, on any scale.
    sample_rate : int
        Hz.

    Returns
    -------
    Tone
    """
    total = float(powers.sum())
    if total <= 0.0:
        return Tone(math.nan, 0.0, math.nan)
    centers = np.asarray(tone_bands(sample_rate).centers_hz)
    octaves = octave_bands().below(sample_rate / 2)
    sums = [
        powers[(centers >= low) & (centers < high)].sum()
        for low, high in zip(octaves.low_hz, octaves.high_hz, strict=True)
    ]
    return Tone(
        spectral_centroid_hz=float(powers @ centers) / total,
        low_share=float(powers[centers < LOW_HZ].sum()) / total,
        dominant_band_hz=octaves.centers_hz[int(np.argmax(sums))],
    )
