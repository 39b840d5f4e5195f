"""Sets of frequency bands: octave, third-octave, Bark, ERB and logarithmic.

A band set is plain data: nominal centres and exact edges in Hz. How much power a signal has in each
band is measured in `band_powers`; which band set a rule uses is the rule's own setting.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules.analysis._blocks import require_positive
from mixrules.errors import ParameterError

_OCTAVES_HZ = (63.0, 125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0, 16000.0)
# Critical-band edges and centres of Zwicker (1961); the first edge is 0 Hz there, 20 Hz here, so that
# every band has a lower edge that a filter can have.
_BARK_EDGES_HZ = (
    *(20.0, 100.0, 200.0, 300.0, 400.0, 510.0, 630.0, 770.0, 920.0, 1080.0, 1270.0, 1480.0, 1720.0),
    *(2000.0, 2320.0, 2700.0, 3150.0, 3700.0, 4400.0, 5300.0, 6400.0, 7700.0, 9500.0, 12000.0, 15500.0),
)
_BARK_CENTERS_HZ = (
    *(50.0, 150.0, 250.0, 350.0, 450.0, 570.0, 700.0, 840.0, 1000.0, 1170.0, 1370.0, 1600.0),
    *(1850.0, 2150.0, 2500.0, 2900.0, 3400.0, 4000.0, 4800.0, 5800.0, 7000.0, 8500.0, 10500.0, 13500.0),
)
_MOST_BANDS = 100


@dataclass(frozen=True, slots=True)
class Bands:
    """Frequency bands, from low to high.

    Parameters
    ----------
    centers_hz, low_hz, high_hz : tuple of float
        Centre and edges of each band in Hz, of one length; centres rise, and each lies between its edges.

    Raises
    ------
    ParameterError
        If the three differ in length, hold no band, or are out of order.
    """

    centers_hz: tuple[float, ...]
    low_hz: tuple[float, ...]
    high_hz: tuple[float, ...]

    def __post_init__(self) -> None:
        count = len(self.centers_hz)
        if count == 0 or len(self.low_hz) != count or len(self.high_hz) != count:
            raise ParameterError(
                "bands need as many low_hz and high_hz as centers_hz, at least one of each, "
                f"got {len(self.low_hz)}, {len(self.high_hz)} and {count}"
            )
        for low, center, high in zip(self.low_hz, self.centers_hz, self.high_hz, strict=True):
            if not 0.0 <= low <= center <= high < float("inf") or low == high:
                raise ParameterError(
                    f"a band must have 0 ≤ low_hz ≤ center_hz ≤ high_hz and low_hz < high_hz, "
                    f"got {low:g}, {center:g}, {high:g}"
                )
        if any(b <= a for a, b in zip(self.centers_hz, self.centers_hz[1:], strict=False)):
            raise ParameterError(f"centers_hz must rise, got {self.centers_hz}")

    def __len__(self) -> int:
        return len(self.centers_hz)

    @property
    def bandwidths_hz(self) -> npt.NDArray[np.float64]:
        """Width of each band in Hz, shape (bands,)."""
        return np.subtract(self.high_hz, self.low_hz, dtype=np.float64)

    def below(self, nyquist_hz: float) -> Bands:
        """Return the bands whose centre lies below `nyquist_hz`, the last upper edge limited to it.

        Raises
        ------
        ParameterError
            If no band is left.
        """
        inside = [i for i, center in enumerate(self.centers_hz) if center < nyquist_hz]
        if not inside:
            raise ParameterError(
                f"no band lies below {nyquist_hz:g} Hz: the lowest centre is {self.centers_hz[0]:g} Hz"
            )
        return Bands(
            tuple(self.centers_hz[i] for i in inside),
            tuple(self.low_hz[i] for i in inside),
            tuple(min(self.high_hz[i], float(nyquist_hz)) for i in inside),
        )


def octave_bands() -> Bands:
    """Return the 9 octave bands at 63 … 16000 Hz, edges at centre/√2 and centre·√2."""
    root = 2.0**0.5
    return Bands(_OCTAVES_HZ, tuple(c / root for c in _OCTAVES_HZ), tuple(c * root for c in _OCTAVES_HZ))


def third_octave_bands() -> Bands:
    """Return the 31 third-octave bands from 20 Hz to 20 kHz, exact base-ten frequencies (IEC 61260-1)."""
    centers = 1000.0 * 10.0 ** (np.arange(-17, 14) / 10.0)
    return _bands(centers, centers * 10.0**-0.05, centers * 10.0**0.05)


def bark_bands() -> Bands:
    """Return the 24 critical bands of Zwicker (1961), from 20 Hz to 15.5 kHz."""
    return Bands(_BARK_CENTERS_HZ, _BARK_EDGES_HZ[:-1], _BARK_EDGES_HZ[1:])


def log_bands(count: int, low_hz: float = 20.0, high_hz: float = 20000.0) -> Bands:
    """Return `count` bands of equal width on a logarithmic axis, centres at the geometric mean."""
    edges = np.geomspace(*_range(count, low_hz, high_hz), count + 1)
    return _bands(np.sqrt(edges[:-1] * edges[1:]), edges[:-1], edges[1:])


def erb_bands(count: int = 41, low_hz: float = 20.0, high_hz: float = 20000.0) -> Bands:
    """Return `count` bands of equal width on the ERB-number scale.

    With the defaults each band is one ERB (equivalent rectangular bandwidth) wide.

    References
    ----------
    .. [1] B. R. Glasberg, B. C. J. Moore, "Derivation of auditory filter shapes from notched-noise
       data", Hearing Research 47, 1990: ERB-number = 21.4 log10(4.37 f / 1000 + 1).
    """
    low, high = _range(count, low_hz, high_hz)
    numbers = np.linspace(erb_number(low), erb_number(high), 2 * count + 1)
    hz = (10.0 ** (numbers / 21.4) - 1.0) / 4.37e-3
    return _bands(hz[1::2], hz[:-1:2], hz[2::2])


def bands_by_name(name: str) -> Bands:
    """Return the band set called "octave", "third_octave", "bark", "erb" or "log-N" (N bands).

    Raises
    ------
    ParameterError
        If there is no such set.
    """
    if name == "octave":
        return octave_bands()
    if name == "third_octave":
        return third_octave_bands()
    if name == "bark":
        return bark_bands()
    if name == "erb":
        return erb_bands()
    if name.startswith("log-") and name[4:].isdecimal():
        return log_bands(int(name[4:]))
    raise ParameterError(
        f"bands must be octave, third_octave, bark, erb or log-N (N from 1 to {_MOST_BANDS}), got {name!r}"
    )


def erb_number(frequencies_hz: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return the ERB-number of each frequency (Glasberg & Moore 1990)."""
    return 21.4 * np.log10(4.37e-3 * np.asarray(frequencies_hz, dtype=np.float64) + 1.0)


