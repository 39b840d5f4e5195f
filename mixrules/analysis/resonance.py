"""Resonances: narrow bands that stand out whatever is played, told from notes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mixrules.analysis._blocks import power_db
from mixrules.analysis.bands import Bands
from mixrules.analysis.masking import blocks_to_mask

_RANGE_HZ = (2000.0, 8000.0)  # a band further down may hold a single partial, and a tune its fundamentals
_NEIGHBOURS = 3
_LASTING_SHARE = 0.75
_NOTE_DB = 6.0
_NOTE_SHARES = (0.03, 0.6)
_FEWEST_NOTES = 4
_AUDIBLE_DB = 30.0
_OCTAVES_OF_OVERTONES = (-1.0, 1.0)
_OVERTONE_SHARE = 0.5
_FEWEST_BLOCKS = 20


class Peak(NamedTuple):
    """A narrow band that stands out: where, and how far."""

    frequency_hz: float
    over_db: float


def lasting_peaks(powers: npt.ArrayLike, bands: Bands) -> list[Peak]:
    """Return the bands that stand out over their surroundings whatever is played, the strongest first.

    Parameters
    ----------
    powers : array_like, shape (blocks, bands)
        Mean squares of a stem in blocks of about 100 ms.
    bands : Bands
        Fine bands that follow one another: `erb_bands()`.

    Returns
    -------
    list of Peak
        A peak is higher than both of its neighbours; it stands so far over the median of the three bands to either
        side in three quarters of the blocks in which the stem is active. From 2 to 8 kHz. A note that is held or
        comes again and again is none: where fewer than four bands come and go, the stem plays too few notes to tell,
        and where the octave above or below stands out by half as much, it is a note with its overtones.
    """
    table = np.asarray(powers, np.float64)
    active = table[blocks_to_mask(table.sum(axis=1))] if len(table) else table
    if len(active) < _FEWEST_BLOCKS:
        return []
    levels_db = power_db(active, -300.0)
    padded = np.pad(levels_db, ((0, 0), (_NEIGHBOURS, _NEIGHBOURS)), constant_values=np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * _NEIGHBOURS + 1, axis=1)
    around_db = np.nanmedian(np.delete(windows, _NEIGHBOURS, axis=2), axis=2)
    all_over_db = levels_db - around_db
    if _notes(levels_db, all_over_db) < _FEWEST_NOTES:
        return []
    over_db = np.quantile(all_over_db, 1.0 - _LASTING_SHARE, axis=0)
    peaks = []
    for band in range(1, len(bands) - 1):
        center_hz = bands.centers_hz[band]
        alone = over_db[band] > 0.0 and over_db[band] == over_db[band - 1 : band + 2].max()
        if alone and _RANGE_HZ[0] <= center_hz <= _RANGE_HZ[1] and not _is_note(over_db, band, bands):
            peaks.append(Peak(center_hz, float(over_db[band])))
    return sorted(peaks, key=lambda peak: -peak.over_db)


def _notes(levels_db: npt.NDArray[np.float64], over_db: npt.NDArray[np.float64]) -> int:
    """Return in how many bands something comes and goes."""
    audible = levels_db >= levels_db.max(axis=1, keepdims=True) - _AUDIBLE_DB
    share = (audible & (over_db >= _NOTE_DB)).mean(axis=0)
    return int(np.count_nonzero((share >= _NOTE_SHARES[0]) & (share <= _NOTE_SHARES[1])))


def _is_note(over_db: npt.NDArray[np.float64], band: int, bands: Bands) -> bool:
    """Return whether a band that stands out is that of a note: its overtones do, too."""
    for octaves in _OCTAVES_OF_OVERTONES:
        nearest = int(
            np.argmin(np.abs(np.log2(np.asarray(bands.centers_hz) / bands.centers_hz[band]) - octaves))
        )
        around = over_db[max(nearest - 1, 0) : nearest + 2]
        if around.max() >= _OVERTONE_SHARE * over_db[band]:
            return True
    return False
