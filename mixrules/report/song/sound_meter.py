"""Everything that a picture of one sound needs, in one pass over its blocks."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import Audio, SlicedAudio
from mixrules.analysis import Bands, StereoPowers, mono_source, power_db, powers_in_sets
from mixrules.engine.source import BLOCK_SAMPLES, Source
from mixrules.loudness import (
    LoudnessMeter,
    loudness_range_ends_from_energies,
    momentary_from_energies,
    short_term_from_energies,
)
from mixrules.report.song.pictures import Floats, GainReduction, SoundPicture, Trace, Waveform

COLUMNS = 600
"""Of a waveform, and at most of what is drawn over time."""
BLOCK_S = 0.1
"""The blocks of band powers, as the package's own measures have them."""
_BLOCKS_AT_ONCE = 3000
_CANCELLED_DB = 60.0
_SILENT = -math.inf
_AUDIBLE = 1e-4

Update = Callable[[Audio], None]


class WaveformStream:
    """The lowest and the highest sample of each column, of a signal that comes in blocks.

    Parameters
    ----------
    edges : ndarray of int64, shape (columns + 1,)
        The first sample of each column, and the one after the last.
    """

    def __init__(self, edges: npt.NDArray[np.int64]) -> None:
        self._edges = edges
        self._lowest = np.full(len(edges) - 1, np.inf, np.float32)
        self._highest = np.full(len(edges) - 1, -np.inf, np.float32)
        self._samples = 0

    def update(self, block: Audio) -> None:
        """Take the next block, shape (samples, channels)."""
        start, self._samples = self._samples, self._samples + len(block)
        if not len(block):
            return
        first = int(np.searchsorted(self._edges, start, side="right")) - 1
        last = int(np.searchsorted(self._edges, self._samples, side="left"))
        columns = slice(first, min(last, len(self._lowest)))
        starts = np.maximum(self._edges[columns] - start, 0)
        if not starts.size:
            return
        low, high = block.min(axis=1), block.max(axis=1)
        np.minimum(self._lowest[columns], np.minimum.reduceat(low, starts), out=self._lowest[columns])
        np.maximum(self._highest[columns], np.maximum.reduceat(high, starts), out=self._highest[columns])

    def result(self, sample_rate: int) -> Waveform:
        """Return the waveform; columns that no sample fell into are 0."""
        heard = np.isfinite(self._lowest)
        lowest, highest = (np.where(heard, each, np.float32(0.0)) for each in (self._lowest, self._highest))
        return Waveform(self._edges / sample_rate, lowest, highest)


def column_edges(samples: int, columns: int = COLUMNS) -> npt.NDArray[np.int64]:
    """Return where each of some columns begins, and where the last one ends; no column is empty."""
    return np.linspace(0, samples, min(columns, samples) + 1).astype(np.int64)


class PulledAudio(SlicedAudio):
    """A source that is read in slices from its start on; every block is shown to some meters on its way.

    Parameters
    ----------
    source : Source
        Where the samples come from.
    updates : sequence of callable
        Each takes every block, in order.
    """

    def __init__(self, source: Source, updates: Sequence[Update]) -> None:
        super().__init__(source.samples, source.channels)
        self._source = source
        self._updates = updates
        self._window: Audio = np.zeros((0, source.channels), np.float32)
        self._begin = 0

    def __getitem__(self, index: slice) -> Audio:
        """Return the samples of a slice; none may begin before an earlier one did."""
        start, stop, _ = index.indices(len(self))
        parts, end = [self._window], self._begin + len(self._window)
        while end < stop:
            block = self._next()
            parts.append(block)
            end += len(block)
        joined = parts[0] if len(parts) == 1 else np.concatenate(parts)
        kept = max(0, min(start - self._begin, len(joined)))
        self._window, self._begin = joined[kept:], self._begin + kept
        return np.ascontiguousarray(self._window[start - self._begin : max(stop, start) - self._begin])

    def read_to_end(self) -> None:
        """Show what is left to the meters."""
        while len(self._next()):
            pass

    def _next(self) -> Audio:
        block = np.ascontiguousarray(self._source.next(BLOCK_SAMPLES))
        if len(block):
            for update in self._updates:
                update(block)
        return block


class _Part(SlicedAudio):
    """Some samples of sliced audio as audio of their own."""

    def __init__(self, audio: Audio | SlicedAudio, start: int, stop: int) -> None:
        super().__init__(stop - start, audio.shape[1])
        self._audio, self._start = audio, start

    def __getitem__(self, index: slice) -> Audio:
        start, stop, _ = index.indices(len(self))
        return self._audio[self._start + start : self._start + stop]


