"""The reference's stems: what the stems at hand must be multiplied by to sum to a finished mix.

A finished mix comes without its stems. Where it is, nearly, a sum of the stems with some gains, those
gains can be found, and with them the balance that its engineer chose.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from mixrules._support.validation import Audio
from mixrules.evaluation.rendition import Rendition

EXPLAINED_SHARE = 0.7
"""A mix of which a sum of the stems explains less than this has no known balance."""
SUM_EXPLAINS = 0.99
"""A mix of which the sum explains so much may be called that sum."""
SUM_WITHIN_LU = 0.1
"""Where its balance is no farther from that of the stems as they are."""


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


def matched_gains(stems: Mapping[str, Audio], mix: Audio) -> MatchedGains:
    """Find the gains, none negative, with which a sum of stems comes nearest to a mix.

    Parameters
    ----------
    stems : mapping of str to ndarray, shape (samples, channels)
        The stems, of the mix's sample rate and aligned with it.
    mix : ndarray, shape (samples, 2)
        The finished mix; what is longer on either side is not heard.

    Returns
    -------
    MatchedGains

    Notes
    -----
    Non-negative least squares on the normal equations. Delays, equalisers and reverb of the mix are not
    undone: they show as unexplained power.
    """
    from scipy.optimize import nnls

    samples = min(len(mix), *(len(stem) for stem in stems.values()))
    target = np.asarray(mix[:samples], np.float64)
    sides = [np.broadcast_to(np.asarray(s[:samples], np.float64), target.shape) for s in stems.values()]
    gram = np.array([[float(np.vdot(a, b)) for b in sides] for a in sides])
    onto = np.array([float(np.vdot(side, target)) for side in sides])
    power = float(np.vdot(target, target))
    scale = np.sqrt(np.maximum(np.diag(gram), 1e-30))
    # A root of the normal equations' matrix, so that the solver sees a small least-squares problem.
    values, vectors = np.linalg.eigh(gram / np.outer(scale, scale))
    kept = values > values.max(initial=0.0) * 1e-10
    root = np.sqrt(values[kept])[:, None] * vectors[:, kept].T
    right = (vectors[:, kept].T @ (onto / scale)) / np.sqrt(values[kept])
    gains = nnls(root, right)[0] / scale if kept.any() else np.zeros(len(sides))
    left = power - 2.0 * float(gains @ onto) + float(gains @ gram @ gains)
    levels = [20.0 * math.log10(g) if g > 1e-6 else -math.inf for g in gains]
    return MatchedGains(
        gains_db=dict(zip(stems, levels, strict=True)),
        explained_share=1.0 - max(0.0, left) / power if power > 0.0 else 0.0,
    )


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
