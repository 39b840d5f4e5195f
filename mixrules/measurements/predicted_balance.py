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
    from mixrules.measurements.given_stems import GivenStems
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


def predicted_balance(
    plan: MixPlan, vocal: str, *, stems: Stems, levels: Levels, given: GivenStems
) -> PredictedBalance | None:
    """Predict how a lead vocal stands against its backing.

    Parameters
    ----------
    plan : MixPlan
        The settings.
    vocal : str
        The lead vocal.
    stems : Stems
        The song.
    levels, given : Levels, GivenStems
        What is known of it already; nothing is measured.

    Returns
    -------
    PredictedBalance or None
        None where too little is known: a stem is automated, sent to a reverb or played through plug-ins, or the
        latest pass was not one over the stems as they were given.
    """
    backing = levels.backing_of(plan, vocal)
    products = levels.products_as_given(plan)
    if products is None or not backing:
        return None
    energies: dict[str, BlockEnergies] = {}
    for name in (vocal, *backing):
        strip = plan.stem(name)
        trace = levels.kept_trace(plan, name, through=_TRACED)
        if trace is None or strip.automation or strip.sends or strip.plugins:
            return None
        side_to_mid_db = given.scan(name).side_to_mid_db
        energies[name] = _in_mix(trace, strip, stems[name].channels, side_to_mid_db, stems.sample_rate)
    part = energies.pop(vocal)
    together = products.with_energies({StemSignal("dry", name): each for name, each in energies.items()})
    return PredictedBalance(course=short_term_ratio(part, together), backing=energies, together=together)


def _in_mix(
    trace: PeakTrace, strip: StemPlan, channels: int, side_to_mid_db: float, sample_rate: int
) -> BlockEnergies:
    """Return the energies of a stem after its limiter, pan, width and fader, in hops of 100 ms."""
    if strip.limiter is not None:
        trace = trace.limited(db_to_gain(strip.limiter.ceiling_dbtp), strip.limiter.release_ms)
    power = float(np.square(pan(np.ones((1, channels)), sample_rate, strip.pan)).sum()) / channels
    if strip.width is not None:
        if strip.invert_right_polarity:
            side_to_mid_db = -side_to_mid_db
        # Shares of the whole: there may be no mid, or no side.
        side = 1.0 / (1.0 + db_to_gain(-2.0 * side_to_mid_db)) if side_to_mid_db > -math.inf else 0.0
        power *= (1.0 - side) * (1.0 + strip.width.spread**2) + side * db_to_gain(
            2.0 * strip.width.side_gain_db
        )
    return trace.energies.in_hops_of_100_ms().scaled(db_to_gain(strip.gain_db) * math.sqrt(power))
