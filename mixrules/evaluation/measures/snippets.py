"""Snippets: the segments of 65536 samples, 32768 apart, over which the vocal-and-backing baseline measures."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mixrules.errors import ParameterError
from mixrules.loudness import BlockEnergies, energy_to_lufs

SNIPPET, HOP = 65_536, 32_768
_FLOOR_LUFS = -70.0


def starts(samples: int) -> npt.NDArray[np.int64]:
    """Return the first sample of each complete snippet; 0 alone where the signal is shorter than one."""
    if samples < 1:
        raise ParameterError(f"samples must be at least 1, got {samples}")
    return np.arange(0, max(1, samples - SNIPPET + 1), HOP, dtype=np.int64)


def snippet_lufs(energies: BlockEnergies) -> npt.NDArray[np.float64]:
    """Return the ungated loudness of each snippet in LUFS; NaN where it is below -70 LUFS.

    Parameters
    ----------
    energies : BlockEnergies
        Of the whole signal; snippets begin and end at its nearest hops.

    Returns
    -------
    ndarray of float64, shape (snippets,)
    """
    bounds = np.asarray(energies.boundaries)
    summed = np.concatenate([[0.0], np.cumsum(energies.energies * np.diff(bounds))])
    first = starts(int(bounds[-1]))
    low = np.searchsorted(bounds, first)
    high = np.minimum(np.searchsorted(bounds, first + SNIPPET), bounds.size - 1)
    lengths = np.maximum(bounds[high] - bounds[low], 1)
    lufs = np.asarray(energy_to_lufs((summed[high] - summed[low]) / lengths))
    return np.where(lufs >= _FLOOR_LUFS, lufs, np.nan)
