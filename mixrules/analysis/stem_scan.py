"""One pass over an unprocessed stem: loudness, width and DC offset."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import Audio, SlicedAudio, as_audio, require_sample_rate
from mixrules.analysis.width import MONO_SIDE_DB, StereoPowers
from mixrules.loudness import EnergyStream, integrated_from_energies, resolve_weights

_SAMPLES_AT_ONCE = 1 << 18
_LOOK_SAMPLES = 1 << 10


@dataclass(frozen=True, slots=True, kw_only=True)
class StemScan:
    """The measures of `scan_stem`.

    Attributes
    ----------
    integrated_lufs : float
        Integrated loudness; -inf for silence.
    side_to_mid_db : float
        Power of side over mid; -inf for mono.
    left_to_right_db : float
        Power of left over right; 0 for one channel, ±inf where one side is silent.
    dc_offset : float
        Largest mean of a channel, of full scale.
    first_step, last_step : float
        Magnitude of the first and of the last sample that is not zero, of full scale: what a stem that was cut off
        begins and ends with.
    first_sample, last_sample : int
        Where they are; -1 in silence.
    """

    integrated_lufs: float
    side_to_mid_db: float
    left_to_right_db: float
    dc_offset: float
    first_step: float = 0.0
    last_step: float = 0.0
    first_sample: int = -1
    last_sample: int = -1

    @property
    def is_mono(self) -> bool:
        """Whether there is one channel, or two whose side lies 60 dB or more below the mid."""
        return self.side_to_mid_db <= MONO_SIDE_DB

    @property
    def in_opposite_phase(self) -> bool:
        """Whether the mid lies 60 dB or more below the side: the mono sum is silent."""
        return self.side_to_mid_db >= -MONO_SIDE_DB


def scan_stem(
    audio: npt.ArrayLike | SlicedAudio, sample_rate: int, *, integrated_lufs: float | None = None
) -> StemScan:
    """Read a stem once, in blocks of a few seconds, and measure it.

    Parameters
    ----------
    audio : array_like, shape (samples, channels) or (samples,)
        Linear float samples. Not modified.
    sample_rate : int
        Hz.
    integrated_lufs : float, optional
        The stem's integrated loudness, where it is known already.

    Returns
    -------
    StemScan

    Raises
    ------
    AudioError, ParameterError
        If an argument is out of range.
    """
    audio = as_audio(audio)
    sample_rate = require_sample_rate(sample_rate)
    samples, channels = audio.shape
    width = StereoPowers(channels)
    energies = EnergyStream(sample_rate, resolve_weights(None, channels)) if integrated_lufs is None else None
    first_step = last_step = 0.0
    first_sample = last_sample = -1
    for start in range(0, samples, _SAMPLES_AT_ONCE):
        block = np.ascontiguousarray(audio[start : start + _SAMPLES_AT_ONCE])
        width.update(block)
        if first_sample < 0 and (first := _sounding(block, range(0, len(block), _LOOK_SAMPLES), 0)) >= 0:
            first_sample, first_step = start + first, _magnitude(block[first])
        if (last := _sounding(block, range(0, len(block), _LOOK_SAMPLES)[::-1], -1)) >= 0:
            last_sample, last_step = start + last, _magnitude(block[last])
        if energies is not None:
            energies.update(block)
    if energies is not None:
        integrated_lufs = integrated_from_energies(energies.block_energies())
    assert integrated_lufs is not None
    return StemScan(
        integrated_lufs=integrated_lufs,
        side_to_mid_db=width.side_to_mid_db(),
        left_to_right_db=width.left_to_right_db(),
        dc_offset=width.dc_offset(),
        first_step=first_step,
        last_step=last_step,
        first_sample=first_sample,
        last_sample=last_sample,
    )


def _sounding(block: Audio, starts: range, which: int) -> int:
    """Return the first sample that is not zero, or the last where `which` is -1, looked for part after part; or -1."""
    for start in starts:
        part = block[start : start + _LOOK_SAMPLES]
        if part.any():
            return start + int(np.flatnonzero(part.any(axis=1))[which])
    return -1


def _magnitude(sample: Audio) -> float:
    return float(np.abs(sample).max())
