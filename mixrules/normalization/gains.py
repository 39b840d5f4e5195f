"""One gain for a signal, or for all signals of an album, and what it reaches.

The gain that a loudness asks for is lowered until the highest true peak is at the ceiling, or over it by no more than a
limiter may take. What was reached is computed from block energies, or measured behind the limiter, and corrected for:
a gain moves blocks across the absolute gate, and a limiter takes loudness away.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from mixrules.loudness import integrated_together
from mixrules.normalization.sources import Source
from mixrules.normalization.targets import LOWEST_CEILING_DBTP, LoudnessTarget
from mixrules.processors import LimiterParams, db_to_gain

_CLOSE_LU = 0.01
_MOST_CORRECTIONS = 4
_LEAST_ARRIVES = 0.2
_ROUNDING_GAIN = 3.0
"""How much more the error of rounded samples can be between them: the sum of the interpolator's weights is below it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """A gain for one signal or for several.

    Attributes
    ----------
    gain_db : float
        The gain.
    limiter : LimiterParams or None
        The limiter behind it, where peaks need one.
    loudness_lufs : float
        Loudness before it, of all signals together.
    reached_lufs : float
        Loudness behind it, of all signals together.
    missed_lu : float
        How far the target is missed: above 0 where the ceiling asks for less gain, below 0 above the target.
    """

    gain_db: float
    limiter: LimiterParams | None
    loudness_lufs: float
    reached_lufs: float
    missed_lu: float


def choose_gain(signals: Sequence[Source], target: LoudnessTarget) -> Gain | None:
    """Return the gain for a signal, or one for all of several; None where there is no loudness to go by.

    Parameters
    ----------
    signals : sequence of Source
        One, or those of an album.
    target : LoudnessTarget
        What to reach.

    Returns
    -------
    Gain or None
        None for silence and for what has no block above -70 LUFS.
    """
    before = integrated_together([signal.energies for signal in signals])
    if not math.isfinite(before):
        return None
    # Rounding can lift a peak: both ways to the ceiling end a little below it.
    ceiling_dbtp = min(_ceiling_dbtp(signal, target) for signal in signals)
    allowed_db = min(_ceiling_dbtp(signal, target) - signal.loudness.true_peak_dbtp for signal in signals)
    most_db = allowed_db + target.limit_db
    gain_db = min(target.target_lufs - before, most_db)
    tried_db, tried_lufs = 0.0, before
    for correction in range(_MOST_CORRECTIONS + 1):
        limiter = (
            LimiterParams(ceiling_dbtp=max(ceiling_dbtp, LOWEST_CEILING_DBTP))
            if gain_db > allowed_db
            else None
        )
        reached = reached_lufs(signals, gain_db, limiter)
        missing_lu = target.target_lufs - reached
        if abs(missing_lu) < _CLOSE_LU or correction == _MOST_CORRECTIONS or not math.isfinite(reached):
            break
        # The harder a limiter works, the less of a gain arrives.
        arrives = (reached - tried_lufs) / (gain_db - tried_db) if gain_db != tried_db else 1.0
        corrected_db = min(gain_db + missing_lu / min(max(arrives, _LEAST_ARRIVES), 1.0), most_db)
        if corrected_db == gain_db:
            break
        tried_db, tried_lufs, gain_db = gain_db, reached, corrected_db
    return Gain(
        gain_db=gain_db, limiter=limiter, loudness_lufs=before, reached_lufs=reached, missed_lu=missing_lu
    )


def reached_lufs(signals: Sequence[Source], gain_db: float, limiter: LimiterParams | None) -> float:
    """Return the loudness of signals together behind a gain and, where there is one, a limiter."""
    if limiter is None:
        return integrated_together([signal.energies.scaled(db_to_gain(gain_db)) for signal in signals])
    return integrated_together([signal.limited_energies(gain_db, limiter) for signal in signals])


def _ceiling_dbtp(signal: Source, target: LoudnessTarget) -> float:
    """Return how high a true peak may be before samples are rounded."""
    ceiling = db_to_gain(target.ceiling_dbtp) - _ROUNDING_GAIN * signal.rounding
    return 20.0 * math.log10(max(ceiling, signal.rounding))
