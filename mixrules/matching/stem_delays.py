"""Where each stem lies in a mix: the delay that is left of its way into the mix when its equaliser's phase is taken off.

All stems are explained together, by a filter each (least squares on spectra of windows all over the song), so that none
is taken for another that plays with it. A filter's magnitude has a phase that belongs to it, the minimum phase; what the
filter turns beyond that is delay. An equaliser or a room therefore moves nothing here, a plug-in's latency does.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import Audio
from mixrules.matching.alignment_coarse import Line
from mixrules.matching.interpolation import read_at
from mixrules.stems import Stems

Floats = npt.NDArray[np.float64]
Spectra = npt.NDArray[np.complexfloating]

_LENGTHS = ((12, 1 << 14), (24, 1 << 13), (math.inf, 1 << 12))
"""Up to so many stems, so long a window: work and memory grow by the square of their number."""
_MOST_WINDOWS = 240
_AT_ONCE = 32
_LOWEST_HZ = 40.0
_HIGHEST = 0.45  # of the sample rate
_SMOOTHED_OCTAVES = 1.0 / 3.0
_HIGHEST_SNR = 100.0
_SURE_SNR = 6.0
_APART_SAMPLES = 2.0
_APART_RADIANS = 3.0  # and the more, the lower the stem
_OF_EQUALIZERS = 0.5  # of what was put down to them is as uncertain
_ENDS_BELOW = math.log(10.0 ** (18.0 / 20.0))  # dB below the middle level
_STANDS_OUT = 4.0  # times the height that chance reaches


@dataclass(frozen=True, slots=True)
class StemDelay:
    """How much later a stem is in the mix than the line says.

    Attributes
    ----------
    name : str
        The stem.
    samples : float
        Of the stems' clock; below 0 where it comes earlier.
    bandwidth : float
        RMS frequency at which it was measured, in radians a sample: where it is low, a delay is hard to tell.
    inverted : bool
        Whether it is in the mix with the opposite polarity.
    """

    name: str
    samples: float
    bandwidth: float
    inverted: bool


@dataclass(frozen=True, slots=True)
class CommonDelay:
    """The delay that the stems share.

    Attributes
    ----------
    samples : float
        By how much later all of them are.
    uncertainty : float
        How far that may be off: what the stems say apart, and what was put down to their equalisers.
    apart : mapping of str to float
        Stems that lie elsewhere, and how many samples later than the others.
    """

    samples: float
    uncertainty: float
    apart: Mapping[str, float]


def common_delay(delays: Sequence[StemDelay]) -> CommonDelay | None:
    """Return the delay that most stems share; None where there are none.

    Parameters
    ----------
    delays : sequence of StemDelay
        By `stem_delays`.
    """
    if not delays:
        return None
    samples = np.array([delay.samples for delay in delays])
    bandwidths = np.array([delay.bandwidth for delay in delays])
    middle = _weighted_median(samples, bandwidths**2)
    bound = np.maximum(_APART_SAMPLES, _APART_RADIANS / bandwidths)
    together = np.abs(samples - middle) <= bound
    weights = np.where(together, bandwidths**2, 0.0)
    middle = _weighted_median(samples, weights)
    spread = _weighted_median(np.abs(samples - middle), weights)
    return CommonDelay(
        samples=middle,
        uncertainty=max(spread, _OF_EQUALIZERS * abs(middle)),
        apart={
            delay.name: float(delay.samples - middle)
            for delay, is_together in zip(delays, together, strict=True)
            if not is_together
        },
    )


def _weighted_median(values: Floats, weights: Floats) -> float:
    order = np.argsort(values)
    sums = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(sums, sums[-1] / 2.0)])


def stem_delays(mix: Audio, stems: Stems, sample_rate: int, line: Line) -> tuple[StemDelay, ...]:
    """Measure the delay of every stem of which the mix holds enough to tell.

    Parameters
    ----------
    mix : ndarray, shape (samples, 2)
        The mix on its own clock.
    stems : Stems
        The song.
    sample_rate : int
        Hz.
    line : Line
        Where the mix lies, to a sample or so.

    Returns
    -------
    tuple of StemDelay
        Without those that cannot be told: silent ones, those that the mix lacks, copies of others.
    """
    there = [stem for stem in stems if not stem.silent]
    length = next(length for most, length in _LENGTHS if len(there) <= most)
    while length > 512 and length * 8 > stems.samples:
        length //= 2
    products = _products(mix, [stem.audio for stem in there], stems.samples, line, length)
    if products is None or products.windows < 2 * len(there):
        return ()
    omega = 2.0 * np.pi * np.arange(length // 2 + 1) / length
    low = max(1, math.ceil(_LOWEST_HZ / sample_rate * length))
    band = slice(low, math.floor(_HIGHEST * length))
    found = []
    responses, snrs = _responses(products)
    for stem, response, snr in zip(there, responses.T, snrs.T, strict=True):
        delay = _excess_delay(response, snr, omega, band, length)
        if delay is not None:
            found.append(StemDelay(stem.name, *delay))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Products:
    """Sums over windows: stems by stems, stems by mix, and the mix's power, per bin."""

    between: Spectra
    onto: Spectra
    power: Floats
    windows: int


