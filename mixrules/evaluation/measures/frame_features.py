"""Features of single frames, as FxNorm-automix and automix-toolkit name them: spectral, panning, dynamic.

Series of one value a frame; `feature_distance` compares them. The definitions are librosa's, and the tests
compare with its functions. They are not called: a spectrogram of the whole song, which they need, takes 85 MB
for 4 min (here blocks of 256 frames take 2 MB), and to import librosa.feature takes 1 s beyond librosa.filters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import Audio
from mixrules.evaluation.measures.mel import Magnitudes, magnitudes

Series = npt.NDArray[np.float64]

LENGTH, HOP = 4096, 1024
_CONTRAST_HZ, _CONTRAST_BANDS, _QUANTILE, _TOP_DB = 250.0, 4, 0.02, 80.0
_ROLL_OFF = 0.85
_TINY = 1e-10
_DB_FLOOR = 1e-30
_PANNING_HZ = {"total": (0.0, np.inf), "low": (0.0, 250.0), "mid": (250.0, 2500.0), "high": (2500.0, np.inf)}


def window(length: int) -> npt.NDArray[np.float64]:
    """Return the root of the periodic Hann window."""
    return np.sqrt(np.hanning(length + 1)[:-1])


def spectral(channel: npt.NDArray[np.float32], sample_rate: int) -> dict[str, Series]:
    """Return the spectral features of one channel.

    Parameters
    ----------
    channel : ndarray, shape (samples,)
        Full scale ±1.0.
    sample_rate : int
        Hz.

    Returns
    -------
    dict of str to ndarray, shape (frames,)
        ``centroid``, ``bandwidth``, ``rolloff`` in Hz, ``flatness`` as a ratio, ``contrast_low``,
        ``contrast_mid``, ``contrast_high`` in dB.
    """
    hz = np.asarray(np.fft.rfftfreq(LENGTH, 1.0 / sample_rate), np.float64)
    blocks = [_spectral(block, hz) for block in magnitudes(channel, window(LENGTH), HOP)]
    joined = {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}
    contrast = _decibels(joined.pop("peaks")) - _decibels(joined.pop("valleys"))
    return joined | {
        "contrast_low": contrast[:, 0],
        "contrast_mid": contrast[:, 1:4].mean(axis=1),
        "contrast_high": contrast[:, 4],
    }


def _spectral(block: Magnitudes, hz: npt.NDArray[np.float64]) -> dict[str, npt.NDArray[np.float64]]:
    spectrum = block.astype(np.float64)
    total = spectrum.sum(axis=1, keepdims=True)
    share = spectrum / np.where(total > np.finfo(np.float64).tiny, total, 1.0)
    centroid = share @ hz
    spread = np.sum(share * np.square(hz[None, :] - centroid[:, None]), axis=1)
    reached = np.cumsum(spectrum, axis=1) >= _ROLL_OFF * total
    power = np.maximum(_TINY, spectrum**2)
    peaks, valleys = _contrast(block, hz)
    return {
        "centroid": centroid,
        "bandwidth": np.sqrt(spread),
        "rolloff": hz[np.argmax(reached, axis=1)],
        "flatness": np.exp(np.mean(np.log(power), axis=1)) / power.mean(axis=1),
        "peaks": peaks,
        "valleys": valleys,
    }


def _contrast(
    block: Magnitudes, hz: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the means of the strongest and the weakest 2 % of bins in each octave, shape (frames, bands)."""
    edges = [0.0, *(_CONTRAST_HZ * 2.0**k for k in range(_CONTRAST_BANDS + 1))]
    peaks, valleys = [], []
    for band, (low, high) in enumerate(pairwise(edges)):
        inside = np.flatnonzero((hz >= low) & (hz <= high))
        first = inside[0] - 1 if band else inside[0]
        end = len(hz) if band == _CONTRAST_BANDS else inside[-1] + 1
        count = max(1, round(_QUANTILE * (end - first)))
        # The last bin of every band but the highest belongs to the next one.
        cells = block[:, first : end - (band < _CONTRAST_BANDS)]
        ordered = np.partition(cells, (count - 1, cells.shape[1] - count), axis=1)
        valleys.append(ordered[:, :count].mean(axis=1, dtype=np.float64))
        peaks.append(ordered[:, -count:].mean(axis=1, dtype=np.float64))
    return np.stack(peaks, axis=1), np.stack(valleys, axis=1)


