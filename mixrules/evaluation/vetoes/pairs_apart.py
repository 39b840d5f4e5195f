"""Are a left and a right still on either side."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from mixrules._support.validation import Audio
from mixrules.evaluation.vetoes.definition import Veto
from mixrules.evaluation.vetoes.heard_mix import HeardMix
from mixrules.stems.pairs import find_pairs

_SAME = 0.98  # two files that are one leave nothing to hold apart


def apart_db(mix: HeardMix) -> Mapping[str, float]:
    """Return how much more of its left file the one side of a pair holds than the other, and of its right file."""
    found = {}
    for stem in mix.active_stems:
        if stem.halves and stem.channels == 2:
            found[stem.name] = _apart_db(np.asarray(stem.audio), mix.stem(stem.name))
    mono = {stem.name: stem.role for stem in mix.active_stems if stem.channels == 1}
    for name, (left, right) in find_pairs(mono).items():
        both = np.concatenate([np.asarray(mix.given[half].audio) for half in (left, right)], axis=1)
        found[name] = _apart_db(both, mix.stem(left) + mix.stem(right))
    return found


def _apart_db(files: Audio, in_mix: Audio) -> float:
    """Return the smaller of both ratios; NaN where the files are one."""
    samples = min(len(files), len(in_mix))
    files, in_mix = files[:samples], in_mix[:samples]
    gram = (files.T @ files).astype(np.float64)
    scale = math.sqrt(gram[0, 0] * gram[1, 1])
    if scale == 0.0 or abs(gram[0, 1]) > _SAME * scale:
        return math.nan
    # How much of each file (row) stands in each channel of the mix (column).
    gains = np.abs(np.linalg.solve(gram, (files.T @ in_mix).astype(np.float64))) + 1e-12
    left, right = 20.0 * np.log10(gains[:, 0] / gains[:, 1])
    return float(max(min(left, -right), min(-left, right)))


APART = Veto(
    name="pair_not_apart",
    about="a left and a right that belong on either side are pushed together",
    measured="level of each of the two files on its side over that on the other, the smaller of both",
    unit="dB",
    threshold=6.0,
    fires_when="below",
    source="ours",
    function=apart_db,
)