def _products(
    mix: Audio, stems: list[npt.NDArray[np.float32]], samples: int, line: Line, length: int
) -> _Products | None:
    from scipy.fft import rfft

    last = max(0, samples - length)
    count = min(_MOST_WINDOWS, math.ceil(2.0 * last / length) + 1)
    starts = np.unique(np.round(np.linspace(0, last, count)).astype(int))
    taper = np.hanning(length + 2)[1:-1].astype(np.float32)
    step = 1.0 if abs(line.step - 1.0) * length < 0.5 else line.step
    bins = length // 2 + 1
    between = np.zeros((bins, len(stems), len(stems)), np.complex64)
    onto = np.zeros((bins, len(stems)), np.complex64)
    power = np.zeros(bins)
    turn = -2j * np.pi * np.arange(bins) / length
    used = 0
    for first in range(0, len(starts), _AT_ONCE):
        ours = np.zeros((bins, _AT_ONCE, len(stems)), np.complex64)
        theirs = np.zeros((bins, _AT_ONCE), np.complex64)
        for row, start in enumerate(starts[first : first + _AT_ONCE]):
            at = line(float(start))
            whole = float(round(at)) if step == 1.0 else at
            window = read_at(mix, whole, step, length).mean(axis=1)
            level = math.sqrt(float(np.mean(np.square(window, dtype=np.float64))))
            if level < 1e-6:
                continue
            used += 1
            # Read a fraction of a sample off: turned back to where the line lies at the window's middle.
            off = whole + step * length / 2.0 - line(start + length / 2.0)
            theirs[:, row] = rfft(window * taper) / level * np.exp(turn * off)
            for column, audio in enumerate(stems):
                own = np.asarray(audio[start : start + length]).mean(axis=1)
                ours[:, row, column] = rfft(own * taper[: len(own)], length) / level
        turned = ours.conj().transpose(0, 2, 1)
        between += turned @ ours
        onto += (turned @ theirs[:, :, np.newaxis])[:, :, 0]
        power += np.sum(np.abs(theirs) ** 2, axis=1)
    return _Products(between, onto, power, used) if used else None


def _responses(products: _Products) -> tuple[Spectra, Floats]:
    """Return the stems' filters and how far each bin stands above its own error, both of shape (bins, stems)."""
    between, onto = products.between.astype(np.complex128), products.onto.astype(np.complex128)
    count = between.shape[1]
    own = np.einsum("fkk->fk", between).real
    ridge = 1e-3 * own + 1e-6 * own.max(axis=1, keepdims=True) + 1e-20
    inverse = np.linalg.inv(between + ridge[:, :, np.newaxis] * np.eye(count))
    filters = np.einsum("fkl,fl->fk", inverse, onto)
    explained = np.einsum("fk,fk->f", filters.conj(), onto).real
    # Windows overlap by half: so many are worth two thirds as many.
    free = max(1.0, products.windows / 1.5 - count)
    noise = np.maximum(products.power - explained, 1e-6 * products.power) / free
    errors = noise[:, np.newaxis] * np.einsum("fkk->fk", inverse).real
    return filters, np.abs(filters) ** 2 / np.maximum(errors, 1e-30)


