"""How far one impulse response is from another: in its spectrum, its decay and its reverberation times."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import Audio, require_sample_rate
from mixrules.analysis import decay_curve, octave_bands
from mixrules.errors import AudioError
from mixrules.matching.response_measures import MOST_OF_NYQUIST, as_response, t60_of

Floats = npt.NDArray[np.float64]

_CURVE_DB = -30.0
_LOW_HZ, _HIGH_HZ = 50.0, 16_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseDifference:
    """How far an impulse response is from a reference.

    Attributes
    ----------
    log_spectral_distance_db : float
        Root mean square over frequency of the difference of both power spectra in dB, from 50 Hz to 16 kHz.
    frequencies_hz : tuple of float
        Centres of octave bands.
    decay_rms_db : tuple of float
        Root mean square over time of the difference of both decay curves in each octave, down to -30 dB; NaN where
        noise hides that.
    t60_ratio : tuple of float
        Reverberation time of each octave over that of the reference; NaN where either is not defined.
    """

    log_spectral_distance_db: float
    frequencies_hz: tuple[float, ...]
    decay_rms_db: tuple[float, ...]
    t60_ratio: tuple[float, ...]


def response_difference(
    response: npt.ArrayLike, reference: npt.ArrayLike, sample_rate: int
) -> ResponseDifference:
    """Return how far an impulse response is from a reference.

    Parameters
    ----------
    response, reference : array_like, shape (samples, channels) or (samples,)
        The two, of as many channels; the shorter one is continued by silence.
    sample_rate : int
        Hz, of both.

    Returns
    -------
    ResponseDifference
        Log-spectral distance [1]_, and decay curves and times by octave.

    Raises
    ------
    AudioError
        If either is not usable, silent or shorter than 20 ms, or they differ in channels.

    References
    ----------
    .. [1] L. R. Rabiner, B.-H. Juang, "Fundamentals of speech recognition", 1993, 4.5.1.

    Examples
    --------
    >>> from mixrules.matching import response_difference
    >>> from mixrules.processors import ReverbParams, impulse_response
    >>> room = impulse_response(48_000, ReverbParams(t60_s=0.5))
    >>> response_difference(room, room, 48_000).log_spectral_distance_db
    0.0
    """
    sample_rate = require_sample_rate(sample_rate)
    ours, theirs = as_response(response, sample_rate), as_response(reference, sample_rate)
    if ours.shape[1] != theirs.shape[1]:
        raise AudioError(
            f"the responses have {ours.shape[1]} and {theirs.shape[1]} channels: they must have as many"
        )
    octaves = tuple(each for each in octave_bands().centers_hz if each < MOST_OF_NYQUIST * sample_rate / 2)
    return ResponseDifference(
        log_spectral_distance_db=_spectra_apart_db(ours, theirs, sample_rate),
        frequencies_hz=octaves,
        decay_rms_db=tuple(curves_apart_db(theirs, ours, sample_rate, octave) for octave in octaves),
        t60_ratio=tuple(
            t60_of(ours, sample_rate, octave) / t60_of(theirs, sample_rate, octave) for octave in octaves
        ),
    )


def curves_apart_db(reference: Audio, other: Audio, sample_rate: int, band_hz: float) -> float:
    """Return how far both decay curves are apart in an octave, root mean square while the reference is above -30 dB."""
    curves = [decay_curve(each, sample_rate, band_hz=band_hz) for each in (reference, other)]
    samples = min(len(curve) for curve in curves)
    above = curves[0][:samples] > _CURVE_DB
    if samples < 2 or above.all():
        return math.nan
    return float(np.sqrt(np.mean((curves[0][:samples] - curves[1][:samples])[above] ** 2)))


def _spectra_apart_db(ours: Audio, theirs: Audio, sample_rate: int) -> float:
    from scipy.fft import next_fast_len, rfft

    size = next_fast_len(max(len(ours), len(theirs)), real=True)
    powers = [np.abs(rfft(np.asarray(each, np.float64), size, axis=0)) ** 2 for each in (ours, theirs)]
    bin_hz = np.arange(size // 2 + 1) * sample_rate / size
    inside = (bin_hz >= _LOW_HZ) & (bin_hz <= _HIGH_HZ)
    least = 1e-12 * float(powers[1].max())
    levels_db = [10.0 * np.log10(np.maximum(power[inside], least)) for power in powers]
    return float(np.sqrt(np.mean((levels_db[0] - levels_db[1]) ** 2)))
