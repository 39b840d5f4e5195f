"""Our pan by Ardour's panners: the position that gives the same ratio of the sides, and the gain that is left.

Ardour's panner of a mono track is a parabola of its own (libs/panners/1in2out), that of a stereo one a balance.
"""

from __future__ import annotations

from mixrules.export.pan_gains import Balance, balance_of, side_gains
from mixrules.processors import PanParams, gain_to_db

MONO_PANNER = "http://ardour.org/plugin/panner_1in2out"
STEREO_PANNER = "http://ardour.org/plugin/panner_balance"
_SCALE = -0.831783138  # 2 - 4 * 10^(-3/20), as Ardour has it
_HALVINGS = 60


def ardour_pan(params: PanParams, channels: int) -> Balance:
    """Return the azimuth, 0 to 1, and the gain in dB on top of it that together are a pan.

    Examples
    --------
    >>> azimuth, gain_db = ardour_pan(PanParams(pan=0.0), 1)
    >>> round(azimuth, 9), round(gain_db, 3)
    (0.5, -0.01)
    """
    if channels == 2:
        balance = balance_of(params, channels)
        return Balance((balance.position + 1.0) / 2.0, balance.gain_db)
    left, right = side_gains(params, 1)
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        if _side(middle) * left < _side(1.0 - middle) * right:
            low = middle
        else:
            high = middle
    azimuth = {0.0: 1.0}.get(left, {0.0: 0.0}.get(right, (low + high) / 2.0))
    louder = max((left, _side(1.0 - azimuth)), (right, _side(azimuth)))
    return Balance(azimuth, float(gain_to_db(louder[0] / louder[1])))


def _side(position: float) -> float:
    """Return Ardour's gain of the side that a position points to, 0 to 1."""
    return position * (_SCALE * position + 1.0 - _SCALE)
