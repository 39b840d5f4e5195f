"""Predict what a compressor does to a signal's loudness without touching the audio.

A compressor's gain follows the peaks of the signal; its effect on loudness is that gain, squared,
on the K-weighted energies. Both are known at a few hundred values a second, so thresholds and ratios
can be tried at almost no cost: that makes the direct solution of a loudness-range target possible.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mixrules.errors import ParameterError
from mixrules.loudness import BlockEnergies

if TYPE_CHECKING:
    from mixrules.processors import CompressorParams

_HOPS_PER_SECOND = 500
_FLOOR = 1e-6


def predict_compression(
    envelope: npt.ArrayLike, block_energies: BlockEnergies, params: CompressorParams
) -> BlockEnergies:
    """Return the K-weighted energies that a signal would have after a compressor.

    `integrated_from_energies` and `loudness_range_from_energies` of the result are the predicted
    loudness and loudness range.

    Parameters
    ----------
    envelope : array_like, shape (hops,)
        Peak magnitude over channels every 2 ms, from `level_envelope`.
    block_energies : BlockEnergies
        Energies of the same signal every 10 ms, from `mixrules.loudness.block_energies`.
    params : CompressorParams
        The compressor.

    Returns
    -------
    BlockEnergies
        On the hops of `block_energies`.

    Raises
    ------
    ParameterError
        If the envelope does not cover the energies.

    Notes
    -----
    The static curve and the ballistics are the compressor's own, run at 500 Hz on the peak of each
    2 ms. The gain's effect on K-weighting (it is no longer a steady gain) and all that happens
    within 2 ms are left out; where the gain moves within 10 ms, its power is averaged.
    """
    from mixrules.processors import smooth_reduction_db, static_curve_db

    peaks = np.asarray(envelope, dtype=np.float64)
    hops = block_energies.energies.size
    per_block = _HOPS_PER_SECOND // (10 * block_energies.hops_per_100_ms)
    if peaks.ndim != 1 or not hops * per_block - per_block < peaks.size <= hops * per_block:
        raise ParameterError(
            f"envelope must hold {per_block} values of 2 ms for each of {hops} hops, got shape {peaks.shape}"
        )
    level_db = 20.0 * np.log10(np.maximum(peaks, _FLOOR))
    reduction_db = level_db - static_curve_db(level_db, params)
    smooth_db = smooth_reduction_db(reduction_db, _HOPS_PER_SECOND, params)
    power_gain = 10.0 ** ((params.makeup_db - smooth_db) / 10.0)
    # The loudest moments of a block carry its energy: weight by the peaks' power.
    weight = np.maximum(peaks, _FLOOR) ** 2
    starts = np.arange(hops) * per_block
    gain = np.add.reduceat(power_gain * weight, starts) / np.add.reduceat(weight, starts)
    return block_energies.scaled(np.sqrt(gain))
