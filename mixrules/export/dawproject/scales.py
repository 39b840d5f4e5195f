"""The units in which a DAWproject holds settings, and the way back that finds the very number that was written.

The schema leaves units to whoever writes. Gains are linear, pans run from 0 to 1, frequencies are semitones with 69 at
440 Hz, ratios percent of the levels above the threshold that are taken away: as Bitwig Studio writes them. Other units
are read as well.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

_A4_HZ, _A4_SEMITONE = 440.0, 69.0
_DIGITS = 17  # of a float, at most
_SILENCE_DB = -144.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """A setting's unit in a project, and the way there and back.

    Attributes
    ----------
    unit : str
        Of the schema's units.
    low, high : float
        The range that is written beside a value.
    written : callable
        From the plan's value to the project's.
    units : mapping of str to callable
        From a project's value in each unit that is read to the plan's.
    """

    unit: str
    low: float
    high: float
    written: Callable[[float], float]
    units: Mapping[str, Callable[[float], float]]

    def read(self, value: float, unit: str) -> float | None:
        """Return the plan's value of a project's; None where the unit says nothing here.

        A value that was written from a number of few digits comes back as that number.
        """
        convert = self.units.get(unit)
        if convert is None:
            return None
        found = convert(value)
        if unit != self.unit or not math.isfinite(found):
            return found
        for digits in range(1, _DIGITS + 1):
            shorter = float(f"{found:.{digits}g}")
            if self.written(shorter) == value:
                return shorter
        return found


def _same(value: float) -> float:
    return value


def _gain(decibels: float) -> float:
    return float(10.0 ** (decibels / 20.0))


def _decibels(gain: float) -> float:
    return max(20.0 * math.log10(gain), _SILENCE_DB) if gain > 0.0 else _SILENCE_DB


def _semitones(hertz: float) -> float:
    return _A4_SEMITONE + 12.0 * math.log2(hertz / _A4_HZ)


def _hertz(semitones: float) -> float:
    return float(_A4_HZ * 2.0 ** ((semitones - _A4_SEMITONE) / 12.0))


def _ratio_of_share(percent: float) -> float:
    return 1.0 / max(1.0 - percent / 100.0, 0.001)


GAIN = Scale(unit="linear", low=0.0, high=2.0, written=_gain, units={"linear": _decibels, "decibel": _same})
DECIBELS = Scale(
    unit="decibel", low=-144.0, high=144.0, written=_same, units={"decibel": _same, "linear": _decibels}
)
PAN = Scale(
    unit="normalized",
    low=0.0,
    high=1.0,
    written=lambda pan: (pan + 1.0) / 2.0,
    units={
        "normalized": lambda value: 2.0 * value - 1.0,
        "linear": _same,
        "percent": lambda value: value / 100.0,
    },
)
FREQUENCY = Scale(
    unit="semitones",
    low=_semitones(10.0),
    high=_semitones(96_000.0),
    written=_semitones,
    units={"semitones": _hertz, "hertz": _same},
)
QUALITY = Scale(unit="linear", low=0.01, high=100.0, written=_same, units={"linear": _same})
RATIO = Scale(
    unit="percent",
    low=0.0,
    high=100.0,
    written=lambda ratio: 100.0 * (1.0 - 1.0 / ratio),
    units={"percent": _ratio_of_share, "linear": _same},
)
MILLISECONDS = Scale(
    unit="seconds",
    low=0.0,
    high=10.0,
    written=lambda milliseconds: milliseconds / 1000.0,
    units={"seconds": lambda seconds: 1000.0 * seconds},
)
