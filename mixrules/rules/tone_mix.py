"""The tone of the mix: where its spectrum falls far faster or slower than others' do, two shelves tilt it back in part.

Commercial music falls by 4.53 dB per octave between 89 Hz and 4.5 kHz (Elowsson & Friberg 2017, 12345 tracks). Every
song has its own contour, so that the tolerance is wide.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

import numpy as np

from mixrules._support.wording import prints_as_zero, signed
from mixrules.analysis import Spectrum
from mixrules.decision import Decision, Quantity, Statement
from mixrules.processors import EqBand, EqualizerParams, db_to_gain
from mixrules.rules.read_aims import Aim
from mixrules.rules.tone import RULE
from mixrules.session import Session
from mixrules.statement_kinds import SLOPE_BETWEEN_HZ

_SOURCE = "slope: Elowsson & Friberg 2017; tolerance, share and shelves: ours"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToneMixSettings:
    """The constants of ``tone:mix``; the presets say what each means."""

    mix_slope_db_per_octave: float
    mix_tolerance_db_per_octave: float
    mix_share: float
    mix_max_gain_db: float
    mix_min_gain_db: float
    mix_low_hz: float
    mix_high_hz: float
    mix_q: float
    slope_tolerance_db_per_octave: float
    sure_db_per_octave: float


def mix(session: Session, settings: ToneMixSettings) -> list[Decision]:
    """Tilt the sum by two shelves at the master where its slope lies outside the tolerance."""
    if not session.active or settings.mix_high_hz >= session.sample_rate / 2:
        return []
    spectrum = predicted_spectrum(session)
    away_db = spectrum.slope_db_per_octave(*SLOPE_BETWEEN_HZ) - settings.mix_slope_db_per_octave
    # Rendering the sum for its spectrum takes time: it is done where the prediction leaves a doubt.
    if not abs(away_db) < settings.mix_tolerance_db_per_octave - settings.sure_db_per_octave:
        spectrum = session.mix_spectrum()
    slope_db = spectrum.slope_db_per_octave(*SLOPE_BETWEEN_HZ)
    if not math.isfinite(slope_db):
        return []
    away_db = slope_db - settings.mix_slope_db_per_octave
    outside_db = math.copysign(max(abs(away_db) - settings.mix_tolerance_db_per_octave, 0.0), away_db)
    # What a decibel does to the slope depends little on the gain.
    by_one_db = _tilted(session, spectrum, 1.0, settings).slope_db_per_octave(*SLOPE_BETWEEN_HZ) - slope_db
    if by_one_db == 0.0:  # next to nothing sounds between the shelves
        return []
    wanted_db = -settings.mix_share * outside_db / by_one_db
    gain_db = round(float(np.clip(wanted_db, -settings.mix_max_gain_db, settings.mix_max_gain_db)), 2)
    others = session.read_from(f"{RULE}.mix_slope_db_per_octave") or "other mixes"
    measured = (Quantity.of("slope of the spectrum", slope_db, "dB/octave"),)
    threshold = f"{settings.mix_slope_db_per_octave:g} dB/octave, give or take {settings.mix_tolerance_db_per_octave:g}"
    if abs(gain_db) < settings.mix_min_gain_db or not gain_db:
        return [
            Decision(
                rule=RULE,
                source=_SOURCE,
                measured=measured,
                threshold=threshold,
                sentence=(
                    f"The mix keeps its tone: its spectrum {_course(slope_db)}, "
                    f"{_why_kept(outside_db, settings, others)}."
                ),
            )
        ]
    after_db = _tilted(session, spectrum, gain_db, settings).slope_db_per_octave(*SLOPE_BETWEEN_HZ)
    return [
        Decision(
            rule=RULE,
            source=_SOURCE,
            measured=measured,
            threshold=threshold,
            parameters={
                "master": dataclasses.replace(
                    session.plan.master, equalizer=_equalizer(session, gain_db, settings)
                )
            },
            sentence=(
                f"The mix gets {signed(-gain_db)} dB below {settings.mix_low_hz:g} Hz and {signed(gain_db)} dB above "
                f"{settings.mix_high_hz:g} Hz, because it is {'darker' if away_db < 0.0 else 'brighter'} than "
                f"{others}: its spectrum {_course(slope_db)}, theirs by {-settings.mix_slope_db_per_octave:.1f} dB."
            ),
            statements=(
                Statement(
                    kind="mix_slope_db_per_octave",
                    unit="dB/octave",
                    stated=round(after_db, 2),
                    tolerance=settings.slope_tolerance_db_per_octave,
                ),
            ),
        )
    ]


def aims(session: Session, settings: ToneMixSettings, decision: Decision) -> list[Aim]:
    """Return the slope that the mix was compared with."""
    return [Aim(f"{RULE}.mix_slope_db_per_octave", "slope of the mix")]


def predicted_spectrum(session: Session) -> Spectrum:
    """Return the spectrum of the sum of all stems after equalisers and faders, as if they had nothing in common."""
    given = session.spectra([stem.name for stem in session.active])
    parts = []
    for name, spectrum in given.items():
        strip = session.plan.stem(name)
        parts.append(
            spectrum.filtered(strip.equalizer, session.sample_rate).powers * db_to_gain(strip.gain_db) ** 2
        )
    bands = next(iter(given.values())).bands
    return Spectrum(bands, np.sum(parts, axis=0))


def _why_kept(outside_db: float, settings: ToneMixSettings, others: str) -> str:
    """Return why a mix is not tilted: it is near enough to others, or the rule would change next to nothing."""
    if not outside_db:
        return f"close to that of {others}"
    return (
        f"that of {others} by {-settings.mix_slope_db_per_octave:.1f} dB, and the rule would change it by less than "
        f"{settings.mix_min_gain_db:g} dB"
    )


def _course(slope_db: float) -> str:
    rises = slope_db > 0.0 and not prints_as_zero(slope_db)
    return f"{'rises' if rises else 'falls'} by {abs(slope_db):.1f} dB per octave"


def _equalizer(session: Session, gain_db: float, settings: ToneMixSettings) -> EqualizerParams:
    """Return what the master's equaliser has, and two shelves that tilt by so much each."""
    low = EqBand(kind="low_shelf", frequency_hz=settings.mix_low_hz, gain_db=-gain_db, q=settings.mix_q)
    high = EqBand(kind="high_shelf", frequency_hz=settings.mix_high_hz, gain_db=gain_db, q=settings.mix_q)
    return EqualizerParams(bands=(*session.plan.master.equalizer.bands, low, high))


def _tilted(session: Session, spectrum: Spectrum, gain_db: float, settings: ToneMixSettings) -> Spectrum:
    return spectrum.filtered(_equalizer(session, gain_db, settings), session.sample_rate)
