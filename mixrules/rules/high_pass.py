"""The high-pass of the tone rule: where a stem's sound begins, and whether anything lies below that is not its sound."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mixrules.analysis import Spectrum
from mixrules.processors import EqBand, db_to_gain


@dataclass(frozen=True, slots=True, kw_only=True)
class HighPassSettings:
    """The constants of the high-pass of ``tone:by_class``; the presets say what each means."""

    voice_roles: tuple[str, ...]
    middle_roles: tuple[str, ...]
    voice_from_hz: float
    middle_from_hz: float
    low_from_hz: float
    sound_within_db: float
    rumble_db: float
    least_offset: float
    corner_share: float
    least_corner_hz: float
    max_corner_hz: float
    low_roles: tuple[str, ...]
    low_max_corner_hz: float
    high_pass_q: float


@dataclass(frozen=True, slots=True)
class HighPass:
    """A high-pass, and why.

    Attributes
    ----------
    band : EqBand
        The filter.
    begins_hz : float
        Where the stem's sound begins.
    below_db : float
        Level of what lies below the corner against the whole stem.
    offset : float
        The constant offset that it removes as well; 0 where that is none to speak of.
    """

    band: EqBand
    begins_hz: float
    below_db: float
    offset: float


def high_pass(spectrum: Spectrum, role: str, offset: float, settings: HighPassSettings) -> HighPass | None:
    """Return the high-pass that a stem needs; None where nothing that matters lies below its sound.

    Parameters
    ----------
    spectrum : Spectrum
        The stem's.
    role : str
        Its role: no voice or instrument sounds below what the settings say for it.
    offset : float
        Its constant offset, of full scale.
    settings : HighPassSettings
        The constants.
    """
    begins_hz = _begins_hz(spectrum, role, settings)
    max_corner_hz = settings.max_corner_hz
    if role in settings.low_roles:
        max_corner_hz = min(max_corner_hz, settings.low_max_corner_hz)
    corner_hz = float(round(min(settings.corner_share * begins_hz, max_corner_hz)))
    below_db = spectrum.share_db(0.0, corner_hz)
    has_offset = offset >= settings.least_offset
    if corner_hz < settings.least_corner_hz or not (below_db >= settings.rumble_db or has_offset):
        return None
    band = EqBand(kind="high_pass", frequency_hz=corner_hz, q=settings.high_pass_q)
    return HighPass(band, begins_hz, below_db, offset if has_offset else 0.0)


def _begins_hz(spectrum: Spectrum, role: str, settings: HighPassSettings) -> float:
    """Return the lower edge of the lowest band that carries a stem's sound."""
    from_hz = settings.low_from_hz
    if role in settings.voice_roles:
        from_hz = settings.voice_from_hz
    elif role in settings.middle_roles:
        from_hz = settings.middle_from_hz
    possible = np.asarray(spectrum.bands.low_hz) >= from_hz
    powers = np.where(possible, spectrum.powers, 0.0)
    carries = powers >= powers.max() * db_to_gain(-settings.sound_within_db) ** 2
    return float(np.asarray(spectrum.bands.low_hz)[possible & carries][0])
