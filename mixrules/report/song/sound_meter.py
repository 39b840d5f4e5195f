"""Everything that a picture of one sound needs, in one pass over its blocks."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import Audio
from mixrules.analysis import Bands, StereoPowers, power_db, powers_in_sets
from mixrules.analysis.level_scan import EnvelopeStream
from mixrules.engine.source import BLOCK_SAMPLES, Source
from mixrules.loudness import (
    BlockEnergies,
    Loudness,
    LoudnessMeter,
    loudness_range_ends_from_energies,
    momentary_from_energies,
    short_term_from_energies,
)
from mixrules.loudness.channels import ChannelWeights
from mixrules.report.song.pictures import (
    Floats,
    GainReduction,
    LoudnessPicture,
    SoundPicture,
    Trace,
    Waveform,
)

COLUMNS = 600
"""Of a waveform, and at most of what is drawn over time."""
BLOCK_S = 0.1
"""The blocks of band powers, as the package's own measures have them."""
_BLOCKS_AT_ONCE = 300
_MARGIN_BLOCKS = 2
"""So far reaches what a block's powers follow from: half a window of 186 ms."""
_CANCELLED_DB = 60.0
_SILENT = -math.inf
_AUDIBLE = 1e-4


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
        lowest, highest = self._lowest[columns], self._highest[columns]
        if not starts.size:
            return
        for (
            channel
        ) in block.T:  # one after the other: a reduction over so short an axis takes ten times longer
            np.minimum(lowest, np.minimum.reduceat(channel, starts), out=lowest)
            np.maximum(highest, np.maximum.reduceat(channel, starts), out=highest)

    def result(self, sample_rate: int) -> Waveform:
        """Return the waveform; columns that no sample fell into are 0."""
        heard = np.isfinite(self._lowest)
        lowest, highest = (np.where(heard, each, np.float32(0.0)) for each in (self._lowest, self._highest))
        return Waveform(self._edges / sample_rate, lowest, highest)


def column_edges(samples: int, columns: int = COLUMNS) -> npt.NDArray[np.int64]:
    """Return where each of some columns begins, and where the last one ends; no column is empty."""
    return np.linspace(0, samples, min(columns, samples) + 1).astype(np.int64)


class BandPowerStream:
    """Mean squares by block of 100 ms and band, as `powers_in_sets` finds them, of a signal that comes in blocks.

    Parameters
    ----------
    sample_rate : int
        Hz.
    sets : sequence of Bands
        The sets of bands.
    """

    def __init__(self, sample_rate: int, sets: Sequence[Bands]) -> None:
        self._rate, self._sets = sample_rate, list(sets)
        self._size = max(1, round(BLOCK_S * sample_rate))
        self._held: list[Audio] = []
        self._samples = 0
        self._parts: list[list[npt.NDArray[np.float32]]] = []

    def update(self, block: Audio) -> None:
        """Take the next block, shape (samples, channels)."""
        self._held.append(block)
        self._samples += len(block)
        if self._samples >= (_BLOCKS_AT_ONCE + 2 * _MARGIN_BLOCKS) * self._size:
            self._transform(last=False)

    def result(self) -> list[npt.NDArray[np.float32]]:
        """Return the powers of each set, shape (blocks, bands); nothing may follow."""
        if self._samples:
            self._transform(last=True)
        return [np.concatenate(parts) for parts in zip(*self._parts, strict=True)]

    def _transform(self, *, last: bool) -> None:
        """Transform what is held; blocks at its edges are left to the next one, which sees what follows them."""
        audio = np.concatenate(self._held)
        powers = powers_in_sets(audio, self._rate, self._sets, block_s=BLOCK_S)
        blocks = len(powers[0])
        first = _MARGIN_BLOCKS if self._parts else 0
        stop = blocks if last else blocks - _MARGIN_BLOCKS
        self._parts.append([each[first:stop].astype(np.float32) for each in powers])
        self._held = [audio[(blocks - 2 * _MARGIN_BLOCKS) * self._size :].copy()]
        self._samples = len(self._held[0])


