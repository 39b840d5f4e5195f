"""All vetoes, in the order of tables."""

from __future__ import annotations

from mixrules.evaluation.vetoes import (
    lead_vocal,
    stereo_image,
    support_above_lead,
    target_loudness,
    unheard_part,
)
from mixrules.evaluation.vetoes.definition import Veto, VetoResult
from mixrules.evaluation.vetoes.heard_mix import HeardMix

VETOES: dict[str, Veto] = {
    veto.name: veto
    for veto in (
        lead_vocal.MASKED,
        unheard_part.UNHEARD,
        support_above_lead.ABOVE,
        target_loudness.MISSED,
        stereo_image.LEAN,
        stereo_image.MONO,
    )
}


def vetoes_of(mix: HeardMix) -> dict[str, VetoResult]:
    """Return what every line says of a mix, by name.

    Parameters
    ----------
    mix : HeardMix
        The mix; `HeardMix.of_plan` renders a plan.

    Returns
    -------
    dict of str to VetoResult
        All lines of `VETOES`; one that has nothing to look at has the value NaN and does not fire.
    """
    return {name: veto.of(mix) for name, veto in VETOES.items()}
