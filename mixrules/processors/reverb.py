"""The reverb: a feedback delay network whose impulse response is computed once and convolved.

J.-M. Jot and A. Chaigne, "Digital delay networks for designing artificial reverberators" (AES 90,
1991): delay lines of mutually prime lengths fed back through an orthogonal matrix, each with an
attenuation in proportion to its length, so that every mode at a frequency decays at one rate. The
network is linear and time-invariant; its response is all there is to it.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules.errors import ParameterError
from mixrules.processors.equalizer import (
    EqBand,
    EqKind,
    EqualizerParams,
    biquad_coefficients,
    equalize,
)
from mixrules.validation import Audio, as_audio, require_between, require_sample_rate

Floats = npt.NDArray[np.float64]

SPEED_OF_SOUND_M_PER_S = 343.0
MAX_T60_S = 60.0
_MAX_LINE_S = 0.2
_MODES_PER_HZ = 0.15  # Schroeder's density of modes: total delay at least 0.15 T60
_LENGTH_DB = 90.0
_GRID_HZ = np.concatenate([[0.0], np.geomspace(20.0, 20_000.0, 121)])
_ANY_SAMPLE_RATE = 192_000
_SMALL_FFT = 1 << 15
_LARGE_FFT = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ReverbParams:
    """A room: how long it rings, how large it is, and its colour.

    Attributes
    ----------
    t60_s : float
        Time for 60 dB of decay between the shelves, 0.05 to 30.
    room_size_m : float
        The delays spread about the time sound takes across this many metres, 1 to 30.
    lines : int
        Delay lines: 4, 8, 16, 32, 64 or 128.
    low_shelf_hz, high_shelf_hz : float
        Corner frequencies of the two shelves of the decay.
    low_shelf_q, high_shelf_q : float
        Their quality factors, 0.01 to 2.
    low_shelf_db_per_s, high_shelf_db_per_s : float
        What they add to the mid-band decay of -60 / `t60_s` dB per second, -100 to 20; the decay time
        must stay below 60 s everywhere.
    pre_delay_ms : float
        Silence before the response, 0 to 500.
    fade_in_s : float
        Time over which the response rises to its full envelope, 0 to 10.
    low_cut_hz, high_cut_hz : float
        Butterworth filters of second order on the response; 0 leaves one out.
    """

    t60_s: float
    room_size_m: float = 14.5
    lines: int = 64
    low_shelf_hz: float = 102.0
    low_shelf_q: float = 0.53
    low_shelf_db_per_s: float = 0.0
    high_shelf_hz: float = 11_900.0
    high_shelf_q: float = 0.77
    high_shelf_db_per_s: float = 0.0
    pre_delay_ms: float = 0.0
    fade_in_s: float = 0.0
    low_cut_hz: float = 0.0
    high_cut_hz: float = 0.0

    def __post_init__(self) -> None:
        require_between(
            self,
            t60_s=(0.05, 30.0),
            room_size_m=(1.0, 30.0),
            low_shelf_hz=(10.0, 100_000.0),
            low_shelf_q=(0.01, 2.0),
            low_shelf_db_per_s=(-100.0, 20.0),
            high_shelf_hz=(10.0, 100_000.0),
            high_shelf_q=(0.01, 2.0),
            high_shelf_db_per_s=(-100.0, 20.0),
            pre_delay_ms=(0.0, 500.0),
            fade_in_s=(0.0, 10.0),
            low_cut_hz=(0.0, 100_000.0),
            high_cut_hz=(0.0, 100_000.0),
        )
        if self.lines not in (4, 8, 16, 32, 64, 128):
            raise ParameterError(f"lines must be 4, 8, 16, 32, 64 or 128, got {self.lines!r}")
        if 0 < self.high_cut_hz <= self.low_cut_hz:
            raise ParameterError(
                f"high_cut_hz must be above low_cut_hz ({self.low_cut_hz:g}), got {self.high_cut_hz:g}"
            )
        # The lines depend on the sample rate; until it is known one of typical length stands for all.
        delay_s = self.room_size_m / SPEED_OF_SOUND_M_PER_S
        shelves_db = _shelves_db(self, _GRID_HZ, _ANY_SAMPLE_RATE, delay_s)
        _require_decay(60.0 / self.t60_s - shelves_db / delay_s)


def t60_at(params: ReverbParams, frequencies_hz: npt.ArrayLike, sample_rate: int) -> Floats:
    """Return the reverberation time that `params` ask for at `frequencies_hz`.

    Parameters
    ----------
    params : ReverbParams
        The room.
    frequencies_hz : array_like
        Hz, any shape.
    sample_rate : int
        Hz.

    Returns
    -------
    ndarray of float64, the shape of `frequencies_hz`
        Seconds for 60 dB: the attenuation of all delay lines together, per second of their delay.

    Raises
    ------
    ParameterError
        If the decay at one of them is not positive or longer than 60 s.
    """
    decay = _decay_db_per_s(params, np.asarray(frequencies_hz, dtype=np.float64), sample_rate)
    _require_decay(decay)
    return 60.0 / decay


def reverberate(audio: npt.ArrayLike, sample_rate: int, params: ReverbParams) -> Audio:
    """Return the reverberation of `audio` alone, without the dry sound.

    Parameters
    ----------
    audio : array_like, shape (samples, channels) or (samples,)
        Not modified. The room hears the mean of its channels.
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
    response = impulse_response(sample_rate, params)

    import scipy.fft

    samples, taps = len(array), len(response)
    size = min(_fft_size(taps), scipy.fft.next_fast_len(samples + taps - 1, real=True))
    step = size - taps + 1
    columns = np.ascontiguousarray(response.T, dtype=array.dtype)
    spectra = scipy.fft.rfft(columns, size)
    wet = np.zeros((samples + taps - 1, 2), dtype=array.dtype)
    for start in range(0, samples, step):
        block = _mono(array[start : start + step])
        if not block.any():
            continue
        spectrum = scipy.fft.rfft(block, size)
        stop = start + len(block) + taps - 1
        for ear in range(2):
            echo = scipy.fft.irfft(spectrum * spectra[ear], size, overwrite_x=True)
            wet[start:stop, ear] += echo[: stop - start]
    return wet


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
        so that white noise comes out as strong, left and right together, as it goes in.

    Raises
    ------
    ParameterError
        If `params` cannot be met at this sample rate.
    """
    sample_rate = require_sample_rate(sample_rate)
    slowest = float(_require_decay(_decay_db_per_s(params, _GRID_HZ, sample_rate)).min())

    from mixrules.processors._kernels import delay_network

    lengths = _line_lengths(params, sample_rate)
    gains = np.power(10.0, -3.0 * lengths / (sample_rate * params.t60_s), dtype=np.float64)
    shelves = np.array(
        [
            [_coefficient_row(band, sample_rate) for band in _line_shelves(params, length / sample_rate)]
            for length in lengths
        ]
    )
    block = min(int(lengths[0]), 512)
    response = np.empty((math.ceil(_tail_s(params, slowest) * sample_rate) + int(lengths[-1]), 2))
    delay_network(lengths, gains, shelves, _signs(params.lines), block, response)

    rise = round(params.fade_in_s * sample_rate)
    if rise:
        count = min(rise, len(response))
        response[:count] *= (0.5 - 0.5 * np.cos(np.pi * np.arange(count) / rise))[:, np.newaxis]
    filtered = equalize(response, sample_rate, EqualizerParams(bands=_cuts(params, sample_rate)))
    filtered /= math.sqrt(float(np.sum(filtered * filtered)))
    before = np.zeros((round(params.pre_delay_ms * sample_rate / 1000.0), 2))
    whole = np.concatenate([before, filtered]).astype(np.float32)
    whole.flags.writeable = False
    return whole


def _mono(audio: Audio) -> Audio:
    """Return the mean of the channels; summing columns is much faster than a mean along a short axis."""
    total = audio[:, 0].copy()
    for channel in range(1, audio.shape[1]):
        total += audio[:, channel]
    total /= audio.shape[1]
    return total


def _fft_size(taps: int) -> int:
    """Return a power of two, about eight responses long but no more than a megasample where two fit in it."""
    eightfold = 1 << (8 * taps - 1).bit_length()
    twofold = 1 << (2 * taps - 1).bit_length()
    return max(min(eightfold, _LARGE_FFT), twofold, _SMALL_FFT)


def _line_lengths(params: ReverbParams, sample_rate: int) -> npt.NDArray[np.int64]:
    """Return the delays in samples: ascending distinct primes from half to twice the room's crossing time.

    Where they add up to less than the density of modes asks for, all are lengthened in proportion,
    as far as the longest stays within 0.2 s.
    """
    crossing_s = params.room_size_m / SPEED_OF_SOUND_M_PER_S
    targets_s = crossing_s * 2.0 ** np.linspace(-1.0, 1.0, params.lines)
    stretch = min(_MODES_PER_HZ * params.t60_s / targets_s.sum(), _MAX_LINE_S / targets_s[-1])
    lengths: list[int] = []
    for target in targets_s * max(stretch, 1.0) * sample_rate:
        length = max(round(target), lengths[-1] + 1 if lengths else 2)
        while any(length % divisor == 0 for divisor in range(2, math.isqrt(length) + 1)):
            length += 1
        lengths.append(length)
    return np.array(lengths, dtype=np.int64)


def _signs(lines: int) -> Floats:
    """Return the signs with which the lines hear the input: a fixed sequence without a pattern.

    The fractional part of a square times the golden ratio decides. Any irregular sequence will do; of
    a dozen this one left the least chance deviation of the decay times of single octaves.
    """
    squares = np.arange(lines) ** 2 * ((math.sqrt(5.0) - 1.0) / 2.0)
    return np.where(squares % 1.0 < 0.5, 1.0, -1.0)


def _line_shelves(params: ReverbParams, delay_s: float) -> tuple[tuple[EqKind, float, float, float], ...]:
    """Return kind, corner, gain in dB and Q of the shelves of a line that is `delay_s` long."""
    return (
        ("low_shelf", params.low_shelf_hz, params.low_shelf_db_per_s * delay_s, params.low_shelf_q),
        ("high_shelf", params.high_shelf_hz, params.high_shelf_db_per_s * delay_s, params.high_shelf_q),
    )


def _coefficient_row(shelf: tuple[EqKind, float, float, float], sample_rate: int) -> Floats:
    """Return b0 b1 b2 a1 a2 of a shelf."""
    kind, corner_hz, gain_db, q = shelf
    if corner_hz >= sample_rate / 2:
        # All that can be heard is on one side of the corner.
        plateau = 10.0 ** (gain_db / 20.0) if kind == "low_shelf" else 1.0
        return np.array([plateau, 0.0, 0.0, 0.0, 0.0])
    b, a = biquad_coefficients(EqBand(kind=kind, frequency_hz=corner_hz, gain_db=gain_db, q=q), sample_rate)
    return np.concatenate([b, a[1:]])


def _decay_db_per_s(params: ReverbParams, frequencies_hz: Floats, sample_rate: int) -> Floats:
    """Return the decay: the attenuation of all lines together over the sum of their delays."""
    delays_s = _line_lengths(params, require_sample_rate(sample_rate)) / sample_rate
    shelves_db = sum(_shelves_db(params, frequencies_hz, sample_rate, float(delay)) for delay in delays_s)
    return np.asarray(60.0 / params.t60_s - shelves_db / delays_s.sum())


def _shelves_db(params: ReverbParams, frequencies_hz: Floats, sample_rate: int, delay_s: float) -> Floats:
    """Return the gain in dB of both shelves of a line that is `delay_s` long."""
    delay = np.exp(-2j * np.pi * frequencies_hz / sample_rate)
    shelves_db = np.zeros(delay.shape)
    for shelf in _line_shelves(params, delay_s):
        b0, b1, b2, a1, a2 = _coefficient_row(shelf, sample_rate)
        response = (b0 + delay * (b1 + delay * b2)) / (1.0 + delay * (a1 + delay * a2))
        shelves_db += 20.0 * np.log10(np.abs(response))
    return shelves_db


def _require_decay(decay_db_per_s: Floats) -> Floats:
    """Raise `ParameterError` where the decay is too slow, or return it."""
    slowest = float(np.min(decay_db_per_s))
    if slowest < 60.0 / MAX_T60_S:
        raise ParameterError(
            f"t60_s with low_shelf_db_per_s and high_shelf_db_per_s leaves a decay of {slowest:.3g} dB per "
            f"second: it must be above {60.0 / MAX_T60_S:g} at every frequency"
        )
    return decay_db_per_s


def _tail_s(params: ReverbParams, slowest_db_per_s: float) -> float:
    """Return how long the slowest band takes to end 90 dB below the peak of its faded envelope."""
    if params.fade_in_s == 0:
        return _LENGTH_DB / slowest_db_per_s
    time_s = np.linspace(0.0, params.fade_in_s, 1001)[1:]
    fade = 0.5 - 0.5 * np.cos(np.pi * time_s / params.fade_in_s)
    peak_db = float(np.max(20.0 * np.log10(fade) - slowest_db_per_s * time_s))
    return (_LENGTH_DB - peak_db) / slowest_db_per_s


def _cuts(params: ReverbParams, sample_rate: int) -> tuple[EqBand, ...]:
    """Return the cuts as bands; a high cut above what the sample rate holds is none."""
    bands = []
    if params.low_cut_hz > 0:
        bands.append(EqBand(kind="high_pass", frequency_hz=params.low_cut_hz, q=math.sqrt(0.5)))
    if 0 < params.high_cut_hz < sample_rate / 2:
        bands.append(EqBand(kind="low_pass", frequency_hz=params.high_cut_hz, q=math.sqrt(0.5)))
    return tuple(bands)
