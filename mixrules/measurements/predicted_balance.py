"""Predict a lead vocal's level against its backing without a pass over the song.

What two stems have in common is known of them as they were given, and the energies of each as it leaves its
compressor. Limiter, pan and width follow from their settings; the products of two stems change as their energies do.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mixrules.analysis import PeakTrace, ShortTermRatio, short_term_ratio
from mixrules.engine import StemSignal
from mixrules.loudness import BlockEnergies
from mixrules.mixplan import MixPlan, StemPlan
from mixrules.processors import db_to_gain, pan
from mixrules.stems import Stems

if TYPE_CHECKING:
    from mixrules.measurements.levels import Levels

_TRACED = "compressor"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PredictedBalance:
    """How a lead vocal should stand against its backing.

    Attributes
    ----------
    course : ShortTermRatio
        What `Levels.vocal_to_backing` should measure.
    backing : mapping of str to BlockEnergies
        The energies of each stem of the backing in the mix, in hops of 100 ms.
    together : BlockEnergies
        Those of their sum.
    """

    course: ShortTermRatio
    backing: Mapping[str, BlockEnergies]
    together: BlockEnergies


def predicted_balance(plan: MixPlan, vocal: str, *, stems: Stems, levels: Levels) -> PredictedBalance | None:
    """Predict how a lead vocal stands against its backing.

    Parameters
    ----------
    plan : MixPlan
        The settings.
    vocal : str
        The lead vocal.
    stems : Stems
        The song.
    levels : Levels
        What is known of it already; nothing is measured.

    Returns
    -------
    PredictedBalance or None
        None where too little is known: a stem is automated, narrowed, sent to a reverb or played through plug-ins,
        or the latest pass was not one over the stems as they were given.
    """
    backing = levels.backing_of(plan, vocal)
    products = levels.products_as_given(plan)
    if products is None or not backing:
        return None
    energies: dict[str, BlockEnergies] = {}
    for name in (vocal, *backing):
        strip = plan.stem(name)
        trace = levels.kept_trace(plan, name, through=_TRACED)
        if trace is None or not _is_predictable(strip):
            return None
        energies[name] = _in_mix(trace, strip, stems[name].channels, stems.sample_rate)
    part = energies.pop(vocal)
    together = products.with_energies({StemSignal("dry", name): each for name, each in energies.items()})
    return PredictedBalance(course=short_term_ratio(part, together), backing=energies, together=together)


def _is_predictable(strip: StemPlan) -> bool:
    """Return whether the energies of a stem after its compressor tell those in the mix."""
    narrowed = strip.width is not None and strip.width.side_gain_db != 0.0
    return not (strip.automation or strip.sends or strip.plugins or narrowed)


def _in_mix(trace: PeakTrace, strip: StemPlan, channels: int, sample_rate: int) -> BlockEnergies:
    """Return the energies of a stem after its limiter, pan, width and fader, in hops of 100 ms."""
    if strip.limiter is not None:
        trace = trace.limited(db_to_gain(strip.limiter.ceiling_dbtp), strip.limiter.release_ms)
    power = float(np.square(pan(np.ones((1, channels)), sample_rate, strip.pan)).sum()) / channels
    if strip.width is not None:  # of a stem without a side of its own
        power *= 1.0 + strip.width.spread**2
    return trace.energies.in_hops_of_100_ms().scaled(db_to_gain(strip.gain_db) * math.sqrt(power))
