"""Stereo measures: side against mid, and the correlation of left and right."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from mixrules._support.validation import Audio, SlicedAudio, as_audio, require_block

if TYPE_CHECKING:
    import numpy.typing as npt

MONO_SIDE_DB = -60.0


def side_to_mid_db(audio: npt.ArrayLike) -> float:
    """Return the power of (left - right) over the power of (left + right).

    Parameters
    ----------
    audio : array_like, shape (samples, channels) or (samples,)
        Linear float samples. Not modified. Channels past the second are ignored.

    Returns
    -------
    float
        dB: -inf for one channel, two equal channels or silence; 0 for a hard-panned or uncorrelated
        pair; inf for a pair in opposite phase.

    Raises
    ------
    AudioError
        If `audio` cannot be used.
    """
    audio = as_audio(audio)
    powers = StereoPowers(audio.shape[1])
    powers.update(audio)
    return powers.side_to_mid_db()


def correlation(audio: npt.ArrayLike) -> float:
    """Return the correlation of left and right, as a phase meter shows it.

    Parameters
    ----------
    audio : array_like, shape (samples, channels) or (samples,)
        Linear float samples. Not modified. Channels past the second are ignored.

    Returns
    -------
    float
        -1 (opposite phase) to 1 (mono); 1 for one channel; 0 where a channel is silent.

    Raises
    ------
    AudioError
        If `audio` cannot be used.
    """
    audio = as_audio(audio)
    if audio.shape[1] == 1:
        return 1.0
    powers = StereoPowers(audio.shape[1])
    powers.update(audio)
    return powers.correlation()


def is_mono(audio: npt.ArrayLike) -> bool:
    """Return whether `audio` has one channel, or two whose side lies 60 dB or more below the mid."""
    return side_to_mid_db(audio) <= MONO_SIDE_DB


class StereoPowers:
    """Powers of left, right and their product, of a signal that comes in blocks; also its DC offset.

    Left and right are the first two channels, or twice the only one.

    Parameters
    ----------
    channels : int
        Channels of every block.
    """

    def __init__(self, channels: int) -> None:
        self._channels = channels
        # Sums of left, right, left squared, right squared and left times right; of even and odd samples in mono.
        self._moments = np.zeros(5)
        self._other_sums = np.zeros(max(channels - 2, 0))
        self._samples = 0

    def update(self, block: Audio) -> None:
        """Measure the next block, shape (samples, channels), already checked."""
        from mixrules.analysis._kernels import add_moments

        block = require_block(block, channels=self._channels)
        samples = len(block)
        self._samples += samples
        if self._channels == 1:
            if samples % 2:
                last = block[-1, 0]
                self._moments += (last, 0.0, last * last, 0.0, 0.0)
            add_moments(block[: samples - samples % 2].reshape(-1, 2), self._moments)
        else:
            add_moments(np.ascontiguousarray(block[:, :2]), self._moments)
            self._other_sums += block[:, 2:].sum(axis=0, dtype=np.float64)

    def dc_offset(self) -> float:
        """Return the largest mean of a channel, of full scale; 0 before the first sample."""
        left, right = self._moments[:2].tolist()
        sums = [left + right] if self._channels == 1 else [left, right, *self._other_sums.tolist()]
        return float(max(map(abs, sums))) / max(self._samples, 1)

    def correlation(self) -> float:
        """Return the correlation of left and right; 0 where a channel is silent."""
        left, right, cross = self._powers()
        scale = math.sqrt(left) * math.sqrt(right)
        return 0.0 if scale == 0.0 else min(1.0, max(-1.0, cross / scale))

    def side_to_mid_db(self) -> float:
        """Return the power of side over mid in dB, as `side_to_mid_db` does."""
        left, right, cross = self._powers()
        side = max(left + right - 2.0 * cross, 0.0)
        mid = max(left + right + 2.0 * cross, 0.0)
        # A difference of equal sums is rounding error, not stereo.
        rounding = 1e-14 * (left + right)
        if side <= rounding:
            return -math.inf
        return math.inf if mid <= rounding else 10.0 * math.log10(side / mid)

    def left_to_right_db(self) -> float:
        """Return the power of left over right in dB, 0 for silence; ±inf where one side is silent."""
        left, right, _ = self._powers()
        if left == right:
            return 0.0
        return (
            math.copysign(math.inf, left - right) if 0.0 in (left, right) else 10.0 * math.log10(left / right)
        )

    def _powers(self) -> tuple[float, float, float]:
        left, right, cross = self._moments[2:].tolist()
        return (left + right, left + right, left + right) if self._channels == 1 else (left, right, cross)


def mono_source(audio: Audio | SlicedAudio, *, in_opposite_phase: bool) -> Audio | SlicedAudio:
    """Return what stands for a signal in measures of its mono sum.

    Parameters
    ----------
    audio : ndarray or SlicedAudio, shape (samples, channels)
        Checked.
    in_opposite_phase : bool
        Whether nothing is left of the mono sum.

    Returns
    -------
    ndarray or SlicedAudio
        The audio itself, or its first channel where the channels are in opposite phase.
    """
    return _FirstChannel(audio) if in_opposite_phase else audio


class _FirstChannel(SlicedAudio):
    """The first channel of audio that is read in slices."""

    def __init__(self, audio: Audio | SlicedAudio) -> None:
        super().__init__(audio.shape[0], 1)
        self._audio = audio

    def __getitem__(self, index: slice) -> Audio:
        return np.ascontiguousarray(self._audio[index][:, :1])
