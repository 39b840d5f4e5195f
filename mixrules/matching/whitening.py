"""A causal filter after which a signal has about the same energy in all of its third-octave bands.

Least squares between two signals that went through it converge in a few dozen steps: it changes neither the response
between them nor what is known of it.
"""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt

from mixrules.analysis import third_octave_bands

Floats = npt.NDArray[np.float64]

_TAPS = 1 << 13
_RANGE_DB = 100.0  # what lies further below the strongest band is not raised further
_DROWNS_DB = 20.0  # of wet over dry, above what most of the dry energy has


class Whitener:
    """The filter for some signals, all together.

    Parameters
    ----------
    takes : list of (dry, wet)
        Of shapes (samples,) and (channels, samples): the dry signals, all together, are to be white.
    sample_rate : int
        Hz.

    Notes
    -----
    A band in which the wet signals have much more than elsewhere, measured by the dry ones, holds something else (hiss
    above a low pass): it is raised so far only that it does not drown the others.
    """

    def __init__(self, takes: list[tuple[Floats, Floats]], sample_rate: int) -> None:
        bands = third_octave_bands().below(sample_rate / 2)
        self._centers_hz = np.array(bands.centers_hz)
        bin_hz: Floats = np.arange(_TAPS // 2 + 1) * sample_rate / _TAPS
        edges = np.searchsorted(bin_hz, [*bands.low_hz, bands.high_hz[-1]])
        dry = _band_powers([dry[np.newaxis] for dry, _ in takes], edges)
        wet = _band_powers([wet for _, wet in takes], edges)
        dry = np.maximum(dry, dry.max() * 10.0 ** (-_RANGE_DB / 10.0))
        most = _weighted_median(wet / dry, dry * np.diff(edges)) * 10.0 ** (_DROWNS_DB / 10.0)
        means = np.maximum(dry, wet / most) if most > 0.0 else dry
        self._log_energy = -np.log(means / means.max())
        self._taps = _minimum_phase(np.exp(0.5 * self._at(bin_hz)))

    def __call__(self, signals: Floats) -> Floats:
        """Return the filtered signals, shape (samples,) or (channels, samples): no longer than they were."""
        from scipy.signal import oaconvolve

        if signals.ndim == 1:
            return np.asarray(oaconvolve(signals, self._taps)[: len(signals)])
        return np.array([self(each) for each in signals])

    def energy_at(self, frequencies_hz: Floats) -> Floats:
        """Return the filter's gain of energy at each frequency."""
        return np.asarray(np.exp(self._at(frequencies_hz)))

    def _at(self, frequencies_hz: Floats) -> Floats:
        places = np.log(np.maximum(frequencies_hz, 1.0))
        return np.asarray(np.interp(places, np.log(self._centers_hz), self._log_energy))


def mean_power(signals: Floats, size: int) -> Floats:
    """Return the mean power spectrum of all of `signals`, shape (channels, samples), by Welch's method.

    Frames of `size` overlap by half under a Hann window; zeros stand before and after, so that each sample counts alike.
    """
    window = np.hanning(size + 1)[:-1]
    sums = np.zeros(size // 2 + 1)
    for signal in signals:
        padded = np.pad(signal, (size // 2, size))
        frames = np.lib.stride_tricks.sliding_window_view(padded, size)[:: size // 2]
        for block in np.array_split(frames, max(1, len(frames) // 64)):
            sums += np.sum(np.abs(np.fft.rfft(block * window)) ** 2, axis=0)
    # The squares of such windows add up to 0.75 at every sample.
    power: Floats = sums / (0.75 * signals.size)
    return power


def _band_powers(signals: list[Floats], edges: npt.NDArray[np.int64]) -> Floats:
    """Return the mean power of each band, all signals together; a band without a bin has that of the nearest one."""
    power = np.zeros(_TAPS // 2 + 1)
    for each in signals:
        power += mean_power(each, _TAPS) * each.shape[1]
    return np.array([power[first : max(last, first + 1)].mean() for first, last in itertools.pairwise(edges)])


def _weighted_median(values: Floats, weights: Floats) -> float:
    order = np.argsort(values)
    sums = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(sums, 0.5 * sums[-1])])


def _minimum_phase(magnitude: Floats) -> Floats:
    """Return the causal filter of that magnitude whose energy comes first, from its cepstrum.

    References
    ----------
    .. [1] A. V. Oppenheim, R. W. Schafer, "Discrete-time signal processing", 1989, chapter 12.
    """
    from scipy.fft import irfft, rfft

    size = 2 * (len(magnitude) - 1)
    cepstrum = irfft(np.log(magnitude), size)
    cepstrum[1 : size // 2] *= 2.0
    cepstrum[size // 2 + 1 :] = 0.0
    return np.asarray(irfft(np.exp(rfft(cepstrum)), size))
