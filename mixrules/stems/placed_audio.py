"""A stem's audio at its place in the song, where its file starts later or lies in a temporary folder."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import SlicedAudio


def placed(audio: Any, start: int, *, keep: object = None) -> Any:
    """Return audio with `start` zero samples before it.

    Parameters
    ----------
    audio : ndarray of shape (samples, channels), or SlicedAudio
        A stem's audio.
    start : int
        How many samples later it starts.
    keep : object, optional
        What must not end before audio that is read from a disk: the temporary folder that its file lies in.
    """
    if isinstance(audio, SlicedAudio):
        return PlacedAudio(audio, start, start + len(audio), keep) if start or keep is not None else audio
    return np.pad(audio, ((start, 0), (0, 0))) if start else audio


class PlacedAudio(SlicedAudio):
    """Audio on a disk with zeros before it.

    Parameters
    ----------
    audio : SlicedAudio
        The audio.
    start : int
        How many samples later it starts.
    samples : int
        The length wanted, at least its end.
    keep : object
        Referenced as long as this is.
    """

    def __init__(self, audio: SlicedAudio, start: int, samples: int, keep: object) -> None:
        super().__init__(samples, audio.shape[1])
        self.peak = audio.peak
        self._audio, self._start, self._keep = audio, start, keep

    def padded(self, samples: int) -> PlacedAudio:
        """Return the same audio with another length."""
        return PlacedAudio(self._audio.padded(samples - self._start), self._start, samples, self._keep)

    def __getitem__(self, index: slice) -> npt.NDArray[Any]:
        start, stop, _ = index.indices(len(self))
        first, last = start - self._start, max(start, stop) - self._start
        if first >= 0:
            return self._audio[first:last]
        out = np.zeros((last - first, self.shape[1]), self.dtype)
        if last > 0:
            out[-first:] = self._audio[:last]
        return out

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> npt.NDArray[Any]:
        """Return all of it as an array."""
        return np.pad(np.asarray(self._audio, dtype or self.dtype), ((self._start, 0), (0, 0)))
