"""A signal that comes in blocks, in the frames that librosa would cut the whole of it into."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

_WINDOW_S = 0.0464


def frame_length(sample_rate: int) -> int:
    """Return the length of a frame: the power of two nearest to 46 ms, 2048 at 44.1 and 48 kHz."""
    return int(2 ** round(math.log2(_WINDOW_S * sample_rate)))


class Frames:
    """Overlapping frames of values that come in blocks, the first centred on the first value.

    Parameters
    ----------
    length, hop : int
        Values in a frame, even, and from frame to frame.
    padding : float or bool
        What stands before the first value and after the last.
    """

    def __init__(self, length: int, hop: int, padding: float | bool) -> None:
        self.length, self.hop = length, hop
        self._padding = np.full(length // 2, padding)
        self._rest: npt.NDArray[Any] | None = None

    def next(self, values: npt.NDArray[Any], *, last: bool) -> npt.NDArray[Any]:
        """Return the values of the frames that end in the next block, as one array from the first frame's start on.

        After the last block come the frames that reach into the padding.
        """
        padding = self._padding.astype(values.dtype)
        before = padding if self._rest is None else self._rest
        joined = np.concatenate([before, values, padding] if last else [before, values])
        frames = max((len(joined) - self.length) // self.hop + 1, 0)
        self._rest = joined[frames * self.hop :]
        return joined[: (frames - 1) * self.hop + self.length] if frames else joined[:0]


class SpectrumFrames:
    """The short-time Fourier transform of a signal that comes in blocks: `librosa.stft` of all of it, Hann window.

    Parameters
    ----------
    length, hop : int
        Samples in a frame, even, and from frame to frame.
    """

    def __init__(self, length: int, hop: int) -> None:
        self._frames = Frames(length, hop, 0.0)

    def next(self, block: Floats, *, last: bool) -> npt.NDArray[np.complex64]:
        """Return the spectra of the frames that end in the next block, shape (bins, frames)."""
        import librosa

        length, hop = self._frames.length, self._frames.hop
        values = self._frames.next(block, last=last)
        if not len(values):
            return np.empty((length // 2 + 1, 0), np.complex64)
        return librosa.stft(values, n_fft=length, hop_length=hop, center=False)
