"""Equal loudness for all mixes of a song, without any of them passing the true-peak ceiling."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import Audio
from mixrules.errors import AudioError
from mixrules.loudness import block_energies, integrated_from_energies, true_peak
from mixrules.processors import apply_gain, db_to_gain

CEILING_DBTP = -1.0
MAX_SPREAD_LU = 0.05
_ROUNDS = 3
_ROUNDING_DB = 0.01  # what writing 24 bits and measuring again may change


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """The mixes of a song at one loudness.

    Attributes
    ----------
    audio : mapping of str to ndarray of float32
        By condition.
    target_lufs : float
        The loudness that all of them have.
    lowered_db : float
        How far that is below what was asked for; 0 where nothing would have clipped.
    highest : str
        The condition whose peaks are the highest; it decides where the target falls.
    gains_db : mapping of str to float
        What was done to each.
    """

    audio: Mapping[str, npt.NDArray[np.float32]]
    target_lufs: float
    lowered_db: float
    highest: str
    gains_db: Mapping[str, float]


def match_loudness(
    excerpts: Mapping[str, Audio], sample_rate: int, *, target_lufs: float, ceiling_dbtp: float = CEILING_DBTP
) -> Matched:
    """Bring excerpts to one integrated loudness.

    Where one of them would pass the true-peak ceiling, the target of all of them falls.

    Parameters
    ----------
    excerpts : mapping of str to ndarray, shape (samples, channels)
        By condition. Not modified.
    sample_rate : int
        Hz.
    target_lufs : float
        The loudness asked for.
    ceiling_dbtp : float
        The highest true peak, which no sample passes either.

    Returns
    -------
    Matched

    Raises
    ------
    AudioError
        If one of them has no loudness.
    """
    energies = {name: block_energies(audio, sample_rate) for name, audio in excerpts.items()}
    headroom = {}
    for name, audio in excerpts.items():
        lufs = integrated_from_energies(energies[name])
        if not math.isfinite(lufs):
            raise AudioError(f"{name} is silent in the excerpt: a mix that sounds there is needed")
        headroom[name] = ceiling_dbtp - _ROUNDING_DB - true_peak(audio, sample_rate) + lufs
    highest = min(headroom, key=lambda name: headroom[name])
    reached_lufs = min(target_lufs, headroom[highest])
    gains_db = {}
    for name, energy in energies.items():
        gain_db = reached_lufs - integrated_from_energies(energy)
        for _ in range(_ROUNDS):  # the absolute gate does not move with the gain
            gain_db += reached_lufs - integrated_from_energies(energy.scaled(db_to_gain(gain_db)))
        gains_db[name] = gain_db
    return Matched(
        audio={
            name: np.asarray(apply_gain(audio, gains_db[name]), dtype=np.float32)
            for name, audio in excerpts.items()
        },
        target_lufs=reached_lufs,
        lowered_db=target_lufs - reached_lufs,
        highest=highest,
        gains_db=gains_db,
    )
