"""The long-term spectrum of a sound: its mean power in fine bands, and what follows from it."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules.analysis._blocks import power_db
from mixrules.analysis.bands import Bands
from mixrules.analysis.tone import tone_bands
from mixrules.processors import EqualizerParams, frequency_response

# From the third bin of a window of 186 ms on: a constant offset counts there by the window's side lobes alone, -30 dB.
_LOWEST_HZ = 11.0
_POINTS_IN_A_BAND = 8


@functools.lru_cache(maxsize=8)
def spectrum_bands(sample_rate: int) -> Bands:
    """Return the bands of a `Spectrum`: one from 11 to 20 Hz, then those of the tone, six to an octave."""
    fine = tone_bands(sample_rate)
    low_hz = fine.low_hz[0]
    return Bands(
        ((_LOWEST_HZ * low_hz) ** 0.5, *fine.centers_hz), (_LOWEST_HZ, *fine.low_hz), (low_hz, *fine.high_hz)
    )


def mean_power_gains(equalizer: EqualizerParams, bands: Bands, sample_rate: int) -> npt.NDArray[np.float64]:
    """Return the mean power gain of an equaliser over each band, for power that is the same in each part of an octave.

    Parameters
    ----------
    equalizer : EqualizerParams
        The filters.
    bands : Bands
        The bands.
    sample_rate : int
        Hz.

    Returns
    -------
    ndarray of float64, shape (bands,)
    """
    shares = (np.arange(_POINTS_IN_A_BAND) + 0.5) / _POINTS_IN_A_BAND
    low_hz = np.maximum(bands.low_hz, 1.0)[:, np.newaxis]
    points_hz = low_hz * (np.asarray(bands.high_hz)[:, np.newaxis] / low_hz) ** shares
    return np.asarray((np.abs(frequency_response(equalizer, sample_rate, points_hz)) ** 2).mean(axis=1))


@dataclass(frozen=True, slots=True)
class Spectrum:
    """Mean power by band.

    Attributes
    ----------
    bands : Bands
        Bands that follow one another.
    powers : ndarray of float64, shape (bands,)
        Mean squares, on any scale.
    """

    bands: Bands
    powers: npt.NDArray[np.float64]

    def share_db(self, low_hz: float, high_hz: float) -> float:
        """Return the level of what lies between two frequencies against all of it; -inf where nothing does.

        A band on the edge counts by the part of it, in octaves, that lies within.
        """
        total = self.powers.sum()
        part = float((_parts(self.bands, [low_hz], [high_hz]) @ self.powers)[0])
        return 10.0 * math.log10(part / total) if part > 0.0 else -math.inf

    def filtered(self, equalizer: EqualizerParams, sample_rate: int) -> Spectrum:
        """Return the spectrum after an equaliser."""
        return Spectrum(self.bands, self.powers * mean_power_gains(equalizer, self.bands, sample_rate))

    def levels_db(self, bands: Bands) -> npt.NDArray[np.float64]:
        """Return the levels in other bands, shape (bands,); -inf where there is no power."""
        return power_db(_parts(self.bands, bands.low_hz, bands.high_hz) @ self.powers)

    def slope_db_per_octave(self, low_hz: float, high_hz: float) -> float:
        """Return the slope between two frequencies of the level of the power per Hz; NaN where too little sounds.

        A straight line through the bands whose centres lie there, over the logarithm of frequency, as commercial music
        is described (Elowsson & Friberg 2017). White noise has 0, pink noise -3 dB an octave.
        """
        centers_hz = np.asarray(self.bands.centers_hz)
        used = (centers_hz >= low_hz) & (centers_hz <= high_hz) & (self.powers > 0.0)
        if np.count_nonzero(used) < 2:
            return float("nan")
        density_db = power_db(self.powers[used] / self.bands.bandwidths_hz[used])
        return float(np.polyfit(np.log2(centers_hz[used]), density_db, 1)[0])


def _parts(bands: Bands, low_hz: Sequence[float], high_hz: Sequence[float]) -> npt.NDArray[np.float64]:
    """Return which part of each band, in octaves, lies in each range, shape (ranges, bands)."""
    lows, highs = np.log2(bands.low_hz), np.log2(bands.high_hz)
    from_oct, to_oct = (np.log2(np.maximum(hz, 1e-3))[:, np.newaxis] for hz in (low_hz, high_hz))
    shared = np.minimum(highs, to_oct) - np.maximum(lows, from_oct)
    return np.asarray(np.clip(shared, 0.0, None) / (highs - lows))
