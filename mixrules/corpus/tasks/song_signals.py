"""The vocal and the backing of a song at 44.1 kHz, read in segments so that memory does not grow with its length."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mixrules.corpus.tasks.mel_blocks import SAMPLE_RATE, SNIPPET_SAMPLES
from mixrules.corpus.tasks.task import Audio
from mixrules.errors import StemsError
from mixrules.stems.described_song import load_described
from mixrules.stems.song_description import SongDescription
from mixrules.stems.stem import Stem
from mixrules.stems.stems import Stems

HOLD_MIB = 192.0
"""Stems that take more than this together are read from the disk, as often as they are needed."""


@dataclass(frozen=True, slots=True, eq=False)
class SongSignals:
    """The sum of a song's vocal stems and the sum of all others.

    Attributes
    ----------
    vocal, backing : tuple of Stem
        The stems of each that are not silent, at 44.1 kHz and of one length.
    samples : int
        The length.
    channels : int
        2 where any stem is stereo: mono stems then go to both sides, as they do in the ground truth.
    """

    vocal: tuple[Stem, ...]
    backing: tuple[Stem, ...]
    samples: int
    channels: int

    def read(self, start: int, stop: int) -> tuple[Audio, Audio]:
        """Return the samples of vocal and backing from `start` to before `stop`, shape (samples, channels) each."""
        return (
            _sum(self.vocal, self.channels, start, stop),
            _sum(self.backing, self.channels, start, stop),
        )


def _sum(stems: tuple[Stem, ...], channels: int, start: int, stop: int) -> Audio:
    total = np.zeros((stop - start, channels), np.float32)
    for stem in stems:
        total += stem.read(start, stop)
    return total


def open_signals(song: SongDescription, *, needs_vocal: bool) -> SongSignals:
    """Open vocal and backing of a song.

    Parameters
    ----------
    song : SongDescription
        The song.
    needs_vocal : bool
        Whether a song without a vocal is refused.

    Returns
    -------
    SongSignals

    Raises
    ------
    AudioFileError
        If a file cannot be read.
    StemsError
        If the song is shorter than a snippet, or there is no backing, or no vocal though one is needed.
    """
    stems = load_described(song, sample_rate=SAMPLE_RATE, hold_mib=HOLD_MIB, threads=1)
    return signals_of(stems, song.is_vocal, needs_vocal=needs_vocal)


def signals_of(stems: Stems, is_vocal: Callable[[str, str], bool], *, needs_vocal: bool) -> SongSignals:
    """Return vocal and backing of stems at 44.1 kHz.

    Parameters
    ----------
    stems : Stems
        The song.
    is_vocal : callable
        Whether a stem belongs to the vocal, by its name and its role.
    needs_vocal : bool
        Whether a song without a vocal is refused.

    Returns
    -------
    SongSignals

    Raises
    ------
    StemsError
        As `open_signals`.
    """
    if stems.samples < SNIPPET_SAMPLES:
        raise StemsError(
            f"the song is {stems.duration_s:.2f} s long, a snippet {SNIPPET_SAMPLES / SAMPLE_RATE:.2f} s"
        )
    active = [stem for stem in stems if not stem.silent]
    vocal = tuple(stem for stem in active if is_vocal(stem.name, stem.role))
    backing = tuple(stem for stem in active if not is_vocal(stem.name, stem.role))
    there = ", ".join(f"{stem.name} ({stem.role})" for stem in stems)
    if needs_vocal and not vocal:
        raise StemsError(f"no vocal among its stems, or it is silent: {there}")
    if not backing:
        raise StemsError(f"nothing but a vocal among its stems, or the rest is silent: {there}")
    return SongSignals(vocal, backing, stems.samples, max(stem.channels for stem in stems))
