"""The power of a signal in each band and block, for EQ and masking decisions.

Two methods for the same numbers: Butterworth band-passes, as the baseline rule set defines them, and a
short-time Fourier transform, faster for many bands.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

from mixrules._support.channels import mean_of_channels
from mixrules._support.validation import Audio, SlicedAudio, as_audio, require_sample_rate
from mixrules.analysis._blocks import block_grid
from mixrules.analysis._butterworth import butterworth_sections
from mixrules.analysis.bands import Bands
from mixrules.errors import ParameterError
from mixrules.fourier import LANES, ROWS, bin_order, fold, fold_weights, forward, zero_signals

BandMethod = Literal["fft", "butterworth"]

_WINDOW_S = 0.1857  # 8192 samples at 44.1 kHz: the lowest octave band is 8 bins wide
_MOST_HZ_OF_64_COLUMNS = 50_000  # transforms of 8192 samples up to here, of 32768 above
_SAMPLES_AT_ONCE = 1 << 18


def block_band_powers(
    audio: npt.ArrayLike | SlicedAudio,
    sample_rate: int,
    bands: Bands,
    *,
    block_s: float = 0.1,
    method: BandMethod = "fft",
) -> npt.NDArray[np.float64]:
    """Measure the mean square of the mono sum in each band, block by block.

    Parameters
    ----------
    audio : array_like, shape (samples, channels) or (samples,)
        Linear float samples, full scale ±1.0. Not modified. Channels are averaged first.
    sample_rate : int
        Hz.
    bands : Bands
        The bands; those that reach past half the sample rate have no power there (`Bands.below`).
    block_s : float
        Block length in seconds. An incomplete last block is dropped.
    method : {"fft", "butterworth"}
        "fft": single-precision short-time Fourier transform, Hann window of 164 to 186 ms, at least
        three windows over each sample; a bin is weighted by the part of it that lies in the band. A sine
        11 Hz or more from both edges of a band reads its own mean square; bands narrower than that, at
        the low end of fine sets, share it. Above 192 kHz the window is shorter, 85 ms at 384 kHz, where
        23 Hz replace the 11 Hz. "butterworth": a band-pass of order 2 (four poles) for each
        band, in double precision; its skirts include some of the neighbouring bands, and the bilinear
        transform shifts the centre of a band whose upper edge nears half the sample rate.

    Returns
    -------
    ndarray of float64, shape (blocks, bands)
        Mean squares (full-scale sine: 0.5).

    Raises
    ------
    AudioError, ParameterError
        If an argument is out of range.
    """
    audio = as_audio(audio)
    sample_rate = require_sample_rate(sample_rate)
    blocks, size = block_grid(audio.shape[0], sample_rate, block_s)
    if method == "fft":
        return _fft_powers(audio, sample_rate, [bands], blocks, size)
    if method == "butterworth":
        return _butterworth_powers(audio, sample_rate, bands, blocks, size)
    raise ParameterError(f"method must be fft or butterworth, got {method!r}")


def powers_in_sets(
    audio: npt.ArrayLike | SlicedAudio, sample_rate: int, sets: Sequence[Bands], *, block_s: float = 0.1
) -> list[npt.NDArray[np.float64]]:
    """Measure `block_band_powers` for several sets of bands with one transform.

    Parameters
    ----------
    audio, sample_rate
        As for `block_band_powers`.
    sets : sequence of Bands
        The sets, at least one.
    block_s
        As for `block_band_powers`.

    Returns
    -------
    list of ndarray of float64, shape (blocks, bands)
        Mean squares, for each set.

    Raises
    ------
    AudioError, ParameterError
        If an argument is out of range.
    """
    audio = as_audio(audio)
    sample_rate = require_sample_rate(sample_rate)
    blocks, size = block_grid(audio.shape[0], sample_rate, block_s)
    powers = _fft_powers(audio, sample_rate, sets, blocks, size)
    parts = np.split(powers, np.cumsum([len(bands) for bands in sets])[:-1], axis=1)
    # Copies, so that a reference to one set does not keep the memory of the others.
    return [part.copy() for part in parts]


def _fft_powers(
    audio: Audio, sample_rate: int, sets: Sequence[Bands], blocks: int, size: int
) -> npt.NDArray[np.float64]:
    from mixrules.analysis._spectrum_kernels import BINS_AT_ONCE, band_powers

    columns = 64 if sample_rate <= _MOST_HZ_OF_64_COLUMNS else 256
    half = ROWS * columns
    length = min(round(_WINDOW_S * sample_rate), 2 * half)
    window = np.zeros(2 * half)
    window[:length] = np.hanning(length + 1)[:-1]
    # A squared Hann window adds up to a constant at any hop up to a third of its length.
    per_block = math.ceil(3 * size / length)
    centers = ((np.arange(blocks * per_block) + 0.5) * size / per_block).astype(np.int64)
    starts = centers - length // 2
    window_energy = _window_energy(window[:length], starts, audio.shape[0])

    edges = tuple(
        (float(low), float(high))
        for bands in sets
        for low, high in zip(bands.low_hz, bands.high_hz, strict=True)
    )
    shares = _bin_shares(edges, sample_rate, columns)
    order = bin_order(columns).reshape(-1)
    weights = fold_weights(window, columns, np.dtype(np.float32))

    # LANES frames at once: the last one again in lanes without a frame.
    starts_at_once = np.pad(starts, (0, -starts.size % LANES), mode="edge").reshape(-1, LANES)
    mono = np.empty(int(np.ptp(starts_at_once, axis=1).max()) + 2 * half, np.float32)
    spectra = zero_signals(columns, np.dtype(np.float32)).reshape(-1)
    bin_powers = np.zeros((half + BINS_AT_ONCE, LANES), np.float32)
    sums = np.empty((len(edges), LANES), np.float32)
    powers = np.empty((starts_at_once.size, len(edges)))
    for group, frame_starts in enumerate(starts_at_once):
        start = int(frame_starts[0])
        part = audio[max(start, 0) : max(int(frame_starts[-1]) + length, 0)]
        begin = max(-start, 0)
        end = begin + len(part)
        mono[:begin] = 0.0
        mean_of_channels(part, mono[begin:end])
        mono[end:] = 0.0
        fold(mono, frame_starts - start, weights, columns, spectra)
        forward(spectra, columns)
        band_powers(spectra, columns, order, *shares, bin_powers, sums)
        powers[group * LANES : (group + 1) * LANES] = sums.T
    powers = powers[: starts.size]
    # One-sided spectrum by Parseval, over the window energy that lay inside the signal.
    powers *= (1.0 / (half * window_energy))[:, np.newaxis]
    return np.asarray(powers.reshape(blocks, per_block, len(edges)).mean(axis=1))


def _window_energy(
    window: npt.NDArray[np.float64], starts: npt.NDArray[np.int64], samples: int
) -> npt.NDArray[np.float64]:
    """Return the sum of squares of the window over the samples that exist, for each frame."""
    total = np.concatenate(([0.0], np.cumsum(window**2)))
    low = np.clip(-starts, 0, window.size)
    high = np.clip(samples - starts, 0, window.size)
    return np.asarray(np.maximum(total[high] - total[low], 1e-9))


@functools.lru_cache(maxsize=8)
def _bin_shares(
    edges: tuple[tuple[float, float], ...], sample_rate: int, columns: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """Return the first bin of each band, where its shares end, and the share of each bin from the first on.

    Cached: all stems of a song are measured in the same bands.
    """
    count = ROWS * columns
    width = sample_rate / (2 * count)
    low_edges = np.arange(count) * width
    lows, shares = [], []
    for low, high in edges:
        part = np.clip(np.minimum(low_edges + width, high) - np.maximum(low_edges, low), 0.0, None) / width
        used = np.flatnonzero(part)
        first, last = (int(used[0]), int(used[-1]) + 1) if used.size else (0, 0)
        lows.append(first)
        shares.append(np.pad(part[first:last], (0, (first - last) % 4)))  # the kernel sums four at once
    ends = np.cumsum([share.size for share in shares])
    return np.array(lows), ends, np.concatenate(shares).astype(np.float32)


def _butterworth_powers(
    audio: Audio, sample_rate: int, bands: Bands, blocks: int, size: int
) -> npt.NDArray[np.float64]:
    from mixrules.analysis._kernels import BANDS_AT_ONCE, band_mean_squares

    groups = -(-len(bands) // BANDS_AT_ONCE)
    coefficients = np.zeros((groups, 2, 4, BANDS_AT_ONCE))
    gains = np.zeros(groups * BANDS_AT_ONCE)
    for band, (low, high) in enumerate(zip(bands.low_hz, bands.high_hz, strict=True)):
        group, lane = divmod(band, BANDS_AT_ONCE)
        coefficients[group, :, :, lane], gains[band] = _band_pass(low, high, sample_rate)
    states = np.zeros((groups, 2, 2, BANDS_AT_ONCE))
    powers, mono = np.empty((blocks, gains.size)), np.empty(size)
    blocks_at_once = max(1, _SAMPLES_AT_ONCE // size)
    for first in range(0, blocks, blocks_at_once):
        last = min(first + blocks_at_once, blocks)
        part = audio[first * size : last * size]
        for group in range(groups):
            lanes = np.empty((last - first, BANDS_AT_ONCE))
            band_mean_squares(part, coefficients[group], states[group], mono, lanes)
            powers[first:last, group * BANDS_AT_ONCE : (group + 1) * BANDS_AT_ONCE] = lanes
    powers *= gains**2
    return powers[:, : len(bands)]


def _band_pass(low: float, high: float, sample_rate: int) -> tuple[npt.NDArray[np.float64], float]:
    """Return two biquads, b1 b2 a1 a2 with a b0 of 1, and the gain of both; 0 past half the sample rate."""
    nyquist = sample_rate / 2
    biquads = np.zeros((2, 4))
    if low >= nyquist:
        return biquads, 0.0
    if low <= 0.0 and high >= 0.999 * nyquist:
        return biquads, 1.0  # an all-pass
    sections = butterworth_sections(2, low, high if high < 0.999 * nyquist else math.inf, sample_rate)
    first = sections[:, :1]
    # With one section, the second biquad is the identity.
    biquads[: len(sections)] = np.hstack([sections[:, 1:3] / first, sections[:, 3:]])
    return biquads, float(np.prod(first))
