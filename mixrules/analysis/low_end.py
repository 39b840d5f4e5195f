"""Kick and bass below 120 Hz: how often they are in each other's way, and in which band."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules.analysis.bands import Bands
from mixrules.analysis.masking import blocks_to_mask
from mixrules.errors import ParameterError

_STRONG_DB = 3.0
_LIKE_DB = 3.0


@dataclass(frozen=True, slots=True)
class LowEndClash:
    """What `low_end_clash` found.

    Attributes
    ----------
    share : float
        Share of the blocks with both in which some band is strong in both; NaN where they never sound together.
    by_band : ndarray of float64, shape (bands,)
        The same for each band.
    """

    share: float
    by_band: npt.NDArray[np.float64]


def low_end_clash(kick: npt.ArrayLike, bass: npt.ArrayLike, bands: Bands) -> LowEndClash:
    """Measure how often two sounds are equally strong in one low band.

    Parameters
    ----------
    kick, bass : array_like, shape (blocks, bands)
        Mean squares in some third octaves of the low end.
    bands : Bands
        The bands.

    Returns
    -------
    LowEndClash
        A block counts where both sound, within 20 dB of their own gated level there. A band is strong in a sound
        within 3 dB of its strongest, and two sounds are in each other's way there where their levels differ by less
        than 3 dB.

    Raises
    ------
    ParameterError
        If shapes do not agree.
    """
    first, second = (np.asarray(powers, np.float64) for powers in (kick, bass))
    if first.shape != second.shape or first.shape[1:] != (len(bands),):
        raise ParameterError(
            f"kick and bass must have one shape (blocks, {len(bands)}), got {first.shape} and {second.shape}"
        )
    together = blocks_to_mask(first.sum(axis=1)) & blocks_to_mask(second.sum(axis=1))
    if not together.any():
        return LowEndClash(math.nan, np.zeros(len(bands)))
    first, second = first[together], second[together]
    clash = (
        _strong(first)
        & _strong(second)
        & (np.maximum(first, second) < _ratio(_LIKE_DB) * np.minimum(first, second))
    )
    return LowEndClash(float(clash.any(axis=1).mean()), np.asarray(clash.mean(axis=0)))


def _strong(powers: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    return np.asarray(powers * _ratio(_STRONG_DB) >= powers.max(axis=1, keepdims=True))


def _ratio(db: float) -> float:
    return float(10.0 ** (db / 10.0))
