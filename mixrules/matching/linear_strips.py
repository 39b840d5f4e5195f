"""The linear, time-invariant part of a channel strip as numbers that can be solved for: gains, width, equaliser."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from mixrules.processors import EqBand, EqualizerParams, PanParams, WidthParams, frequency_response

Floats = npt.NDArray[np.float64]
Complexes = npt.NDArray[np.complex128]

CENTRE_GAIN = math.sqrt(0.5)
"""What a mono stem in the centre has on either side (pan law of -3 dB)."""
MOST_Q, LEAST_Q = 12.0, 0.25
MOST_GAIN_DB = 24.0
_LOWEST_OCTAVES = math.log2(20.0)
MOST_SIDE_GAIN = 10.0 ** (12.0 / 20.0)  # that of `WidthParams`


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearStrip:
    """One stem's linear strip.

    Attributes
    ----------
    channels : int
        1 or 2: how many signals the stem has.
    left, right : float
        Factors of the stem in the left and in the right of the mix; negative ones are upside down. Of a stereo stem:
        of its left in the left, of its right in the right.
    side_gain : float
        Factor of the side of a stereo stem; 1 leaves its width.
    bands : tuple of EqBand
        Its equaliser.
    """

    channels: int
    left: float
    right: float
    side_gain: float = 1.0
    bands: tuple[EqBand, ...] = ()

    def placement(self) -> Floats:
        """Return the factor of each of the stem's signals in either side of the mix, shape (2, channels)."""
        if self.channels == 1:
            return np.array([[self.left], [self.right]])
        same, other = 0.5 * (1.0 + self.side_gain), 0.5 * (1.0 - self.side_gain)
        return np.array([[self.left * same, self.right * other], [self.left * other, self.right * same]])

    def response(self, frequencies_hz: Floats, sample_rate: int) -> Complexes:
        """Return its response, shape (frequencies, 2, channels)."""
        tone = frequency_response(EqualizerParams(bands=self.bands), sample_rate, frequencies_hz)
        return tone[:, None, None] * self.placement()

    def vector(self) -> Floats:
        """Return what can be solved for: left, right, side gain, and of each band octaves, gain in dB and log2 of Q."""
        numbers = [self.left, self.right, self.side_gain]
        for band in self.bands:
            numbers += [math.log2(band.frequency_hz), band.gain_db, math.log2(band.q)]
        return np.array(numbers)

    def with_vector(self, vector: Floats, sample_rate: int) -> LinearStrip:
        """Return the strip with other numbers, each kept within what an equaliser takes."""
        highest = math.log2(0.49 * sample_rate)
        bands = []
        for band, (octaves, gain_db, log_q) in zip(self.bands, vector[3:].reshape(-1, 3), strict=True):
            passes = band.kind in ("high_pass", "low_pass")
            bands.append(
                EqBand(
                    kind=band.kind,
                    frequency_hz=float(2.0 ** min(max(octaves, _LOWEST_OCTAVES), highest)),
                    gain_db=0.0 if passes else float(np.clip(gain_db, -MOST_GAIN_DB, MOST_GAIN_DB)),
                    q=2.0 ** float(np.clip(log_q, math.log2(LEAST_Q), math.log2(MOST_Q))),
                )
            )
        return replace(
            self,
            left=float(vector[0]),
            right=float(vector[1]),
            side_gain=float(np.clip(vector[2], 0.0, MOST_SIDE_GAIN)),
            bands=tuple(bands),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """What of a plan's strip gives the factors of a linear one.

    Attributes
    ----------
    gain_db : float
        The fader; -inf where both factors are 0.
    pan : PanParams
        The place.
    width : WidthParams or None
        Of a stereo stem.
    invert_polarity, invert_right_polarity : bool
        Whether the stem is upside down, and its right side against its left.
    """

    gain_db: float
    pan: PanParams
    width: WidthParams | None = None
    invert_polarity: bool = False
    invert_right_polarity: bool = False


def placed(strip: LinearStrip) -> Placement:
    """Return fader, pan, width and polarities that give a strip's factors.

    The sides of a mono stem cannot differ in polarity; where they do, the softer one is silent.
    """
    left, right = strip.left, strip.right
    loudest = max(abs(left), abs(right))
    if loudest == 0.0:
        return Placement(gain_db=-math.inf, pan=PanParams())
    if strip.channels == 1:
        invert = (left if abs(left) >= abs(right) else right) < 0.0
        left, right = (-left, -right) if invert else (left, right)
        angle = math.atan2(max(right, 0.0), max(left, 0.0))
        position = 4.0 * angle / math.pi - 1.0
        level_db = 20.0 * math.log10(math.hypot(max(left, 0.0), max(right, 0.0)))
        return Placement(gain_db=level_db, pan=PanParams(pan=_within(position)), invert_polarity=invert)
    level_db = 20.0 * math.log10(loudest)
    invert, invert_right = left < 0.0, (left < 0.0) != (right < 0.0)
    softer = min(abs(left), abs(right)) / loudest
    # Of a stereo stem the far side falls by the law relative to its centre.
    away = 1.0 - 4.0 * math.asin(min(softer * CENTRE_GAIN, 1.0)) / math.pi
    position = -away if abs(left) > abs(right) else away
    width = WidthParams(side_gain_db=_side_db(strip.side_gain)) if strip.side_gain != 1.0 else None
    return Placement(
        gain_db=level_db,
        pan=PanParams(pan=_within(position)),
        width=width,
        invert_polarity=invert,
        invert_right_polarity=invert_right,
    )


def _within(position: float) -> float:
    return float(np.clip(position, -1.0, 1.0))


def _side_db(gain: float) -> float:
    return float(np.clip(20.0 * math.log10(gain), -144.0, 12.0)) if gain > 1e-7 else -144.0
