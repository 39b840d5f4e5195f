"""Constant predictors of a balance: what knowing only other songs' levels can do.

Every stem gets the level that stems of its role have, on average, in the reference mixes: of all songs
(``constant-mean``, which has seen the answer), or of all other songs (``constant-leave-one-out``).
A system that does not come nearer than these has not listened to the song.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from mixrules.errors import ParameterError
from mixrules.evaluation.rendition import Rendition
from mixrules.mixplan import MixPlan
from mixrules.session import Session
from mixrules.stems import Stems
from mixrules.systems.simple import sum_plan

CONSTANT_MEAN, LEAVE_ONE_OUT = "constant-mean", "constant-leave-one-out"
CONSTANTS = (CONSTANT_MEAN, LEAVE_ONE_OUT)
_REFERENCE_LUFS = -23.0

Levels = Mapping[str, float]
"""By role: loudness of a stem less that of the mix, in LU, the mean over a song's stems of that role."""


def role_levels(reference: Rendition, stems: Stems) -> dict[str, float]:
    """Return how loud the stems of each role are in a reference mix.

    Parameters
    ----------
    reference : Rendition
        The mix with its stems; without them nothing is known of its balance.
    stems : Stems
        The song, for the roles.

    Returns
    -------
    dict of str to float
        LU against the sum of the stems; roles whose stems are silent are not there.
    """
    if reference.stems is None:
        return {}
    whole = reference.stem_lufs(*reference.stems)
    found: dict[str, list[float]] = {}
    for stem in stems:
        lufs = reference.stem_lufs(stem.name)
        if math.isfinite(lufs):
            found.setdefault(str(stem.role), []).append(lufs - whole)
    return {role: float(np.mean(levels)) for role, levels in found.items()}


def constant_plan(stems: Stems, songs: Mapping[str, Levels], *, song: str, name: str) -> MixPlan:
    """Return the plan that gives every stem the mean level of its role.

    Parameters
    ----------
    stems : Stems
        The song to mix.
    songs : mapping of str to mapping of str to float
        `role_levels` of the corpus by song.
    song : str
        Which of them this is.
    name : str
        ``constant-mean`` or ``constant-leave-one-out``.

    Returns
    -------
    MixPlan
        Faders only. A role that no song of the mean has gets the mean over all roles.

    Raises
    ------
    ParameterError
        If there is no song to take a mean over.
    """
    used = [levels for other, levels in songs.items() if levels and (name == CONSTANT_MEAN or other != song)]
    if not used:
        raise ParameterError(f"{name} of {song}: no other song's reference has a known balance")
    everything = float(np.mean([level for levels in used for level in levels.values()]))
    session = Session(stems, sum_plan(stems).replace(made_by=f"mixrules: {name}"))
    plan = session.plan
    for stem in session.active:
        known = [levels[stem.role] for levels in used if stem.role in levels]
        level_lu = float(np.mean(known)) if known else everything
        gain_db = plan.stem(stem.name).gain_db + _REFERENCE_LUFS + level_lu - session.loudness(stem.name)
        plan = plan.replace_stem(stem.name, gain_db=gain_db)
    return plan
