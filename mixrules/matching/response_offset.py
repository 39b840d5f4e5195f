"""Where an impulse response begins: before it is known, between two recordings, and in the response itself."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_RIDGE = 1e-3  # of the dry signal's mean energy
_ONSET_DB = -20.0
_SMOOTH_SAMPLES = 40


def find_onset(dry: Floats, wet: Floats) -> int:
    """Return the samples by which the beginning of the response lags behind the dry sound; negative where it leads.

    Parameters
    ----------
    dry : ndarray of float64, shape (samples,)
        The dry recording, at a low sample rate.
    wet : ndarray of float64, shape (channels, samples)
        The wet one.

    Notes
    -----
    The spectra of the whole recordings are divided: good to some milliseconds.
    """
    from scipy.fft import irfft, next_fast_len, rfft
    from scipy.ndimage import uniform_filter1d

    size = next_fast_len(len(dry) + wet.shape[1], real=True)
    spectrum = rfft(dry, size)
    energy = np.abs(spectrum) ** 2
    weight = np.conj(spectrum) / (energy + _RIDGE * energy.mean())
    envelope = sum(irfft(weight * rfft(channel, size), size) ** 2 for channel in wet)
    # Lags from the earliest, at which the wet recording's end meets the dry one's beginning, to the latest.
    envelope = np.roll(uniform_filter1d(envelope, _SMOOTH_SAMPLES, mode="wrap"), len(dry))
    peak = int(np.argmax(envelope))
    least = max(envelope[peak] * 10.0 ** (_ONSET_DB / 10.0), 10.0 * float(np.median(envelope)))
    quiet = np.flatnonzero(envelope[: peak + 1] < least)
    onset = int(quiet[-1]) + 1 if len(quiet) else 0
    return onset - len(dry)


def lag_of(response: Floats, dry: Floats, wet: Floats, within: int) -> int:
    """Return the samples by which `wet` lags behind what `response`, shape (channels, taps), makes of `dry`.

    It is at most `within`, of either sign.
    """
    from scipy.fft import irfft, next_fast_len, rfft

    size = next_fast_len(2 * len(dry) + response.shape[1], real=True)
    spectrum = rfft(dry, size)
    products = sum(
        rfft(after, size) * np.conj(spectrum * rfft(taps, size))
        for taps, after in zip(response, wet, strict=True)
    )
    correlation = np.roll(irfft(products, size), within)[: 2 * within + 1]
    return int(np.argmax(correlation)) - within


def onset_samples(response: Floats) -> int:
    """Return the first sample of a response (channels, samples) that lies no further than 20 dB under its peak."""
    power = np.sum(response**2, axis=0)
    return int(np.argmax(power >= power.max() * 10.0 ** (_ONSET_DB / 10.0)))
