"""Does it hurt: a narrow resonance in the upper mids, or sibilants louder than the vowels."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from mixrules._support.channels import mean_of_channels
from mixrules.analysis import blocks_to_mask, power_db
from mixrules.evaluation.vetoes.definition import WHOLE_MIX, Veto
from mixrules.evaluation.vetoes.heard_mix import HeardMix

_UPPER_MIDS_HZ = (2000.0, 8000.0)
_LINES_PER_OCTAVE = 24
_WINDOW_S = 0.1857
_MOST_FRAMES = 256
_LOUD_DB = 20.0
_RINGING_SHARE = 0.75
_SURROUNDINGS = 12  # lines to either side: half an octave
_SIBILANTS_HZ = (5000.0, 10_000.0)
_VOWELS_HZ = (300.0, 3000.0)
_LOUDEST_SHARE = 0.95
_SUDDEN_DB = 6.0  # a voice that is breath throughout has no sibilants


def resonance_db(mix: HeardMix) -> Mapping[str, float]:
    """Return how far a narrow band of the upper mids stands over its surroundings, three quarters of the time.

    Notes come and go, a resonance rings with all of them.
    """
    lines = _line_powers_db(mix)
    if lines is None:
        return {}
    padded = np.pad(lines, ((0, 0), (_SURROUNDINGS, _SURROUNDINGS)), constant_values=np.nan)
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * _SURROUNDINGS + 1, axis=1)
    with np.errstate(all="ignore"):
        over = lines - np.nanmedian(around, axis=2)
    return {WHOLE_MIX: float(np.quantile(over, 1.0 - _RINGING_SHARE, axis=0).max())}


def _line_powers_db(mix: HeardMix) -> npt.NDArray[np.float64] | None:
    """Return the mix's power in 24 lines an octave, frame by frame where it is loud, shape (frames, lines)."""
    from scipy.fft import next_fast_len, rfft

    length = next_fast_len(round(_WINDOW_S * mix.sample_rate), real=True)
    mono = mean_of_channels(mix.audio)
    high_hz = min(_UPPER_MIDS_HZ[1], 0.45 * mix.sample_rate)
    if mono.size < length or high_hz <= 2.0 * _UPPER_MIDS_HZ[0]:
        return None
    starts = np.unique(
        np.linspace(0, mono.size - length, min(_MOST_FRAMES, 2 * mono.size // length)).astype(int)
    )
    frames = mono[starts[:, np.newaxis] + np.arange(length)] * np.hanning(length + 1)[:-1].astype(np.float32)
    level = np.einsum("ij,ij->i", frames, frames, dtype=np.float64)
    frames = frames[level > level.max() * 10.0 ** (-_LOUD_DB / 10.0)]
    if not frames.size:
        return None
    power = np.abs(rfft(frames, axis=1)) ** 2
    count = round(np.log2(high_hz / _UPPER_MIDS_HZ[0]) * _LINES_PER_OCTAVE)
    edges_hz = np.geomspace(_UPPER_MIDS_HZ[0], high_hz, count + 1)
    edges = np.round(edges_hz * length / mix.sample_rate).astype(int)
    sums = np.add.reduceat(power[:, : edges[-1]], edges[:-1], axis=1) / np.diff(edges)
    return power_db(sums)


def sibilance_db(mix: HeardMix) -> Mapping[str, float]:
    """Return how loud the sibilants of the lead vocals are against their vowels."""
    found = {}
    for name in mix.vocals:
        powers = mix.third_octave_powers(name)
        sung = powers[blocks_to_mask(powers.sum(axis=1))]
        centers = np.asarray(mix.third_octaves.centers_hz)
        if not len(sung) or centers[-1] < _SIBILANTS_HZ[1]:
            continue
        sibilants, vowels = (
            sung[:, (centers >= low) & (centers < high)].sum(axis=1)
            for low, high in (_SIBILANTS_HZ, _VOWELS_HZ)
        )
        sharpest, usual, vowel = power_db(
            [np.quantile(sibilants, _LOUDEST_SHARE), np.median(sibilants), vowels.mean()]
        )
        if sharpest - usual >= _SUDDEN_DB:
            found[name] = float(sharpest - vowel)
    return found


RESONANCE = Veto(
    name="resonance",
    about="a narrow resonance rings in the upper mids",
    measured="a 24th of an octave from 2 to 8 kHz over the median of the octave around it, three quarters of the time",
    unit="dB",
    threshold=10.0,
    source="ours",
    function=resonance_db,
)
SIBILANCE = Veto(
    name="sibilance",
    about="the lead vocal's s and t hurt",
    measured="power from 5 to 10 kHz in the sharpest 5 % of sung blocks against the mean from 300 to 3000 Hz",
    unit="dB",
    threshold=0.0,
    source="ours",
    function=sibilance_db,
)
