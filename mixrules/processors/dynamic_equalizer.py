"""The dynamic equaliser: a band that is turned down only while it is loud; a de-esser at the frequencies of sibilants.

What a band-pass filter lets through is compressed and put back in its place: y = x - b + c(b), where b is the band and
c the compressor. Below the threshold the signal is unchanged; at the centre of the band the gain is the
compressor's; the filter itself never moves. Band-pass: R. Bristow-Johnson, "Cookbook formulae for audio equalizer
biquad filter coefficients"; compressor: Giannoulis, Massberg & Reiss 2012.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mixrules._support.validation import (
    Audio,
    as_audio,
    require_at_least,
    require_block,
    require_finite_fields,
    require_sample_rate,
)
from mixrules.errors import ParameterError
from mixrules.processors.compressor import CompressorParams, CompressorStream
from mixrules.processors.equalizer import BiquadStream

if TYPE_CHECKING:
    import numpy.typing as npt


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamicEqBand:
    """A band that is turned down while it is above a threshold.

    Attributes
    ----------
    frequency_hz : float
        Centre of the band, above 0.
    q : float
        Quality factor of its band-pass filter, above 0.
    threshold_db : float
        Peak level in the band above which it is turned down, dBFS.
    ratio : float
        1 or more; 1 changes nothing.
    knee_db : float
        Width of the knee around the threshold, 0 or more.
    attack_ms, release_ms : float
        Time constants, 0 or more.
    """

    frequency_hz: float
    q: float = 1.0
    threshold_db: float = -30.0
    ratio: float = 3.0
    knee_db: float = 6.0
    attack_ms: float = 5.0
    release_ms: float = 60.0

    def __post_init__(self) -> None:
        require_finite_fields(self, "frequency_hz", "q", "threshold_db")
        for name in ("frequency_hz", "q"):
            if getattr(self, name) <= 0:
                raise ParameterError(f"{name} must be above 0, got {getattr(self, name):g}")
        require_at_least(self, ratio=1.0, knee_db=0.0, attack_ms=0.0, release_ms=0.0)

    @property
    def compressor(self) -> CompressorParams:
        """The compressor of the band."""
        return CompressorParams(
            threshold_db=self.threshold_db,
            ratio=self.ratio,
            knee_db=self.knee_db,
            attack_ms=self.attack_ms,
            release_ms=self.release_ms,
        )


def equalize_dynamically(audio: npt.ArrayLike, sample_rate: int, bands: Sequence[DynamicEqBand]) -> Audio:
    """Turn down each of some bands while it is loud, one after the other, channels linked.

    Parameters
    ----------
    audio : array_like, shape (samples, channels) or (samples,)
        Not modified.
    sample_rate : int
        Hz, more than twice every band's frequency.
    bands : sequence of DynamicEqBand
        In the order in which they are applied.

    Returns
    -------
    ndarray, shape (samples, channels)
        A new array of the same dtype, not delayed.

    Raises
    ------
    AudioError
        If `audio` is not usable.
    ParameterError
        If a band's frequency is at or above half the sample rate.
    """
    array = as_audio(audio)
    return DynamicEqualizerStream(sample_rate, array.shape[1], bands).process(array)


class DynamicEqualizerStream:
    """A streaming dynamic equaliser: the outputs of the blocks, joined, are those of `equalize_dynamically`.

    Parameters
    ----------
    sample_rate : int
        Hz, more than twice every band's frequency.
    channels : int
        Channels of every block.
    bands : sequence of DynamicEqBand
        In the order in which they are applied.

    Raises
    ------
    ParameterError
        If a band's frequency is at or above half the sample rate.
    """

    def __init__(self, sample_rate: int, channels: int, bands: Sequence[DynamicEqBand]) -> None:
        rate = require_sample_rate(sample_rate)
        self._bands = [
            (BiquadStream([_band_pass(band, rate)], channels), CompressorStream(rate, band.compressor))
            for band in bands
        ]

    def process(self, audio: Audio) -> Audio:
        """Return what comes out when the next block, shape (samples, channels), goes in; a new array."""
        out = require_block(audio).copy()
        for band_pass, compressor in self._bands:
            band = band_pass.process(out)
            out += compressor.process(band) - band
        return out


def _band_pass(band: DynamicEqBand, sample_rate: int) -> tuple[float, float, float, float, float]:
    """Return b0 b1 b2 a1 a2 of the cookbook's band-pass filter with a gain of 1 at its centre."""
    if band.frequency_hz >= sample_rate / 2:
        raise ParameterError(
            f"frequency_hz must be below half the sample rate ({sample_rate / 2:g} Hz), got {band.frequency_hz:g}"
        )
    angle = 2.0 * math.pi * band.frequency_hz / sample_rate
    alpha = math.sin(angle) / (2.0 * band.q)
    a0 = 1.0 + alpha
    return alpha / a0, 0.0, -alpha / a0, -2.0 * math.cos(angle) / a0, (1.0 - alpha) / a0
