"""Our pan as a balance control and a gain: what every host has whose pan law differs from ours."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mixrules.processors import PanParams, gain_to_db, pan


class Balance(NamedTuple):
    """A balance, -1 to 1, that turns down one side and leaves the other, and a gain in dB for both."""

    position: float
    gain_db: float


def side_gains(params: PanParams, channels: int) -> tuple[float, float]:
    """Return what a pan multiplies left and right by."""
    left, right = pan(np.ones((1, channels)), 48_000, params)[0]
    return float(left), float(right)


def balance_of(params: PanParams, channels: int) -> Balance:
    """Return the balance and the gain that together are a pan.

    Parameters
    ----------
    params : PanParams
        Position and law.
    channels : int
        Of what is panned, 1 or 2.

    Examples
    --------
    >>> position, gain_db = balance_of(PanParams(pan=0.0), 1)
    >>> position, round(gain_db, 2)
    (0.0, -3.01)
    """
    left, right = side_gains(params, channels)
    louder = max(left, right)
    return Balance((right - left) / louder, float(gain_to_db(louder)))
