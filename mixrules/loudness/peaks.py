"""Sample peak and true peak (ITU-R BS.1770-5, Annex 2).

The true peak is the highest point of the signal between its samples, searched on a grid of four times the sample
rate: three points between neighbours. The interpolator is a sinc under a Hann window, which passes the samples
themselves. Below 96 kHz each point follows from 12 samples, as in libebur128. From there on, where the standard
asks for less, from 24: such rates are chosen for content up to the top of their band, which is then read as well.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import Audio, as_audio, require_block, require_sample_rate

OVERSAMPLING = 4
_WIDE_FROM_HZ = 96_000
_JOINT_SAMPLES = 2048  # so many of a block are copied to the end of those before it


def true_peak(audio: npt.ArrayLike, sample_rate: int) -> float:
    """Measure the true peak in dBTP.

    Parameters
    ----------
    audio : array_like, shape (samples, channels) or (samples,)
        Float samples, full scale ±1.0.
    sample_rate : int
        Hz, 8000 to 384000.

    Returns
    -------
    float
        dBTP, the highest of all channels; ``-inf`` for silence. Never below the sample peak.

    Raises
    ------
    AudioError, ParameterError
        If the audio or the sample rate cannot be used.

    Notes
    -----
    The signal is taken to be silent before its first and after its last sample, so an abrupt edge
    counts with its overshoot.

    Examples
    --------
    A sine at a quarter of the rate whose samples all miss its peaks by 3 dB:

    >>> import numpy as np
    >>> sine = 0.5 * np.hanning(48_000) * np.sin(np.pi / 2 * np.arange(48_000) + np.pi / 4)
    >>> round(true_peak(sine, 48_000)), round(20 * np.log10(np.abs(sine).max()))
    (-6, -9)
    """
    audio = as_audio(audio, file_function="mixrules.true_peak")
    stream = PeakStream(require_sample_rate(sample_rate), audio.shape[1])
    stream.update(audio)
    return stream.true_peak_dbtp()


def sample_peak(audio: npt.ArrayLike) -> float:
    """Measure the sample peak in dBFS.

    Parameters
    ----------
    audio : array_like, shape (samples, channels) or (samples,)
        Float samples, full scale ±1.0.

    Returns
    -------
    float
        dBFS, the highest of all channels; ``-inf`` for silence.

    Raises
    ------
    AudioError
        If the audio cannot be used.
    """
    return _db(_largest(as_audio(audio, file_function="mixrules.measure")))


def interpolator_width(sample_rate: int) -> int:
    """Return how many samples each point between two samples follows from: 12, from 96 kHz on 24."""
    return 24 if sample_rate >= _WIDE_FROM_HZ else 12


def interpolation_taps(width: int) -> npt.NDArray[np.float64]:
    """Return the weights of the samples around each point between two samples.

    Parameters
    ----------
    width : int
        Samples, even.

    Returns
    -------
    ndarray, shape (3, width)
        One row a point, from the oldest sample to the newest; the point lies between the middle two.

    Notes
    -----
    h[j] = sinc((j - 2 width) / 4) (1 - cos(2 pi j / (4 width))) / 2, j = 0 to 4 width, split into its phases. Phase 0
    is a single one: the sample itself.
    """
    length = OVERSAMPLING * width
    j = np.arange(length + 1)
    middle = length // 2
    prototype = np.sinc((j - middle) / OVERSAMPLING) * 0.5 * (1.0 - np.cos(2.0 * np.pi * j / length))
    return np.array([prototype[phase:-1:OVERSAMPLING][::-1] for phase in range(1, OVERSAMPLING)])


def folded_taps(width: int) -> npt.NDArray[np.float64]:
    """Return the interpolator folded about the middle of the interval, which halves the multiplications.

    Parameters
    ----------
    width : int
        Samples, even.

    Returns
    -------
    ndarray, shape (3, width / 2)
        Column k belongs to the two samples at distance k + 1/2 from the middle. Row 0 has the weights of their sums
        for the midpoint M, row 1 those of their sums for E, and row 2 those of their differences for D: the quarter
        points are E + D and E - D, the higher magnitude |E| + |D|.
    """
    taps = interpolation_taps(width)
    half = width // 2
    left, right = taps[:, half - 1 :: -1], taps[:, half:]
    return np.stack([left[1], (left[0] + right[0]) / 2.0, (left[0] - right[0]) / 2.0])


class PeakStream:
    """The sample peak and the true peak of a stream.

    Parameters
    ----------
    sample_rate : int
        Hz.
    channels : int
        Channels of the stream.
    """

    def __init__(self, sample_rate: int, channels: int) -> None:
        width = interpolator_width(sample_rate)
        self._peaks = np.zeros(2)
        self._taps = folded_taps(width)
        # A little above the exact bound, so that no block that rounding lifts above it is skipped.
        self._worst_gain = float(np.abs(interpolation_taps(width)).sum(axis=1).max()) * (1.0 + 1e-9)
        # The last samples, in the precision that they came in.
        self._history: Audio = np.zeros((width - 1, channels), np.float32)

    def update(self, audio: Audio) -> None:
        """Measure the next block, shape (samples, channels), already checked."""
        audio = require_block(audio, channels=self._history.shape[1])
        self._history = self._search(audio, self._peaks)

    def sample_peak_dbfs(self) -> float:
        """Return the sample peak so far."""
        return _db(self._peaks[0])

    def true_peak_dbtp(self) -> float:
        """Return the true peak so far, as if silence followed."""
        peaks = self._peaks.copy()
        self._search(np.zeros_like(self._history), peaks)
        return _db(peaks[1])

    def _search(self, audio: Audio, peaks: npt.NDArray[np.float64]) -> Audio:
        """Raise `peaks` by what follows the history; return the history after it."""
        from mixrules.loudness._peak_kernels import PEAK_BLOCK, peak_search

        before = len(self._history)
        joint = np.concatenate([self._history, audio[:_JOINT_SAMPLES]])
        peak_search(joint, self._taps, self._worst_gain, PEAK_BLOCK, peaks)
        if len(audio) <= _JOINT_SAMPLES:
            return joint[-before:]
        rest = audio[_JOINT_SAMPLES - before :]
        peak_search(rest, self._taps, self._worst_gain, PEAK_BLOCK, peaks)
        return rest[-before:].copy()


def _largest(audio: Audio) -> float:
    return max(float(audio.max()), -float(audio.min()))


def _db(amplitude: float) -> float:
    return 20.0 * math.log10(amplitude) if amplitude > 0.0 else -math.inf
