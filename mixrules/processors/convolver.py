"""Convolution with a long stereo response, block by block.

Uniformly partitioned overlap-save: the response is cut into partitions, and the spectra of the latest segments of
the signal are kept in a delay line, one for each partition, so that memory depends on the response and the block
alone and nothing is delayed. A block holds many segments, which are transformed in SIMD lanes.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules._support.channels import mean_of_channels
from mixrules._support.validation import Audio, require_block
from mixrules.errors import ParameterError
from mixrules.fourier import LANES, ROWS, backward, fold, fold_weights, forward, twiddle_factors, zero_signals

COLUMNS = 64  # of the transforms
PARTITION_SAMPLES = ROWS * COLUMNS
"""Length of a partition of the response, and of a segment of the signal."""

_SEGMENT_STARTS = np.arange(LANES) * PARTITION_SAMPLES

_FIRST_LOOK = 64


class Response:
    """A response cut into partitions and transformed, for any number of convolvers.

    Parameters
    ----------
    taps : ndarray, shape (taps, 2)
        The response.
    dtype : dtype
        Of the signals and results: float32 or float64.

    Attributes
    ----------
    spectra : ndarray, shape (PARTITION_SAMPLES, 4, partitions)
        The transformed partitions, real and imaginary parts for the left, then for the right; the last one
        may be zero.
    """

    def __init__(self, taps: npt.NDArray[np.floating[Any]], dtype: npt.DTypeLike = np.float32) -> None:
        from mixrules.processors._convolution_kernels import PARTITIONS_AT_ONCE

        self.dtype = np.dtype(dtype)
        partitions = -(-len(taps) // PARTITION_SAMPLES)
        padded = np.zeros((partitions * PARTITION_SAMPLES, 2), self.dtype)
        padded[: len(taps)] = taps
        padded = padded.reshape(partitions, PARTITION_SAMPLES, 2)
        padded_partitions = -(-partitions // PARTITIONS_AT_ONCE) * PARTITIONS_AT_ONCE
        self.spectra = np.zeros((PARTITION_SAMPLES, 4, padded_partitions), self.dtype)
        weights, signals = _segment_weights(self.dtype), zero_signals(COLUMNS, self.dtype)
        at_once = LANES // 2
        for first in range(0, partitions, at_once):
            last = min(first + at_once, partitions)
            for side in range(2):
                # A segment is transformed with the one after it: zeros follow each partition.
                zero_padded = np.zeros((LANES + 1, PARTITION_SAMPLES), self.dtype)
                zero_padded[: 2 * (last - first) : 2] = padded[first:last, :, side]
                fold(zero_padded.reshape(-1), _SEGMENT_STARTS, weights, COLUMNS, signals)
                forward(signals, COLUMNS)
                spectra = signals[:, :COLUMNS].reshape(PARTITION_SAMPLES, 2, LANES)[:, :, ::2]
                self.spectra[:, 2 * side : 2 * side + 2, first:last] = spectra[:, :, : last - first]
        self.spectra /= PARTITION_SAMPLES  # the backward transform is not normalised


class Convolver:
    """Convolves the mean of a signal's channels, which comes in blocks, with a stereo response.

    Every block but the last must be a whole multiple of `PARTITION_SAMPLES`.

    Parameters
    ----------
    response : Response
        The response.
    """

    def __init__(self, response: Response) -> None:
        self._response = response.spectra
        self._partitions = response.spectra.shape[2]
        self._dtype = response.dtype
        # The last segment before a block, then those of the block.
        self._signal = np.zeros((LANES + 1) * PARTITION_SAMPLES, self._dtype)
        self._delay_line = np.zeros((PARTITION_SAMPLES, 2, self._partitions + LANES), self._dtype)
        self._ended = False
        self._ringing_segments = 0  # for how many segments the output goes on if the input is silent
        self._weights = _segment_weights(self._dtype)
        self._spectra = zero_signals(COLUMNS, self._dtype).reshape(-1)
        self._products = zero_signals(COLUMNS, self._dtype, (2,)).reshape(2, -1)

    def process(self, audio: Audio) -> Audio:
        """Convolve the next block.

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
            If the block before was no whole multiple of `PARTITION_SAMPLES`: it was the last.
        """
        audio = require_block(audio)
        if len(audio) and self._ended:
            raise ParameterError(
                f"a block that is no multiple of {PARTITION_SAMPLES} samples must be the last"
            )
        self._ended = len(audio) % PARTITION_SAMPLES != 0
        at_once = LANES * PARTITION_SAMPLES
        out = np.empty((-(-len(audio) // at_once) * at_once, 2), self._dtype)
        for start in range(0, len(audio), at_once):
            self._process(audio[start : start + at_once], out[start : start + at_once])
        return out[: len(audio)]

    def _process(self, audio: Audio, out: Audio) -> None:
        from mixrules.processors._convolution_kernels import multiply_spectra, unfold_segments

        signal = self._signal
        segments = -(-len(audio) // PARTITION_SAMPLES)
        end = PARTITION_SAMPLES + len(audio)
        mean = mean_of_channels(audio, signal[PARTITION_SAMPLES:end])
        signal[end:] = 0.0
        # Sound is mostly found at once; a NaN is not silence.
        if mean[:_FIRST_LOOK].any() or mean.any():
            self._ringing_segments = segments + self._partitions + 1
        if self._ringing_segments <= 0:
            out[:] = 0.0
            return
        self._ringing_segments -= segments
        fold(signal, _SEGMENT_STARTS, self._weights, COLUMNS, self._spectra)
        forward(self._spectra, COLUMNS)
        multiply_spectra(self._spectra, segments, self._response, self._delay_line, self._products)
        for side in self._products:
            backward(side, COLUMNS)
        shift = twiddle_factors(COLUMNS, self._dtype).half_bin_shift
        unfold_segments(self._products, shift, out.reshape(-1).view(shift.dtype))
        signal[:PARTITION_SAMPLES] = signal[segments * PARTITION_SAMPLES : (segments + 1) * PARTITION_SAMPLES]


@functools.lru_cache(maxsize=2)
def _segment_weights(dtype: np.dtype[Any]) -> Audio:
    """Return the weights of a segment and the one before it."""
    return fold_weights(np.ones(2 * PARTITION_SAMPLES), COLUMNS, dtype)
