"""In which blocks a signal is active: block levels and gates.

An absolute gate alone depends on the recording level; a gate relative to the signal's own level
does not. Rules may use either, or accept a block that passes one of them.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import numpy.typing as npt

from mixrules._support.channels import mean_of_channels
from mixrules._support.validation import SlicedAudio, as_audio, require_sample_rate
from mixrules.analysis._blocks import block_grid, block_mean_squares, power_db
from mixrules.errors import ParameterError

Gate = Literal["absolute", "relative", "either"]

_SAMPLES_AT_ONCE = 1 << 18
_SILENCE_DBFS = -70.0
_RELATIVE_GATE_LU = -10.0


def block_rms_dbfs(
    audio: npt.ArrayLike | SlicedAudio, sample_rate: int, block_s: float = 0.1
) -> npt.NDArray[np.float64]:
    """Return the RMS level of the mono sum, block by block.

    Parameters
    ----------
    audio : array_like, shape (samples, channels) or (samples,)
        Linear float samples, full scale ±1.0. Not modified.
    sample_rate : int
        Hz.
    block_s : float
        Block length in seconds; the same blocks as `block_band_powers`.

    Returns
    -------
    ndarray of float64, shape (blocks,)
        dBFS, where a full-scale square wave is 0 dBFS (a full-scale sine -3.01); -200 dB for silence.

    Raises
    ------
    AudioError, ParameterError
        If an argument is out of range.
    """
    audio = as_audio(audio)
    blocks, size = block_grid(audio.shape[0], require_sample_rate(sample_rate), block_s)
    at_once = max(1, _SAMPLES_AT_ONCE // size)
    parts = []
    for first in range(0, blocks, at_once):
        count = min(at_once, blocks - first)
        mono = mean_of_channels(audio[first * size : (first + count) * size])
        parts.append(block_mean_squares(mono, count, size))
    return power_db(np.concatenate(parts))


def active_blocks(
    audio: npt.ArrayLike | SlicedAudio,
    sample_rate: int,
    *,
    block_s: float = 0.1,
    absolute_dbfs: float = -30.0,
    relative_lu: float | None = None,
    gate: Gate = "either",
) -> npt.NDArray[np.bool_]:
    """Return which blocks of a signal are active.

    Parameters
    ----------
    audio : array_like, shape (samples, channels) or (samples,)
        Linear float samples, full scale ±1.0. Not modified.
    sample_rate : int
        Hz.
    block_s : float
        Block length in seconds; the same blocks as `block_band_powers`.
    absolute_dbfs, relative_lu, gate
        As in `active_from_levels`.

    Returns
    -------
    ndarray of bool, shape (blocks,)

    Raises
    ------
    AudioError, ParameterError
        If an argument is out of range.
    """
    levels = block_rms_dbfs(audio, sample_rate, block_s)
    return active_from_levels(levels, absolute_dbfs=absolute_dbfs, relative_lu=relative_lu, gate=gate)


def active_from_levels(
    levels_dbfs: npt.ArrayLike,
    *,
    absolute_dbfs: float = -30.0,
    relative_lu: float | None = None,
    gate: Gate = "either",
) -> npt.NDArray[np.bool_]:
    """Return which of a series of block levels are active.

    Parameters
    ----------
    levels_dbfs : array_like, shape (blocks,)
        Block levels, as `block_rms_dbfs` returns them.
    absolute_dbfs : float
        The absolute gate passes blocks above this level.
    relative_lu : float or None
        The relative gate passes blocks above the signal's own level (`gated_level_dbfs`) minus this.
    gate : {"either", "absolute", "relative"}
        Which gate a block must pass. "either" without `relative_lu` is the absolute gate.

    Returns
    -------
    ndarray of bool, shape (blocks,)

    Raises
    ------
    ParameterError
        If a gate is unknown or lacks its bound.
    """
    levels = np.asarray(levels_dbfs, dtype=np.float64)
    if not math.isfinite(absolute_dbfs):
        raise ParameterError(f"absolute_dbfs must be a finite number, got {absolute_dbfs!r}")
    if relative_lu is not None and not (math.isfinite(relative_lu) and relative_lu >= 0):
        raise ParameterError(f"relative_lu must be at least 0, got {relative_lu!r}")
    if gate not in ("either", "absolute", "relative"):
        raise ParameterError(f"gate must be either, absolute or relative, got {gate!r}")
    if gate == "relative" and relative_lu is None:
        raise ParameterError("gate 'relative' needs relative_lu, got None")

    passed = levels > absolute_dbfs
    if gate == "absolute" or relative_lu is None:
        return passed
    own = gated_level_dbfs(levels)
    relative = (levels > own - relative_lu) & (levels > _SILENCE_DBFS)
    return relative if gate == "relative" else passed | relative


def gated_level_dbfs(levels_dbfs: npt.ArrayLike) -> float:
    """Return the level of a signal over its active blocks.

    The two gates of ITU-R BS.1770 (-70, then 10 below the mean of what passed) on block levels that
    are not K-weighted, so that the result is on the scale of the blocks themselves.

    Parameters
    ----------
    levels_dbfs : array_like, shape (blocks,)
        Block levels in dB.

    Returns
    -------
    float
        dBFS; -inf when no block is above -70 dBFS.
    """
    levels = np.asarray(levels_dbfs, dtype=np.float64)
    powers = 10.0 ** (levels / 10.0)
    audible = levels > _SILENCE_DBFS
    if not audible.any():
        return -math.inf
    bound = 10.0 * math.log10(float(powers[audible].mean())) + _RELATIVE_GATE_LU
    return 10.0 * math.log10(float(powers[audible & (levels > bound)].mean()))
