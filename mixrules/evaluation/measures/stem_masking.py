"""Masking: how much of each stem the other stems mask, in the mix and compared with the reference."""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from mixrules.analysis import block_band_powers, erb_bands, masking
from mixrules.evaluation.measures.definition import Measure, MeasureGroup
from mixrules.evaluation.rendition import Rendition

_SOURCE = "Vega & Janer 2010; constants: mixrules.analysis.masking"


def measured(candidate: Rendition, reference: Rendition) -> dict[str, float]:
    """Return the mean over stems of the masked share and the signal-to-masker ratio, and their errors."""
    ours, theirs = (mix.cached("masking", partial(_means, mix)) for mix in (candidate, reference))
    return {
        "masked_share": ours[0],
        "mean_smr_db": ours[1],
        "masked_share_error": abs(ours[0] - theirs[0]),
        "mean_smr_error_db": abs(ours[1] - theirs[1]),
    }


def _means(mix: Rendition) -> tuple[float, float]:
    bands = erb_bands().below(mix.sample_rate / 2)
    stems = {name: audio for name, audio in (mix.stems or {}).items() if np.any(audio)}
    if len(stems) < 2:
        return math.nan, math.nan
    powers = {name: block_band_powers(audio, mix.sample_rate, bands) for name, audio in stems.items()}
    total = np.sum(list(powers.values()), axis=0)
    results = [masking(own, np.maximum(total - own, 0.0), bands) for own in powers.values()]
    defined = [result for result in results if result.cells]
    if not defined:
        return math.nan, math.nan
    shares, smr_db = ([r.share_masked for r in defined], [r.mean_smr_db for r in defined])
    return float(np.mean(shares)), float(np.mean(smr_db))


GROUP = MeasureGroup(
    name="masking",
    function=measured,
    measures=(
        Measure(
            name="masked_share",
            unit="",
            high=1.0,
            needs_stems=True,
            source=_SOURCE,
            about="share of a stem's power in cells more than 6 dB below the rest, mean over stems",
        ),
        Measure(
            name="mean_smr_db",
            unit="dB",
            low=-60.0,
            high=60.0,
            better="higher",
            needs_stems=True,
            source=_SOURCE,
            about="power-weighted signal-to-masker ratio of a stem against the rest, mean over stems",
        ),
        Measure(
            name="masked_share_error",
            unit="",
            high=1.0,
            needs_stems=True,
            source=_SOURCE,
            about="how far the masked share is off that of the reference",
        ),
        Measure(
            name="mean_smr_error_db",
            unit="dB",
            high=120.0,
            needs_stems=True,
            source=_SOURCE,
            about="how far the mean signal-to-masker ratio is off that of the reference",
        ),
    ),
)
