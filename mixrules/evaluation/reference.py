"""The reference's stems: those at hand with the gains at which they come nearest to a finished mix."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mixrules._support.validation import Audio
from mixrules.analysis.matched_gains import (
    EXPLAINED_SHARE,
    SUM_EXPLAINS,
    SUM_WITHIN_LU,
    MatchedGains,
    matched_gains,
)
from mixrules.evaluation.rendition import Rendition

__all__ = [
    "EXPLAINED_SHARE",
    "SUM_EXPLAINS",
    "SUM_WITHIN_LU",
    "MatchedGains",
    "matched_gains",
    "with_matched_stems",
]


def with_matched_stems(
    mix: Rendition, stems: Mapping[str, Audio], vocals: tuple[str, ...]
) -> tuple[Rendition, MatchedGains]:
    """Return a finished mix with the stems that sum to it, where a sum of them explains most of it.

    Parameters
    ----------
    mix : Rendition
        The finished mix, without stems.
    stems : mapping of str to ndarray, shape (samples, channels)
        As they were given, at the mix's sample rate.
    vocals : tuple of str
        Which are lead vocals.

    Returns
    -------
    Rendition, MatchedGains
        The mix, with stems or as it was, and what was found.
    """
    found = matched_gains(stems, mix.audio)
    if found.explained_share < EXPLAINED_SHARE:
        return mix, found
    scaled = {
        name: np.asarray(stem * 10.0 ** (found.gains_db[name] / 20.0), np.float32)
        for name, stem in stems.items()
    }
    return Rendition(mix.audio, mix.sample_rate, scaled, vocals), found
