"""One pass over an unprocessed stem: loudness, width and DC offset."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import SlicedAudio, as_audio, require_sample_rate
from mixrules.analysis.width import MONO_SIDE_DB, StereoPowers
from mixrules.loudness import EnergyStream, integrated_from_energies, resolve_weights

_SAMPLES_AT_ONCE = 1 << 18


@dataclass(frozen=True, slots=True, kw_only=True)
class StemScan:
    """The measures of `scan_stem`.

    Attributes
    ----------
    integrated_lufs : float
        Integrated loudness; -inf for silence.
    side_to_mid_db : float
        Power of side over mid; -inf for mono.
    dc_offset : float
        Largest mean of a channel, of full scale.
    """

    integrated_lufs: float
    side_to_mid_db: float
    dc_offset: float

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
    for start in range(0, samples, _SAMPLES_AT_ONCE):
        block = np.ascontiguousarray(audio[start : start + _SAMPLES_AT_ONCE])
        width.update(block)
        if energies is not None:
            energies.update(block)
    if energies is not None:
        integrated_lufs = integrated_from_energies(energies.block_energies())
    assert integrated_lufs is not None
    return StemScan(
        integrated_lufs=integrated_lufs,
        side_to_mid_db=width.side_to_mid_db(),
        dc_offset=width.dc_offset(),
    )
