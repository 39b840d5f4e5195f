"""All vetoes, in the order of tables."""

from __future__ import annotations

from mixrules.evaluation.vetoes import (
    counted_twice,
    dead_air,
    harshness,
    headroom,
    lead_vocal,
    low_end,
    pairs_apart,
    reverb_over_notes,
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
        lead_vocal.DROWNED,
        unheard_part.UNHEARD,
        support_above_lead.ABOVE,
        counted_twice.TWICE,
        low_end.FIGHT,
        low_end.RUMBLE,
        harshness.RESONANCE,
        harshness.SIBILANCE,
        headroom.HEADROOM,
        target_loudness.MISSED,
        stereo_image.LEAN,
        stereo_image.MONO,
        pairs_apart.APART,
        reverb_over_notes.FOG,
        dead_air.NOISE,
        dead_air.CLICKS,
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

    Examples
    --------
    >>> import numpy as np
    >>> from mixrules import Stems, starting_plan
    >>> hum = np.random.default_rng(1).normal(0.0, 0.1, (48_000, 2))
    >>> stems = Stems.from_arrays({"vocals": hum[:, :1], "keys": 8.0 * hum[:, 1:]}, 48_000)
    >>> found = vetoes_of(HeardMix.of_plan(starting_plan(stems), stems))
    >>> found["lead_vocal_masked"].fires, round(found["lead_vocal_masked"].value)
    (True, -20)
    """
    return {name: veto.of(mix) for name, veto in VETOES.items()}
