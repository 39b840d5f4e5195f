"""What a stem is like, in a handful of numbers, for stems whose role nobody named."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from mixrules.analysis.activity import active_from_levels, block_rms_dbfs
from mixrules.analysis.band_powers import block_band_powers
from mixrules.analysis.bands import log_bands, octave_bands
from mixrules.analysis.dynamics import crest_factor_db, percussivity
from mixrules.analysis.flatness import spectral_flatness_db
from mixrules.analysis.width import MONO_SIDE_DB, side_to_mid_db
from mixrules.validation import as_audio, require_sample_rate

SoundClass = Literal["bass", "kick", "drums", "percussion", "other"]

_LOW_HZ = 200.0
_ACTIVE_LU = 20.0
_MOST_CONFIDENT = 0.6
_STRUCK, _NOISY_DB = 0.4, -18.0
_KICK_SHARE, _PERCUSSION_SHARE, _BASS_SHARE = 0.9, 0.05, 0.75


@dataclass(frozen=True, slots=True, kw_only=True)
class Character:
    """What `describe` found.

    Attributes
    ----------
    integrated_lufs : float
        Integrated loudness; -inf for silence.
    spectral_centroid_hz : float
        Power-weighted mean frequency; NaN for silence.
    low_share : float
        Share of power below 200 Hz, 0 to 1.
    percussivity : float
        See `percussivity`, 0 to 1.
    flatness_db : float
        See `spectral_flatness_db`; at most 0.
    crest_factor_db : float
        Peak over RMS; 0 for silence.
    side_to_mid_db : float
        Power of side over mid; -inf for mono.
    is_mono : bool
        One channel, or two whose side lies 60 dB or more below the mid.
    active_share : float
        Share of 100 ms blocks within 20 dB of the signal's own level, 0 to 1.
    dominant_band_hz : float
        Centre of the octave band with most power; NaN for silence.
    sounds_like : {"bass", "kick", "drums", "percussion", "other"}
        A coarse guess, for stems of unknown role. Nothing here can tell a voice, so it never says so.
    confidence : float
        In that guess, 0 to 0.6.
    """

    integrated_lufs: float
    spectral_centroid_hz: float
    low_share: float
    percussivity: float
    flatness_db: float
    crest_factor_db: float
    side_to_mid_db: float
    is_mono: bool
    active_share: float
    dominant_band_hz: float
    sounds_like: SoundClass
    confidence: float


def describe(audio: npt.ArrayLike, sample_rate: int) -> Character:
    """Describe a stem.

    Frequencies and activity are those of the mono sum; where that is silent because the channels are
    in opposite phase, those of the first channel.

    Parameters
    ----------
    audio : array_like, shape (samples, channels) or (samples,)
        Linear float samples. Not modified.
    sample_rate : int
        Hz.

    Returns
    -------
    Character

    Raises
    ------
    AudioError, ParameterError
        If an argument is out of range.
    """
    from mixrules.loudness import integrated_loudness

    audio = as_audio(audio)
    sample_rate = require_sample_rate(sample_rate)
    nyquist = sample_rate / 2
    side_db = side_to_mid_db(audio)
    heard = audio[:, :1] if side_db >= -MONO_SIDE_DB else audio
    fine = log_bands(60).below(nyquist)
    powers = block_band_powers(heard, sample_rate, fine).sum(axis=0)
    total = float(powers.sum())
    centers = np.asarray(fine.centers_hz)
    low_share, dominant, centroid = 0.0, math.nan, math.nan
    if total > 0.0:
        low_share = float(powers[centers < _LOW_HZ].sum()) / total
        centroid = float(powers @ centers) / total
        octaves = octave_bands().below(nyquist)
        sums = [
            powers[(centers >= low) & (centers < high)].sum()
            for low, high in zip(octaves.low_hz, octaves.high_hz, strict=True)
        ]
        dominant = octaves.centers_hz[int(np.argmax(sums))]
    struck = percussivity(audio, sample_rate)
    flatness = spectral_flatness_db(heard, sample_rate)
    levels = block_rms_dbfs(heard, sample_rate)
    sounds_like, confidence = classify(low_share, struck, flatness) if total > 0.0 else ("other", 0.0)
    return Character(
        integrated_lufs=integrated_loudness(audio, sample_rate),
        spectral_centroid_hz=centroid,
        low_share=low_share,
        percussivity=struck,
        flatness_db=flatness,
        crest_factor_db=crest_factor_db(audio),
        side_to_mid_db=side_db,
        is_mono=side_db <= MONO_SIDE_DB,
        active_share=float(active_from_levels(levels, relative_lu=_ACTIVE_LU, gate="relative").mean()),
        dominant_band_hz=dominant,
        sounds_like=sounds_like,
        confidence=confidence,
    )


def classify(low_share: float, struck: float, flatness_db: float) -> tuple[SoundClass, float]:
    """Return a coarse class and the confidence in it, from three of the numbers of `Character`.

    Drums are struck and noise-like; a plucked bass or a muted guitar is struck but tonal. What is
    mostly below 200 Hz and no drum is a bass. The bounds are our own, set on a few dozen real stems.

    Parameters
    ----------
    low_share : float
        Share of power below 200 Hz.
    struck : float
        Percussivity.
    flatness_db : float
        Spectral flatness.

    Returns
    -------
    sounds_like : str
    confidence : float
        At most 0.6.
    """
    if struck >= _STRUCK and flatness_db >= _NOISY_DB:
        evidence = min((struck - _STRUCK) / (1.0 - _STRUCK), (flatness_db - _NOISY_DB) / 10.0)
        if low_share >= _KICK_SHARE:
            kind: SoundClass = "kick"
        else:
            kind = "drums" if low_share >= _PERCUSSION_SHARE else "percussion"
    elif low_share >= _BASS_SHARE:
        evidence = (low_share - _BASS_SHARE) / (1.0 - _BASS_SHARE)
        kind = "bass"
    else:
        return "other", 0.3
    return kind, round(_MOST_CONFIDENT * (0.5 + 0.5 * min(1.0, evidence)), 3)
