"""Excerpts: the same segment of every mix, at equal loudness, small enough for a page."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from mixrules.evaluation.rendition import Rendition
from mixrules.files import write_audio
from mixrules.loudness import BlockEnergies, integrated_loudness, true_peak

EXCERPT_LUFS = -23.0
_HIGHEST_DBTP = -1.0
_FADE_S = 0.05


def loudest_segment(energies: BlockEnergies, samples: int, length: int) -> int:
    """Return the first sample of the segment of `length` samples that holds the most K-weighted energy."""
    bounds = np.asarray(energies.boundaries)
    summed = np.concatenate([[0.0], np.cumsum(energies.energies * np.diff(bounds))])
    starts = bounds[bounds <= max(samples - length, 0)]
    ends = np.minimum(np.searchsorted(bounds, starts + length), bounds.size - 1)
    return int(starts[int(np.argmax(summed[ends] - summed[: starts.size]))])


def excerpt_start(reference: Rendition, seconds: float) -> int:
    """Return the first sample of the segment of a mix that holds the most K-weighted energy."""
    length = min(reference.samples, round(seconds * reference.sample_rate))
    return loudest_segment(reference.energies(), reference.samples, length)


def write_excerpt(path: Path, mix: Rendition, reference: Rendition, seconds: float) -> None:
    """Write the segment of a mix in which the reference is loudest, at -23 LUFS or as near as -1 dBTP allows.

    Parameters
    ----------
    path : Path
        An .ogg or .flac file.
    mix : Rendition
        The mix, of the reference's rate and length.
    reference : Rendition
        The mix that says which segment.
    seconds : float
        How long.

    Raises
    ------
    AudioFileError
        If the file cannot be written.
    """
    first = excerpt_start(reference, seconds)
    part = mix.audio[first : first + round(seconds * mix.sample_rate)].copy()
    fade = min(len(part) // 2, round(_FADE_S * mix.sample_rate))
    ramp = np.linspace(0.0, 1.0, fade, dtype=np.float32)[:, None]
    part[:fade] *= ramp
    part[len(part) - fade :] *= ramp[::-1]
    lufs = integrated_loudness(part, mix.sample_rate)
    if math.isfinite(lufs):
        gain_db = min(EXCERPT_LUFS - lufs, _HIGHEST_DBTP - true_peak(part, mix.sample_rate))
        part *= np.float32(10.0 ** (gain_db / 20.0))
    write_audio(path, part, mix.sample_rate)
