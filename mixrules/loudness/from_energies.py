"""Loudness from block energies: gating, loudness range, momentary and short-term loudness.

References: ITU-R BS.1770-5, Annex 1 (gating); EBU Tech 3341 v4 (momentary, short-term); EBU Tech
3342 v4 (loudness range).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from mixrules.loudness.energies import (
    BlockEnergies,
    FloatArray,
    energy_to_lufs,
    hop_count,
    lufs_to_energy,
    window_energies,
)

ABSOLUTE_GATE_LUFS = -70.0
RELATIVE_GATE_LU = -10.0
RANGE_GATE_LU = -20.0
RANGE_LOW, RANGE_HIGH = 0.10, 0.95
MOMENTARY_S, SHORT_TERM_S, GATING_HOP_S = 0.4, 3.0, 0.1

_ABSOLUTE_GATE = float(lufs_to_energy(ABSOLUTE_GATE_LUFS))


def integrated_from_energies(block_energies: BlockEnergies) -> float:
    """Compute gated integrated loudness (BS.1770-5, eqs. 3 to 7).

    Parameters
    ----------
    block_energies : BlockEnergies
        From `block_energies` or `LoudnessMeter.block_energies`.

    Returns
    -------
    float
        LUFS; ``-inf`` when no block is above -70 LUFS. A signal shorter than one block of 400 ms is
        measured as one ungated block over all of it.
    """
    return integrated_together([block_energies])


def integrated_together(parts: Sequence[BlockEnergies]) -> float:
    """Compute gated integrated loudness of several signals as of one programme, as an album's.

    The blocks of all of them pass the gates together; no block spans two of them. This is what libebur128 computes
    for several states, and ReplayGain's album gain rests on [1]_.

    Parameters
    ----------
    parts : sequence of BlockEnergies
        The signals, of any sample rates.

    Returns
    -------
    float
        LUFS; ``-inf`` when no block is above -70 LUFS. Where all of them are shorter than one block: one ungated block
        over all.

    References
    ----------
    .. [1] ReplayGain 2.0 specification, album gain; libebur128, `ebur128_loudness_global_multiple`.
    """
    blocks = np.concatenate([window_energies(part, MOMENTARY_S, GATING_HOP_S) for part in parts])
    if blocks.size == 0:
        lengths_s = [np.diff(part.boundaries) / part.sample_rate for part in parts]
        total = sum(float(np.dot(part.energies, s)) for part, s in zip(parts, lengths_s, strict=True))
        return float(energy_to_lufs(total / (sum(float(s.sum()) for s in lengths_s) or 1.0)))
    blocks = blocks[blocks > _ABSOLUTE_GATE]
    if blocks.size == 0:
        return -math.inf
    gate = float(blocks.mean()) * 10.0 ** (RELATIVE_GATE_LU / 10.0)
    return float(energy_to_lufs(blocks[blocks > gate].mean()))


def loudness_range_from_energies(block_energies: BlockEnergies, hop_s: float = 1.0) -> float:
    """Compute the loudness range (EBU Tech 3342).

    Parameters
    ----------
    block_energies : BlockEnergies
        The signal.
    hop_s : float
        Seconds between short-term values, a multiple of the hop of `block_energies`. See
        `loudness_range`.

    Returns
    -------
    float
        LU; NaN when there is no short-term value of at least -70 LUFS.

    Raises
    ------
    ParameterError
        If `hop_s` is not a positive multiple of the hop.

    Notes
    -----
    The relative gate is 20 LU below the mean energy of the values above -70 LUFS; of the n values that pass, sorted, the
    percentile p is the one at index round((n - 1) p), and the range is the 95th less the 10th.
    """
    return _range(block_energies, SHORT_TERM_S, hop_s)


def loudness_range_ends_from_energies(
    block_energies: BlockEnergies, hop_s: float = 1.0
) -> tuple[float, float]:
    """Compute the two short-term loudnesses that the loudness range lies between (EBU Tech 3342).

    Parameters
    ----------
    block_energies : BlockEnergies
        The signal.
    hop_s : float
        Seconds between short-term values, a multiple of the hop of `block_energies`.

    Returns
    -------
    low_lufs : float
        The 10th percentile of what passes the gates; NaN when there is no short-term value of at least -70 LUFS.
    high_lufs : float
        The 95th.

    Raises
    ------
    ParameterError
        If `hop_s` is not a positive multiple of the hop.
    """
    return _range_ends(block_energies, SHORT_TERM_S, hop_s)


def momentary_range_from_energies(block_energies: BlockEnergies, hop_s: float = 0.1) -> float:
    """Compute the range of momentary loudness: what EBU Tech 3342 does, with windows of 400 ms. For short signals.

    Parameters
    ----------
    block_energies : BlockEnergies
        The signal.
    hop_s : float
        Seconds between values, a multiple of the hop of `block_energies`.

    Returns
    -------
    float
        LU; NaN when there is no momentary value of at least -70 LUFS.

    Raises
    ------
    ParameterError
        If `hop_s` is not a positive multiple of the hop.
    """
    return _range(block_energies, MOMENTARY_S, hop_s)


def short_term_from_energies(
    block_energies: BlockEnergies, hop_s: float = 0.1
) -> tuple[FloatArray, FloatArray]:
    """Compute the course of short-term loudness: 3 s windows, ungated (EBU Tech 3341).

    Parameters
    ----------
    block_energies : BlockEnergies
        The signal.
    hop_s : float
        Seconds between values, a multiple of the hop of `block_energies`.

    Returns
    -------
    times_s : ndarray, shape (values,)
        Where each window ends, seconds from the start.
    lufs : ndarray, shape (values,)
        Loudness; both are empty when the signal is shorter than 3 s.

    Raises
    ------
    ParameterError
        If `hop_s` is not a positive multiple of the hop.
    """
    return _series(block_energies, SHORT_TERM_S, hop_s)


def momentary_from_energies(
    block_energies: BlockEnergies, hop_s: float = 0.1
) -> tuple[FloatArray, FloatArray]:
    """Compute the course of momentary loudness: 400 ms windows, ungated (EBU Tech 3341).

    Parameters
    ----------
    block_energies : BlockEnergies
        The signal.
    hop_s : float
        Seconds between values, a multiple of the hop of `block_energies`.

    Returns
    -------
    times_s : ndarray, shape (values,)
        Where each window ends, seconds from the start.
    lufs : ndarray, shape (values,)
        Loudness; both are empty when the signal is shorter than 400 ms.

    Raises
    ------
    ParameterError
        If `hop_s` is not a positive multiple of the hop.
    """
    return _series(block_energies, MOMENTARY_S, hop_s)


def highest_lufs(block_energies: BlockEnergies, window_s: float) -> float:
    """Return the highest loudness of any window, one at every hop; NaN when the signal is shorter than a window."""
    windows = window_energies(block_energies, window_s, block_energies.hop_s)
    return float(energy_to_lufs(np.max(windows))) if windows.size else math.nan


def _range(block_energies: BlockEnergies, window_s: float, hop_s: float) -> float:
    low_lufs, high_lufs = _range_ends(block_energies, window_s, hop_s)
    return math.nan if math.isnan(low_lufs) else high_lufs - low_lufs


def _range_ends(block_energies: BlockEnergies, window_s: float, hop_s: float) -> tuple[float, float]:
    gated = window_energies(block_energies, window_s, hop_s)
    gated = gated[gated >= _ABSOLUTE_GATE]
    if gated.size == 0:
        return math.nan, math.nan
    gated = np.sort(gated[gated >= gated.mean() * 10.0 ** (RANGE_GATE_LU / 10.0)])
    low, high = (gated[int((gated.size - 1) * p + 0.5)] for p in (RANGE_LOW, RANGE_HIGH))
    return float(energy_to_lufs(low)), float(energy_to_lufs(high))


def _series(block_energies: BlockEnergies, window_s: float, hop_s: float) -> tuple[FloatArray, FloatArray]:
    lufs = energy_to_lufs(window_energies(block_energies, window_s, hop_s))
    width = hop_count(block_energies, window_s, "window_s")
    step = hop_count(block_energies, hop_s, "hop_s")
    ends = block_energies.boundaries[width::step][: lufs.size]
    return np.asarray(ends / block_energies.sample_rate), lufs
