"""Levels in octave and third-octave bands of a signal and of each of its snippets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mixrules._support.validation import Audio, SlicedAudio
from mixrules.analysis import octave_bands, powers_in_sets, third_octave_bands
from mixrules.corpus.extraction.snippets import Floats, Snippets

_BLOCK_S = 0.0929  # about: a whole number of blocks lies in the hop of the snippets
_FLOOR = 1e-15  # powers below it are rounding errors of single precision


@dataclass(frozen=True, slots=True)
class BandLevels:
    """Levels by the names of the columns, shape (1 or snippets, bands); NaN where there is nothing."""

    octave_db: Floats
    third_octave_db: Floats


def measure_bands(
    audio: Audio | SlicedAudio, sample_rate: int, snippets: Snippets
) -> tuple[BandLevels, BandLevels]:
    """Return the mean power in each band of a signal and of each snippet, in dB.

    Parameters
    ----------
    audio : ndarray or SlicedAudio, shape (samples, channels)
        Checked.
    sample_rate : int
        Hz.
    snippets : Snippets
        The snippets: a block belongs to those that its middle lies in.
    """
    size = max(1, round(snippets.hop / max(1, round(snippets.hop / (_BLOCK_S * sample_rate)))))
    sets = [octave_bands(), third_octave_bands()]
    measured = powers_in_sets(audio, sample_rate, sets, block_s=size / sample_rate)
    blocks = len(measured[0])
    # A block's middle lies half a block after its beginning.
    first, last = (
        np.clip(-(-(at - size // 2) // size), 0, blocks) for at in (snippets.starts, snippets.ends)
    )
    first = np.minimum(first, blocks - 1)
    last = np.maximum(last, first + 1)
    song = (_db(powers.mean(axis=0, keepdims=True)) for powers in measured)
    parts = (
        _db(np.array([powers[a:b].mean(axis=0) for a, b in zip(first, last, strict=True)]))
        for powers in measured
    )
    return BandLevels(*song), BandLevels(*parts)


def _db(powers: Floats) -> Floats:
    with np.errstate(divide="ignore"):
        return np.where(powers > _FLOOR, 10.0 * np.log10(powers), np.nan)
