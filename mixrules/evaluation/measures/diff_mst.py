"""The audio-feature loss of Diff-MST: level, crest, width, left-right balance and Bark spectra."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import Audio
from mixrules.analysis import bark_number
from mixrules.evaluation.measures.definition import Measure, MeasureGroup
from mixrules.evaluation.measures.mel import magnitudes
from mixrules.evaluation.rendition import Rendition

_LENGTH, _HOP, _BANDS = 32_768, 8_192, 24
_REFERENCE_LUFS = -16.0
_EPSILON = 1e-8
_WEIGHTS = {
    "diff_mst_rms": 0.1,
    "diff_mst_crest": 0.001,
    "diff_mst_width": 1.0,
    "diff_mst_imbalance": 1.0,
    "diff_mst_bark": 0.1,
}
_SOURCE = (
    "Diff-MST (Vanka et al. 2024), as its code weighs it; segments: the whole mix, see docs/evaluation.md"
)


def measured(candidate: Rendition, reference: Rendition) -> dict[str, float]:
    """Return the weighted squared errors of every feature and their sum."""
    ours, theirs = (mix.cached("diff_mst", partial(_features, mix)) for mix in (candidate, reference))
    parts = {
        name: weight * float(np.mean(np.square(ours[name] - theirs[name])))
        for name, weight in _WEIGHTS.items()
    }
    return parts | {"diff_mst_loss": math.fsum(parts.values())}


def _features(mix: Rendition) -> dict[str, npt.NDArray[np.float64]]:
    """Return the features with the mix brought to -16 LUFS."""
    gain_db = _REFERENCE_LUFS - mix.integrated_lufs()
    gain = 10.0 ** (gain_db / 20.0) if math.isfinite(gain_db) else 1.0
    audio = np.asarray(mix.audio, np.float64) * gain
    rms = np.sqrt(np.mean(audio**2, axis=0))
    crest_db = 20.0 * np.log10(
        np.maximum(np.max(np.abs(audio), axis=0), _EPSILON) / np.maximum(rms, _EPSILON)
    )
    mid, side = audio.sum(axis=1), audio[:, 0] - audio[:, 1]
    left, right = (float(np.mean(audio[:, channel] ** 2)) for channel in (0, 1))
    return {
        "diff_mst_rms": rms,
        "diff_mst_crest": crest_db,
        "diff_mst_width": np.atleast_1d(np.mean(side**2) / max(float(np.mean(mid**2)), _EPSILON)),
        "diff_mst_imbalance": np.atleast_1d((right - left) / max(right + left, _EPSILON)),
        "diff_mst_bark": np.concatenate([_bark_log(mid, mix.sample_rate), _bark_log(side, mix.sample_rate)]),
    }


def _bark_log(signal: Audio, sample_rate: int) -> npt.NDArray[np.float64]:
    """Return the natural logarithm of the mean magnitude in each of 24 Bark bands from 20 Hz to 20 kHz."""
    window = np.hanning(_LENGTH + 1)[:-1]
    total, frames = np.zeros(_LENGTH // 2 + 1), 0
    for block in magnitudes(signal, window, _HOP):
        total += block.sum(axis=0, dtype=np.float64)
        frames += len(block)
    return np.asarray(np.log(_bark_filters(sample_rate) @ (total / frames) + _EPSILON))


def _bark_filters(sample_rate: int) -> npt.NDArray[np.float64]:
    """Return triangles of equal spacing in Bark, shape (bands, bins), each of unit sum."""
    bark = bark_number(np.fft.rfftfreq(_LENGTH, 1.0 / sample_rate))
    low, high = bark_number([20.0, min(20_000.0, sample_rate / 2)])
    edges = np.linspace(low, high, _BANDS + 2)
    step = edges[1] - edges[0]
    filters = np.maximum(0.0, 1.0 - np.abs(bark[None, :] - edges[1:-1, None]) / step)
    return np.asarray(filters / np.maximum(filters.sum(axis=1, keepdims=True), _EPSILON))


_ABOUT = {
    "diff_mst_rms": "0.1 times the squared error of the channels' RMS, both mixes at -16 LUFS",
    "diff_mst_crest": "0.001 times the squared error of the channels' crest factor in dB",
    "diff_mst_width": "squared error of the power of left - right over that of left + right",
    "diff_mst_imbalance": "squared error of (right - left) / (right + left) power",
    "diff_mst_bark": "0.1 times the mean squared error of log spectra in 24 Bark bands, mid and side",
}
GROUP = MeasureGroup(
    name="diff_mst",
    function=measured,
    measures=(
        Measure(name="diff_mst_loss", unit="", source=_SOURCE, about="sum of the five terms below"),
        *(Measure(name=name, unit="", source=_SOURCE, about=about) for name, about in _ABOUT.items()),
    ),
)
