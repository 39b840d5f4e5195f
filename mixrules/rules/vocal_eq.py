"""The published EQ rule: make the vocal's spectrum fit the backing's.

Bands essential to the backing alone are cut in the vocal where the vocal is the stronger there;
bands essential to the vocal alone are boosted where the backing is. RULES: preset ``survey-2022``;
the idea of essential bands is Hafezi & Reiss 2015 (JAES 63(5)).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from mixrules.analysis import (
    active_blocks,
    bands_by_name,
    block_band_powers,
    power_per_hz_db,
    weighting_db,
)
from mixrules.decision import Decision, Quantity
from mixrules.processors import EqBand, EqualizerParams
from mixrules.rules.words import listed, signed
from mixrules.session import Session

RULE = "eq"
_SOURCE = "survey-2022, after Hafezi & Reiss 2015 (essential bands)"
_OCTAVES = 9
# A gain that a sentence would print as 0.0 dB is none.
_INAUDIBLE_DB = 0.05


def vocal_against_backing(session: Session, settings: Mapping[str, Any]) -> list[Decision]:
    """Cut and boost the vocal's bands against the backing's.

    Settings: ``bands, band_filter, block_s, gate_dbfs, gate_below_loudness_lu, weighting,
    backing_essential_bands, vocal_essential_bands, max_gain_db, max_bands, q``.
    """
    if not session.vocals or not session.backing:
        return []
    rate = session.sample_rate
    bands = bands_by_name(settings["bands"]).below(rate / 2)
    vocal, backing = session.sliced(session.vocals), session.sliced(session.backing)
    active = active_blocks(
        vocal,
        rate,
        block_s=settings["block_s"],
        absolute_dbfs=settings["gate_dbfs"],
        relative_lu=settings["gate_below_loudness_lu"],
        gate="either",
    )
    if not active.any():
        return [_flat(session, "no block of the vocal passes the activity gate")]
    weighting = weighting_db(np.asarray(bands.centers_hz), settings["weighting"])
    heard = {"vocal": vocal, "backing": backing}

    def spectrum(which: str) -> Any:
        powers = block_band_powers(
            heard[which], rate, bands, block_s=settings["block_s"], method=settings["band_filter"]
        )
        kept = np.zeros(len(powers), bool)
        kept[: len(active)] = active[: len(powers)]
        return power_per_hz_db(powers[kept].mean(axis=0), bands) + weighting

    spectra = session.each(tuple(heard), spectrum)
    gains = _gains(spectra["vocal"], spectra["backing"], settings)
    difference = spectra["backing"] - spectra["vocal"]
    chosen = [int(i) for i in np.flatnonzero(gains)]
    if not chosen:
        return [_flat(session, "no band is essential to one alone and masked by the other")]
    names = [f"{signed(gains[i])} dB at {bands.centers_hz[i]:g} Hz" for i in chosen]
    equalizer = EqualizerParams(
        bands=tuple(
            EqBand(frequency_hz=bands.centers_hz[i], gain_db=round(float(gains[i]), 3), q=settings["q"])
            for i in chosen
        )
    )
    measured = tuple(
        Quantity.of(f"backing minus vocal at {bands.centers_hz[i]:g} Hz, less its mean", d, "dB")
        for i, d in enumerate(difference - difference.mean())
    )
    cuts = [i for i in chosen if gains[i] < 0]
    boosts = [i for i in chosen if gains[i] > 0]
    reasons = []
    if cuts:
        reasons.append("the cuts leave bands to the backing that only it needs")
    if boosts:
        reasons.append("the boosts bring out bands that only the vocal needs and the backing covers")
    return [
        Decision(
            rule=RULE,
            stem=name,
            source=_SOURCE,
            measured=measured,
            threshold=f"the {settings['max_bands']} largest, within {settings['max_gain_db']:g} dB",
            parameters={"equalizer": equalizer},
            sentence=f"{name}: {listed(names)}; {' and '.join(reasons)}.",
        )
        for name in session.vocals
    ]


def _gains(vocal_db: Any, backing_db: Any, settings: Mapping[str, Any]) -> Any:
    """Return the gain of every band in dB; zero where the rule does not act."""
    count = len(vocal_db)
    needs_vocal = _strongest(vocal_db, round(settings["vocal_essential_bands"] * count / _OCTAVES))
    needs_backing = _strongest(backing_db, round(settings["backing_essential_bands"] * count / _OCTAVES))
    difference = backing_db - vocal_db
    difference = difference - difference.mean()
    cut = needs_backing & ~needs_vocal & (difference < 0)
    boost = needs_vocal & ~needs_backing & (difference > 0)
    gains = np.where(cut | boost, difference, 0.0)
    gains = np.clip(gains, -settings["max_gain_db"], settings["max_gain_db"])
    gains[np.argsort(-np.abs(gains), kind="stable")[settings["max_bands"] :]] = 0.0
    gains[np.abs(gains) < _INAUDIBLE_DB] = 0.0
    return gains


def _strongest(levels_db: Any, count: int) -> Any:
    mask = np.zeros(len(levels_db), bool)
    mask[np.argsort(-levels_db, kind="stable")[:count]] = True
    return mask


def _flat(session: Session, why: str) -> Decision:
    return Decision(
        rule=RULE,
        stem=session.vocals[0],
        source=_SOURCE,
        sentence=f"{listed(session.vocals)} stays as it is: {why}.",
    )
