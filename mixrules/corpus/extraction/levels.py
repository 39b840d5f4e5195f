"""Peaks, crest factor and width of a signal and of each of its snippets, in one pass over it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mixrules._support.validation import Audio, SlicedAudio
from mixrules.analysis import StereoPowers
from mixrules.corpus.extraction.snippets import Floats, Snippets
from mixrules.loudness.peaks import PeakStream

_BLOCK_SAMPLES = 1 << 17


@dataclass(frozen=True, slots=True)
class Levels:
    """Levels by the names of the columns, shape (1,) of a signal or (snippets,); NaN or infinite where not defined."""

    true_peak_dbtp: Floats
    crest_factor_db: Floats
    side_to_mid_db: Floats
    correlation: Floats


def measure_levels(audio: Audio | SlicedAudio, sample_rate: int, snippets: Snippets) -> tuple[Levels, Levels]:
    """Return the levels of a signal, and those of each snippet as if it were cut out.

    Parameters
    ----------
    audio : ndarray or SlicedAudio, shape (samples, channels)
        Checked.
    sample_rate : int
        Hz.
    snippets : Snippets
        The snippets.
    """
    samples, channels = audio.shape
    song = _Part(sample_rate, channels)
    for start in range(0, samples, _BLOCK_SAMPLES):
        song.update(np.ascontiguousarray(audio[start : start + _BLOCK_SAMPLES]))
    rows = []
    for start, end in zip(snippets.starts.tolist(), snippets.ends.tolist(), strict=True):
        part = _Part(sample_rate, channels)
        for first in range(start, end, _BLOCK_SAMPLES):
            part.update(np.ascontiguousarray(audio[first : min(first + _BLOCK_SAMPLES, end)]))
        rows.append(part.values())
    return _levels([song.values()]), _levels(rows)


class _Part:
    """Accumulates the levels of a segment of a signal."""

    def __init__(self, sample_rate: int, channels: int) -> None:
        self._channels = channels
        self._peaks = PeakStream(sample_rate, channels)
        self._powers = StereoPowers(channels)
        self._energy, self._values = 0.0, 0

    def update(self, block: Audio) -> None:
        flat = block.ravel()
        self._energy += float(np.dot(flat, flat))
        self._values += flat.size
        self._peaks.update(block)
        self._powers.update(block)

    def values(self) -> tuple[float, ...]:
        if self._energy == 0.0:
            return -np.inf, np.nan, np.nan, np.nan
        rms_db = 10.0 * np.log10(self._energy / self._values)
        stereo = self._channels > 1
        return (
            self._peaks.true_peak_dbtp(),
            self._peaks.sample_peak_dbfs() - rms_db,
            self._powers.side_to_mid_db() if stereo else np.nan,
            self._powers.correlation() if stereo else np.nan,
        )


def _levels(rows: list[tuple[float, ...]]) -> Levels:
    return Levels(*np.array(rows, dtype=np.float64).T)
