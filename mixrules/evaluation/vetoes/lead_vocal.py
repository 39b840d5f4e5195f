"""Is the lead vocal there: masked by the rest over the whole song, or drowned in some bars of it."""

from __future__ import annotations

from collections.abc import Mapping

from mixrules.analysis import masking
from mixrules.evaluation.vetoes.definition import WHOLE_MIX, Veto
from mixrules.evaluation.vetoes.heard_mix import HeardMix


def smr_db(mix: HeardMix) -> Mapping[str, float]:
    """Return the signal-to-masker ratio of the lead vocals together against all others."""
    others = mix.others(mix.vocals)
    if not mix.vocals or not others:
        return {}
    found = masking(mix.erb_powers(*mix.vocals), mix.erb_powers(*others), mix.erb_bands, power_exponent=0.3)
    return {WHOLE_MIX: found.mean_smr_db}


MASKED = Veto(
    name="lead_vocal_masked",
    about="the words cannot be made out: the band covers the lead vocal",
    measured="signal-to-masker ratio of the lead vocals against the rest while they sing, weighted by loudness",
    unit="dB",
    threshold=-6.0,
    fires="below",
    source="measure: Vega & Janer 2010; bound: ours",
    function=smr_db,
)
