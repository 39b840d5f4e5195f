"""Is the mix as loud as promised."""

from __future__ import annotations

import math
from collections.abc import Mapping

from mixrules.evaluation.vetoes.definition import WHOLE_MIX, Veto
from mixrules.evaluation.vetoes.heard_mix import HeardMix


def off_target_lu(mix: HeardMix) -> Mapping[str, float]:
    """Return how far the mix is from the loudness that it should have."""
    lufs = mix.rendition.integrated_lufs()
    if mix.target_lufs is None or not math.isfinite(lufs):
        return {}
    return {WHOLE_MIX: abs(lufs - mix.target_lufs)}


MISSED = Veto(
    name="loudness_missed",
    about="the mix is not as loud as was asked for",
    measured="integrated loudness against the target (ITU-R BS.1770-5)",
    unit="LU",
    threshold=0.5,
    source="ours: half a LU",
    function=off_target_lu,
)
