"""The published EQ rule: make the vocal's spectrum fit the backing's.

Bands essential to the backing alone are cut in the vocal where the vocal is the stronger there;
bands essential to the vocal alone are boosted where the backing is. RULES: preset ``survey-2022``, after
likelian/Lab_spring2022 (2022); the idea of essential bands is Hafezi & Reiss 2015 (JAES 63(5)).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules._support.wording import listed, signed
from mixrules.analysis import (
    BandMethod,
    Bands,
    Weighting,
    active_blocks,
    bands_by_name,
    block_band_powers,
    power_per_hz_db,
    weighting_db,
)
from mixrules.decision import Decision, Quantity
from mixrules.processors import EqBand, EqualizerParams
from mixrules.session import Session

RULE = "eq"
_SOURCE = "survey-2022, after likelian/Lab_spring2022 (2022); essential bands: Hafezi & Reiss 2015"

Levels = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class VocalEqSettings:
    """The constants of ``eq:vocal_against_backing``; the presets say what each means."""

    bands: str
    band_filter: BandMethod
    block_s: float
    gate_dbfs: float
    gate_below_loudness_lu: float
    weighting: Weighting
    backing_essential_bands: int
    vocal_essential_bands: int
    reference_bands: int
    max_gain_db: float
    min_gain_db: float
    max_bands: int
    q: float


def vocal_against_backing(session: Session, settings: VocalEqSettings) -> list[Decision]:
    """Cut and boost the vocal's bands against the backing's."""
    if not session.vocals or not session.backing:
        return []
    bands = bands_by_name(settings.bands).below(session.sample_rate / 2)
    spectra_db = _spectra_db(session, bands, settings)
    if not spectra_db:
        return [_unchanged(session, "the vocal is too quiet for its tone to be measured")]
    gains_db = _gains_db(spectra_db["vocal"], spectra_db["backing"], settings)
    chosen = [int(band) for band in np.flatnonzero(gains_db)]
    if not chosen:
        return [
            _unchanged(
                session, "vocal and backing leave each other the frequencies that only one of them needs"
            )
        ]
    equalizer = EqualizerParams(
        bands=tuple(
            EqBand(frequency_hz=bands.centers_hz[band], gain_db=round(float(gains_db[band]), 3), q=settings.q)
            for band in chosen
        )
    )
    difference_db = spectra_db["backing"] - spectra_db["vocal"]
    measured = tuple(
        Quantity.of(f"backing minus vocal at {center_hz:g} Hz, less its mean", level_db, "dB")
        for center_hz, level_db in zip(bands.centers_hz, difference_db - difference_db.mean(), strict=True)
    )
    changes = [f"{signed(gains_db[band])} dB at {bands.centers_hz[band]:g} Hz" for band in chosen]
    return [
        Decision(
            rule=RULE,
            stem=name,
            source=_SOURCE,
            measured=measured,
            threshold=f"the {settings.max_bands} largest, within {settings.max_gain_db:g} dB",
            parameters={"equalizer": equalizer},
            sentence=f"{name}: {listed(changes)}; {' and '.join(_reasons(gains_db))}.",
        )
        for name in session.vocals
    ]


def _spectra_db(session: Session, bands: Bands, settings: VocalEqSettings) -> Mapping[str, Levels]:
    """Return the weighted levels per hertz of vocal and backing while the vocal is active; empty if it never is."""
    rate = session.sample_rate
    sums = {"vocal": session.sum_in_slices(session.vocals), "backing": session.sum_in_slices(session.backing)}
    active = active_blocks(
        sums["vocal"],
        rate,
        block_s=settings.block_s,
        absolute_dbfs=settings.gate_dbfs,
        relative_lu=settings.gate_below_loudness_lu,
        gate="either",
    )
    if not active.any():
        return {}
    weights_db = weighting_db(np.asarray(bands.centers_hz), settings.weighting)

    def spectrum_db(which: str) -> Levels:
        powers = block_band_powers(
            sums[which], rate, bands, block_s=settings.block_s, method=settings.band_filter
        )
        singing = np.zeros(len(powers), bool)
        singing[: len(active)] = active[: len(powers)]
        return power_per_hz_db(powers[singing].mean(axis=0), bands) + weights_db

    return session.each(tuple(sums), spectrum_db)


def _gains_db(vocal_db: Levels, backing_db: Levels, settings: VocalEqSettings) -> Levels:
    """Return the gain of every band in dB; zero where the rule does not act."""
    count, of = len(vocal_db), settings.reference_bands
    needs_vocal = _strongest(vocal_db, round(settings.vocal_essential_bands * count / of))
    needs_backing = _strongest(backing_db, round(settings.backing_essential_bands * count / of))
    difference_db = backing_db - vocal_db
    difference_db = difference_db - difference_db.mean()
    cut = needs_backing & ~needs_vocal & (difference_db < 0)
    boost = needs_vocal & ~needs_backing & (difference_db > 0)
    gains_db = np.where(cut | boost, difference_db, 0.0)
    gains_db = np.clip(gains_db, -settings.max_gain_db, settings.max_gain_db)
    gains_db[np.argsort(-np.abs(gains_db), kind="stable")[settings.max_bands :]] = 0.0
    gains_db[np.abs(gains_db) < settings.min_gain_db] = 0.0
    return gains_db


def _strongest(levels_db: Levels, count: int) -> npt.NDArray[np.bool_]:
    """Return which bands are the strongest `count`."""
    strongest = np.zeros(len(levels_db), bool)
    strongest[np.argsort(-levels_db, kind="stable")[:count]] = True
    return strongest


def _reasons(gains_db: Levels) -> list[str]:
    reasons = []
    if (gains_db < 0).any():
        reasons.append("the cuts leave room for what only the backing needs")
    if (gains_db > 0).any():
        reasons.append("the boosts bring out what only the vocal needs and the backing hides")
    return reasons


def _unchanged(session: Session, why: str) -> Decision:
    return Decision(
        rule=RULE,
        stem=session.vocals[0],
        source=_SOURCE,
        sentence=f"{listed(session.vocals)}: no EQ, as {why}.",
    )
