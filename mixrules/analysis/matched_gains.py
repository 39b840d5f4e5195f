"""What stems must be multiplied by to sum to a finished mix.

A finished mix comes without its stems. Where it is, nearly, a sum of the stems with some gains, those
gains can be found, and with them the balance that its engineer chose.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from mixrules._support.validation import Audio, SlicedAudio
from mixrules.analysis.non_negative import non_negative_solution

EXPLAINED_SHARE = 0.7
"""A mix of which a sum of the stems explains less than this has no known balance."""
SUM_EXPLAINS = 0.99
"""A mix of which the sum explains so much may be called that sum."""
SUM_WITHIN_LU = 0.1
"""Where its balance is no farther from that of the stems as they are."""

_BLOCK_SAMPLES = 1 << 18


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchedGains:
    """Gains with which stems come nearest to a mix.

    Attributes
    ----------
    gains_db : mapping of str to float
        One for each stem; ``-inf`` for a stem that the mix does not hold.
    explained_share : float
        Share of the mix's power, both channels, that the sum explains: 1 where it is that sum.
    """

    gains_db: Mapping[str, float]
    explained_share: float

    def off_sum_lu(self, active: Collection[str]) -> float:
        """Return how far the mix's balance is from that of the stems as they are.

        Parameters
        ----------
        active : collection of str
            The stems that hold sound; of the others no gain is known.

        Returns
        -------
        float
            LU, mean over stems of how far each one's gain is off their mean: what ``stem_balance_error_lu`` is of the
            plain sum. Infinite where a stem is not in the mix, NaN without stems.
        """
        gains = np.array([self.gains_db[name] for name in active])
        if not np.isfinite(gains).all():
            return math.inf
        return float(np.mean(np.abs(gains - gains.mean()))) if gains.size else math.nan

    def is_plain_sum(self, active: Collection[str]) -> bool:
        """Return whether the mix is the sum of the stems as they are, but for a gain; parameters as `off_sum_lu`."""
        return self.explained_share >= SUM_EXPLAINS and self.off_sum_lu(active) < SUM_WITHIN_LU


def matched_gains(stems: Mapping[str, Audio | SlicedAudio], mix: Audio | SlicedAudio) -> MatchedGains:
    """Find the gains, none negative, with which a sum of stems comes nearest to a mix.

    Parameters
    ----------
    stems : mapping of str to ndarray or SlicedAudio, shape (samples, channels)
        The stems, of the mix's sample rate and aligned with it; read in blocks.
    mix : ndarray or SlicedAudio, shape (samples, channels)
        The finished mix; what is longer on either side does not count. One channel stands for two.

    Returns
    -------
    MatchedGains

    Notes
    -----
    Non-negative least squares on the normal equations. Delays, equalisers and reverb of the mix are not
    undone: they show as unexplained power.
    """
    samples = min(len(mix), *(len(stem) for stem in stems.values()))
    count = len(stems)
    # Products of all stems and, last, the mix.
    products = np.zeros((count + 1, count + 1))
    for start in range(0, samples, _BLOCK_SAMPLES):
        end = min(start + _BLOCK_SAMPLES, samples)
        shape = (end - start, 2)
        block = np.empty((count + 1, shape[0] * shape[1]))
        for row, signal in enumerate((*stems.values(), mix)):
            block[row] = np.broadcast_to(signal[start:end], shape).reshape(-1)
        products += block @ block.T
    gram, onto, power = products[:-1, :-1], products[:-1, -1], float(products[-1, -1])
    gains = non_negative_solution(gram, onto, floor=1e-30, independent=1e-10)
    left = power - 2.0 * float(gains @ onto) + float(gains @ gram @ gains)
    levels = [20.0 * math.log10(g) if g > 1e-6 else -math.inf for g in gains]
    return MatchedGains(
        gains_db=dict(zip(stems, levels, strict=True)),
        explained_share=1.0 - max(0.0, left) / power if power > 0.0 else 0.0,
    )
