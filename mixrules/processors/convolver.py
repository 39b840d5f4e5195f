"""Convolution with a long stereo response, block by block.

Uniformly partitioned overlap-save: the response is cut into pieces, and the spectra of the latest
stretches of the signal are kept for all of them, so that memory grows with the block alone and a block
comes out as soon as it went in. A block holds many stretches: scipy transforms several at once in vector
registers, which halves the time of one after the other.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules.validation import Audio

_LARGEST_PIECE_SAMPLES = 1 << 14
_SMALLEST_PIECE_SAMPLES = 1 << 12
_BINS_AT_ONCE = 1 << 10


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
    piece_samples : int
        Length of a piece: the power of two from the response's length up, 4096 to 16384.
    spectra : ndarray, shape (channels, pieces, 2, piece_samples + 1)
        The transformed pieces, real parts and imaginary parts.
    """

    def __init__(self, taps: npt.NDArray[np.floating[Any]], dtype: npt.DTypeLike = np.float32) -> None:
        from scipy.fft import rfft

        samples, channels = taps.shape
        up = 1 << (samples - 1).bit_length()
        self.dtype = np.dtype(dtype)
        self.piece_samples = size = max(_SMALLEST_PIECE_SAMPLES, min(_LARGEST_PIECE_SAMPLES, up))
        pieces = -(-samples // size)
        padded = np.zeros((channels, pieces, 2 * size), dtype)
        for piece in range(pieces):
            part = taps[piece * size : (piece + 1) * size]
            padded[:, piece, : len(part)] = part.T
        spectra = rfft(padded, axis=2)
        self.spectra = np.stack([spectra.real, spectra.imag], axis=2)


class Convolver:
    """Convolves a mono signal that comes in blocks with a response of several channels.

    Every block but the last must be a whole multiple of the response's `piece_samples`.

    Parameters
    ----------
    response : Response
        What to convolve with.
    """

    def __init__(self, response: Response) -> None:
        self._response = response.spectra
        self._channels, self._pieces, _, bins = response.spectra.shape
        self._size = response.piece_samples
        self._dtype = response.dtype
        # Of the latest stretches, oldest first: their spectra, and which of them are not silent.
        self._spectra = np.zeros((self._pieces - 1, 2, bins), self._dtype)
        self._sounding = np.zeros(self._pieces - 1, bool)
        self._before = np.zeros(self._size, self._dtype)

    def process(self, mono: Audio) -> Audio:
        """Return what the next samples, shape (samples,), make sound, shape (samples, channels)."""
        from scipy.fft import irfft, rfft

        from mixrules.processors._kernels import multiply_spectra

        if not len(mono):
            return np.empty((0, self._channels), self._dtype)
        size, stretches = self._size, -(-len(mono) // self._size)
        signal = np.zeros((stretches + 1) * size, self._dtype)
        signal[:size] = self._before
        signal[size : size + len(mono)] = mono
        self._before = signal[-size:].copy()
        frames = np.lib.stride_tricks.sliding_window_view(signal, 2 * size)[::size]
        self._sounding = np.concatenate([self._sounding, frames.any(axis=1)])
        if not self._sounding.any():
            self._sounding = self._sounding[stretches:]
            return np.zeros((len(mono), self._channels), self._dtype)
        spectra = rfft(frames, axis=1)
        known = self._pieces - 1
        heard = np.empty((known + stretches, 2, size + 1), self._dtype)
        heard[:known] = self._spectra
        heard[known:, 0], heard[known:, 1] = spectra.real, spectra.imag
        products = np.empty((self._channels, stretches, size + 1), spectra.dtype)
        parts = np.empty((2, _BINS_AT_ONCE), self._dtype)
        multiply_spectra(heard, self._sounding, self._response, parts, products)
        self._spectra, self._sounding = heard[stretches:].copy(), self._sounding[stretches:]
        sound = irfft(products, 2 * size, axis=2, overwrite_x=True)[:, :, size:]
        out = np.empty((len(mono), self._channels), self._dtype)
        for channel in range(self._channels):
            out[:, channel] = sound[channel].reshape(-1)[: len(mono)]
        return out
