"""What a linear, time-invariant mix can be solved from: powers and cross-spectra of stems and mix, by band."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import Audio

WINDOW_S = 0.372
"""Long against what a filter rings: at 0.19 s a bell at 86 Hz left -30 dB of a bass unexplained, at 0.37 s none."""
BANDS_PER_OCTAVE = 24
STRETCH_S = 1.3
"""Stretches of a song are taken in turns to look for processors in and to see whether they pay."""
_LEAST_HZ = 15.0

Complexes = npt.NDArray[np.complex128]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class SpectralStatistics:
    """Sums over time of products of spectra, in bands.

    With x the signals' spectra and m those of the mix, a mix h x of the signals is off by
    ``power - 2 Re(h* b) + h* G h``: all that a linear mix can be judged by.

    Attributes
    ----------
    frequencies_hz : ndarray, shape (bands,)
        Centres of the bands.
    signals : ndarray of complex128, shape (bands, signals, signals)
        G: sum of conj(x_i) x_j.
    onto_mix : ndarray of complex128, shape (bands, signals, 2)
        b: sum of conj(x_i) m, left and right.
    mix_power : ndarray of float64, shape (bands, 2)
        Sum of abs(m)^2.
    frames : int
        How many spectra were added.
    """

    frequencies_hz: Floats
    signals: Complexes
    onto_mix: Complexes
    mix_power: Floats
    frames: int

    @staticmethod
    def added(parts: Iterable[SpectralStatistics]) -> SpectralStatistics:
        """Return the statistics of several excerpts together."""
        every = list(parts)
        return SpectralStatistics(
            every[0].frequencies_hz,
            np.sum([part.signals for part in every], axis=0),
            np.sum([part.onto_mix for part in every], axis=0),
            np.sum([part.mix_power for part in every], axis=0),
            sum(part.frames for part in every),
        )

    def residual_power(self, response: Complexes) -> Floats:
        """Return the power that a mix leaves unexplained, shape (bands, 2); `response` is (bands, 2, signals)."""
        explained = np.einsum("bci,bic->bc", response.conj(), self.onto_mix)
        modelled = np.einsum("bci,bij,bcj->bc", response.conj(), self.signals, response, optimize=True)
        return np.asarray(np.maximum(self.mix_power - 2.0 * explained.real + modelled.real, 0.0))


def window_samples(sample_rate: int) -> int:
    """Return the length of the spectra's window: a power of two of about 0.37 s."""
    return int(2 ** round(np.log2(WINDOW_S * sample_rate)))


def spectral_statistics(
    signals: list[Audio], mix: Audio, sample_rate: int
) -> tuple[SpectralStatistics, SpectralStatistics]:
    """Measure the cross-spectra of an excerpt, apart for every second stretch of 1.3 s.

    Parameters
    ----------
    signals : list of ndarray, shape (samples,)
        What the mix is made of.
    mix : ndarray, shape (samples, 2)
        The mix.
    sample_rate : int
        Hz.

    Returns
    -------
    SpectralStatistics, SpectralStatistics
        Of the first stretch, the third and so on, and of the others, in single bins of 2.7 Hz at the low end and 24
        bands an octave above.
    """
    length = window_samples(sample_rate)
    hop = length // 2
    every = np.array([*signals, mix[:, 0], mix[:, 1]], np.float32)
    short = -(every.shape[1] - length) % hop if every.shape[1] > length else length - every.shape[1]
    every = np.pad(every, ((0, 0), (0, short)))
    window = np.hanning(length + 1)[:-1].astype(np.float32)
    starts = range(0, every.shape[1] - length + 1, hop)

    import scipy.fft

    spectra = np.stack([scipy.fft.rfft(every[:, s : s + length] * window, axis=1) for s in starts])
    edges, centres = _bands(length, sample_rate)
    odd = in_other_half(np.arange(len(starts)), hop, sample_rate)
    count = len(signals)

    def summed(chosen: npt.NDArray[np.bool_]) -> SpectralStatistics:
        half = spectra[chosen].transpose(1, 2, 0)
        products = np.empty((len(centres), count + 2, count + 2), np.complex128)
        # Band by band: the products of every bin would take gigabytes for 60 stereo stems.
        for band, (first, end) in enumerate(itertools.pairwise(edges)):
            part = half[:, first:end].reshape(count + 2, -1).astype(np.complex128)
            products[band] = part.conj() @ part.T
        power = np.stack([products[:, count, count].real, products[:, count + 1, count + 1].real], axis=1)
        return SpectralStatistics(
            centres, products[:, :count, :count], products[:, :count, count:], power, int(chosen.sum())
        )

    return summed(~odd), summed(odd)


def in_other_half(numbers: npt.NDArray[np.int64], hop: int, sample_rate: int) -> npt.NDArray[np.bool_]:
    """Return which of an excerpt's frames lie in the stretches that a processor is not looked for in."""
    return np.asarray((numbers * hop / sample_rate // STRETCH_S).astype(int) % 2 == 1)


def _bands(length: int, sample_rate: int) -> tuple[npt.NDArray[np.int64], Floats]:
    """Return the first bin of each band and the last one's end, and the bands' centres in Hz."""
    bins = length // 2 + 1
    width_hz = sample_rate / length
    edges = [max(1, round(_LEAST_HZ / width_hz))]
    while edges[-1] < bins - 1:
        edges.append(max(edges[-1] + 1, round(edges[-1] * 2.0 ** (1.0 / BANDS_PER_OCTAVE))))
    edges[-1] = bins
    places = np.array(edges)
    centres = 0.5 * (places[:-1] + places[1:] - 1) * width_hz
    return places, np.minimum(centres, 0.4999 * sample_rate)
