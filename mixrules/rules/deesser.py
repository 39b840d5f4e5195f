"""The de-esser: sibilants that stand out from a voice's own vowels, and resonances that ring whatever is played.

A sibilant is a matter of moments: a band around it is turned down only while it is loud, by a threshold that follows
from the stem itself. A resonance lasts: it gets a narrow cut.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mixrules._support.wording import listed
from mixrules.analysis import (
    Bands,
    Peak,
    PowerTable,
    Sibilance,
    erb_bands,
    lasting_peaks,
    octave_bands,
    sibilance,
)
from mixrules.decision import Decision, Quantity, Statement
from mixrules.processors import DynamicEqBand, EqBand, EqualizerParams
from mixrules.rules.support import treated_as
from mixrules.session import Session

RULE = "deess"
_SOURCE = "ours; band-pass: R. Bristow-Johnson's cookbook; compressor: Giannoulis, Massberg & Reiss 2012"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeesserSettings:
    """The constants of ``deess:by_stem``; the presets say what each means."""

    vocal_roles: tuple[str, ...]
    block_s: float
    max_sibilance_db: float
    share: float
    max_sibilance_cut_db: float
    min_cut_db: float
    sibilance_q: float
    ratio: float
    knee_db: float
    crest_db: float
    attack_ms: float
    release_ms: float
    without_resonance_roles: tuple[str, ...]
    max_resonance_db: float
    max_resonance_cut_db: float
    max_resonances: int
    resonance_q: float
    tolerance_db: float


def by_stem(session: Session, settings: DeesserSettings) -> list[Decision]:
    """Tame what stands out in each stem, sibilants of voices and resonances of whatever has any."""
    names = [stem.name for stem in session.active]
    if not names:
        return []
    nyquist_hz = session.sample_rate / 2
    fine = erb_bands().below(nyquist_hz)
    powers = session.band_powers(names, octave_bands().below(nyquist_hz), fine, block_s=settings.block_s)
    found = session.each(names, lambda name: _decided(session, name, powers[name][1], fine, settings))
    return [decision for decision in found.values() if decision is not None]


def _decided(
    session: Session, name: str, powers: PowerTable, bands: Bands, settings: DeesserSettings
) -> Decision | None:
    role, table = treated_as(session, name), np.asarray(powers[:], np.float64)
    if role in settings.vocal_roles:
        measured = sibilance(table, bands)
        if not math.isfinite(measured.ratio_db):
            return None
        return _sibilants(session, name, measured, settings)
    if role in settings.without_resonance_roles:
        return None
    peaks = [peak for peak in lasting_peaks(table, bands) if peak.over_db > settings.max_resonance_db]
    return _resonances(session, name, peaks[: settings.max_resonances], settings) if peaks else None


def _sibilants(session: Session, name: str, found: Sibilance, settings: DeesserSettings) -> Decision:
    over_db = found.ratio_db - settings.max_sibilance_db
    cut_db = min(settings.share * over_db, settings.max_sibilance_cut_db)
    measured = (Quantity.of("sibilants against vowels", found.ratio_db, "dB"),)
    threshold = f"sibilants at most {settings.max_sibilance_db:g} dB against the vowels"

    def left_as_it_is(why: str) -> Decision:
        return Decision(
            rule=RULE,
            stem=name,
            source=_SOURCE,
            measured=measured,
            threshold=threshold,
            sentence=f"{name}: no de-esser, as {why}.",
        )

    where = f"{abs(found.ratio_db):.1f} dB {'below' if found.ratio_db < 0 else 'above'} its vowels"
    if cut_db < settings.min_cut_db:
        return left_as_it_is(f"its sharpest sounds (mostly s and t) lie {where}")
    band = DynamicEqBand(
        frequency_hz=round(found.center_hz),
        q=settings.sibilance_q,
        threshold_db=round(_threshold_db(session, name, found, cut_db, settings), 1),
        ratio=settings.ratio,
        knee_db=settings.knee_db,
        attack_ms=settings.attack_ms,
        release_ms=settings.release_ms,
    )
    after_db = session.sibilance_with(name, dynamic_equalizer=[band]).ratio_db
    if not found.ratio_db - after_db >= settings.min_cut_db:
        return left_as_it_is(
            f"one would turn its sharpest sounds down by less than {settings.min_cut_db:g} dB"
        )
    return Decision(
        rule=RULE,
        stem=name,
        source=_SOURCE,
        measured=(*measured, Quantity.of("after the de-esser", after_db, "dB")),
        threshold=threshold,
        parameters={"dynamic_equalizer": (band,)},
        sentence=(
            f"{name}: de-esser around {band.frequency_hz:g} Hz, because its sharpest sounds (mostly s and t) lay "
            f"{where}. They come down by {found.ratio_db - after_db:.1f} dB, only while they sound."
        ),
        statements=(
            Statement(
                kind="stem_sibilance_db",
                stems=(name,),
                unit="dB",
                stated=round(after_db, 2),
                tolerance=settings.tolerance_db,
            ),
        ),
    )


def _threshold_db(
    session: Session, name: str, found: Sibilance, cut_db: float, settings: DeesserSettings
) -> float:
    """Return the peak level in the band from which the sharpest sibilants are turned down by so much."""
    before_fader_db = found.level_db - session.plan.stem(name).gain_db
    over_threshold_db = cut_db * settings.ratio / (settings.ratio - 1.0)
    return before_fader_db + settings.crest_db - over_threshold_db


def _resonances(session: Session, name: str, peaks: list[Peak], settings: DeesserSettings) -> Decision | None:
    cuts = [
        (peak, round(min(settings.share * peak.over_db, settings.max_resonance_cut_db), 2)) for peak in peaks
    ]
    cuts = [(peak, cut_db) for peak, cut_db in cuts if cut_db >= settings.min_cut_db]
    if not cuts:
        return None
    bands = tuple(
        EqBand(frequency_hz=round(peak.frequency_hz), gain_db=-cut_db, q=settings.resonance_q)
        for peak, cut_db in cuts
    )
    equalizer = EqualizerParams(bands=(*session.plan.stem(name).equalizer.bands, *bands))
    strongest, _ = cuts[0]
    after = session.lasting_peaks_with(name, equalizer=equalizer)
    after_db = after[0].over_db if after else 0.0
    where = listed([f"-{cut:.1f} dB at {peak.frequency_hz:.0f} Hz" for peak, cut in cuts])
    return Decision(
        rule=RULE,
        stem=name,
        source=_SOURCE,
        measured=tuple(
            Quantity.of(f"{peak.frequency_hz:.0f} Hz over its surroundings", peak.over_db, "dB")
            for peak, _ in cuts
        ),
        threshold=f"a lasting peak at most {settings.max_resonance_db:g} dB over its surroundings",
        parameters={"equalizer": equalizer},
        sentence=(
            f"{name}: {where}, because it rings at {strongest.frequency_hz:.0f} Hz whatever it plays, "
            f"{strongest.over_db:.1f} dB above the sound around that."
        ),
        statements=(
            Statement(
                kind="stem_resonance_db",
                stems=(name,),
                unit="dB",
                stated=round(after_db, 2),
                tolerance=settings.tolerance_db,
            ),
        ),
    )
