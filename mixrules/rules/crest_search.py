"""Finding the threshold of a compressor that leaves a wanted crest: how far the loud peaks lie above the loudness.

What a compressor leaves is predicted on the level envelope: its own curve and detector at 500 values a second.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from mixrules.analysis import LevelScan, PeakTrace
from mixrules.analysis.level_scan import ENVELOPE_HOP_S
from mixrules.analysis.peak_model import ENVELOPE_HOPS
from mixrules.processors import (
    CompressorParams,
    db_to_gain,
    gain_to_db,
    smooth_reduction_db,
    static_curve_db,
)


class CrestModel:
    """Predicts the crest that a compressor leaves.

    Parameters
    ----------
    scan : LevelScan
        Of the stem as it comes to the compressor.
    fader_db : float
        The fader that the energies of `scan` went through, as its envelope did not.
    """

    def __init__(self, scan: LevelScan, fader_db: float) -> None:
        self._envelope = scan.envelope
        self._energies = scan.energies.scaled(db_to_gain(-fader_db))
        self._levels_db = gain_to_db(np.asarray(self._envelope, np.float64))
        self.trace: PeakTrace = PeakTrace.of(self._envelope, self._energies)

    def crest_db(self, params: CompressorParams) -> float:
        """Return the crest that is predicted after a compressor."""
        over_db = np.zeros(self._levels_db.size)
        audible = np.isfinite(self._levels_db)
        levels_db = self._levels_db[audible]
        over_db[audible] = levels_db - static_curve_db(levels_db, params)
        gains = db_to_gain(-smooth_reduction_db(over_db, 1.0 / ENVELOPE_HOP_S, params))
        hops = self._energies.energies.size
        in_hops = np.ones(hops * ENVELOPE_HOPS)
        in_hops[: gains.size] = gains
        energies = self._energies.scaled(in_hops.reshape(hops, ENVELOPE_HOPS).mean(axis=1))
        return PeakTrace.of(self._envelope * gains, energies).crest_db


def solve_crest(
    params: CompressorParams, model: CrestModel, target_db: float, *, max_reduction_db: float, exact_db: float
) -> CompressorParams:
    """Solve for the highest threshold that leaves a crest.

    Parameters
    ----------
    params : CompressorParams
        All but the threshold.
    model : CrestModel
        The stem.
    target_db : float
        The crest that is wanted.
    max_reduction_db : float
        The static curve turns the loud peaks down by no more; where that is not enough, by so much.
    exact_db : float
        How exactly the threshold is solved for.

    Returns
    -------
    CompressorParams
        With that threshold.
    """
    loud_db = model.trace.crest_db + model.trace.integrated_lufs
    # Above its knee a compressor turns a level down by (1 - 1 / ratio) of what lies over the threshold.
    high_db = loud_db + params.knee_db / 2
    low_db = loud_db - max_reduction_db / (1.0 - 1.0 / params.ratio)
    while high_db - low_db > exact_db:
        middle_db = (high_db + low_db) / 2
        if model.crest_db(dataclasses.replace(params, threshold_db=middle_db)) > target_db:
            high_db = middle_db
        else:
            low_db = middle_db
    return dataclasses.replace(params, threshold_db=round(low_db, 2))