class SoundStream:
    """Measures all of a `SoundPicture`, of a sound that comes in blocks.

    Parameters
    ----------
    sample_rate, channels : int
        Hz, and channels of every block.
    sets : sequence of Bands
        Of the picture's spectrum, and of other tables of powers.
    edges : ndarray of int64, shape (columns + 1,), optional
        Columns of the waveform, in samples; by default of 100 ms each, in which rise and fall are not told apart.
    weights : sequence of float, optional
        Of the channels, for loudness; by default the usual ones.
    one_channel : bool
        Whether the first channel stands for all of them in the spectrum: of a sound that cancels out in mono.
    """

    def __init__(
        self,
        sample_rate: int,
        channels: int,
        sets: Sequence[Bands],
        edges: npt.NDArray[np.int64] | None = None,
        *,
        weights: ChannelWeights | None = None,
        one_channel: bool = False,
    ) -> None:
        self._rate, self._bands = sample_rate, sets[0]
        self._meter = LoudnessMeter(sample_rate, channels, channel_weights=weights)
        self._stereo = StereoPowers(channels)
        self._waveform = None if edges is None else WaveformStream(edges)
        self._peaks = EnvelopeStream(sample_rate, BLOCK_S)
        self._powers = BandPowerStream(sample_rate, sets)
        self._one_channel = one_channel

    def update(self, block: Audio) -> None:
        """Take the next block, shape (samples, channels)."""
        self._meter.update(block)
        self._stereo.update(block)
        (self._peaks if self._waveform is None else self._waveform).update(block)
        self._powers.update(np.ascontiguousarray(block[:, :1]) if self._one_channel else block)

    @property
    def cancels_out(self) -> bool:
        """Whether nothing is left of the mono sum."""
        return self._stereo.side_to_mid_db() > _CANCELLED_DB

    def result(self, level: float = 1.0) -> Sound:
        """Return what was measured; `level` is a factor on all powers."""
        spectrum, *tables = self._powers.result()
        powers: Floats = spectrum.mean(axis=0, dtype=np.float64) * level
        return Sound(
            picture=self._picture(powers),
            powers=powers,
            tables=tuple(table * np.float32(level) for table in tables),
        )

    def _picture(self, powers: Floats) -> SoundPicture:
        loudness = loudness_picture(self._meter.result(), self._meter.block_energies())
        return SoundPicture(
            **{field.name: getattr(loudness, field.name) for field in dataclasses.fields(loudness)},
            bands=self._bands,
            spectrum_db=levels_db(powers),
            waveform=self._drawn_waveform(loudness.length_s),
            side_to_mid_db=self._stereo.side_to_mid_db(),
            left_to_right_db=self._stereo.left_to_right_db(),
            correlation=self._stereo.correlation(),
        )

    def _drawn_waveform(self, length_s: float) -> Waveform:
        if self._waveform is not None:
            return self._waveform.result(self._rate)
        peaks = self._peaks.result().astype(np.float32)
        edges_s = np.minimum(np.arange(len(peaks) + 1) * BLOCK_S, length_s)
        return Waveform(edges_s, -peaks, peaks)


def loudness_picture(loudness: Loudness, energies: BlockEnergies) -> LoudnessPicture:
    """Return the loudness of a sound over time and in all, from the readings of a meter and their energies."""
    low_lufs, high_lufs = loudness_range_ends_from_energies(energies)
    return LoudnessPicture(
        length_s=loudness.duration_s,
        integrated_lufs=loudness.integrated_lufs,
        loudness_range_lu=loudness.loudness_range_lu,
        range_low_lufs=low_lufs,
        range_high_lufs=high_lufs,
        true_peak_dbtp=loudness.true_peak_dbtp,
        short_term=Trace(*short_term_from_energies(energies)),
        momentary=Trace(*momentary_from_energies(energies)),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sound:
    """One sound, measured.

    Attributes
    ----------
    picture : SoundPicture
        What it looks like.
    powers : ndarray of float64, shape (bands,)
        Mean squares over all of it.
    tables : tuple of ndarray of float32, shape (blocks, bands)
        Mean squares by block of 100 ms, for each further set of bands.
    """

    picture: SoundPicture
    powers: Floats
    tables: tuple[npt.NDArray[np.float32], ...]


def measured_sound(
    open_source: Callable[[], Source],
    sample_rate: int,
    sets: Sequence[Bands],
    edges: npt.NDArray[np.int64],
    *,
    level: float = 1.0,
) -> Sound:
    """Measure a sound in one pass, or in two where it cancels out in mono: one channel then stands for it.

    Parameters
    ----------
    open_source : callable
        Opens the sound at its start.
    sample_rate, sets, edges
        As for `SoundStream`.
    level : float
        A factor on all powers: that of the pan law, for a mono stem.

    Returns
    -------
    Sound
    """
    for one_channel in (False, True):
        source = open_source()
        stream = SoundStream(sample_rate, source.channels, sets, edges, one_channel=one_channel)
        while len(block := np.ascontiguousarray(source.next(BLOCK_SAMPLES))):
            stream.update(block)
        if not stream.cancels_out:
            break
    return stream.result(level)


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
    middles = np.asarray((edges[:-1] + edges[1:]) * (0.5 * hop_s), np.float64)
    if not len(middles):
        return GainReduction(middles, middles, middles)
    sounds = (before > _AUDIBLE) & (after > 0.0)
    quotient = np.ones(len(before))
    np.divide(before, after, out=quotient, where=sounds)
    reduction = np.where(sounds, np.maximum(20.0 * np.log10(quotient) + makeup_db, 0.0), 0.0)
    counts = np.add.reduceat(sounds.astype(np.float64), edges[:-1])
    highest = np.where(counts > 0, np.maximum.reduceat(reduction, edges[:-1]), np.nan)
    sums = np.add.reduceat(reduction, edges[:-1])
    mean = np.divide(sums, counts, out=np.full(len(counts), np.nan), where=counts > 0)
    return GainReduction(middles, highest, mean)
