"""Stereo width: the side signal of a stem louder or softer, and a side signal for one that has none.

Mid is (left + right) / 2 and side is (left - right) / 2. A spread adds to the side what all-pass filters make of the
mid above a low cut: left and right then differ, and their sum is as it was, so that nothing is lost in mono.
Pseudo-stereo whose sum is the input: M. R. Schroeder, "An artificial stereophonic effect obtained from a single
audio signal", J. Audio Eng. Soc. 6(2), 1958, after Lauridsen.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import Audio, as_audio, require_between, require_block, require_sample_rate
from mixrules.processors.equalizer import BiquadStream, EqBand, biquad_coefficients
from mixrules.processors.gain import db_to_gain

SPREAD_LOW_CUT_HZ = 200.0
"""Below this a spread adds nothing: low frequencies stay in the centre."""

# Of the sets tried that in which left and right weigh most alike: within 0.4 dB for noise of any usual slope.
_ALL_PASSES_HZ = (320.0, 640.0, 1280.0, 2560.0, 5120.0, 10_240.0)
_ALL_PASS_Q = 0.35


@dataclass(frozen=True, slots=True, kw_only=True)
class WidthParams:
    """Stereo width of a stem.

    Attributes
    ----------
    side_gain_db : float
        Gain of the side signal, -144 to 12 dB; -144 leaves none.
    spread : float
        Level of the side that is made of the mid, against the mid, 0 to 1.
    """

    side_gain_db: float = 0.0
    spread: float = 0.0

    def __post_init__(self) -> None:
        require_between(self, side_gain_db=(-144.0, 12.0), spread=(0.0, 1.0))


def set_width(audio: npt.ArrayLike, sample_rate: int, params: WidthParams) -> Audio:
    """Change the stereo width of `audio`; its mono sum stays as it is.

    Parameters
    ----------
    audio : array_like, shape (samples, 1), (samples, 2) or (samples,)
        Not modified; mono is a stereo signal without a side.
    sample_rate : int
        Hz.
    params : WidthParams
        The settings.

    Returns
    -------
    ndarray, shape (samples, 2)
        A new array of the same dtype.

    Raises
    ------
    AudioError
        If `audio` is not usable or has more than two channels.
    """
    array = as_audio(audio, max_channels=2)
    stereo = array if array.shape[1] == 2 else np.repeat(array, 2, axis=1)
    return WidthStream(sample_rate, params).process(stereo)


class WidthStream:
    """A streaming change of width: the outputs of the blocks, joined, are those of `set_width`.

    Parameters
    ----------
    sample_rate : int
        Hz.
    params : WidthParams
        The settings.
    """

    def __init__(self, sample_rate: int, params: WidthParams) -> None:
        rate = require_sample_rate(sample_rate)
        self._neutral = params == WidthParams()
        self._side_gain = db_to_gain(params.side_gain_db) if params.side_gain_db > -144.0 else 0.0
        self._spread = params.spread
        self._spreader = BiquadStream(_spread_sections(rate), channels=1)

    def process(self, audio: Audio) -> Audio:
        """Return the next block, shape (samples, 2), with its width changed."""
        audio = require_block(audio, channels=2)
        if self._neutral:
            return audio.copy()
        kind = audio.dtype.type
        mid = kind(0.5) * (audio[:, :1] + audio[:, 1:])
        side = kind(0.5 * self._side_gain) * (audio[:, :1] - audio[:, 1:])
        if self._spread > 0.0:
            side += kind(self._spread) * self._spreader.process(np.ascontiguousarray(mid))
        return np.concatenate([mid + side, mid - side], axis=1)


def _spread_sections(sample_rate: int) -> list[tuple[float, ...]]:
    """Return the low cut and the all-pass filters, as many as the sample rate holds; the cookbook's formulas."""
    low_cut = EqBand(kind="high_pass", frequency_hz=SPREAD_LOW_CUT_HZ, q=math.sqrt(0.5))
    numerator, denominator = biquad_coefficients(low_cut, sample_rate)
    return [(*numerator, *denominator[1:])] + [
        _all_pass(frequency_hz, sample_rate)
        for frequency_hz in _ALL_PASSES_HZ
        if frequency_hz < 0.45 * sample_rate
    ]


def _all_pass(frequency_hz: float, sample_rate: int) -> tuple[float, ...]:
    angle = 2.0 * math.pi * frequency_hz / sample_rate
    alpha, cosine = math.sin(angle) / (2.0 * _ALL_PASS_Q), math.cos(angle)
    a0, a1, a2 = 1.0 + alpha, -2.0 * cosine, 1.0 - alpha
    return a2 / a0, a1 / a0, 1.0, a1 / a0, a2 / a0
