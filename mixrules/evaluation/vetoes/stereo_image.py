"""Does the mix stand straight, and is it still there on one loudspeaker."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from mixrules.evaluation.vetoes.definition import WHOLE_MIX, Veto
from mixrules.evaluation.vetoes.heard_mix import HeardMix


def lean_db(mix: HeardMix) -> Mapping[str, float]:
    """Return how many dB one side is louder than the other."""
    left, right, _ = _powers(mix)
    if left == right == 0.0:
        return {}
    return {WHOLE_MIX: abs(10.0 * math.log10(left / right)) if left and right else math.inf}


def mono_loss_db(mix: HeardMix) -> Mapping[str, float]:
    """Return how much power is lost when left and right are added up: 0 for a mono mix, 3 where they differ in all."""
    left, right, product = _powers(mix)
    if left == right == 0.0:
        return {}
    mono = (left + right + 2.0 * product) / (2.0 * (left + right))
    return {WHOLE_MIX: -10.0 * math.log10(mono) if mono > 0.0 else math.inf}


def _powers(mix: HeardMix) -> tuple[float, float, float]:
    def measure() -> tuple[float, float, float]:
        left, right = np.ascontiguousarray(mix.audio.T)
        return float(np.vdot(left, left)), float(np.vdot(right, right)), float(np.vdot(left, right))

    return mix.rendition.cached("side powers", measure)


LEAN = Veto(
    name="stereo_lean",
    about="the mix leans to one side",
    measured="power of the louder side over that of the other",
    unit="dB",
    threshold=3.0,
    source="left and right in balance: Pestana & Reiss 2014; bound: ours",
    function=lean_db,
)
MONO = Veto(
    name="mono_loss",
    about="parts vanish on a telephone or a single loudspeaker",
    measured="power lost in the mono sum",
    unit="dB",
    threshold=3.0,
    source="checks in mono: Pestana & Reiss 2014; bound: ours, past what sides without correlation lose (3.01 dB)",
    function=mono_loss_db,
)