def _excess_delay(
    response: Spectra, snr: Floats, omega: Floats, band: slice, length: int
) -> tuple[float, float, bool] | None:
    """Return a filter's delay beyond its minimum phase, with it, its bandwidth and polarity; None where not told."""
    from scipy.fft import irfft

    weight = np.zeros(len(omega))
    weight[band] = np.sqrt(np.clip(snr[band] - 2.0, 0.0, _HIGHEST_SNR))
    sure = weight > 0.0
    if sure.sum() < 16:
        return None
    magnitude = _smoothed(np.abs(response), np.where(snr > _SURE_SNR, snr, 0.0) * sure, band)
    turned = response * np.exp(-1j * _minimum_phase(magnitude, length))
    unit = weight * turned / np.maximum(np.abs(turned), 1e-30)
    values = irfft(unit, length)
    reach = length // 4
    lags = np.concatenate([np.arange(reach + 1), np.arange(-reach, 0)])
    near = values[lags]
    start = int(lags[np.argmax(np.abs(near))])
    height = float(np.abs(near).max()) * length / 2.0 / weight.sum()
    chance = math.sqrt(2.0 * math.log(2.0 * reach) * float(np.sum(weight**2)) / 2.0) / weight.sum()
    if height < _STANDS_OUT * chance:
        return None
    used = np.flatnonzero(weight)
    samples, inverted = _peak(unit[used], omega[used], start)
    bandwidth = math.sqrt(float(np.sum(weight * omega**2) / weight.sum()))
    return samples, bandwidth, inverted


def _peak(spectrum: Spectra, omega: Floats, start: int) -> tuple[float, bool]:
    """Return the delay near a whole one at which a spectrum's correlation is strongest, and whether it is negative."""
    centre, heights = float(start), np.zeros(0)
    for width in (2.0, 0.1):
        fine = centre + np.linspace(-width, width, 41)
        heights = (np.exp(1j * np.outer(fine, omega)) @ spectrum).real
        centre = float(fine[np.argmax(np.abs(heights))])
    return centre, bool(heights[np.argmax(np.abs(heights))] < 0.0)


def _smoothed(magnitude: Floats, snr: Floats, band: slice) -> Floats:
    """Return the magnitude smoothed over a third of an octave, level outside of what is sure."""
    weight = np.minimum(snr, _HIGHEST_SNR)
    levels = np.log(np.maximum(magnitude, 1e-12))
    sums = np.concatenate([[0.0], np.cumsum(weight)])
    products = np.concatenate([[0.0], np.cumsum(weight * levels)])
    bins = np.arange(len(magnitude))
    half = 2.0 ** (_SMOOTHED_OCTAVES / 2.0)
    low = np.floor(bins / half).astype(int)
    high = np.minimum(np.ceil(bins * half).astype(int) + 1, len(magnitude))
    total = sums[high] - sums[low]
    known = total > 0.0
    smooth = np.zeros(len(magnitude))
    smooth[known] = (products[high] - products[low])[known] / total[known]
    smooth = np.asarray(np.interp(bins, bins[known], smooth[known]), np.float64)
    # Where a mix ends (a low-pass, a lossy codec) its phase is no minimum phase: level from there on.
    usable = known & (smooth > np.median(smooth[band][known[band]]) - _ENDS_BELOW)
    edges = np.flatnonzero(usable[band]) + band.start
    smooth[: edges[0]] = smooth[edges[0]]
    smooth[edges[-1] + 1 :] = smooth[edges[-1]]
    return smooth


def _minimum_phase(log_magnitude: Floats, length: int) -> Floats:
    """Return the phase of the minimum-phase filter with a log magnitude, by its cepstrum."""
    from scipy.fft import irfft, rfft

    cepstrum = irfft(log_magnitude, length)
    fold = np.zeros(length)
    fold[0] = fold[length // 2] = 1.0
    fold[1 : length // 2] = 2.0
    phase: Floats = rfft(cepstrum * fold).imag
    return phase
