"""Frequency weighting of band levels, and power per Hz."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from mixrules.analysis._blocks import power_db
from mixrules.analysis.bands import Bands
from mixrules.errors import ParameterError

Weighting = Literal["k", "a", "none"]

_FLOOR_DB = -200.0
# Pole frequencies of the A-weighting, IEC 61672-1:2013, Annex E, and its gain at 1 kHz.
_F1_HZ, _F2_HZ, _F3_HZ, _F4_HZ = 20.598997, 107.65265, 737.86223, 12194.217


def weighting_db(frequencies_hz: npt.ArrayLike, kind: Weighting) -> npt.NDArray[np.float64]:
    """Return the gain of a frequency weighting at each frequency.

    Parameters
    ----------
    frequencies_hz : array_like
        Frequencies in Hz, at least 0.
    kind : {"k", "a", "none"}
        K-weighting of ITU-R BS.1770 (its 48 kHz filter), A-weighting of IEC 61672-1, or 0 dB.

    Returns
    -------
    ndarray
        Gain in dB, limited to -200 dB where the weighting is zero (0 Hz).

    Raises
    ------
    ParameterError
        If `kind` is none of these.
    """
    hz = np.asarray(frequencies_hz, dtype=np.float64)
    if kind == "none":
        return np.zeros_like(hz)
    if kind == "a":
        return np.maximum(_a_weighting_db(hz) - _a_weighting_db(np.asarray(1000.0)), _FLOOR_DB)
    if kind == "k":
        from mixrules.loudness import k_weighting_response_db

        # The 48 kHz filter ends at 24 kHz; above it the shelf is flat.
        return np.maximum(k_weighting_response_db(np.minimum(hz, 24000.0), 48_000), _FLOOR_DB)
    raise ParameterError(f"weighting must be k, a or none, got {kind!r}")


def power_per_hz_db(powers: npt.ArrayLike, bands: Bands) -> npt.NDArray[np.float64]:
    """Return band powers divided by bandwidth, in dB: 10 log10(mean square / bandwidth in Hz).

    Without the division wide bands always lead a ranking by level.

    Parameters
    ----------
    powers : array_like, shape (..., bands)
        Mean squares.
    bands : Bands
        The bands they were measured in.

    Returns
    -------
    ndarray, shape (..., bands)
        dB, -200 dB for silence.
    """
    return power_db(np.asarray(powers, dtype=np.float64) / bands.bandwidths_hz, _FLOOR_DB)


def _a_weighting_db(hz: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    square = np.maximum(hz, 1e-3) ** 2
    numerator = _F4_HZ**2 * square**2
    poles = np.sqrt((square + _F2_HZ**2) * (square + _F3_HZ**2))
    return 20.0 * np.log10(numerator / ((square + _F1_HZ**2) * poles * (square + _F4_HZ**2)))
