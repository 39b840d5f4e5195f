"""Whether a finished mix starts when its stems do: an excerpt of one must be that of the other."""

from __future__ import annotations

import numpy as np

from mixrules._support.validation import Audio
from mixrules.analysis import onset_strength
from mixrules.stems import Stems

_FARTHEST_S = 10.0
_NEAREST_S = 0.05
_LIKE = 0.5  # the same song correlates by 0.8 and more, whatever was done to it
_BETTER_BY = 0.2


def offset_s(mix: Audio, stems: Stems) -> float:
    """Return by how much a mix is later than its stems, where that can be told.

    The onset strengths of the mix and of the plain sum of the stems are correlated.

    Parameters
    ----------
    mix : ndarray, shape (samples, channels)
        The mix, at the stems' rate. Not modified.
    stems : Stems
        The song.

    Returns
    -------
    float
        Seconds, within 10; 0 where the two are together within 50 ms, or no place fits clearly better.
    """
    from scipy.signal import correlate

    total = np.zeros((stems.samples, 2), np.float32)
    for stem in stems:
        total += stem.audio
    strengths = [onset_strength(audio, stems.sample_rate) for audio in (mix[: stems.samples], total)]
    hop_s = strengths[0][1]
    length = min(strength.size for strength, _ in strengths)
    late, early = (strength[:length] - strength[:length].mean() for strength, _ in strengths)
    power = float(np.sqrt(np.sum(late**2) * np.sum(early**2)))
    if power == 0.0:
        return 0.0
    likeness = correlate(late, early, mode="full") / power
    together, reach = length - 1, min(round(_FARTHEST_S / hop_s), length // 2)
    near = likeness[together - reach : together + reach + 1]
    best = int(np.argmax(near))
    lag_s = (best - reach) * hop_s
    clear = near[best] > max(_LIKE, near[reach] + _BETTER_BY)
    return float(lag_s) if clear and abs(lag_s) >= _NEAREST_S else 0.0
