"""Butterworth filters as second-order sections.

The textbook design: poles on a circle, transformed to the band, then by the bilinear transform with pre-warped edges.
scipy.signal has the same, but importing it takes longer than measuring a short song.

Reference: A. V. Oppenheim and R. W. Schafer, "Discrete-Time Signal Processing", 3rd ed., 2010, sections 7.2 and 7.3.
"""

from __future__ import annotations

import cmath
import math

import numpy as np
import numpy.typing as npt


def butterworth_sections(
    order: int, low_hz: float, high_hz: float, sample_rate: int
) -> npt.NDArray[np.float64]:
    """Return a band-pass of twice `order` poles; a low-pass or high-pass of `order` poles at the ends of the spectrum.

    Parameters
    ----------
    order : int
        At least 1.
    low_hz, high_hz : float
        Where the filter is 3 dB down; a `low_hz` of 0 makes it a low-pass, an infinite `high_hz` a high-pass.
    sample_rate : int
        Hz, more than twice the finite edges.

    Returns
    -------
    ndarray of float64, shape (sections, 5)
        Rows of b0 b1 b2 a1 a2; the highest gain of the filter is 1.
    """
    rate = 2.0 * sample_rate
    low = rate * math.tan(math.pi * low_hz / sample_rate)
    high = rate * math.tan(math.pi * high_hz / sample_rate) if math.isfinite(high_hz) else math.inf
    rows = []
    # Of each conjugate pair of the prototype's poles the one above the real axis.
    for k in range((order + 1) // 2):
        pole = cmath.exp(1j * math.pi * (order + 1 + 2 * k) / (2 * order))
        is_real = 2 * k + 1 == order
        if low > 0.0 and math.isfinite(high):
            half = 0.5 * (high - low) * pole
            root = cmath.sqrt((0.5 * (high - low) * pole) ** 2 - low * high)
            both = (half + root, half - root)
            pairs = [both] if is_real else [(each, each.conjugate()) for each in both]
            rows += [_section(pair, rate, (1.0, 0.0, -1.0)) for pair in pairs]
        else:
            scaled = high * pole if math.isfinite(high) else low / pole
            sign = 1.0 if math.isfinite(high) else -1.0
            if is_real:
                rows.append(_section((scaled,), rate, (1.0, sign, 0.0)))
            else:
                rows.append(_section((scaled, scaled.conjugate()), rate, (1.0, 2.0 * sign, 1.0)))
    sections = np.array(rows)
    if low == 0.0:
        peak_angle = 0.0
    elif math.isfinite(high):
        peak_angle = 2.0 * math.atan(math.sqrt(low * high) / rate)
    else:
        peak_angle = math.pi
    delay = np.exp(-1j * peak_angle * np.arange(3))
    gains = np.abs(sections[:, :3] @ delay / (delay[0] + sections[:, 3:] @ delay[1:]))
    sections[:, :3] /= gains[:, np.newaxis]
    return sections


def _section(poles: tuple[complex, ...], rate: float, zeros: tuple[float, float, float]) -> tuple[float, ...]:
    """Return one section with one or two poles, given in the s-plane, and a numerator."""
    digital = [(rate + pole) / (rate - pole) for pole in poles]
    if len(digital) == 1:
        return (*zeros, -digital[0].real, 0.0)
    first, second = digital
    return (*zeros, -(first + second).real, (first * second).real)
