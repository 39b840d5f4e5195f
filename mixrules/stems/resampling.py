"""Audio of stems at another sample rate, in memory or on the disk."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import SlicedAudio
from mixrules.stems.stems import Stems

_AT_ONCE = 1 << 16


def to_disk(audio: npt.NDArray[np.float32]) -> SlicedAudio:
    """Write audio to a temporary file."""
    from mixrules.files import scratch_of

    peak = max(float(audio.max()), -float(audio.min()))
    return scratch_of([audio], len(audio), audio.shape[1]).with_peak(peak)


def resampled_in_blocks(audio: SlicedAudio, rate_in: int, rate_out: int) -> SlicedAudio:
    """Resample audio on the disk, as `resampled`, to a temporary file."""
    import soxr

    from mixrules.files import scratch_of

    samples, channels = audio.shape
    stream = soxr.ResampleStream(rate_in, rate_out, channels, dtype="float32", quality="VHQ")

    def blocks() -> Iterator[npt.NDArray[np.float32]]:
        for start in range(0, samples, _AT_ONCE):
            block = np.ascontiguousarray(audio[start : start + _AT_ONCE], np.float32)
            yield stream.resample_chunk(block).reshape(-1, channels)
        empty = np.zeros((0, channels), np.float32)
        yield stream.resample_chunk(empty, last=True).reshape(-1, channels)

    length = max(1, math.floor(samples * rate_out / rate_in + 0.5))  # as soxr rounds audio that is held
    return scratch_of(blocks(), length, channels).with_peak(audio.peak)


def resampled(audio: npt.NDArray[np.float32], rate_in: int, rate_out: int) -> npt.NDArray[np.float32]:
    """Resample at soxr's very high quality; a stem of a few samples keeps at least one."""
    import soxr

    out = np.asarray(soxr.resample(audio, rate_in, rate_out, quality="VHQ"), dtype=np.float32)
    out = out.reshape(-1, audio.shape[1])
    return out if len(out) else np.ascontiguousarray(audio[:1])


def stems_at(stems: Stems, sample_rate: int) -> Stems:
    """Return stems at another sample rate, on the disk where they are; the same ones where it is theirs.

    Better load stems at that rate: then each is resampled before it is padded to the others' length.
    """
    if stems.sample_rate == sample_rate:
        return stems
    rates = stems.sample_rate, sample_rate
    changed = []
    for stem in stems:
        audio: Any = stem.audio
        sliced = isinstance(audio, SlicedAudio)
        audio = resampled_in_blocks(audio, *rates) if sliced else resampled(audio, *rates)
        changed.append(dataclasses.replace(stem, audio=audio))
    return dataclasses.replace(stems, stems=tuple(changed), sample_rate=sample_rate)
