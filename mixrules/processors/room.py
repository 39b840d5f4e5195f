"""The room of the reverb: its settings, its delay lines and how fast each frequency decays.

Every delay line of the network in ``reverb.py`` attenuates in proportion to its length (Jot and Chaigne,
"Digital delay networks for designing artificial reverberators", AES 90, 1991), so that all modes at
a frequency decay at one rate; two shelves in each line bend that rate at both ends of the spectrum.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules._support.arguments import is_number, shown_value
from mixrules._support.validation import require_between, require_sample_rate
from mixrules.errors import ParameterError
from mixrules.processors.equalizer import EqBand, EqKind, biquad_coefficients

Floats = npt.NDArray[np.float64]

SPEED_OF_SOUND_M_PER_S = 343.0
MAX_T60_S = 60.0
GRID_HZ = np.concatenate([[0.0], np.geomspace(20.0, 20_000.0, 121)])
_MAX_LINE_S = 0.2
_MODES_PER_HZ = 0.15  # Schroeder's density of modes: total delay at least 0.15 T60
_CHECK_SAMPLE_RATE = 192_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ReverbParams:
    """A room: its reverberation time, size and spectrum.

    Attributes
    ----------
    t60_s : float
        Reverberation time (60 dB of decay) between the shelves, 0.05 to 30.
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
        if not is_number(self.lines) or self.lines not in (4, 8, 16, 32, 64, 128):
            raise ParameterError(f"lines must be 4, 8, 16, 32, 64 or 128, got {shown_value(self.lines)}")
        if 0 < self.high_cut_hz <= self.low_cut_hz:
            raise ParameterError(
                f"high_cut_hz must be above low_cut_hz ({self.low_cut_hz:g}), got {self.high_cut_hz:g}"
            )
        # The delay lines depend on the sample rate; until it is known, one of typical length is checked.
        length = round(self.room_size_m / SPEED_OF_SOUND_M_PER_S * _CHECK_SAMPLE_RATE)
        shelves_db = _shelves_db(self, GRID_HZ, _CHECK_SAMPLE_RATE, length)
        _require_decay(60.0 / self.t60_s - shelves_db * _CHECK_SAMPLE_RATE / length)


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
    return 60.0 / decay_db_per_s(params, np.asarray(frequencies_hz, dtype=np.float64), sample_rate)


def line_lengths(params: ReverbParams, sample_rate: int) -> npt.NDArray[np.int64]:
    """Return the delays in samples: ascending distinct primes from half to twice the room's crossing time.

    Where their sum is too short for the density of modes, all are lengthened in proportion,
    up to 0.2 s for the longest.
    """
    crossing_s = params.room_size_m / SPEED_OF_SOUND_M_PER_S
    targets_s = crossing_s * 2.0 ** np.linspace(-1.0, 1.0, params.lines)
    factor = min(_MODES_PER_HZ * params.t60_s / targets_s.sum(), _MAX_LINE_S / targets_s[-1])
    lengths: list[int] = []
    for target in targets_s * max(factor, 1.0) * sample_rate:
        length = max(round(target), lengths[-1] + 1 if lengths else 2)
        while any(length % divisor == 0 for divisor in range(2, math.isqrt(length) + 1)):
            length += 1
        lengths.append(length)
    return np.array(lengths, dtype=np.int64)


def line_filters(params: ReverbParams, length: int, sample_rate: int) -> Floats:
    """Return b0 b1 b2 a1 a2 of the low and of the high shelf of a line of `length` samples, shape (2, 5)."""
    delay_s = length / sample_rate
    low_db, high_db = params.low_shelf_db_per_s * delay_s, params.high_shelf_db_per_s * delay_s
    low = _coefficient_row("low_shelf", params.low_shelf_hz, low_db, params.low_shelf_q, sample_rate)
    high = _coefficient_row("high_shelf", params.high_shelf_hz, high_db, params.high_shelf_q, sample_rate)
    return np.array([low, high])


def _coefficient_row(kind: EqKind, corner_hz: float, gain_db: float, q: float, sample_rate: int) -> Floats:
    """Return b0 b1 b2 a1 a2 of a shelf."""
    if corner_hz >= sample_rate / 2:
        # All frequencies are on one side of the corner.
        plateau = 10.0 ** (gain_db / 20.0) if kind == "low_shelf" else 1.0
        return np.array([plateau, 0.0, 0.0, 0.0, 0.0])
    b, a = biquad_coefficients(EqBand(kind=kind, frequency_hz=corner_hz, gain_db=gain_db, q=q), sample_rate)
    return np.concatenate([b, a[1:]])


def decay_db_per_s(params: ReverbParams, frequencies_hz: Floats, sample_rate: int) -> Floats:
    """Return the decay: the attenuation of all lines together over the sum of their delays.

    Raises `ParameterError` where it is too slow.
    """
    lengths = line_lengths(params, require_sample_rate(sample_rate))
    shelves_db = np.zeros(frequencies_hz.shape)
    for length in lengths:
        shelves_db += _shelves_db(params, frequencies_hz, sample_rate, int(length))
    return _require_decay(60.0 / params.t60_s - shelves_db * sample_rate / float(lengths.sum()))


def _shelves_db(params: ReverbParams, frequencies_hz: Floats, sample_rate: int, length: int) -> Floats:
    """Return the gain in dB of both shelves of a line of `length` samples."""
    delay = np.exp(-2j * np.pi * frequencies_hz / sample_rate)
    shelves_db = np.zeros(delay.shape)
    for b0, b1, b2, a1, a2 in line_filters(params, length, sample_rate):
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
