"""Is the lead vocal there: not masked by the rest over the song, nor drowned in some bars of it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from mixrules.analysis import blocks_to_mask, masking, power_db
from mixrules.evaluation.vetoes.definition import WHOLE_MIX, Veto
from mixrules.evaluation.vetoes.heard_mix import BLOCKS_A_SECOND, HeardMix, per_block

LOUDNESS_EXPONENT = 0.3
"""A cell weighs its power to this exponent, about as loud as it sounds (Stevens' power law)."""
_WINDOW_S = 3.0
_SUNG_SHARE = 0.5
_LOWEST_SHARE = 0.05


def smr_db(mix: HeardMix) -> Mapping[str, float]:
    """Return the signal-to-masker ratio of the lead vocals together against all others, while they sing."""
    others = mix.others(mix.vocals)
    if not mix.vocals or not others:
        return {}
    found = masking(
        mix.erb_powers(*mix.vocals),
        mix.erb_powers(*others),
        mix.erb_bands,
        power_exponent=LOUDNESS_EXPONENT,
    )
    return {WHOLE_MIX: found.mean_smr_db}


def short_term_lu(mix: HeardMix) -> Mapping[str, float]:
    """Return how far the lead vocals fall under the rest: their loudness over 3 s against that of all others.

    Only windows that are sung in half of their time count; the 5 % of them that are lowest are passed over.
    """
    others = mix.others(mix.vocals)
    if not mix.vocals or not others:
        return {}
    active = blocks_to_mask(mix.erb_powers(*mix.vocals).sum(axis=1))
    ours = per_block(mix.rendition.stem_energies(*mix.vocals))
    theirs = per_block(mix.rendition.stem_energies(*others))
    blocks = min(len(active), len(ours), len(theirs))
    width = min(round(_WINDOW_S * BLOCKS_A_SECOND), blocks)
    sung = active[:blocks].astype(np.float64)
    if not sung.any():
        return {}
    # What plays while nobody sings drowns nobody.
    ratios_db = power_db(_sliding(ours[:blocks] * sung, width)) - power_db(
        _sliding(theirs[:blocks] * sung, width)
    )
    ratios_db = np.sort(ratios_db[_sliding(sung, width) >= _SUNG_SHARE * width])
    if not ratios_db.size:
        return {}
    return {WHOLE_MIX: float(ratios_db[round(_LOWEST_SHARE * (ratios_db.size - 1))])}


def _sliding(values: npt.NDArray[np.float64], width: int) -> npt.NDArray[np.float64]:
    return np.asarray(np.lib.stride_tricks.sliding_window_view(values, width).sum(axis=1))


MASKED = Veto(
    name="lead_vocal_masked",
    about="the words cannot be made out: the band covers the lead vocal",
    measured="signal-to-masker ratio of the lead vocals against the rest while they sing, weighted by loudness",
    unit="dB",
    threshold=-6.0,
    fires_when="below",
    source="measure: Vega & Janer 2010; bound: ours",
    function=smr_db,
)
DROWNED = Veto(
    name="lead_vocal_drowned",
    about="the lead vocal goes under in some bars",
    measured="loudness of the lead vocals over 3 s against the rest, where it is lowest while they sing",
    unit="LU",
    threshold=-10.0,
    fires_when="below",
    source="measure: EBU Tech 3341; bound: ours, lead vocals of 64 mixes lie at +0.6 (De Man et al. 2014)",
    function=short_term_lu,
)
