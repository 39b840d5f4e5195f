"""The feature distances of FxNorm-automix and automix-toolkit, in two modes.

Relative errors (MAPE, a fraction) of running means of frame features. Mode ``paper`` follows the
description: running means over 0.5 s, crest as a difference in dB, spread with its absolute value, loudness
over the song, frames that are not defined left out. Mode ``as_coded`` follows the published code of
automix-toolkit, with which published numbers were made: 40 frames, crest as a ratio of dB values, spread
without absolute value, loudness in 40 frames of 0.4 s, measured with pyloudnorm as that code does
(`frame_loudness`). Neither trims silence (see docs/evaluation.md).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from typing import Literal

import numpy as np

from mixrules.evaluation.measures.definition import Measure, MeasureGroup
from mixrules.evaluation.measures.frame_features import (
    HOP,
    Series,
    by_channel,
    dynamic,
    panning,
    peak_normalised,
    spectral,
)
from mixrules.evaluation.measures.frame_loudness import frame_loudness
from mixrules.evaluation.rendition import Rendition

Mode = Literal["paper", "as_coded"]

GROUPS_OF_FEATURES = {
    "spectral": (
        *("centroid", "bandwidth", "contrast_low", "contrast_mid", "contrast_high"),
        *("rolloff", "flatness"),
    ),
    "panning": ("panning_total", "panning_low", "panning_mid", "panning_high"),
    "dynamic": ("rms_level", "dynamic_spread", "crest_factor"),
    "loudness": ("lufs", "peak"),
}
_CODED_FRAMES = 40
_PAPER_S = 0.5
_PANNING_LENGTH = {"paper": 2048, "as_coded": 4096}
_SHIFTED_UP = ("centroid", "bandwidth", "rolloff")
_FLIPPED = ("rms_level", "dynamic_spread")


def measured(candidate: Rendition, reference: Rendition, *, mode: Mode) -> dict[str, float]:
    """Return the relative error of every feature and the mean of each group.

    Parameters
    ----------
    candidate, reference : Rendition
        Of one rate and length; the errors are relative to the reference.
    mode : {"paper", "as_coded"}
        Which reading of the definitions.

    Returns
    -------
    dict of str to float
        Fractions, by names that end in ``_mape``, those of the mode ``as_coded`` prefixed with
        ``as_coded_``.
    """
    ours, theirs = (
        mix.cached(("features", mode), partial(series, mix, mode)) for mix in (candidate, reference)
    )
    frames = _CODED_FRAMES
    if mode == "paper":
        frames = max(1, round((_PAPER_S * reference.sample_rate) / HOP) - 2)
    dropped = {name: theirs["panning_total"][0] == 0.0 for name in GROUPS_OF_FEATURES["panning"]}
    values = {
        name: _feature_error(ours[name], theirs[name], dropped.get(name), frames, mode)
        for group in ("spectral", "panning", "dynamic")
        for name in GROUPS_OF_FEATURES[group]
    }
    for name in GROUPS_OF_FEATURES["loudness"]:
        window = 1 if mode == "paper" else _CODED_FRAMES
        values[name] = _feature_error(ours[name], theirs[name], None, window, mode)
    for group, names in GROUPS_OF_FEATURES.items():
        values[group] = float(np.mean([values[name] for name in names]))
    return {_key(name, mode): value for name, value in values.items()}


def series(mix: Rendition, mode: Mode) -> dict[str, list[Series]]:
    """Return every feature of a mix, frame by frame; spectral ones for each channel."""
    audio = peak_normalised(mix.audio)
    features = by_channel(mix.cached("spectral", partial(_spectral, mix)))
    features |= by_channel([panning(audio, mix.sample_rate, length=_PANNING_LENGTH[mode])])
    features |= by_channel([dynamic(audio, as_coded=mode == "as_coded")])
    if mode == "paper":
        # Flatness is compared in dB; both codes keep values off zero by counting down from 1.
        features["flatness"] = [1.0 - 20.0 * np.log10(np.maximum(f, 1e-10)) for f in features["flatness"]]
    for name in _SHIFTED_UP:
        features[name] = [values + 1.0 for values in features[name]]
    for name in _FLIPPED:
        features[name] = [1.0 - values for values in features[name]]
    return features | _loudness(mix, mode)


def _spectral(mix: Rendition) -> list[dict[str, Series]]:
    """Return the spectral features of both channels; the two modes share them."""
    audio = peak_normalised(mix.audio)
    return [spectral(np.ascontiguousarray(audio[:, c]), mix.sample_rate) for c in range(2)]


def _loudness(mix: Rendition, mode: Mode) -> dict[str, list[Series]]:
    if mode == "as_coded":
        lufs, peaks_dbfs = frame_loudness(mix.audio, mix.sample_rate)
        return {"lufs": [lufs], "peak": [peaks_dbfs]}
    with np.errstate(divide="ignore"):
        peak_dbfs = 20.0 * np.log10(np.max(np.abs(mix.audio), keepdims=True).astype(np.float64).ravel())
    return {"lufs": [np.array([mix.integrated_lufs()])], "peak": [peak_dbfs]}


def _feature_error(
    ours: list[Series], theirs: list[Series], dropped: Series | None, frames: int, mode: Mode
) -> float:
    """Return the mean over channels of the relative error of running means."""
    errors = []
    for own, target in zip(ours, theirs, strict=True):
        used = np.ones(len(target), bool) if dropped is None else np.logical_not(dropped)
        if mode == "paper":
            used = used & np.isfinite(own) & np.isfinite(target)
        errors.append(relative_error(running_mean(target[used], frames), running_mean(own[used], frames)))
    return float(np.mean(errors))


def running_mean(values: Series, frames: int) -> Series:
    """Return the means of every `frames` consecutive values; one mean of all where there are fewer."""
    if values.size == 0:
        return values
    frames = min(frames, values.size)
    if not np.isfinite(values).all():
        windows = np.lib.stride_tricks.sliding_window_view(values, frames)
        return np.asarray(windows.mean(axis=1))
    summed = np.concatenate([[0.0], np.cumsum(values)])
    return np.asarray((summed[frames:] - summed[:-frames]) / frames)


def relative_error(target: Series, output: Series) -> float:
    """Return the mean of abs(target - output) / abs(target); NaN without values or beside silence."""
    if target.size == 0 or not (np.isfinite(target).all() and np.isfinite(output).all()):
        return math.nan
    return float(np.mean(np.abs(target - output) / np.maximum(np.abs(target), np.finfo(np.float64).eps)))


def _key(name: str, mode: Mode) -> str:
    return f"{name}_mape" if mode == "paper" else f"as_coded_{name}_mape"


def _declared(mode: Mode) -> tuple[Measure, ...]:
    source = (
        "FxNorm-automix (Martínez-Ramírez et al. 2022) as described"
        if mode == "paper"
        else "automix-toolkit (Steinmetz et al. 2022) as coded"
    )
    about: Mapping[str, str] = {
        **{name: f"relative error of the {name.replace('_', ' ')}" for name in _names()},
        "lufs": "relative error of loudness in LUFS: small because LUFS counts from full scale, "
        "see integrated_loudness_error_lu",
        "peak": "relative error of the sample peak in dBFS; meaningless near 0 dBFS",
        **{group: f"mean of the {group} features" for group in GROUPS_OF_FEATURES},
    }
    return tuple(
        Measure(name=_key(name, mode), unit="", about=about[name], source=source)
        for name in (*_names(), *GROUPS_OF_FEATURES)
    )


def _names() -> tuple[str, ...]:
    return tuple(name for names in GROUPS_OF_FEATURES.values() for name in names)


FEATURES = MeasureGroup(
    name="features", function=partial(measured, mode="paper"), measures=_declared("paper")
)
FEATURES_AS_CODED = MeasureGroup(
    name="features_as_coded",
    function=partial(measured, mode="as_coded"),
    measures=_declared("as_coded"),
    packages=("pyloudnorm",),
    revision=2,  # loudness by pyloudnorm
)
