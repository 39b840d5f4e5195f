"""Stereo width: the side to mid ratio, compared with the reference's."""

from __future__ import annotations

from functools import partial

import numpy as np

from mixrules.analysis import side_to_mid_db
from mixrules.evaluation.measures.definition import Measure, MeasureGroup
from mixrules.evaluation.rendition import Rendition

_LIMIT_DB = 60.0


def measured(candidate: Rendition, reference: Rendition) -> dict[str, float]:
    """Return the difference of side to mid in dB, each clipped at ±60 dB."""
    widths = [
        float(np.clip(mix.cached("side_to_mid", partial(side_to_mid_db, mix.audio)), -_LIMIT_DB, _LIMIT_DB))
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
            high=2.0 * _LIMIT_DB,
            source="ours",
            about="how far the power of left minus right over that of left plus right is off, clipped at ±60 dB",
        ),
    ),
)
