"""Sibilance: how far the s and t of a voice stand out from its vowels."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules.analysis._blocks import power_db
from mixrules.analysis.bands import Bands
from mixrules.analysis.masking import blocks_to_mask

_SIBILANTS_HZ = (5000.0, 10_000.0)
_VOWELS_HZ = (300.0, 3000.0)
_SHARPEST_SHARE = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Sibilance:
    """What `sibilance` found.

    Attributes
    ----------
    ratio_db : float
        Level of the sibilants of the sharpest blocks against the mean of the vowels; NaN where none can be measured.
    level_db : float
        Level of those sibilants, dB of a mean square.
    center_hz : float
        About which frequency they lie.
    """

    ratio_db: float
    level_db: float
    center_hz: float


def sibilance(powers: npt.ArrayLike, bands: Bands) -> Sibilance:
    """Measure the sibilants of a voice against its vowels.

    Parameters
    ----------
    powers : array_like, shape (blocks, bands)
        Mean squares of the voice in blocks of about 100 ms.
    bands : Bands
        The bands, fine ones: `erb_bands()`.

    Returns
    -------
    Sibilance
        Sibilants are what lies from 5 to 10 kHz, in the sharpest 5 % of the blocks in which the voice is active;
        vowels what lies from 300 to 3000 Hz, in the mean over those blocks. Nothing can be measured at a sample rate
        at which no band reaches 10 kHz.
    """
    table = np.asarray(powers, np.float64)
    nothing = Sibilance(ratio_db=math.nan, level_db=math.nan, center_hz=math.nan)
    if bands.high_hz[-1] < _SIBILANTS_HZ[1] or not len(table):
        return nothing
    active = table[blocks_to_mask(table.sum(axis=1))]
    high, low = (_between(bands, *edges) for edges in (_SIBILANTS_HZ, _VOWELS_HZ))
    sibilants, vowels = active[:, high].sum(axis=1), active[:, low].sum(axis=1)
    if not (vowels.any() and sibilants.any()):
        return nothing
    limit = float(np.quantile(sibilants, 1.0 - _SHARPEST_SHARE))
    spectrum = active[sibilants >= limit][:, high].sum(axis=0)
    octaves = np.log2(np.asarray(bands.centers_hz)[high])
    level_db, vowels_db = power_db(np.array([limit, vowels.mean()]))
    return Sibilance(
        ratio_db=float(level_db - vowels_db),
        level_db=float(level_db),
        center_hz=float(2.0 ** (spectrum @ octaves / spectrum.sum())),
    )


def _between(bands: Bands, low_hz: float, high_hz: float) -> npt.NDArray[np.bool_]:
    centers_hz = np.asarray(bands.centers_hz)
    return np.asarray((centers_hz >= low_hz) & (centers_hz < high_hz))