def _decibels(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    levels = 10.0 * np.log10(np.maximum(values, _TINY))
    return np.asarray(np.maximum(levels, levels.max() - _TOP_DB))


def panning(audio: Audio, sample_rate: int, *, length: int) -> dict[str, Series]:
    """Return the RMS of the stereo panning spectrum in four ranges.

    Parameters
    ----------
    audio : ndarray, shape (samples, 2)
        Full scale ±1.0.
    sample_rate : int
        Hz.
    length : int
        Samples in a frame: 2048 in FxNorm-automix, 4096 in automix-toolkit.

    Returns
    -------
    dict of str to ndarray, shape (frames,)
        ``panning_total``, ``_low``, ``_mid``, ``_high``: 0 for a centred mix, 1 for a hard-panned one.

    Notes
    -----
    Tzanetakis, Jones, McNally, "Stereo panning features for classifying recording production style", ISMIR
    2007, on magnitudes: the phase between the channels is ignored.
    """
    bins_per_hz = length / sample_rate
    edges = {
        name: (int(low * bins_per_hz), int(min(high, sample_rate // 2) * bins_per_hz))
        for name, (low, high) in _PANNING_HZ.items()
    }
    blocks: dict[str, list[Series]] = {name: [] for name in edges}
    weights = window(length)
    left, right = (magnitudes(audio[:, channel], weights, HOP) for channel in (0, 1))
    for l, r in zip(left, right, strict=True):  # noqa: E741, the symbols of the formula
        power = np.maximum(l**2 + r**2, np.float32(_DB_FLOOR))
        squared = np.square(np.where(l == r, 0.0, 1.0 - 2.0 * l * r / power))
        for name, (first, end) in edges.items():
            blocks[name].append(np.sqrt(squared[:, first:end].mean(axis=1, dtype=np.float64)))
    return {f"panning_{name}": np.concatenate(parts) for name, parts in blocks.items()}


def dynamic(audio: Audio, *, as_coded: bool) -> dict[str, Series]:
    """Return the level, spread and crest of each frame, the mean over channels.

    Parameters
    ----------
    audio : ndarray, shape (samples, channels)
        Full scale ±1.0.
    as_coded : bool
        Crest as the ratio of two levels in dB and spread without absolute value, as published code has
        them; otherwise crest as their difference and spread as the mean distance from the level.

    Returns
    -------
    dict of str to ndarray, shape (frames,)
        ``rms_level`` in dB, ``dynamic_spread`` in dB, ``crest_factor`` in dB (a ratio with `as_coded`).
    """
    channels: dict[str, list[Series]] = {"rms_level": [], "dynamic_spread": [], "crest_factor": []}
    for channel in np.asarray(audio, np.float64).T:
        padded = np.pad(channel, (0, max(0, LENGTH - len(channel))))
        frames = np.lib.stride_tricks.sliding_window_view(padded, LENGTH)[::HOP]
        squares = np.lib.stride_tricks.sliding_window_view(padded**2, LENGTH)[::HOP]
        levels = 20.0 * np.log10(np.abs(padded) + _DB_FLOOR)
        level_frames = np.lib.stride_tricks.sliding_window_view(levels, LENGTH)[::HOP]
        rms = 20.0 * np.log10(np.sqrt(squares.mean(axis=1)) + _DB_FLOOR)
        peak = 20.0 * np.log10(np.array([np.max(np.abs(frame)) for frame in frames]) + _DB_FLOOR)
        channels["rms_level"].append(rms)
        if as_coded:
            spread = level_frames.mean(axis=1) - rms
            crest = np.divide(peak, rms, out=np.full_like(peak, np.nan), where=rms != 0.0)
        else:
            spread = np.array([np.mean(np.abs(f - r)) for f, r in zip(level_frames, rms, strict=True)])
            crest = peak - rms
        channels["dynamic_spread"].append(spread)
        channels["crest_factor"].append(crest)
    return {name: np.mean(series, axis=0) for name, series in channels.items()}


def peak_normalised(audio: Audio, peak_dbfs: float = -1.0) -> Audio:
    """Return the audio with its highest sample at a level; silence as it is."""
    peak = float(np.max(np.abs(audio)))
    return audio * np.float32(10.0 ** (peak_dbfs / 20.0) / peak) if peak > 0.0 else audio


def by_channel(features: Sequence[Mapping[str, Series]]) -> dict[str, list[Series]]:
    """Return lists of series by name: one for each channel."""
    return {name: [channel[name] for channel in features] for name in features[0]}
