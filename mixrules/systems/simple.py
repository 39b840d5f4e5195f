"""The two simplest mixes: the plain sum, and every stem at equal loudness."""

from __future__ import annotations

import math

from mixrules.mixplan import MixPlan, starting_plan
from mixrules.session import Session
from mixrules.stems import Stems

EQUAL_LUFS = -23.0
# A mono stem goes to both sides at the level it has; the constant-power law alone would take 3 dB off.
_UNITY_DB = 20.0 * math.log10(math.sqrt(2.0))
_ROUNDS = 3


def sum_plan(stems: Stems) -> MixPlan:
    """Return the plan of the plain sum: every stem at unity, mono stems on both sides.

    Parameters
    ----------
    stems : Stems
        The song.

    Returns
    -------
    MixPlan
    """
    plan = starting_plan(stems).replace(made_by="mixrules: plain sum")
    for stem in stems:
        if stem.channels == 1:
            plan = plan.replace_stem(stem.name, gain_db=_UNITY_DB)
    return plan


def equal_plan(stems: Stems) -> MixPlan:
    """Return the plan that brings every stem to one integrated loudness, -23 LUFS.

    The classic start of an automatic mix (Perez-Gonzalez & Reiss 2009). Silent stems, and those too
    quiet to have a loudness, stay as they are.

    Parameters
    ----------
    stems : Stems
        The song.

    Returns
    -------
    MixPlan
    """
    session = Session(stems, starting_plan(stems).replace(made_by="mixrules: equal loudness"))

    def gain_db(name: str) -> float:
        gain_db = EQUAL_LUFS - session.loudness(name)
        for _ in range(_ROUNDS):  # the absolute gate does not move with the fader
            gain_db += EQUAL_LUFS - session.loudness_at({name: gain_db})
        return gain_db

    names = [stem.name for stem in session.active]
    for name, gain in session.each(names, gain_db).items():
        session.plan = session.plan.replace_stem(name, gain_db=gain)
    return session.plan
