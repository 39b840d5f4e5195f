"""Convolution with a long stereo response, block by block.

Uniformly partitioned overlap-save: the response is cut into pieces, and the spectra of the latest
stretches of the signal are kept for all of them, so that memory grows with the block alone and a block
comes out as soon as it went in. A block holds many stretches, which are transformed side by side.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import Audio
from mixrules.errors import ParameterError
from mixrules.fourier import LANES, ROWS, backward, forward, silent_signals, tables

COLUMNS = 64  # of the transforms
STRETCH_SAMPLES = ROWS * COLUMNS
"""Length of a piece of a response, and of a stretch of the signal."""


class Response:
    """A response cut into pieces and transformed, for any number of convolvers.

    Parameters
    ----------
    taps : ndarray, shape (taps, 2)
        The response.
    dtype : dtype
        Of the signals and results: float32 or float64.

    Attributes
    ----------
    spectra : ndarray, shape (STRETCH_SAMPLES, 4, pieces)
        The transformed pieces, real and imaginary parts for the left, then for the right; the last one
        may be silent.
    """

    def __init__(self, taps: npt.NDArray[np.floating[Any]], dtype: npt.DTypeLike = np.float32) -> None:
        from mixrules.processors._convolution_kernels import PIECES_AT_ONCE, fold_stretches

        self.dtype = np.dtype(dtype)
        pieces = -(-len(taps) // STRETCH_SAMPLES)
        padded = np.zeros((pieces * STRETCH_SAMPLES, 2), self.dtype)
        padded[: len(taps)] = taps
        padded = padded.reshape(pieces, STRETCH_SAMPLES, 2)
        room = -(-pieces // PIECES_AT_ONCE) * PIECES_AT_ONCE
        self.spectra = np.zeros((STRETCH_SAMPLES, 4, room), self.dtype)
        factors, signals = tables(COLUMNS, self.dtype), silent_signals(COLUMNS, self.dtype)
        at_once = LANES // 2
        for first in range(0, pieces, at_once):
            last = min(first + at_once, pieces)
            for side in range(2):
                # A stretch is transformed with the next one: a silent one follows each piece.
                apart = np.zeros((LANES + 1, STRETCH_SAMPLES), self.dtype)
                apart[: 2 * (last - first) : 2] = padded[first:last, :, side]
                fold_stretches(apart.reshape(-1), factors, signals.reshape(-1))
                forward(signals.reshape(-1), COLUMNS)
                found = signals[:, :COLUMNS].reshape(STRETCH_SAMPLES, 2, LANES)[:, :, ::2]
                self.spectra[:, 2 * side : 2 * side + 2, first:last] = found[:, :, : last - first]
        self.spectra /= STRETCH_SAMPLES  # what the way back leaves out


class Convolver:
    """Convolves the mean of a signal's channels, which comes in blocks, with a stereo response.

    Every block but the last must be a whole multiple of `STRETCH_SAMPLES`.

    Parameters
    ----------
    response : Response
        What to convolve with.
    """

    def __init__(self, response: Response) -> None:
        self._response = response.spectra
        self._pieces = response.spectra.shape[2]
        self._dtype = response.dtype
        # The stretch before, then those of a block, and the spectra of the latest ones.
        self._signal = np.zeros((LANES + 1) * STRETCH_SAMPLES, self._dtype)
        self._heard = np.zeros((STRETCH_SAMPLES, 2, self._pieces + LANES), self._dtype)
        self._ended = False
        self._rings = 0  # for how many stretches what was heard sounds on
        self._spectra = silent_signals(COLUMNS, self._dtype).reshape(-1)
        self._products = np.zeros((2, self._spectra.size), self._dtype)

    def process(self, audio: Audio) -> Audio:
        """Return what the next samples make sound.

        Parameters
        ----------
        audio : ndarray, shape (samples, channels)
            Of the response's type.

        Returns
        -------
        ndarray, shape (samples, 2)

        Raises
        ------
        ParameterError
            If the block before was no whole multiple of `STRETCH_SAMPLES`: it was the last.
        """
        if len(audio) and self._ended:
            raise ParameterError(f"a block that is no multiple of {STRETCH_SAMPLES} samples must be the last")
        self._ended = len(audio) % STRETCH_SAMPLES != 0
        audio = np.ascontiguousarray(audio)
        at_once = LANES * STRETCH_SAMPLES
        out = np.empty((-(-len(audio) // at_once) * at_once, 2), self._dtype)
        for start in range(0, len(audio), at_once):
            self._process(audio[start : start + at_once], out[start : start + at_once])
        return out[: len(audio)]

    def _process(self, audio: Audio, out: Audio) -> None:
        from mixrules.processors._convolution_kernels import (
            fold_stretches,
            mean_of_channels,
            multiply_spectra,
            unfold_stretches,
        )

        signal = self._signal
        stretches = -(-len(audio) // STRETCH_SAMPLES)
        if mean_of_channels(audio, signal[STRETCH_SAMPLES:]):
            self._rings = stretches + self._pieces + 1
        if self._rings <= 0:
            out[:] = 0.0
            return
        self._rings -= stretches
        factors = tables(COLUMNS, self._dtype)
        fold_stretches(signal, factors, self._spectra)
        forward(self._spectra, COLUMNS)
        multiply_spectra(self._spectra, stretches, self._response, self._heard, self._products)
        for side in self._products:
            backward(side, COLUMNS)
        unfold_stretches(self._products, factors, out)
        signal[:STRETCH_SAMPLES] = signal[stretches * STRETCH_SAMPLES : (stretches + 1) * STRETCH_SAMPLES]
