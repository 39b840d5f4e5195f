"""Signals to be normalised, files and arrays: measured, and read again behind a gain and a limiter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mixrules._support.validation import Audio
from mixrules.files import AudioHeader, open_audio
from mixrules.loudness import BlockEnergies, EnergyStream, Loudness
from mixrules.loudness.channels import ChannelWeights
from mixrules.metering import ChannelLayout, metered, signals
from mixrules.normalization.clipping import ClippingCount
from mixrules.processors import LimiterParams, LimiterSegments, db_to_gain


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Source:
    """A signal that was measured.

    Attributes
    ----------
    loudness : Loudness
        Its readings.
    energies : BlockEnergies
        What they follow from, but for the peaks.
    layout : ChannelLayout
        What its channels count.
    rounding : float
        The largest error of a sample as it will be written, full scale 1.0.
    audio : ndarray of shape (samples, channels), or Path
        The samples, or the file that holds them.
    """

    loudness: Loudness
    energies: BlockEnergies
    layout: ChannelLayout
    rounding: float
    audio: Audio | Path

    @property
    def samples(self) -> int:
        """Length of the signal."""
        return round(self.loudness.duration_s * self.loudness.sample_rate)

    def blocks(self, gain_db: float, limiter: LimiterParams | None = None) -> Iterator[Audio]:
        """Yield the signal behind a gain and, where there is one, a limiter."""
        gain = db_to_gain(gain_db)
        louder = (block * gain for block in self._blocks())
        if limiter is None:
            return louder
        return limited(louder, self.samples, self.loudness.sample_rate, limiter)

    def limited_energies(self, gain_db: float, limiter: LimiterParams) -> BlockEnergies:
        """Measure the signal behind a gain and a limiter."""
        stream = EnergyStream(self.loudness.sample_rate, np.array(self.layout.weights))
        for block in self.blocks(gain_db, limiter):
            stream.update(block)
        return stream.block_energies()

    def _blocks(self) -> Iterator[Audio]:
        if isinstance(self.audio, Path):
            with open_audio(self.audio, block_samples=signals.BLOCK_SAMPLES) as (_, blocks):
                yield from blocks
        else:
            for start in range(0, len(self.audio), signals.BLOCK_SAMPLES):
                yield self.audio[start : start + signals.BLOCK_SAMPLES]


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to be normalised: what was measured, its header, and how many runs of samples were clipped."""

    source: Source
    header: AudioHeader
    clipped_runs: int


def measure_file(
    path: Path,
    header: AudioHeader,
    rounding: float,
    *,
    channel_weights: ChannelWeights | None = None,
    dual_mono: bool = False,
) -> SourceFile:
    """Measure a file that is to be normalised.

    Parameters
    ----------
    path : Path
        A file that can be read more than once.
    header : AudioHeader
        Its header.
    rounding : float
        The largest error of a sample as it will be written.
    channel_weights, dual_mono
        As for `mixrules.measure`.

    Returns
    -------
    SourceFile
        Ready to be read again.

    Raises
    ------
    AudioFileError, ParameterError
        If the file cannot be read, or has another layout.
    """
    clipping = ClippingCount()
    measured = metered(path, channel_weights=channel_weights, dual_mono=dual_mono, watch=clipping.update)
    source = Source(
        loudness=measured.loudness,
        energies=measured.energies,
        layout=measured.layout,
        rounding=rounding,
        audio=path,
    )
    return SourceFile(source, header, clipping.runs)


def limited(
    blocks: Iterable[Audio], samples: int, sample_rate: int, params: LimiterParams
) -> Iterator[Audio]:
    """Yield a signal that arrives in blocks behind a limiter, as `mixrules.processors.limit` gives it."""
    segments = LimiterSegments(sample_rate, params)
    arriving = iter(blocks)
    buffered: list[Audio] = []
    first = arrived = 0
    for begin, start, stop, end in segments.plan(samples):
        while arrived < end and (block := next(arriving, None)) is not None:
            buffered.append(block)
            arrived += len(block)
        joined = np.concatenate(buffered)[begin - first :]
        first = begin
        yield segments.process(joined[: end - begin], start - begin, stop - begin)
        buffered = [joined]
