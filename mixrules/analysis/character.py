"""A description of a stem in a few measures, for stems of unknown role."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from mixrules._support.channels import mean_of_channels
from mixrules._support.validation import Audio, SlicedAudio, as_audio, require_sample_rate
from mixrules.analysis._blocks import block_grid, block_mean_squares, power_db, sum_of_products
from mixrules.analysis.activity import active_from_levels
from mixrules.analysis.band_powers import powers_in_sets
from mixrules.analysis.dynamics import ENVELOPE_HOP_S, percussivity_of_envelope
from mixrules.analysis.flatness import spectral_flatness_db
from mixrules.analysis.level_scan import EnvelopeStream
from mixrules.analysis.tone import tone_bands, tone_of
from mixrules.analysis.width import MONO_SIDE_DB, StereoPowers, mono_source
from mixrules.loudness import EnergyStream, integrated_from_energies, resolve_weights

SoundClass = Literal["bass", "kick", "drums", "percussion", "other"]

_BLOCK_S = 0.1
_SCAN_SAMPLES = 1 << 18
_ACTIVE_LU = 20.0
_MOST_CONFIDENT = 0.6
_PERCUSSIVE, _NOISY_DB = 0.4, -18.0
_KICK_SHARE, _PERCUSSION_SHARE, _BASS_SHARE = 0.9, 0.05, 0.75


@dataclass(frozen=True, slots=True, kw_only=True)
class Character:
    """The measures of `describe`.

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
    dc_offset : float
        Largest mean of a channel, of full scale.
    sounds_like : {"bass", "kick", "drums", "percussion", "other"}
        A coarse guess, for stems of unknown role. A voice is not recognised.
    confidence : float
        Of that guess, 0 to 0.6.
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
    dc_offset: float
    sounds_like: SoundClass
    confidence: float


def describe(audio: npt.ArrayLike | SlicedAudio, sample_rate: int) -> Character:
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
    audio = as_audio(audio)
    sample_rate = require_sample_rate(sample_rate)
    levels = _measure_levels(audio, sample_rate)
    measured = mono_source(audio, in_opposite_phase=levels.side_to_mid_db >= -MONO_SIDE_DB)
    (powers,) = powers_in_sets(measured, sample_rate, [tone_bands(sample_rate)])
    tone = tone_of(powers.sum(axis=0), sample_rate)
    flatness = spectral_flatness_db(measured, sample_rate)
    percussivity = percussivity_of_envelope(levels.envelope)
    sounds_like, confidence = (
        classify(tone.low_share, percussivity, flatness) if powers.any() else ("other", 0.0)
    )
    return Character(
        integrated_lufs=levels.integrated_lufs,
        spectral_centroid_hz=tone.spectral_centroid_hz,
        low_share=tone.low_share,
        percussivity=percussivity,
        flatness_db=flatness,
        crest_factor_db=levels.crest_factor_db,
        side_to_mid_db=levels.side_to_mid_db,
        is_mono=levels.side_to_mid_db <= MONO_SIDE_DB,
        active_share=float(
            active_from_levels(levels.levels_dbfs, relative_lu=_ACTIVE_LU, gate="relative").mean()
        ),
        dominant_band_hz=tone.dominant_band_hz,
        dc_offset=levels.dc_offset,
        sounds_like=sounds_like,
        confidence=confidence,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Levels:
    """The measures of one pass over the samples."""

    integrated_lufs: float
    side_to_mid_db: float
    crest_factor_db: float
    dc_offset: float
    envelope: npt.NDArray[np.float64]
    levels_dbfs: npt.NDArray[np.float64]


def _measure_levels(audio: Audio, sample_rate: int) -> _Levels:
    """Read the audio once, in blocks of a few seconds."""
    samples, channels = audio.shape
    _, size = block_grid(samples, sample_rate, _BLOCK_S)
    energies = EnergyStream(sample_rate, resolve_weights(None, channels))
    envelope = EnvelopeStream(sample_rate, ENVELOPE_HOP_S)
    width = StereoPowers(channels)
    mean_squares = []
    power, peak = 0.0, 0.0
    step = max(1, _SCAN_SAMPLES // size) * size
    for start in range(0, samples, step):
        block = np.ascontiguousarray(audio[start : start + step])
        energies.update(block)
        envelope.update(block)
        width.update(block)
        peak = max(peak, float(block.max()), -float(block.min()))
        flat = block.reshape(-1)
        power += sum_of_products(flat, flat)
        blocks = len(block) // size
        # In opposite phase the mono sum is silent: then the first channel is used.
        mean_squares += [
            block_mean_squares(signal, blocks, size) for signal in (mean_of_channels(block), block[:, 0])
        ]
    side_db = width.side_to_mid_db()
    chosen = mean_squares[1::2] if side_db >= -MONO_SIDE_DB else mean_squares[::2]
    rms_db = 10.0 * math.log10(power / (samples * channels)) if power > 0.0 else -math.inf
    return _Levels(
        integrated_lufs=integrated_from_energies(energies.block_energies()),
        side_to_mid_db=side_db,
        crest_factor_db=20.0 * math.log10(peak) - rms_db if peak > 0.0 else 0.0,
        dc_offset=width.dc_offset(),
        envelope=envelope.result().astype(np.float64),
        levels_dbfs=power_db(np.concatenate(chosen)),
    )


def classify(low_share: float, percussivity: float, flatness_db: float) -> tuple[SoundClass, float]:
    """Return a coarse class and the confidence in it, from three of the numbers of `Character`.

    Drums are percussive and noise-like; a plucked bass or a muted guitar is percussive but tonal. A sound
    mostly below 200 Hz that is no drum is a bass. The bounds are our own, set on a few dozen real stems.

    Parameters
    ----------
    low_share : float
        Share of power below 200 Hz.
    percussivity : float
        0 to 1.
    flatness_db : float
        Spectral flatness.

    Returns
    -------
    sounds_like : str
    confidence : float
        At most 0.6.
    """
    if percussivity >= _PERCUSSIVE and flatness_db >= _NOISY_DB:
        evidence = min((percussivity - _PERCUSSIVE) / (1.0 - _PERCUSSIVE), (flatness_db - _NOISY_DB) / 10.0)
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
