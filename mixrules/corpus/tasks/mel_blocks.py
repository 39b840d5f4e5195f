"""Mel blocks: what the networks read, 64 frames of 128 mel bands of the backing and of the vocal.

The bands are those of ``torchaudio.transforms.MelSpectrogram`` with its defaults but for the rate of 44.1 kHz, an FFT of
2048, a hop of 1024 and 128 bands: power (no logarithm), periodic Hann window, frames centred on multiples of the hop, the
signal mirrored at its ends, triangular filters on the HTK mel scale without normalisation of their area. Frames 64 b to
64 b + 63 reach from 1024 samples before the snippet of 65536 samples that begins at 65536 b up to its end.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules.errors import AudioError

SAMPLE_RATE = 44_100
FFT_SAMPLES = 2048
HOP_SAMPLES = 1024
BANDS = 128
FRAMES = 64
SNIPPET_SAMPLES = FRAMES * HOP_SAMPLES
SIGNALS = ("backing", "vocal")
BLOCK_SHAPE = (len(SIGNALS), BANDS, FRAMES)

_HALF = FFT_SAMPLES // 2


@functools.lru_cache(maxsize=1)
def mel_filters() -> npt.NDArray[np.float64]:
    """Return the triangular filters of the mel bands.

    Returns
    -------
    ndarray of float64, shape (128, 1025), read-only
        From the power in the bins of the FFT to the power in the bands.
    """
    import librosa

    filters = librosa.filters.mel(
        sr=SAMPLE_RATE, n_fft=FFT_SAMPLES, n_mels=BANDS, htk=True, norm=None, dtype=np.float64
    )
    filters.flags.writeable = False
    return np.asarray(filters)


class MelStream:
    """Mel frames of a signal that arrives in blocks; memory does not grow with its length."""

    def __init__(self) -> None:
        self._before: npt.NDArray[np.float64] | None = None

    def process(self, block: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
        """Return the frames whose centres lie in a block.

        Parameters
        ----------
        block : ndarray, shape (samples, channels)
            The next samples at 44.1 kHz; whole multiples of 1024, but for the last block, of which the rest gives no
            frame. The first holds at least 1025, since they are mirrored before it.

        Returns
        -------
        ndarray of float32, shape (samples // 1024, 128)
            Power; frame k of the signal is centred on sample 1024 k.

        Raises
        ------
        AudioError
            If the first block is too short to be mirrored.
        """
        frames = len(block) // HOP_SAMPLES
        mono = block.mean(axis=1, dtype=np.float64)
        if self._before is None:
            if len(mono) <= _HALF:
                raise AudioError(
                    f"the first block holds {len(mono)} samples: more than {_HALF} are needed for a frame"
                )
            self._before = mono[_HALF:0:-1]
        padded = np.concatenate([self._before, mono[: frames * HOP_SAMPLES]])
        self._before = padded[len(padded) - _HALF :]
        return mel_frames(padded)


def mel_frames(mono: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """Return the mel frames of all whole windows of a signal, the first of which begins with it.

    Parameters
    ----------
    mono : ndarray, shape (samples,)
        One channel at 44.1 kHz.

    Returns
    -------
    ndarray of float32, shape (frames, 128)
        Power.
    """
    from scipy.fft import rfft

    if len(mono) < FFT_SAMPLES:
        return np.zeros((0, BANDS), np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(mono, FFT_SAMPLES)[::HOP_SAMPLES]
    spectrum = rfft(windows * _hann(), axis=1)
    power = np.square(spectrum.real) + np.square(spectrum.imag)
    return np.ascontiguousarray((_sparse_filters() @ power.T).T, np.float32)


@functools.lru_cache(maxsize=1)
def _sparse_filters() -> Any:
    """Return the filters without their zeros: two of 128 hold a bin, and no threads of a matrix product are woken."""
    from scipy.sparse import csr_array

    return csr_array(mel_filters())


@functools.lru_cache(maxsize=1)
def _hann() -> npt.NDArray[np.float64]:
    """Return the window, periodic as a spectrogram's is: its last zero is left away."""
    return 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(FFT_SAMPLES) / FFT_SAMPLES)
