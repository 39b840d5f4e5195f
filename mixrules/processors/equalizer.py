"""The equaliser: a cascade of second-order filters from Bristow-Johnson's cookbook.

Bands are applied in the order in which they are listed. Filters run in float64 whatever the dtype
of the audio. Source of every coefficient: R. Bristow-Johnson, "Cookbook formulae for audio
equalizer biquad filter coefficients" (W3C Audio EQ Cookbook).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from mixrules._support.arguments import shown_value
from mixrules._support.validation import (
    Audio,
    as_audio,
    require_between,
    require_block,
    require_finite_fields,
    require_sample_rate,
)
from mixrules.errors import ParameterError

EqKind = Literal["peaking", "low_shelf", "high_shelf", "high_pass", "low_pass"]
Floats = npt.NDArray[np.float64]

MAX_EQ_GAIN_DB = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class EqBand:
    """One filter of an equaliser.

    Attributes
    ----------
    kind : str
        "peaking", "low_shelf", "high_shelf", "high_pass" or "low_pass" (both 12 dB per octave).
    frequency_hz : float
        Centre of a peak, half-gain point of a shelf, corner of a pass filter.
    gain_db : float
        At the centre of a peak or on a shelf's plateau, -60 to 60; must be 0 for the pass filters.
    q : float
        Quality factor; 0.7071 makes the pass filters Butterworth's.
    """

    kind: EqKind = "peaking"
    frequency_hz: float
    gain_db: float = 0.0
    q: float = 1.0

    def __post_init__(self) -> None:
        if not isinstance(self.kind, str) or self.kind not in get_args(EqKind):
            raise ParameterError(
                f"kind must be one of {', '.join(get_args(EqKind))}, got {shown_value(self.kind)}"
            )
        require_finite_fields(self, "frequency_hz", "q")
        for name in ("frequency_hz", "q"):
            if getattr(self, name) <= 0:
                raise ParameterError(f"{name} must be above 0, got {getattr(self, name):g}")
        require_between(self, gain_db=(-MAX_EQ_GAIN_DB, MAX_EQ_GAIN_DB))
        if self.kind in ("high_pass", "low_pass") and self.gain_db != 0:
            raise ParameterError(f"gain_db must be 0 for a {self.kind} band, got {self.gain_db:g}")


@dataclass(frozen=True, slots=True, kw_only=True)
class EqualizerParams:
    """The bands of an equaliser, in the order in which they are applied; with no band the audio is unchanged."""

    bands: tuple[EqBand, ...] = ()

    def __post_init__(self) -> None:
        if not isinstance(self.bands, tuple) or not all(isinstance(band, EqBand) for band in self.bands):
            raise ParameterError(f"bands must be a tuple of EqBand, got {shown_value(self.bands)}")


def equalize(audio: npt.ArrayLike, sample_rate: int, params: EqualizerParams) -> Audio:
    """Filter every channel of `audio` through the bands of `params`.

    Parameters
    ----------
    audio : array_like, shape (samples, channels) or (samples,)
        Not modified.
    sample_rate : int
        Hz, more than twice every band's frequency.
    params : EqualizerParams
        The bands.

    Returns
    -------
    ndarray, shape (samples, channels)
        A new array of the same dtype; with no band that changes anything an exact copy.

    Raises
    ------
    AudioError
        If `audio` is not usable.
    ParameterError
        If a band's frequency is at or above half the sample rate.
    """
    array = as_audio(audio)
    return EqualizerStream(sample_rate, array.shape[1], params).process(array)


class EqualizerStream:
    """A streaming equaliser: the outputs of the blocks, joined, are those of `equalize`.

    Parameters
    ----------
    sample_rate : int
        Hz, more than twice every band's frequency.
    channels : int
        Channels of every block.
    params : EqualizerParams
        The bands.

    Raises
    ------
    ParameterError
        If a band's frequency is at or above half the sample rate.
    """

    def __init__(self, sample_rate: int, channels: int, params: EqualizerParams) -> None:
        self._biquads = BiquadStream(_cascade(params, sample_rate), channels)

    def process(self, block: Audio) -> Audio:
        """Filter the next block, shape (samples, channels), already checked; returns a new array."""
        return self._biquads.process(block)


class BiquadStream:
    """Biquads one after the other, for audio that comes in blocks.

    Parameters
    ----------
    sections : array_like, shape (biquads, 5)
        b0 b1 b2 a1 a2 of each.
    channels : int
        Channels of every block.
    """

    def __init__(self, sections: npt.ArrayLike, channels: int) -> None:
        self._coefficients = np.asarray(sections, np.float64)
        self._state = np.zeros((channels, len(self._coefficients), 2))

    def process(self, block: Audio) -> Audio:
        """Filter the next block, shape (samples, channels), already checked; returns a new array."""
        block = require_block(block, channels=len(self._state))
        if not len(self._coefficients):
            return block.copy()

        from mixrules.processors._kernels import biquad_cascade

        out = np.empty_like(block)
        biquad_cascade(block, self._coefficients, self._state, out)
        return out


def frequency_response(
    params: EqualizerParams, sample_rate: int, frequencies_hz: npt.ArrayLike
) -> npt.NDArray[np.complex128]:
    """Return the complex response of the whole equaliser at `frequencies_hz`.

    Parameters
    ----------
    params : EqualizerParams
        The bands.
    sample_rate : int
        Hz.
    frequencies_hz : array_like
        Hz, any shape.

    Returns
    -------
    ndarray of complex128, the shape of `frequencies_hz`
        Its magnitude is the gain, its angle the phase shift.

    Raises
    ------
    ParameterError
        If a band's frequency is at or above half the sample rate.
    """
    delay = np.exp(-2j * np.pi * np.asarray(frequencies_hz, dtype=np.float64) / sample_rate)
    response = np.ones(delay.shape, dtype=np.complex128)
    for b0, b1, b2, a1, a2 in _cascade(params, sample_rate):
        response *= (b0 + delay * (b1 + delay * b2)) / (1.0 + delay * (a1 + delay * a2))
    return response


def biquad_coefficients(band: EqBand, sample_rate: int) -> tuple[Floats, Floats]:
    """Return numerator and denominator of `band` at `sample_rate`.

    Parameters
    ----------
    band : EqBand
        The filter.
    sample_rate : int
        Hz.

    Returns
    -------
    b : ndarray, shape (3,)
        Coefficients of z^0, z^-1, z^-2 in the numerator.
    a : ndarray, shape (3,)
        Those in the denominator, with ``a[0] == 1``.

    Raises
    ------
    ParameterError
        If the band's frequency is at or above half the sample rate.
    """
    nyquist_hz = require_sample_rate(sample_rate) / 2
    if band.frequency_hz >= nyquist_hz:
        raise ParameterError(
            f"frequency_hz of a {band.kind} band must be below {nyquist_hz:g} (half the sample rate), "
            f"got {band.frequency_hz:g}"
        )
    angle = math.pi * band.frequency_hz / nyquist_hz
    cosine = math.cos(angle)
    alpha = math.sin(angle) / (2.0 * band.q)
    amplitude = 10.0 ** (band.gain_db / 40.0)
    if band.kind == "peaking":
        b = [1 + alpha * amplitude, -2 * cosine, 1 - alpha * amplitude]
        a = [1 + alpha / amplitude, -2 * cosine, 1 - alpha / amplitude]
    elif band.kind == "high_pass":
        b = [(1 + cosine) / 2, -(1 + cosine), (1 + cosine) / 2]
        a = [1 + alpha, -2 * cosine, 1 - alpha]
    elif band.kind == "low_pass":
        # 1 - cos w loses its digits at low frequencies; 2 sin^2(w/2) is the same number
        rise = 2 * math.sin(angle / 2) ** 2
        b = [rise / 2, rise, rise / 2]
        a = [1 + alpha, -2 * cosine, 1 - alpha]
    else:
        # The high shelf is the low shelf mirrored about a quarter of the sample rate: cos -> -cos
        # and every z^-1 coefficient negated.
        side = 1.0 if band.kind == "low_shelf" else -1.0
        plus, minus, slope = amplitude + 1, amplitude - 1, 2 * math.sqrt(amplitude) * alpha
        mirrored = side * cosine
        b = [
            amplitude * (plus - minus * mirrored + slope),
            side * 2 * amplitude * (minus - plus * mirrored),
            amplitude * (plus - minus * mirrored - slope),
        ]
        a = [
            plus + minus * mirrored + slope,
            side * -2 * (minus + plus * mirrored),
            plus + minus * mirrored - slope,
        ]
    return np.array(b) / a[0], np.array(a) / a[0]


def _cascade(params: EqualizerParams, sample_rate: int) -> Floats:
    """Return rows of b0 b1 b2 a1 a2, leaving out bands with a gain of 0 dB."""
    rows = []
    for band in params.bands:
        b, a = biquad_coefficients(band, sample_rate)
        if band.gain_db != 0 or band.kind in ("high_pass", "low_pass"):
            rows.append([*b, *a[1:]])
    return np.array(rows, dtype=np.float64).reshape(-1, 5)
