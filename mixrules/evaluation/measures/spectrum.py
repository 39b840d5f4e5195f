"""Spectrum: levels in octave bands and on the mel scale, at equal loudness of the two mixes."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from mixrules.analysis import block_band_powers, octave_bands
from mixrules.evaluation.measures import snippets
from mixrules.evaluation.measures.definition import Measure, MeasureGroup
from mixrules.evaluation.measures.mel import log_mel_db
from mixrules.evaluation.rendition import Rendition

_BLOCK_S = 0.1
_BAND_FLOOR_DB = 60.0  # below the loudest band: quieter bands count as that far below it
_OCTAVE_SOURCE = (
    "ours, after the per-band energies of the vocal-and-backing baseline; bands: IEC 61260-1 octaves"
)


def measured(candidate: Rendition, reference: Rendition) -> dict[str, float]:
    """Return the distances of the octave spectra, of the song and per snippet, and of the log-mel spectra."""
    ours, theirs = _octave_powers(candidate), _octave_powers(reference)
    firsts = np.round(snippets.starts(reference.samples) / reference.sample_rate / _BLOCK_S).astype(int)
    length = max(1, round(snippets.SNIPPET / reference.sample_rate / _BLOCK_S))
    snippet_distances = [
        _distance(ours[first : first + length], theirs[first : first + length]) for first in firsts
    ]
    defined = [value for value in snippet_distances if math.isfinite(value)]
    mel = np.abs(_mel(candidate, reference) - reference.cached("mel", lambda: _mel(reference, reference)))
    return {
        "octave_spectrum_distance_db": _distance(ours, theirs),
        "octave_spectrum_distance_snippets_db": float(np.mean(defined)) if defined else math.nan,
        "log_mel_distance_db": float(mel.mean()),
    }


def _octave_powers(mix: Rendition) -> npt.NDArray[np.float64]:
    bands = octave_bands().below(mix.sample_rate / 2)
    return mix.cached(
        "octaves", lambda: block_band_powers(mix.audio, mix.sample_rate, bands, block_s=_BLOCK_S)
    )


def _distance(ours: npt.NDArray[np.float64], theirs: npt.NDArray[np.float64]) -> float:
    """Return the mean over bands of the level difference, less its own mean, so that a gain does not count."""
    levels = []
    for powers in (ours, theirs):
        power = powers.mean(axis=0) if len(powers) else np.zeros(powers.shape[1])
        if not power.max() > 0.0:
            return math.nan
        levels.append(10.0 * np.log10(np.maximum(power, power.max() * 10.0 ** (-_BAND_FLOOR_DB / 10.0))))
    gaps = levels[0] - levels[1]
    return float(np.mean(np.abs(gaps - gaps.mean())))


def _mel(mix: Rendition, reference: Rendition) -> npt.NDArray[np.float32]:
    return log_mel_db(mix.at_loudness_of(reference), reference.sample_rate)


GROUP = MeasureGroup(
    name="spectrum",
    function=measured,
    packages=("librosa",),
    measures=(
        Measure(
            name="octave_spectrum_distance_db",
            unit="dB",
            source=_OCTAVE_SOURCE,
            about="mean over 9 octave bands of the difference of levels, the mean difference subtracted",
        ),
        Measure(
            name="octave_spectrum_distance_snippets_db",
            unit="dB",
            source=_OCTAVE_SOURCE,
            about="the same in snippets of 65536 samples, 32768 apart, averaged",
        ),
        Measure(
            name="log_mel_distance_db",
            unit="dB",
            source="ours; mel scale: Slaney's, as librosa has it",
            about="mean over 128 mel bands and frames of 93 ms of the difference of levels, at equal loudness, "
            "levels clipped at -100 dB",
        ),
    ),
)
