"""Decay time of an impulse response: Schroeder's backward integration and a line fit (ISO 3382-1)."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import Audio, as_audio, require_sample_rate
from mixrules.analysis._blocks import require_positive
from mixrules.analysis._butterworth import butterworth_sections
from mixrules.errors import ParameterError

DecayMethod = Literal["T30", "T20", "EDT"]

_RANGES_DB = {"T30": (-5.0, -35.0), "T20": (-5.0, -25.0), "EDT": (0.0, -10.0)}
_HEADROOM_DB = 10.0  # how far the noise must lie below the fitted range
_ONSET_DB = -20.0  # relative to the peak: where the level first exceeds it the direct sound starts
_SMOOTH_S = 0.01
_NOISE_SHARE = 0.1
_ITERATIONS = 6


def decay_time(
    impulse_response: npt.ArrayLike,
    sample_rate: int,
    *,
    method: DecayMethod = "T30",
    band_hz: float | None = None,
    bandwidth_octaves: float = 1.0,
    start_s: float = 0.0,
) -> float:
    """Return the time in which the sound decays by 60 dB.

    Parameters
    ----------
    impulse_response : array_like, shape (samples, channels) or (samples,)
        Not modified. The energies of the channels are added.
    sample_rate : int
        Hz.
    method : {"T30", "T20", "EDT"}
        Fit from -5 to -35 dB, from -5 to -25 dB, or from 0 to -10 dB, each extrapolated to 60 dB.
    band_hz : float, optional
        Centre of the band to measure; all frequencies by default.
    bandwidth_octaves : float
        Width of that band.
    start_s : float
        Leave out the samples before this time (a fade-in, say).

    Returns
    -------
    float
        Seconds. NaN where the response does not reach down to the fitted range with noise 10 dB below
        it (EDT: with noise below it).

    Raises
    ------
    AudioError, ParameterError
        If an argument is out of range.

    Notes
    -----
    The integration ends where the decay meets the background noise, which is estimated by fitting the decay above
    the noise until the end converges, and the missing tail is added as an exponential, after Lundeby et al. The band
    filter runs backward in time, so that its own ringing does not lengthen short decays.

    References
    ----------
    .. [1] ISO 3382-1:2009, 5.3.3 and Annex A.
    .. [2] M. R. Schroeder, "New method of measuring reverberation time", JASA 37, 1965.
    .. [3] A. Lundeby, T. E. Vigran, H. Bietz, M. Vorländer, "Uncertainties of measurements in room
       acoustics", Acustica 81, 1995.
    """
    if method not in _RANGES_DB:
        raise ParameterError(f"method must be T30, T20 or EDT, got {method!r}")
    curve_db, noise_db = _curve(impulse_response, sample_rate, band_hz, bandwidth_octaves, start_s)
    high, low = _RANGES_DB[method]
    if not curve_db.size or noise_db > low - (0.0 if method == "EDT" else _HEADROOM_DB):
        return math.nan
    return _line_fit(curve_db, sample_rate, high, low)


def decay_curve(
    impulse_response: npt.ArrayLike,
    sample_rate: int,
    *,
    band_hz: float | None = None,
    bandwidth_octaves: float = 1.0,
    start_s: float = 0.0,
) -> npt.NDArray[np.float64]:
    """Return how the sound decays: the energy still to come at each sample, the curve that `decay_time` fits.

    Parameters
    ----------
    impulse_response, sample_rate, band_hz, bandwidth_octaves, start_s
        As for `decay_time`.

    Returns
    -------
    ndarray of float64, shape (samples,)
        dB, 0 at the direct sound; it ends where the decay meets the noise. Empty for silence.

    Raises
    ------
    AudioError, ParameterError
        If an argument is out of range.
    """
    return _curve(impulse_response, sample_rate, band_hz, bandwidth_octaves, start_s)[0]


def _curve(
    impulse_response: npt.ArrayLike,
    sample_rate: int,
    band_hz: float | None,
    bandwidth_octaves: float,
    start_s: float,
) -> tuple[npt.NDArray[np.float64], float]:
    """Return the backward integration in dB, and the noise below the peak in dB; no curve for silence."""
    response = as_audio(impulse_response)
    sample_rate = require_sample_rate(sample_rate)
    none: npt.NDArray[np.float64] = np.zeros(0)
    if not math.isfinite(start_s) or start_s < 0.0:
        raise ParameterError(f"start_s must be at least 0, got {start_s!r}")
    decay = response[round(start_s * sample_rate) :]
    if decay.shape[0] < 2:
        return none, 0.0
    if band_hz is not None:
        decay = _band_pass_backward(decay, sample_rate, band_hz, bandwidth_octaves)
    power = np.einsum("ij,ij->i", decay, decay, dtype=np.float64)
    peak = float(power.max())
    if peak == 0.0:
        return none, 0.0
    power = power[int(np.argmax(power >= peak * 10.0 ** (_ONSET_DB / 10.0))) :] / peak

    end, tail, noise_db = _truncation(power, sample_rate)
    curve = np.cumsum(power[:end][::-1])[::-1] + tail
    return 10.0 * np.log10(np.maximum(curve / curve[0], 1e-30)), noise_db


def _band_pass_backward(response: Audio, sample_rate: int, band_hz: float, bandwidth_octaves: float) -> Audio:
    from mixrules.processors._kernels import biquad_cascade

    require_positive(band_hz=band_hz, bandwidth_octaves=bandwidth_octaves)
    low, high = band_hz * 2.0 ** (-bandwidth_octaves / 2), band_hz * 2.0 ** (bandwidth_octaves / 2)
    if band_hz >= sample_rate / 2:
        raise ParameterError(f"band_hz must be below {sample_rate / 2:g} Hz, got {band_hz:g}")
    sections = butterworth_sections(3, low, high if high < 0.999 * sample_rate / 2 else math.inf, sample_rate)
    # Zeros for the backward ringing before the first sample.
    padded = np.pad(response, ((round(8.0 / (high - low) * sample_rate), 0), (0, 0)))
    backward = np.ascontiguousarray(padded[::-1])
    filtered = np.empty_like(backward)
    biquad_cascade(backward, sections, np.zeros((response.shape[1], len(sections), 2)), filtered)
    return filtered[::-1]


def _truncation(power: npt.NDArray[np.float64], sample_rate: int) -> tuple[int, float, float]:
    """Return where the decay meets the noise, the energy beyond, and the noise below the peak in dB."""
    samples = power.size
    span = max(1, min(round(_SMOOTH_S * sample_rate), samples // 20))
    means = power[: samples // span * span].reshape(-1, span).mean(axis=1)
    times = (np.arange(means.size) + 0.5) * span
    top = int(np.argmax(means))
    end, slope = samples, 0.0
    noise = float(power[-max(1, round(_NOISE_SHARE * samples)) :].mean())
    for _ in range(_ITERATIONS):
        # The decay that is clear of the noise, from the loudest segment on.
        clear = means > noise * 10.0
        clear[:top] = False
        noisy = np.flatnonzero(~clear[top:])
        last = top + int(noisy[0]) if noisy.size else means.size
        if last - top < 4:
            break
        slope, offset = np.polyfit(times[top:last], np.log(means[top:last]), 1)
        if slope >= 0.0 or noise <= 0.0:
            break
        meeting = (math.log(noise) - offset) / slope
        new_end = int(min(samples, max(1.0, meeting)))
        if abs(new_end - end) <= span:
            end = new_end
            break
        end = new_end
        # Noise is what lies at least 5 dB of decay past the meeting point.
        quiet = power[min(samples - max(1, samples // 20), int(meeting - 1.15 / slope)) :]
        noise = float(quiet.mean())
    if slope >= 0.0:
        return samples, 0.0, 0.0
    noise_db = 10.0 * math.log10(max(noise / float(means[top]), 1e-30))
    if end >= samples:
        return samples, 0.0, noise_db
    tail = noise / -slope
    return end, tail, noise_db


def _line_fit(curve_db: npt.NDArray[np.float64], sample_rate: int, high_db: float, low_db: float) -> float:
    """Return 60 dB over the slope of a least-squares line through a part of a falling curve."""
    below_low = np.flatnonzero(curve_db < low_db)
    if below_low.size == 0:
        return math.nan
    first, last = int(np.argmax(curve_db <= high_db)), int(below_low[0])
    if last - first < 3:
        return math.nan
    times = np.arange(first, last) / sample_rate
    slope = float(np.polyfit(times - times[0], curve_db[first:last], 1)[0])
    return -60.0 / slope if slope < 0.0 else math.nan
