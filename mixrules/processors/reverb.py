"""The reverb: a feedback delay network whose impulse response is computed once and convolved.

J.-M. Jot and A. Chaigne, "Digital delay networks for designing artificial reverberators" (AES 90,
1991): delay lines of mutually prime lengths fed back through an orthogonal matrix, each with an
attenuation in proportion to its length, so that every mode at a frequency decays at one rate. The
network is linear and time-invariant, so its impulse response describes it completely.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import Audio, as_audio, require_sample_rate
from mixrules.processors.convolver import PARTITION_SAMPLES, Convolver, Response
from mixrules.processors.equalizer import EqBand, EqualizerParams, equalize
from mixrules.processors.room import GRID_HZ, ReverbParams, decay_db_per_s, line_filters, line_lengths

Floats = npt.NDArray[np.float64]
Sections = tuple[tuple[float, float, float, float, float], ...]
"""Biquads in series, each b0 b1 b2 a1 a2."""

_LENGTH_DB = 90.0
_RINGING_S = 0.1  # of biquads after the reverb
REVERB_BLOCK_SAMPLES = 32 * PARTITION_SAMPLES  # transformed at once


def reverberate(audio: npt.ArrayLike, sample_rate: int, params: ReverbParams) -> Audio:
    """Return the reverberation of `audio` alone, without the dry sound.

    Parameters
    ----------
    audio : array_like, shape (samples, channels) or (samples,)
        Not modified. Its channels are averaged.
    sample_rate : int
        Hz.
    params : ReverbParams
        The room.

    Returns
    -------
    ndarray, shape (samples + tail, 2)
        The same dtype; the tail is one sample shorter than the impulse response.

    Raises
    ------
    AudioError
        If `audio` is not usable.
    ParameterError
        If `params` cannot be met at this sample rate.
    """
    array = as_audio(audio)
    stream = ReverbStream(sample_rate, params, dtype=array.dtype)
    wet = np.empty((len(array) + stream.tail_samples, 2), array.dtype)
    for start in range(0, len(wet), REVERB_BLOCK_SAMPLES):
        part = wet[start : start + REVERB_BLOCK_SAMPLES]
        block = array[start : start + len(part)]
        if len(block) < len(part):
            block = np.concatenate([block, np.zeros((len(part) - len(block), array.shape[1]), array.dtype)])
        part[:] = stream.process(block)
    return wet


class ReverbStream:
    """A streaming reverb: the outputs of the blocks, joined, are those of `reverberate`.

    For the tail, blocks of zeros follow the audio.

    Parameters
    ----------
    sample_rate : int
        Hz.
    params : ReverbParams
        The room.
    dtype : dtype
        Of the audio: float32 or float64.
    after : tuple of (b0, b1, b2, a1, a2)
        Biquads in series after the reverb, at no cost: they become part of its response. They may ring for a tenth of a
        second.

    Attributes
    ----------
    tail_samples : int
        Length of the tail after the audio.

    Raises
    ------
    ParameterError
        If `params` cannot be met at this sample rate.
    """

    def __init__(
        self,
        sample_rate: int,
        params: ReverbParams,
        *,
        dtype: npt.DTypeLike = np.float32,
        after: Sections = (),
    ) -> None:
        self._convolver = Convolver(_partitioned(sample_rate, params, np.dtype(dtype), after))
        self.tail_samples = len(impulse_response(sample_rate, params)) - 1

    def process(self, block: Audio) -> Audio:
        """Return the reverberation of the next block, shape (samples, 2).

        Every block but the last holds a whole multiple of `REVERB_BLOCK_SAMPLES`.
        """
        return self._convolver.process(block)


@functools.lru_cache(maxsize=16)
def _partitioned(sample_rate: int, params: ReverbParams, dtype: np.dtype[Any], after: Sections) -> Response:
    """Return the partitioned response: stems that are sent to the same reverb share it."""
    taps: npt.NDArray[Any] = impulse_response(sample_rate, params)
    if after:
        from mixrules.processors._kernels import biquad_cascade

        taps = np.pad(taps.astype(dtype), ((0, round(_RINGING_S * sample_rate)), (0, 0)))
        biquad_cascade(taps, np.array(after), np.zeros((2, len(after), 2)), taps)
    return Response(taps, dtype)


@functools.lru_cache(maxsize=16)
def impulse_response(sample_rate: int, params: ReverbParams) -> npt.NDArray[np.float32]:
    """Return the stereo impulse response of the room, computed once for equal arguments.

    Parameters
    ----------
    sample_rate : int
        Hz.
    params : ReverbParams
        The room.

    Returns
    -------
    ndarray of float32, shape (samples, 2), read-only
        As long as the slowest band takes to fall by 90 dB. Both channels together have the energy 1,
        so that white noise has the same power, left and right together, after the reverb as before.

    Raises
    ------
    ParameterError
        If `params` cannot be met at this sample rate.
    """
    sample_rate = require_sample_rate(sample_rate)
    slowest = float(decay_db_per_s(params, GRID_HZ, sample_rate).min())

    from mixrules.processors._kernels import delay_network

    lengths = line_lengths(params, sample_rate)
    gains = np.power(10.0, -3.0 * lengths / (sample_rate * params.t60_s), dtype=np.float64)
    shelves = np.array([line_filters(params, int(length), sample_rate) for length in lengths])
    block = min(int(lengths[0]), 512)
    response = np.zeros((math.ceil(_tail_s(params, slowest) * sample_rate) + int(lengths[-1]), 2))
    memory, taps = np.zeros(int(lengths.sum())), np.zeros((params.lines, block))
    delay_network(lengths, gains, shelves, _signs(params.lines), memory, taps, response)

    rise = round(params.fade_in_s * sample_rate)
    if rise:
        count = min(rise, len(response))
        response[:count] *= (0.5 - 0.5 * np.cos(np.pi * np.arange(count) / rise))[:, np.newaxis]
    # In single precision, as the response in the end is: the equaliser's kernel is compiled for that already.
    filtered = equalize(
        response.astype(np.float32), sample_rate, EqualizerParams(bands=_cuts(params, sample_rate))
    )
    filtered /= np.float32(math.sqrt(float(np.sum(np.square(filtered, dtype=np.float64)))))
    pre_delay = np.zeros((round(params.pre_delay_ms * sample_rate / 1000.0), 2), np.float32)
    delayed = np.concatenate([pre_delay, filtered])
    delayed.flags.writeable = False
    return delayed


def _signs(lines: int) -> Floats:
    """Return the sign of the input of each delay line: a fixed sequence without a pattern.

    The fractional part of a square times the golden ratio decides. Any irregular sequence will do; of
    a dozen this one gave the smallest random deviation of the decay times of single octaves.
    """
    squares = np.arange(lines) ** 2 * ((math.sqrt(5.0) - 1.0) / 2.0)
    return np.where(squares % 1.0 < 0.5, 1.0, -1.0)


def _tail_s(params: ReverbParams, slowest_db_per_s: float) -> float:
    """Return how long the slowest band takes to end 90 dB below the peak of its faded envelope."""
    if params.fade_in_s == 0:
        return _LENGTH_DB / slowest_db_per_s
    time_s = np.linspace(0.0, params.fade_in_s, 1001)[1:]
    fade = 0.5 - 0.5 * np.cos(np.pi * time_s / params.fade_in_s)
    peak_db = float(np.max(20.0 * np.log10(fade) - slowest_db_per_s * time_s))
    return (_LENGTH_DB - peak_db) / slowest_db_per_s


def _cuts(params: ReverbParams, sample_rate: int) -> tuple[EqBand, ...]:
    """Return the low and high cut as bands; a high cut above half the sample rate is left out."""
    bands = []
    if params.low_cut_hz > 0:
        bands.append(EqBand(kind="high_pass", frequency_hz=params.low_cut_hz, q=math.sqrt(0.5)))
    if 0 < params.high_cut_hz < sample_rate / 2:
        bands.append(EqBand(kind="low_pass", frequency_hz=params.high_cut_hz, q=math.sqrt(0.5)))
    return tuple(bands)
