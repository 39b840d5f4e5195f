"""Convolution with a long stereo response, block by block.

Uniformly partitioned overlap-save: the response is cut into pieces as long as a block, and the spectra of
the latest blocks are kept for all of them, so that memory does not grow with the signal and a block
comes out as soon as it went in.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules.validation import Audio

LARGEST_BLOCK_SAMPLES = 1 << 17
_SMALLEST_BLOCK_SAMPLES = 1 << 12


class Response:
    """A response cut into pieces and transformed, for any number of convolvers.

    Parameters
    ----------
    taps : ndarray, shape (taps, channels)
        The response.
    dtype : dtype
        Of the signals and results: float32 or float64.

    Attributes
    ----------
    block_samples : int
        Length of a piece: the power of two from the response's length up, 4096 to 131072.
    spectra : ndarray of complex, shape (channels, pieces, block_samples + 1)
        The transformed pieces.
    """

    def __init__(self, taps: npt.NDArray[np.floating[Any]], dtype: npt.DTypeLike = np.float32) -> None:
        from scipy.fft import rfft

        samples, channels = taps.shape
        up = 1 << (samples - 1).bit_length()
        self.dtype = np.dtype(dtype)
        self.block_samples = size = max(_SMALLEST_BLOCK_SAMPLES, min(LARGEST_BLOCK_SAMPLES, up))
        pieces = -(-samples // size)
        padded = np.zeros((channels, pieces, 2 * size), dtype)
        for piece in range(pieces):
            part = taps[piece * size : (piece + 1) * size]
            padded[:, piece, : len(part)] = part.T
        self.spectra = rfft(padded, axis=2)


class Convolver:
    """Convolves a mono signal that comes in blocks with a response of several channels.

    Every block but the last must be a whole multiple of the response's `block_samples`.

    Parameters
    ----------
    response : Response
        What to convolve with.
    """

    def __init__(self, response: Response) -> None:
        self._response = response.spectra
        self._channels, pieces, _ = response.spectra.shape
        self.block_samples = size = response.block_samples
        self._spectra = np.zeros((pieces, size + 1), self._response.dtype)
        self._sounding = np.zeros(pieces, bool)
        self._newest = 0
        self._frame = np.zeros(2 * size, response.dtype)

    def process(self, mono: Audio) -> Audio:
        """Return what the next samples, shape (samples,), make sound, shape (samples, channels)."""
        out = np.empty((len(mono), self._channels), self._frame.dtype)
        for start in range(0, len(mono), self.block_samples):
            part = out[start : start + self.block_samples]
            self._block(mono[start : start + self.block_samples], part)
        return out

    def _block(self, mono: Audio, out: Audio) -> None:
        from scipy.fft import irfft, rfft

        size, count, pieces = self.block_samples, len(mono), len(self._spectra)
        frame = self._frame
        frame[:size] = frame[size:]
        frame[size : size + count] = mono
        frame[size + count :] = 0.0
        self._newest = (self._newest - 1) % pieces
        self._sounding[self._newest] = sounds = bool(frame.any())
        if sounds:
            self._spectra[self._newest] = rfft(frame)
        heard = [piece for piece in range(pieces) if self._sounding[(self._newest + piece) % pieces]]
        if not heard:
            out[:] = 0.0
            return
        for channel in range(self._channels):
            total: Any = 0.0
            for piece in heard:
                product = self._spectra[(self._newest + piece) % pieces] * self._response[channel, piece]
                total = product if piece == heard[0] else np.add(total, product, out=total)
            out[:, channel] = irfft(total, 2 * size, overwrite_x=True)[size : size + count]
