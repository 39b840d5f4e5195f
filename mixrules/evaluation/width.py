"""Stereo width: side against mid, beside that of the reference."""

from __future__ import annotations

from functools import partial

import numpy as np

from mixrules.analysis import side_to_mid_db
from mixrules.evaluation.measure import Measure, MeasureGroup
from mixrules.evaluation.rendition import Rendition

_HELD_DB = 60.0


def measured(candidate: Rendition, reference: Rendition) -> dict[str, float]:
    """Return the difference of side to mid in dB, each held to ±60 dB."""
    widths = [
        float(np.clip(mix.kept("width", partial(side_to_mid_db, mix.audio)), -_HELD_DB, _HELD_DB))
        for mix in (candidate, reference)
    ]
    return {"side_to_mid_error_db": abs(widths[0] - widths[1])}


GROUP = MeasureGroup(
    name="width",
    function=measured,
    measures=(
        Measure(
            name="side_to_mid_error_db",
            unit="dB",
            high=2.0 * _HELD_DB,
            source="ours",
            about="how far the power of left minus right over that of left plus right is off, held to ±60 dB",
        ),
    ),
)
