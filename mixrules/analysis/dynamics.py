"""Dynamics of a signal: level, crest factor, envelope, percussivity, share of low frequencies."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import as_audio, require_sample_rate
from mixrules.analysis._blocks import require_positive, sum_of_products
from mixrules.analysis.band_powers import block_band_powers
from mixrules.analysis.bands import Bands
from mixrules.analysis.level_scan import CrestStream, EnvelopeStream
from mixrules.errors import ParameterError

_ATTACK_RISE_DB = 12.0
_ATTACK_S = 0.02
_BODY_S = 0.05
_FLOOR_DB = -40.0
ENVELOPE_HOP_S = 0.005


def rms_dbfs(audio: npt.ArrayLike) -> float:
    """Return the RMS level over all samples and channels in dBFS; -inf for silence.

    A full-scale square wave is 0 dBFS, a full-scale sine -3.01 dBFS.
    """
    audio = as_audio(audio)
    flat = audio.reshape(-1)
    power = sum_of_products(flat, flat) / flat.size
    return 10.0 * math.log10(power) if power > 0.0 else -math.inf


def crest_factor_db(audio: npt.ArrayLike) -> float:
    """Return the highest peak over the RMS level, in dB: 3.01 for a sine; 0 for silence."""
    audio = as_audio(audio)
    peak = max(float(audio.max()), -float(audio.min()))
    return 20.0 * math.log10(peak) - rms_dbfs(audio) if peak > 0.0 else 0.0


def crest_factor_squared_smoothed(audio: npt.ArrayLike, sample_rate: int) -> float:
    """Return the squared crest factor that sets attack and release times, averaged over a signal.

    Peak and mean-square detectors of 200 ms run over the largest magnitude of the channels; the
    ratio of their outputs is averaged with the mean square as weight, so that pauses do not count.

    Parameters
    ----------
    audio : array_like, shape (samples, channels) or (samples,)
        Linear float samples. Not modified.
    sample_rate : int
        Hz.

    Returns
    -------
    float
        C², at least 1: 2 for a steady sine. 1 for silence.

    Raises
    ------
    AudioError, ParameterError
        If an argument is out of range.

    References
    ----------
    .. [1] D. Giannoulis, M. Massberg, J. D. Reiss, "Parameter automation in a dynamic range
       compressor", JAES 61(10), 2013: p² = max(x², a p² + (1 - a) x²), r² = a r² + (1 - a) x².
    """
    audio = as_audio(audio)
    stream = CrestStream(require_sample_rate(sample_rate))
    stream.update(audio)
    return stream.result()


def level_envelope(
    audio: npt.ArrayLike, sample_rate: int, *, hop_s: float = 0.002
) -> npt.NDArray[np.float64]:
    """Return the largest magnitude over channels in each hop.

    Hop ``i`` begins at its time in samples, rounded half up, so that no rate drifts: five hops of 2 ms
    are one hop of 10 ms of `mixrules.loudness.block_energies`. The last hop may be incomplete.

    Parameters
    ----------
    audio : array_like, shape (samples, channels) or (samples,)
        Linear float samples. Not modified.
    sample_rate : int
        Hz.
    hop_s : float
        Hop in seconds, at least one sample.

    Returns
    -------
    ndarray of float64, shape (hops,)
        Linear peak magnitudes.

    Raises
    ------
    AudioError, ParameterError
        If an argument is out of range.
    """
    audio = as_audio(audio)
    sample_rate = require_sample_rate(sample_rate)
    require_positive(hop_s=hop_s)
    if hop_s * sample_rate < 1.0:
        raise ParameterError(f"hop_s must be at least one sample ({1 / sample_rate:g} s), got {hop_s:g}")
    stream = EnvelopeStream(sample_rate, hop_s)
    stream.update(audio)
    return stream.result().astype(np.float64)


def percussivity(audio: npt.ArrayLike, sample_rate: int) -> float:
    """Return how much of a signal's power comes in short bursts after sudden attacks, 0 to 1.

    An attack is a rise of the level envelope by 12 dB within 20 ms. With p the share of the envelope's
    power within 50 ms after an attack and t the share of time of these segments,
    the measure is (p - t) / (1 - t), at least 0: 1 for separate clicks, 0 for a steady tone or noise
    and for attacks so dense that there is nothing between them. Our own measure: published compressor rules
    use a percussivity whose definition is not public.

    Parameters
    ----------
    audio : array_like, shape (samples, channels) or (samples,)
        Linear float samples. Not modified.
    sample_rate : int
        Hz.

    Returns
    -------
    float
        0 to 1; 0 for silence.

    Raises
    ------
    AudioError, ParameterError
        If an argument is out of range.
    """
    return percussivity_of_envelope(level_envelope(audio, sample_rate, hop_s=ENVELOPE_HOP_S))


def percussivity_of_envelope(envelope: npt.NDArray[np.float64]) -> float:
    """Return `percussivity` from a level envelope in hops of `ENVELOPE_HOP_S`."""
    peak = float(envelope.max())
    if peak == 0.0:
        return 0.0
    level = 20.0 * np.log10(np.maximum(envelope / peak, 10.0 ** (_FLOOR_DB / 20.0)))
    span = round(_ATTACK_S / ENVELOPE_HOP_S)
    # Silence lies before the first sample.
    before = np.concatenate((np.full(span, _FLOOR_DB), level[:-span]))[: level.size]
    attacks = level - before >= _ATTACK_RISE_DB
    body = round(_BODY_S / ENVELOPE_HOP_S)
    after_attack = np.convolve(attacks, np.ones(body))[: level.size] > 0.0
    power = envelope**2
    share, time_share = float(power[after_attack].sum() / power.sum()), float(after_attack.mean())
    return max(0.0, (share - time_share) / (1.0 - time_share)) if time_share < 1.0 else 0.0


def low_frequency_share(audio: npt.ArrayLike, sample_rate: int, corner_hz: float) -> float:
    """Return the share of the mono sum's power that lies below a frequency.

    Parameters
    ----------
    audio : array_like, shape (samples, channels) or (samples,)
        Linear float samples. Not modified.
    sample_rate : int
        Hz.
    corner_hz : float
        Above 0, below half the sample rate.

    Returns
    -------
    float
        0 to 1; 0 for silence.

    Raises
    ------
    AudioError, ParameterError
        If an argument is out of range.
    """
    nyquist = require_sample_rate(sample_rate) / 2
    require_positive(corner_hz=corner_hz)
    if corner_hz >= nyquist:
        raise ParameterError(f"corner_hz must be below {nyquist:g} Hz, got {corner_hz:g}")
    halves = Bands((corner_hz / 2, (corner_hz + nyquist) / 2), (0.0, corner_hz), (corner_hz, nyquist))
    low, high = block_band_powers(audio, sample_rate, halves).sum(axis=0)
    return float(low / (low + high)) if low + high > 0.0 else 0.0