def bark_number(frequencies_hz: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return the critical-band rate of each frequency in Bark.

    References
    ----------
    .. [1] E. Zwicker, E. Terhardt, JASA 68, 1980: z = 13 atan(0.00076 f) + 3.5 atan((f / 7500)²).
    """
    hz = np.asarray(frequencies_hz, dtype=np.float64)
    return 13.0 * np.arctan(0.00076 * hz) + 3.5 * np.arctan((hz / 7500.0) ** 2)


def _range(count: int, low_hz: float, high_hz: float) -> tuple[float, float]:
    if isinstance(count, bool) or not isinstance(count, int | np.integer) or not 1 <= count <= _MOST_BANDS:
        raise ParameterError(f"count must be a whole number from 1 to {_MOST_BANDS}, got {count!r}")
    require_positive(low_hz=low_hz, high_hz=high_hz)
    if low_hz >= high_hz:
        raise ParameterError(f"low_hz must be below high_hz, got {low_hz:g} and {high_hz:g}")
    return low_hz, high_hz


def _bands(
    centers: npt.NDArray[np.floating[Any]],
    low: npt.NDArray[np.floating[Any]],
    high: npt.NDArray[np.floating[Any]],
) -> Bands:
    return Bands(tuple(centers.tolist()), tuple(low.tolist()), tuple(high.tolist()))
