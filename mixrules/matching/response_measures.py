"""What an impulse response measures: decay times per octave, the direct sound against the reverberation."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import Audio, as_audio, require_sample_rate
from mixrules.analysis import decay_time, octave_bands
from mixrules.errors import AudioError
from mixrules.matching.response_offset import onset_samples

Floats = npt.NDArray[np.float64]

DIRECT_S = 0.0025
_EARLY_S = 0.02
_DIRECT_DB = 6.0
MOST_OF_NYQUIST = 0.7  # the upper edge of an octave lies at 1.41 times its centre
_LEAST_S = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseMeasures:
    """What an impulse response measures.

    Attributes
    ----------
    frequencies_hz : tuple of float
        Centres of octave bands, 63 Hz to 16 kHz, below half the sample rate.
    t60_s : tuple of float
        Reverberation time of each in seconds: T30, or T20 where noise hides the last 10 dB; NaN where neither is there.
    early_decay_s : tuple of float
        Early decay time of each, from the first 10 dB.
    onset_s : float
        Where the response first comes within 20 dB of its peak.
    direct_to_reverberant_db : float
        Energy of the direct sound, the first 2.5 ms, against that of all that follows; NaN where there is none.
    reverberant_db : float
        Energy of what follows the direct sound, the whole without one, as of two channels: 0 is the
        energy of the dry sound.
    """

    frequencies_hz: tuple[float, ...]
    t60_s: tuple[float, ...]
    early_decay_s: tuple[float, ...]
    onset_s: float
    direct_to_reverberant_db: float
    reverberant_db: float


@dataclass(frozen=True, slots=True)
class ResponseParts:
    """A response with its direct sound taken apart.

    Attributes
    ----------
    reverberation : ndarray of float64, shape (samples, channels)
        What follows the direct sound, which is replaced by silence; without one, the whole. Its first sample is the
        moment of the direct sound.
    direct : ndarray of float64, shape (samples, channels)
        The direct sound from its onset on; empty without one.
    onset : int
        The sample of the whole response at which it begins.
    """

    reverberation: Floats
    direct: Floats
    onset: int


def measure_response(
    response: npt.ArrayLike, sample_rate: int, *, name: str = "the response"
) -> ResponseMeasures:
    """Return what an impulse response measures.

    Parameters
    ----------
    response : array_like, shape (samples, channels) or (samples,)
        The response. The energies of its channels are added.
    sample_rate : int
        Hz.
    name : str
        What errors call it, e.g. its file.

    Returns
    -------
    ResponseMeasures
        Decay times per octave, onset, levels of the direct sound and of the reverberation.

    Raises
    ------
    AudioError
        If the response is not usable, silent or shorter than 20 ms.
    ParameterError
        If the sample rate is not usable.

    Notes
    -----
    The direct sound is what comes within 2.5 ms of the onset [2]_, where its energy per second is over four times that of
    the following 20 ms; a reverb's return has none.

    References
    ----------
    .. [1] ISO 3382-1:2009.
    .. [2] P. Zahorik, "Direct-to-reverberant energy ratio sensitivity", JASA 112, 2002.

    Examples
    --------
    >>> from mixrules.matching import measure_response
    >>> from mixrules.processors import ReverbParams, impulse_response
    >>> measured = measure_response(impulse_response(48_000, ReverbParams(t60_s=1.0)), 48_000)
    >>> round(measured.t60_s[measured.frequencies_hz.index(1000.0)], 1)
    1.0
    """
    sample_rate = require_sample_rate(sample_rate)
    audio = as_response(response, sample_rate, name=name)
    parts = split_direct(audio, sample_rate)
    centers_hz = tuple(
        center for center in octave_bands().centers_hz if center < MOST_OF_NYQUIST * sample_rate / 2
    )
    times = [_decay_times(audio, sample_rate, center) for center in centers_hz]
    reverberant, direct = (float(np.sum(each**2)) for each in (parts.reverberation, parts.direct))
    channels = audio.shape[1]
    with np.errstate(divide="ignore"):
        ratio_db = 10.0 * float(np.log10(direct / reverberant)) if direct and reverberant else math.nan
        level_db = 10.0 * float(np.log10(2.0 * reverberant / channels))
    return ResponseMeasures(
        frequencies_hz=centers_hz,
        t60_s=tuple(t60 for t60, _ in times),
        early_decay_s=tuple(early for _, early in times),
        onset_s=onset_samples(audio.T.astype(np.float64)) / sample_rate,
        direct_to_reverberant_db=ratio_db,
        reverberant_db=level_db,
    )


def as_response(response: npt.ArrayLike, sample_rate: int, *, name: str = "the response") -> Audio:
    """Return a response as audio, or raise `AudioError` where it can be none."""
    audio = as_audio(response, name=name)
    if len(audio) < _LEAST_S * sample_rate:
        raise AudioError(
            f"{name} is {len(audio) / sample_rate:.3g} s long: at least {_LEAST_S:g} s are needed"
        )
    if not audio.any():
        raise AudioError(f"{name} is silent: nothing can be told from it")
    return audio


def split_direct(audio: Audio, sample_rate: int) -> ResponseParts:
    """Return a response with its direct sound, if it has one, taken apart."""
    response = np.asarray(audio, np.float64)
    onset = onset_samples(response.T)
    length, early = (round(seconds * sample_rate) for seconds in (DIRECT_S, _EARLY_S))
    power = np.sum(response[onset : onset + length + early] ** 2, axis=1)
    if len(power) <= length:
        return ResponseParts(response, response[:0], 0)
    direct_per_s, early_per_s = power[:length].mean(), power[length:].mean()
    if direct_per_s < early_per_s * 10.0 ** (_DIRECT_DB / 10.0):
        return ResponseParts(response, response[:0], 0)
    reverberation = response[onset:].copy()
    reverberation[:length] = 0.0
    return ResponseParts(reverberation, response[onset : onset + length], onset)


def t60_of(audio: Audio, sample_rate: int, band_hz: float, *, start_s: float = 0.0) -> float:
    """Return T30 of an octave band, or T20 where noise hides its last 10 dB; NaN where neither is there."""
    t30 = decay_time(audio, sample_rate, band_hz=band_hz, start_s=start_s)
    if math.isfinite(t30):
        return t30
    return decay_time(audio, sample_rate, band_hz=band_hz, start_s=start_s, method="T20")


def _decay_times(audio: Audio, sample_rate: int, band_hz: float) -> tuple[float, float]:
    return t60_of(audio, sample_rate, band_hz), decay_time(audio, sample_rate, band_hz=band_hz, method="EDT")
