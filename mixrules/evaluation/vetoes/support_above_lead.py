"""Does what goes with another part stay under it: doubles, returns and backing vocals under their lead."""

from __future__ import annotations

import math
from collections.abc import Mapping

from mixrules.evaluation.vetoes.definition import Veto
from mixrules.evaluation.vetoes.heard_mix import HeardMix
from mixrules.rules.support import leads_of
from mixrules.session import SUPPORT, Session


def above_lead_lu(mix: HeardMix) -> Mapping[str, float]:
    """Return how far each double, return and backing vocal is above its lead."""
    names = mix.with_roles(SUPPORT, "backing_vocal")
    if not names:
        return {}
    session = Session(mix.given)
    held = {stem.name for stem in mix.active_stems}
    found = {}
    for name in names:
        leads = mix.vocals if mix.given[name].role == "backing_vocal" else leads_of(session, name)
        leads = tuple(lead for lead in leads if lead in held and lead != name)
        if leads:
            above = mix.rendition.stem_lufs(name) - mix.rendition.stem_lufs(*leads)
            found[name] = above if math.isfinite(above) else math.nan
    return found


ABOVE = Veto(
    name="support_above_lead",
    about="a double, a return or a backing vocal is louder than the part that it goes with",
    measured="integrated loudness of the stem against the parts that it goes with, together",
    unit="LU",
    threshold=1.0,
    source="returns below the dry sound: Pestana & Reiss 2014; doubles, harmonies and the bound: ours",
    function=above_lead_lu,
)
