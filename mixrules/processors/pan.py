"""Panning: the position of a mono source between two loudspeakers, and the balance of a stereo source.

Position -1 is left, 0 the centre, +1 right. The pan law is the level of each side at the centre.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import (
    Audio,
    as_audio,
    require_between,
    require_finite_fields,
    require_sample_rate,
)
from mixrules.errors import ParameterError

PAN_LAWS_DB = (-3.0, -4.5, -6.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class PanParams:
    """A position and a pan law.

    Attributes
    ----------
    pan : float
        -1 (left) to 1 (right).
    pan_law_db : float
        Level of each side at the centre: -3 constant power, -6 linear (constant amplitude in the
        mono sum), -4.5 the geometric mean of the two.
    """

    pan: float = 0.0
    pan_law_db: float = -3.0

    def __post_init__(self) -> None:
        require_between(self, pan=(-1.0, 1.0))
        require_finite_fields(self, "pan_law_db")
        if self.pan_law_db not in PAN_LAWS_DB:
            raise ParameterError(f"pan_law_db must be -3, -4.5 or -6, got {self.pan_law_db:g}")


def pan(audio: npt.ArrayLike, sample_rate: int, params: PanParams) -> Audio:
    """Place mono `audio` between left and right, or balance stereo `audio`.

    A mono input gets the two gains of the law. A stereo input keeps its image: the side that `pan`
    points to is untouched and the other one is attenuated by the law relative to its centre, so
    that 0 changes nothing and ±1 leaves one side.

    Parameters
    ----------
    audio : array_like, shape (samples, 1), (samples, 2) or (samples,)
        Not modified.
    sample_rate : int
        Hz.
    params : PanParams
        Position and law.

    Returns
    -------
    ndarray, shape (samples, 2)
        The same dtype as `audio`.

    Raises
    ------
    AudioError
        If `audio` is not usable or has more than two channels.
    """
    array = as_audio(audio, max_channels=2)
    require_sample_rate(sample_rate)
    left, right = _law_gains(params.pan, params.pan_law_db)
    if array.shape[1] == 2:
        centre = _law_gains(0.0, params.pan_law_db)[0]
        left, right = min(left / centre, 1.0), min(right / centre, 1.0)
    out = np.empty((len(array), 2), dtype=array.dtype)
    np.multiply(array[:, 0], array.dtype.type(left), out=out[:, 0])
    np.multiply(array[:, -1], array.dtype.type(right), out=out[:, 1])
    return out


def _law_gains(position: float, pan_law_db: float) -> tuple[float, float]:
    """Return the left and right gains of a mono source at `position`."""
    right = 0.5 * (position + 1.0)
    left = 1.0 - right
    # A cosine each, so that the two sides are equal to the last bit at the centre; at pi/2 it is 6e-17,
    # and a source that is panned hard to one side is silent on the other.
    power_left = math.cos(0.5 * math.pi * right) if left > 0 else 0.0
    power_right = math.cos(0.5 * math.pi * left) if right > 0 else 0.0
    if pan_law_db == -3.0:
        return power_left, power_right
    if pan_law_db == -6.0:
        return left, right
    return math.sqrt(left * power_left), math.sqrt(right * power_right)
