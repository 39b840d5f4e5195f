"""Zimtohrli: a psychoacoustic distance, from the optional package of that name."""

from __future__ import annotations

import math

import numpy as np

from mixrules._support.installed import require_installed
from mixrules.evaluation.measures.definition import Measure, MeasureGroup
from mixrules.evaluation.rendition import Rendition

_RATE = 48_000
_MAX_S = 30.0


def measured(candidate: Rendition, reference: Rendition) -> dict[str, float]:
    """Return the mean opinion score that zimtohrli predicts, at equal loudness, mean over the channels.

    Raises
    ------
    MissingPackageError
        If zimtohrli is not installed.
    """
    require_installed("zimtohrli", what="the group of measures 'zimtohrli'")
    import soxr
    from zimtohrli import mos_from_signals

    samples = round(_MAX_S * reference.sample_rate)
    scores = []
    for channel in range(2):
        pair = [
            np.ascontiguousarray(
                soxr.resample(np.ascontiguousarray(audio[:samples, channel]), reference.sample_rate, _RATE),
                dtype=np.float32,
            )
            for audio in (reference.audio, candidate.at_loudness_of(reference))
        ]
        scores.append(float(mos_from_signals(*pair)) if all(np.any(p) for p in pair) else math.nan)
    return {"zimtohrli_mos": float(np.mean(scores))}


ZIMTOHRLI = MeasureGroup(
    name="zimtohrli",
    function=measured,
    packages=("zimtohrli",),
    measures=(
        Measure(
            name="zimtohrli_mos",
            unit="MOS",
            low=1.0,
            high=5.0,
            better="higher",
            source="google/zimtohrli, PyPI package zimtohrli",
            about="predicted opinion score, first 30 s, at equal loudness; made for codecs, so any remix reads low",
        ),
    ),
)
