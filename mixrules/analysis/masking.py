"""How much of a track is masked by the rest: a signal-to-masker ratio per block and band.

Works on band powers, so that a rule can try an equaliser on the numbers (`apply_eq_to_powers`) and ask
again without measuring the audio again.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules.analysis._blocks import power_db
from mixrules.analysis.activity import active_from_levels
from mixrules.analysis.bands import Bands, bark_number
from mixrules.errors import ParameterError

_UPWARD_DB_PER_BARK = 10.0
_DOWNWARD_DB_PER_BARK = 25.0
CELL_RANGE_DB = 30.0
_ACTIVE_LU = 20.0
_SMR_LIMIT_DB = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Masking:
    """What `masking` found.

    Attributes
    ----------
    share_masked : float
        Share of the target's (weighted) power, over the cells looked at, in masked cells; 0 to 1.
    mean_smr_db : float
        Power-weighted mean of the signal-to-masker ratio, each cell held to ±60 dB; NaN without cells.
    cells : int
        How many cells (block, band) were looked at.
    """

    share_masked: float
    mean_smr_db: float
    cells: int


def masking(
    target_powers: npt.ArrayLike,
    masker_powers: npt.ArrayLike,
    bands: Bands,
    *,
    threshold_db: float = -6.0,
    power_exponent: float = 1.0,
    active: npt.ArrayLike | None = None,
) -> Masking:
    """Measure how much of a target is masked by the sum of the rest.

    The masker spreads 10 dB per Bark upward and 25 dB per Bark downward. Only blocks where the
    target is active count, and in them only bands within 30 dB of the block's strongest band.

    Parameters
    ----------
    target_powers, masker_powers : array_like, shape (blocks, bands)
        Mean squares from `block_band_powers`, of the target and of the sum of the others; meant for
        `erb_bands()`.
    bands : Bands
        The bands they were measured in.
    threshold_db : float
        A cell is masked when its signal-to-masker ratio is below this.
    power_exponent : float
        A cell weighs its power to this exponent: 1 after the source, 0.3 about as loud as it sounds
        (Stevens' power law), so that quieter bands of the target count too.
    active : array_like of bool, shape (blocks,), optional
        Where the target is active; by default blocks within 20 dB of its own gated level.

    Returns
    -------
    Masking

    Raises
    ------
    ParameterError
        If shapes do not agree.

    Notes
    -----
    After the cross-adaptive signal-to-masker ratio of Vega and Janer ("Quantifying masking in
    multi-track recordings", SMC 2010), with the constants of a later open implementation.
    """
    target = _powers(target_powers, bands, "target_powers")
    masker = _powers(masker_powers, bands, "masker_powers")
    if target.shape != masker.shape:
        raise ParameterError(
            f"target_powers and masker_powers must have one shape, got {target.shape} and {masker.shape}"
        )
    if active is None:
        used = blocks_to_mask(target.sum(axis=1))
    else:
        used = np.asarray(active, dtype=bool)
        if used.shape != target.shape[:1]:
            raise ParameterError(f"active must have shape {target.shape[:1]}, got {used.shape}")
    sums = MaskingSums(bands, threshold_db=threshold_db, power_exponent=power_exponent)
    sums.add(target[used], masker[used])
    return sums.result()


class MaskingSums:
    """Masking accumulated over parts of a signal, as `masking` does for all of it.

    Parameters
    ----------
    bands, threshold_db, power_exponent
        As in `masking`.
    """

    def __init__(self, bands: Bands, *, threshold_db: float = -6.0, power_exponent: float = 1.0) -> None:
        self._spreading = spreading_matrix(bands)
        self._threshold_db = threshold_db
        self._power_exponent = power_exponent
        self._total = self._masked = self._ratios = 0.0
        self._cells = 0

    def add(self, target: npt.NDArray[np.float64], masker: npt.NDArray[np.float64]) -> None:
        """Accumulate the powers of blocks in which the target is active, shape (blocks, bands)."""
        spread = masker @ self._spreading
        peak = target.max(axis=1, keepdims=True, initial=0.0)
        cells = (target > 0.0) & (target >= peak * 10.0 ** (-CELL_RANGE_DB / 10.0))
        weights = target[cells]
        ratio = power_db(weights, -300.0) - power_db(spread[cells], -300.0)
        weights = weights**self._power_exponent
        self._total += float(weights.sum())
        self._masked += float(weights[ratio < self._threshold_db].sum())
        self._ratios += float(weights @ np.clip(ratio, -_SMR_LIMIT_DB, _SMR_LIMIT_DB))
        self._cells += int(weights.size)

    def result(self) -> Masking:
        """Return what was found."""
        if self._cells == 0:
            return Masking(share_masked=0.0, mean_smr_db=math.nan, cells=0)
        return Masking(
            share_masked=self._masked / self._total,
            mean_smr_db=self._ratios / self._total,
            cells=self._cells,
        )


def blocks_to_mask(powers: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Return in which blocks a target is active: within 20 dB of its own gated level.

    Parameters
    ----------
    powers : ndarray, shape (blocks,)
        The target's mean square in each.

    Returns
    -------
    ndarray of bool, shape (blocks,)
    """
    return active_from_levels(power_db(powers), relative_lu=_ACTIVE_LU, gate="relative")


def spreading_matrix(bands: Bands) -> npt.NDArray[np.float64]:
    """Return what each band's power adds to each other band, shape (from, to), ones on the diagonal."""
    bark = bark_number(bands.centers_hz)
    distance = bark[np.newaxis, :] - bark[:, np.newaxis]
    drop_db = np.where(distance >= 0.0, _UPWARD_DB_PER_BARK * distance, -_DOWNWARD_DB_PER_BARK * distance)
    return np.asarray(10.0 ** (-drop_db / 10.0))


def apply_eq_to_powers(
    powers: npt.ArrayLike, bands: Bands, response_db: npt.ArrayLike
) -> npt.NDArray[np.float64]:
    """Return band powers as they would be after an equaliser.

    Parameters
    ----------
    powers : array_like, shape (blocks, bands)
        Mean squares. Not modified.
    bands : Bands
        The bands they were measured in.
    response_db : array_like, shape (bands,)
        Gain of the equaliser at each band's centre in dB.

    Returns
    -------
    ndarray of float64, shape (blocks, bands)

    Raises
    ------
    ParameterError
        If shapes do not agree.
    """
    gains = np.asarray(response_db, dtype=np.float64)
    if gains.shape != (len(bands),):
        raise ParameterError(f"response_db must hold {len(bands)} gains, got shape {gains.shape}")
    return np.asarray(_powers(powers, bands, "powers") * 10.0 ** (gains / 10.0))


def _powers(powers: npt.ArrayLike, bands: Bands, name: str) -> npt.NDArray[np.float64]:
    array = np.asarray(powers, dtype=np.float64)
    if array.ndim != 2 or array.shape[1] != len(bands):
        raise ParameterError(f"{name} must have shape (blocks, {len(bands)}), got {array.shape}")
    return array
