"""Spectral and rhythmic descriptors of a signal and of each of its snippets, from those of its frames.

A snippet has the frames whose centres lie in it. Means are over active frames: those whose power is at most 60 dB below
that of the strongest, so that the noise of pauses does not count.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mixrules.corpus.extraction.chords import chord_changes
from mixrules.corpus.extraction.rhythm import (
    beat_times,
    density_of_snippets,
    onset_times,
    tempo_of,
    tempo_of_snippets,
)
from mixrules.corpus.extraction.snippets import Floats, Integers, Snippets, sums_between
from mixrules.corpus.extraction.spectral import FrameDescriptors

_ACTIVE_DB = 60.0


@dataclass(frozen=True, slots=True)
class Descriptors:
    """Descriptors by the names of the columns, shape (1,) of a signal or (snippets,); NaN where not defined."""

    onset_density_per_s: Floats
    spectral_flux: Floats
    spectral_centroid_hz: Floats
    spectral_centroid_variance_hz2: Floats
    zero_crossing_rate: Floats
    chord_change_density_per_s: Floats


@dataclass(frozen=True, slots=True)
class Beats:
    """Tempo and density of beats by the names of the columns, shape (1,) of a song or (snippets,)."""

    tempo_bpm: Floats
    beat_density_per_s: Floats


def descriptors_of(frames: FrameDescriptors, snippets: Snippets) -> tuple[Descriptors, Descriptors]:
    """Return the descriptors of a signal, and those of each snippet."""
    onsets, changes = onset_times(frames), chord_changes(frames.chroma, frames.chroma_hop)
    whole = Snippets(snippets.samples, snippets.samples, snippets.samples)
    song, parts = (_descriptors(frames, onsets, changes, each) for each in (whole, snippets))
    return song, parts


def beats_of(frames: FrameDescriptors, snippets: Snippets) -> tuple[Beats, Beats]:
    """Return tempo and density of beats of a song by its mix, and those of each snippet; NaN of a song without beats."""
    beats, rate = beat_times(frames), frames.sample_rate
    if not len(beats):
        song, parts = (Beats(*np.full((2, count), np.nan)) for count in (1, len(snippets)))
        return song, parts
    song = Beats(np.array([tempo_of(beats, rate)]), np.array([len(beats) * rate / snippets.samples]))
    return song, Beats(tempo_of_snippets(beats, rate, snippets), density_of_snippets(beats, rate, snippets))


def _descriptors(
    frames: FrameDescriptors, onsets: Integers, changes: Integers, snippets: Snippets
) -> Descriptors:
    active = (frames.power > 0.0) & (frames.power >= frames.power.max() * 10.0 ** (-_ACTIVE_DB / 10.0))
    values = np.stack(
        [
            np.ones(len(active)),
            frames.onset_strength,
            frames.centroid_hz,
            np.square(frames.centroid_hz, dtype=np.float64),
            frames.zero_crossing_rate,
        ],
        axis=1,
    )
    first, last = (np.minimum(frame, len(active)) for frame in snippets.points(frames.hop))
    sums = sums_between(values * active[:, np.newaxis], first, last)
    with np.errstate(invalid="ignore", divide="ignore"):
        flux, centroid, square, crossings = (sums[:, 1:] / sums[:, :1]).T
    silent = not active.any()

    def density(times: Integers) -> Floats:
        per_s = density_of_snippets(times, frames.sample_rate, snippets)
        return np.full(len(per_s), np.nan) if silent else per_s

    return Descriptors(
        onset_density_per_s=density(onsets),
        spectral_flux=flux,
        spectral_centroid_hz=centroid,
        spectral_centroid_variance_hz2=np.maximum(square - np.square(centroid), 0.0),
        zero_crossing_rate=crossings,
        chord_change_density_per_s=density(changes),
    )