class Sound:
    """One sound, measured: its picture, its powers by block and band.

    Parameters
    ----------
    open_source : callable
        Opens the sound from its start on.
    sample_rate : int
        Hz.
    bands : Bands
        Of the picture's spectrum.
    edges : ndarray of int64, shape (columns + 1,)
        Columns of the waveform, in samples.
    fine : Bands, optional
        Of the powers by block; by default those of the spectrum.
    level : float
        A gain on the powers: that of the pan law for a mono stem.

    Attributes
    ----------
    picture : SoundPicture
        What it measures.
    powers : ndarray of float64, shape (bands,)
        Mean squares over all of it.
    fine_powers : ndarray of float32, shape (blocks, bands)
        Mean squares by block of 100 ms and band.
    """

    def __init__(
        self,
        open_source: Callable[[], Source],
        sample_rate: int,
        bands: Bands,
        edges: npt.NDArray[np.int64],
        *,
        fine: Bands | None = None,
        level: float = 1.0,
    ) -> None:
        sets = [bands] if fine is None else [bands, fine]
        powers, stereo, meter, waveform = self._measured(open_source(), sample_rate, sets, edges, False)
        if (
            stereo.side_to_mid_db() > _CANCELLED_DB
        ):  # nothing is left of the mono sum: one channel stands for it
            powers, stereo, meter, waveform = self._measured(open_source(), sample_rate, sets, edges, True)
        energies, loudness = meter.block_energies(), meter.result()
        low_lufs, high_lufs = loudness_range_ends_from_energies(energies)
        self.powers: Floats = powers[0].mean(axis=0, dtype=np.float64) * level
        self.fine_powers = powers[-1] * np.float32(level)
        self.picture = SoundPicture(
            integrated_lufs=loudness.integrated_lufs,
            loudness_range_lu=loudness.loudness_range_lu,
            range_low_lufs=low_lufs,
            range_high_lufs=high_lufs,
            true_peak_dbtp=loudness.true_peak_dbtp,
            short_term=Trace(*short_term_from_energies(energies)),
            momentary=Trace(*momentary_from_energies(energies)),
            spectrum_db=levels_db(self.powers),
            waveform=waveform.result(sample_rate),
            side_to_mid_db=stereo.side_to_mid_db(),
            left_to_right_db=stereo.left_to_right_db(),
            correlation=stereo.correlation(),
        )

    @staticmethod
    def _measured(
        source: Source, sample_rate: int, sets: list[Bands], edges: npt.NDArray[np.int64], cancelled: bool
    ) -> tuple[list[Floats], StereoPowers, LoudnessMeter, WaveformStream]:
        meter, stereo = LoudnessMeter(sample_rate, source.channels), StereoPowers(source.channels)
        waveform = WaveformStream(edges)
        audio = PulledAudio(source, [meter.update, stereo.update, waveform.update])
        powers = _powers(mono_source(audio, in_opposite_phase=cancelled), sample_rate, sets)
        audio.read_to_end()
        return powers, stereo, meter, waveform


def _powers(audio: Audio | SlicedAudio, sample_rate: int, sets: list[Bands]) -> list[Floats]:
    """Return mean squares by block and band; in parts, so that a long sound takes no more memory than a short one."""
    size = round(BLOCK_S * sample_rate)
    at_once = _BLOCKS_AT_ONCE * size
    ends: Iterable[int] = range(at_once, max(len(audio) - size, 0) + 1, at_once)
    parts, start = [], 0
    for stop in (*ends, len(audio)):
        powers = powers_in_sets(_Part(audio, start, stop), sample_rate, sets, block_s=BLOCK_S)
        parts.append([each.astype(np.float32) for each in powers])
        start = stop
    return [np.concatenate(each) for each in zip(*parts, strict=True)]


def levels_db(powers: Floats) -> Floats:
    """Return powers as levels in dB; -inf for silence."""
    return np.where(powers > 0.0, power_db(powers, -300.0), _SILENT)


def reduction_between(
    before: npt.NDArray[np.floating],
    after: npt.NDArray[np.floating],
    hop_s: float,
    *,
    makeup_db: float = 0.0,
    columns: int = COLUMNS // 2,
) -> GainReduction:
    """Return by how much peaks fell from one point of a chain to another.

    Parameters
    ----------
    before, after : ndarray, shape (hops,)
        The largest magnitude in each hop, linear.
    hop_s : float
        Seconds a hop.
    makeup_db : float
        A gain between the two that is no reduction.
    columns : int
        At most so many are returned.

    Returns
    -------
    GainReduction
    """
    edges = column_edges(len(before), columns)
    middles: Floats = (edges[:-1] + edges[1:]) * (0.5 * hop_s)
    if not len(middles):
        return GainReduction(middles, middles, middles)
    sounds = (before > _AUDIBLE) & (after > 0.0)
    quotient: Floats = np.divide(before, after, out=np.ones(len(before)), where=sounds, dtype=np.float64)
    reduction: Floats = np.where(sounds, np.maximum(20.0 * np.log10(quotient) + makeup_db, 0.0), 0.0)
    counts = np.add.reduceat(sounds.astype(np.float64), edges[:-1])
    highest = np.where(counts > 0, np.maximum.reduceat(reduction, edges[:-1]), np.nan)
    sums = np.add.reduceat(reduction, edges[:-1])
    mean = np.divide(sums, counts, out=np.full(len(counts), np.nan), where=counts > 0)
    return GainReduction(middles, highest, mean)
