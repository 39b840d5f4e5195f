"""Stereo measures: side against mid, and the correlation of left and right."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from mixrules.analysis._blocks import sum_of_products
from mixrules.validation import as_audio

if TYPE_CHECKING:
    import numpy.typing as npt

MONO_SIDE_DB = -60.0


def side_to_mid_db(audio: npt.ArrayLike) -> float:
    """Return the power of (left - right) over the power of (left + right).

    Parameters
    ----------
    audio : array_like, shape (samples, channels) or (samples,)
        Linear float samples. Not modified. Channels past the second are not heard.

    Returns
    -------
    float
        dB: -inf for one channel, two equal channels or silence; 0 for a hard-panned or uncorrelated
        pair; inf for a pair in opposite phase.

    Raises
    ------
    AudioError
        If `audio` cannot be used.
    """
    left, right, cross = _powers(audio)
    side = max(left + right - 2.0 * cross, 0.0)
    mid = max(left + right + 2.0 * cross, 0.0)
    # What is left of a difference of equal sums is rounding, not stereo.
    rounding = 1e-14 * (left + right)
    if side <= rounding:
        return -math.inf
    return math.inf if mid <= rounding else 10.0 * math.log10(side / mid)


def correlation(audio: npt.ArrayLike) -> float:
    """Return the correlation of left and right, as a phase meter shows it.

    Parameters
    ----------
    audio : array_like, shape (samples, channels) or (samples,)
        Linear float samples. Not modified. Channels past the second are not heard.

    Returns
    -------
    float
        -1 (opposite phase) to 1 (mono); 1 for one channel; 0 where a channel is silent.

    Raises
    ------
    AudioError
        If `audio` cannot be used.
    """
    audio = as_audio(audio)
    if audio.shape[1] == 1:
        return 1.0
    left, right, cross = _powers(audio)
    scale = math.sqrt(left) * math.sqrt(right)
    return 0.0 if scale == 0.0 else min(1.0, max(-1.0, cross / scale))


def is_mono(audio: npt.ArrayLike) -> bool:
    """Return whether `audio` has one channel, or two whose side lies 60 dB or more below the mid."""
    return side_to_mid_db(audio) <= MONO_SIDE_DB


def _powers(audio: npt.ArrayLike) -> tuple[float, float, float]:
    """Return the power of left, of right, and their product, each a mean over samples."""
    audio = as_audio(audio)
    left = audio[:, 0]
    right = audio[:, 1] if audio.shape[1] > 1 else left
    count = audio.shape[0]
    return (
        sum_of_products(left, left) / count,
        sum_of_products(right, right) / count,
        sum_of_products(left, right) / count,
    )
