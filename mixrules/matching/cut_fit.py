"""The low and high cut by which the spectrum of a room becomes that of a response."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import numpy.typing as npt

from mixrules.analysis import third_octave_bands
from mixrules.processors import EqBand, EqualizerParams, ReverbParams, frequency_response, impulse_response

Floats = npt.NDArray[np.float64]

_LOW_HZ, _HIGH_HZ = (20.0, 2000.0), (500.0, 18_000.0)
_WORTH_DB = 0.3  # a cut that makes the difference in the bands smaller by less is left out
_ROBUST_DB = 3.0
_LEAST_HZ = 30.0
_RANGE_DB = 60.0


def fit_cuts(reverberation: Floats, sample_rate: int, params: ReverbParams) -> ReverbParams:
    """Return `params` with the cuts that bring the energy of each third octave nearest to that of a response.

    Parameters
    ----------
    reverberation : ndarray of float64, shape (samples, channels)
        The response without its direct sound.
    sample_rate : int
        Hz.
    params : ReverbParams
        The room with its decay fitted.
    """
    bare = dataclasses.replace(params, low_cut_hz=0.0, high_cut_hz=0.0)
    bands = third_octave_bands().below(sample_rate / 2)
    centers = np.array(bands.centers_hz)
    ours, theirs = (
        _band_levels_db(each, sample_rate, np.array([bands.low_hz, bands.high_hz]))
        for each in (impulse_response(sample_rate, bare), reverberation)
    )
    # Far below the strongest band an extracted response is not known.
    strong = theirs > theirs.max() - _RANGE_DB
    weight = np.where((centers >= _LEAST_HZ) & strong & np.isfinite(ours), 1.0, 0.0)
    if np.count_nonzero(weight) < 4:
        return bare
    off = np.where(weight > 0, theirs - ours, 0.0)
    best, least = (0.0, 0.0), _spread(off, weight)
    for cuts in ((True, False), (False, True), (True, True)):
        found, error = _nearest(off, weight, centers, cuts, sample_rate)
        # Each cut has to be worth its parameter.
        if error < least - _WORTH_DB * (sum(cuts) - sum(cut > 0 for cut in best)) and error < least:
            best, least = found, error
    low, high = best
    if low and high and high <= 1.5 * low:
        return bare
    return dataclasses.replace(bare, low_cut_hz=low, high_cut_hz=high)


def _nearest(
    off: Floats, weight: Floats, centers: Floats, cuts: tuple[bool, bool], sample_rate: int
) -> tuple[tuple[float, float], float]:
    from scipy.optimize import least_squares

    top_hz = min(_HIGH_HZ[1], 0.49 * sample_rate)
    starts = {"low": math.log(120.0), "high": math.log(min(6000.0, 0.6 * top_hz))}
    bounds = {"low": np.log(_LOW_HZ), "high": np.log([_HIGH_HZ[0], top_hz])}
    names = [name for name, used in zip(("low", "high"), cuts, strict=True) if used]

    def corners(at: Floats) -> tuple[float, float]:
        given = dict(zip(names, np.exp(at[1:]).tolist(), strict=True))
        return given.get("low", 0.0), given.get("high", 0.0)

    def residuals(at: Floats) -> Floats:
        return np.asarray(np.sqrt(weight) * (off - at[0] - _cuts_db(*corners(at), centers, sample_rate)))

    found = least_squares(
        residuals,
        [float(np.average(off, weights=weight)), *(starts[name] for name in names)],
        bounds=np.array([(-np.inf, np.inf), *(bounds[name] for name in names)]).T.tolist(),
        loss="soft_l1",
        f_scale=_ROBUST_DB,
    )
    return corners(found.x), _spread(off - _cuts_db(*corners(found.x), centers, sample_rate), weight)


def _cuts_db(low_hz: float, high_hz: float, frequencies_hz: Floats, sample_rate: int) -> Floats:
    """Return the gain in dB of both cuts as the reverb makes them; 0 leaves one out."""
    bands = []
    if low_hz > 0:
        bands.append(EqBand(kind="high_pass", frequency_hz=low_hz, q=math.sqrt(0.5)))
    if high_hz > 0:
        bands.append(EqBand(kind="low_pass", frequency_hz=high_hz, q=math.sqrt(0.5)))
    response = frequency_response(EqualizerParams(bands=tuple(bands)), sample_rate, frequencies_hz)
    return np.asarray(20.0 * np.log10(np.maximum(np.abs(response), 1e-6)))


def _spread(off: Floats, weight: Floats) -> float:
    """Return the root mean square deviation from the mean, far outliers counting less."""
    limited = np.clip(off - np.median(off[weight > 0]), -6 * _ROBUST_DB, 6 * _ROBUST_DB)
    center = np.average(limited, weights=weight)
    return float(np.sqrt(np.average((limited - center) ** 2, weights=weight)))


def _band_levels_db(response: npt.NDArray[np.floating], sample_rate: int, edges_hz: Floats) -> Floats:
    from scipy.fft import next_fast_len, rfft

    size = next_fast_len(len(response), real=True)
    energy = np.sum(np.abs(rfft(np.asarray(response, np.float64), size, axis=0)) ** 2, axis=1)
    sums = np.concatenate([[0.0], np.cumsum(energy)])
    first, last = np.minimum((edges_hz * size / sample_rate).astype(np.int64), len(energy) - 1)
    last = np.maximum(last, first + 1)
    with np.errstate(divide="ignore"):
        return np.asarray(10.0 * np.log10((sums[last] - sums[first]) / (last - first)))
