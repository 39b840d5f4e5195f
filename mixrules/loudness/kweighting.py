"""K-weighting: the head-and-ear filter in front of every loudness measurement (ITU-R BS.1770-5, Annex 1).

Two biquads in series, a high shelf (the head) and a high-pass (the revised low-frequency B curve).
The Recommendation tabulates them at 48 kHz and asks for the same response at other rates; the
analogue prototype of De Man gives both: it gives the table at 48 kHz and is
warped by the bilinear transform elsewhere.

References: ITU-R BS.1770-5 (2023), Annex 1, tables 1 and 2; B. De Man, "Evaluation of implementations
of the EBU R128 loudness measurement", AES 145th Convention (2018), e-Brief 480.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import require_sample_rate

_SHELF_HZ = 1681.974450955533
_SHELF_GAIN_DB = 3.999843853973347
_SHELF_Q = 0.7071752369554196
_SHELF_BAND_EXPONENT = 0.4996667741545416
_HIGH_PASS_HZ = 38.13547087602444
_HIGH_PASS_Q = 0.5003270373238773


@dataclass(frozen=True, slots=True)
class Biquad:
    """One second-order section, y[n] = b0 x[n] + b1 x[n-1] + b2 x[n-2] - a1 y[n-1] - a2 y[n-2].

    Parameters
    ----------
    b : tuple of 3 floats
        Numerator.
    a : tuple of 3 floats
        Denominator, a[0] = 1.
    """

    b: tuple[float, float, float]
    a: tuple[float, float, float]


class KWeighting(NamedTuple):
    """The two stages of the K filter, in order."""

    shelf: Biquad
    high_pass: Biquad

    @property
    def sections(self) -> tuple[tuple[float, float, float, float, float], ...]:
        """Both stages as b0 b1 b2 a1 a2."""
        return tuple((*stage.b, *stage.a[1:]) for stage in self)

    def for_kernels(self) -> npt.NDArray[np.float64]:
        """Return b0 b1 b2 a1 a2 of the shelf and a1 a2 of the high-pass, in the order of the compiled loops."""
        return np.array([*self.shelf.b, *self.shelf.a[1:], *self.high_pass.a[1:]])


BS1770_TABLE_48K = KWeighting(
    Biquad(
        b=(1.53512485958697, -2.69169618940638, 1.19839281085285),
        a=(1.0, -1.69065929318241, 0.73248077421585),
    ),
    Biquad(b=(1.0, -2.0, 1.0), a=(1.0, -1.99004745483398, 0.99007225036621)),
)
"""The coefficients as BS.1770-5 prints them for 48 kHz."""


def k_weighting(sample_rate: int) -> KWeighting:
    """Compute the coefficients of the K filter at any sample rate.

    Parameters
    ----------
    sample_rate : int
        Hz, 8000 to 384000.

    Returns
    -------
    KWeighting
        The shelf and the high-pass. The high-pass keeps the standard's numerator (1, -2, 1) at every rate.

    Raises
    ------
    ParameterError
        If the sample rate is out of range.

    Notes
    -----
    At 48 kHz the result is the standard's table to its last digit. From 32 to 384 kHz the response
    stays within 0.05 dB of the 48 kHz response up to 0.4 times the lower rate; below 32 kHz the
    bilinear transform lowers the top of the shelf: by 0.15 dB at 16 kHz and 0.50 dB at 8 kHz.
    """
    sample_rate = require_sample_rate(sample_rate)
    k = math.tan(math.pi * _SHELF_HZ / sample_rate)
    high = 10.0 ** (_SHELF_GAIN_DB / 20.0)
    band = high**_SHELF_BAND_EXPONENT
    norm = 1.0 + k / _SHELF_Q + k * k
    shelf = Biquad(
        b=(
            (high + band * k / _SHELF_Q + k * k) / norm,
            2.0 * (k * k - high) / norm,
            (high - band * k / _SHELF_Q + k * k) / norm,
        ),
        a=(1.0, 2.0 * (k * k - 1.0) / norm, (1.0 - k / _SHELF_Q + k * k) / norm),
    )
    k = math.tan(math.pi * _HIGH_PASS_HZ / sample_rate)
    norm = 1.0 + k / _HIGH_PASS_Q + k * k
    high_pass = Biquad(
        b=(1.0, -2.0, 1.0),
        a=(1.0, 2.0 * (k * k - 1.0) / norm, (1.0 - k / _HIGH_PASS_Q + k * k) / norm),
    )
    return KWeighting(shelf, high_pass)


def max_table_deviation(sample_rate: int) -> float | None:
    """Return the largest difference of any coefficient from the standard's table.

    Parameters
    ----------
    sample_rate : int
        Hz.

    Returns
    -------
    float or None
        The largest absolute difference at 48000 Hz, None at every other rate (there is no table).
    """
    if require_sample_rate(sample_rate) != 48_000:
        return None
    ours, table = np.asarray(_rows(k_weighting(48_000))), np.asarray(_rows(BS1770_TABLE_48K))
    return float(np.max(np.abs(ours - table)))


def k_weighting_response_db(frequencies_hz: npt.ArrayLike, sample_rate: int) -> npt.NDArray[np.float64]:
    """Return the gain of the K filter in dB.

    Parameters
    ----------
    frequencies_hz : array_like
        Hz, any shape, 0 to half the sample rate.
    sample_rate : int
        Hz.

    Returns
    -------
    ndarray, the shape of `frequencies_hz`
        dB; ``-inf`` at 0 Hz.
    """
    stages = k_weighting(sample_rate)
    z = np.exp(-2j * np.pi * np.asarray(frequencies_hz, dtype=np.float64) / sample_rate)
    power = np.ones(z.shape)
    for stage in stages:
        b0, b1, b2 = stage.b
        a0, a1, a2 = stage.a
        power = power * np.abs((b0 + (b1 + b2 * z) * z) / (a0 + (a1 + a2 * z) * z)) ** 2
    with np.errstate(divide="ignore"):
        return np.asarray(10.0 * np.log10(power))


def _rows(stages: KWeighting) -> list[tuple[float, ...]]:
    return [(*stage.b, *stage.a) for stage in stages]
