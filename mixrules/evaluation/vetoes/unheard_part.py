"""Is every part heard: a stem of which the rest masks nearly everything might as well be left out."""

from __future__ import annotations

from collections.abc import Mapping

from mixrules.analysis import masking
from mixrules.evaluation.vetoes.definition import Veto
from mixrules.evaluation.vetoes.heard_mix import HeardMix

DECORATION = ("effects", "percussion", "hihat", "cymbals", "support", "backing_vocal")
"""Roles that may be felt rather than heard."""


def masked_shares(mix: HeardMix) -> Mapping[str, float]:
    """Return the share of each part that the rest masks, decoration aside."""
    if len(mix.active_stems) < 2:
        return {}
    total = mix.erb_powers(*(stem.name for stem in mix.active_stems))
    shares = {}
    for stem in mix.active_stems:
        if stem.role in DECORATION:
            continue
        own = mix.erb_powers(stem.name)
        found = masking(own, (total - own).clip(0.0), mix.erb_bands)
        if found.cells:
            shares[stem.name] = found.share_masked
    return shares


UNHEARD = Veto(
    name="unheard_part",
    about="a part that somebody played cannot be heard at all",
    measured="share of the stem's power more than 6 dB below the rest in its band and block",
    unit="",
    threshold=0.9,
    source="measure: Vega & Janer 2010; bound: ours",
    function=masked_shares,
)
