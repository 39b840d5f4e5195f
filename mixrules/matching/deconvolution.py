"""Regularised deconvolution: the filter between signals, weighted at each frequency by what noise leaves of it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mixrules.analysis import third_octave_bands
from mixrules.matching.normal_equations import NormalEquations
from mixrules.matching.whitening import Whitener, mean_power

Floats = npt.NDArray[np.float64]

_FIRST_RIDGE = 1e-6  # of the dry signal's mean energy
_LEAST_RIDGE = 1e-9
_FIRST_STEPS, _STEPS = 40, 80
_BINS = 1 << 13


def solved(takes: list[tuple[Floats, Floats]], taps: int, sample_rate: int) -> tuple[Floats, Spectra]:
    """Return the filter from dry to wet, shape (channels, taps), and what it leaves of the wet by frequency.

    Parameters
    ----------
    takes : list of (dry, wet)
        Of shapes (samples,) and (channels, samples), from the same moment.
    taps : int
        Length of the filter.
    sample_rate : int
        Hz.

    Notes
    -----
    It is solved twice: the residual of a first solution says how noisy each frequency is.
    """
    whitener = Whitener(takes, sample_rate)
    white = [(whitener(dry), whitener(wet)) for dry, wet in takes]
    equations = NormalEquations(taps, len(white[0][1]))
    for take in white:
        equations.add(*take)
    ridge = np.full(equations.power.shape, _FIRST_RIDGE * equations.power.mean())
    first = equations.solve(ridge, most_steps=_FIRST_STEPS)
    ridge = Spectra(equations, first, white, ridge, whitener, sample_rate).ridge
    found = equations.solve(ridge, start=first, most_steps=_STEPS)
    return found, Spectra(equations, found, white, ridge, whitener, sample_rate)


class Spectra:
    """What a filter leaves of the wet takes, by frequency.

    Attributes
    ----------
    centers_hz : ndarray of float64, shape (bands,)
        Third-octave bands.
    residual_share : float
        The share of the wet takes' energy that is left, corrected for what so many taps explain of any signal.
    residual_share_where_dry : float
        Mean of the same share over the bands, each counting by the energy that the dry takes have in it.
    residual_db, error_db : ndarray of float64, shape (bands,)
        The same share in each band in dB; the expected error of the filter against the filter itself.
    ridge : ndarray of float64, shape (bins,)
        Wiener's weight by that residual.
    """

    def __init__(
        self,
        equations: NormalEquations,
        found: Floats,
        pairs: list[tuple[Floats, Floats]],
        ridge: Floats,
        whitener: Whitener,
        sample_rate: int,
    ) -> None:
        from scipy.fft import rfft

        bands = third_octave_bands().below(sample_rate / 2)
        bin_hz = np.arange(len(equations.power)) * sample_rate / equations.size
        edges = np.array([*bands.low_hz, bands.high_hz[-1]])
        of_bins = _BandMeans(bin_hz, edges)
        self.centers_hz = np.array(bands.centers_hz)
        noise, wet = _power_spectra(equations, found, pairs)
        of_noise = _BandMeans(np.arange(len(noise)) * sample_rate / (2.0 * (len(noise) - 1)), edges)

        explained_taps = equations.taps * of_bins(equations.power / (equations.power + ridge))
        # A filter of so many taps explains that share of any signal.
        left = np.maximum(1.0 - explained_taps / equations.samples, 0.05)
        noise_power, wet_power = of_noise(noise) / left, of_noise(wet)
        # Both were whitened; the whole is that of the recordings as they are.
        bins = of_noise.bins / whitener.energy_at(self.centers_hz)
        self.residual_share = float(np.sum(noise_power * bins) / np.sum(wet_power * bins))
        shares = np.divide(noise_power, wet_power, out=np.full(wet_power.shape, np.nan), where=wet_power > 0)
        dry_energy = np.where(wet_power > 0, of_bins(equations.power) * bins, 0.0)
        self.residual_share_where_dry = float(np.average(np.nan_to_num(shares), weights=dry_energy))
        with np.errstate(divide="ignore"):
            self.residual_db = 10.0 * np.log10(shares)

        energy = of_bins(np.sum(np.abs(rfft(found, equations.size)) ** 2, axis=0))
        least = _LEAST_RIDGE * float(equations.power.mean())
        with np.errstate(divide="ignore", invalid="ignore"):
            asked = np.where(energy > 0, equations.taps * noise_power / energy, np.inf)
        asked = np.clip(asked, least, 1e6 * float(equations.power.mean()))
        self.ridge = np.exp(
            np.interp(np.log(np.maximum(bin_hz, 1.0)), np.log(self.centers_hz), np.log(asked))
        )
        self.error_db = 10.0 * np.log10(of_bins(self.ridge / (equations.power + self.ridge)))


class _BandMeans:
    """Means over the bins of each band; a band without a bin has that of the nearest one."""

    def __init__(self, bin_hz: Floats, edges_hz: Floats) -> None:
        places = np.searchsorted(bin_hz, edges_hz)
        self._first = np.minimum(places[:-1], len(bin_hz) - 1)
        self._last = np.maximum(places[1:], self._first + 1)
        self.bins = (places[1:] - places[:-1]).astype(np.float64)

    def __call__(self, values: Floats) -> Floats:
        sums = np.concatenate([[0.0], np.cumsum(values)])
        means: Floats = (sums[self._last] - sums[self._first]) / (self._last - self._first)
        return means


def _power_spectra(
    equations: NormalEquations, found: Floats, pairs: list[tuple[Floats, Floats]]
) -> tuple[Floats, Floats]:
    """Return the mean power spectra of what is not explained and of the wet takes, all channels together."""
    from scipy.signal import oaconvolve

    left, whole = np.zeros(_BINS // 2 + 1), np.zeros(_BINS // 2 + 1)
    for dry, wet in pairs:
        explained = np.array([oaconvolve(dry, taps)[: len(dry)] for taps in found])
        left += mean_power(wet - explained, _BINS) * wet.size
        whole += mean_power(wet, _BINS) * wet.size
    return left / equations.samples, whole / equations.samples
