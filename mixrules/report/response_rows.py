"""What an impulse response measures, and the room that was fitted to it, as lines for a terminal."""

from __future__ import annotations

import math
from collections.abc import Sequence

from mixrules._support.wording import hertz, listed, signed
from mixrules.matching import ExtractedResponse, ResponseMeasures, ReverbFit
from mixrules.processors import ReverbParams

_LEAST_HZ = 50.0
_ELSEWHERE_DB, _MOSTLY = 3.0, 0.9


def extraction_rows(found: ExtractedResponse) -> list[str]:
    """Return how much of the wet recording a response explains, where it begins and where it is not known."""
    rows = [
        f"explained: {100.0 * found.explained_share:.4g} % of the wet recording's energy, what is left lies "
        f"{max(-found.residual_db, 0.0):.1f} dB below it"
    ]
    if found.residual_where_dry_db < found.residual_db - _ELSEWHERE_DB and found.explained_share < _MOSTLY:
        rows.append(
            f"where the dry recording has its energy: {100.0 * found.explained_share_where_dry:.4g} %, what is left lies "
            f"{-found.residual_where_dry_db:.1f} dB below it; elsewhere the wet one holds what is no reverb of it"
        )
    moved = [f"{1000.0 * offset:.1f} ms" for offset in found.offsets_s if offset]
    if moved:
        rows.append(f"offset: the wet recording is late by {listed(moved)}; taken out")
    unknown = unknown_ranges_hz(found)
    if unknown:
        ranges = listed([f"{hertz(low)} to {hertz(high)}" for low, high in unknown])
        rows.append(f"not known: {ranges}; the dry recording has too little there, or noise hides it")
    return rows


def unknown_ranges_hz(found: ExtractedResponse) -> list[tuple[float, float]]:
    """Return the ranges of frequency, above 50 Hz, in which a response is not known."""
    ranges: list[tuple[float, float]] = []
    half = 10.0**0.05
    for center, known in zip(found.frequencies_hz, found.known, strict=True):
        if known or center < _LEAST_HZ:
            continue
        low, high = center / half, center * half
        if ranges and ranges[-1][1] > 0.99 * low:
            ranges[-1] = (ranges[-1][0], high)
        else:
            ranges.append((low, high))
    return ranges


def response_rows(measured: ResponseMeasures, fit: ReverbFit) -> list[str]:
    """Return a row for each octave, the response beside the fitted room, and a line for the levels."""
    rows = [f"{'octave':>8}{'T60':>9}{'early':>9}{'fitted':>10}{'off by':>9}{'curve':>9}"]
    columns = (
        measured.frequencies_hz,
        measured.t60_s,
        measured.early_decay_s,
        fit.fitted.t60_s,
        fit.decay_rms_db,
    )
    for octave, t60, early, fitted, apart in zip(*columns, strict=True):
        off = "-" if math.isnan(fitted / t60) else f"{signed(100.0 * (fitted / t60 - 1.0), 0)} %"
        curve = "-" if math.isnan(apart) else f"{apart:.1f} dB"
        rows.append(
            f"{hertz(octave):>8}{_seconds(t60):>9}{_seconds(early):>9}{_seconds(fitted):>10}{off:>9}{curve:>9}"
        )
    direct = measured.direct_to_reverberant_db
    rows.append(
        "direct sound: none, as of a reverb's return"
        if math.isnan(direct)
        else f"direct sound: {signed(direct)} dB against the reverberation"
    )
    rows.append(f"reverberation: {signed(fit.level_db)} dB against the dry sound")
    return rows


def room_rows(fit: ReverbFit) -> list[str]:
    """Return the fitted room in words, and what the fit cost."""
    params = fit.params
    rows = [f"room: {room_in_words(params)}; return at {signed(fit.level_db)} dB"]
    spent = f"{fit.evaluations} evaluations, " if fit.evaluations else ""
    rows.append(
        f"fit: {fit.search}, {spent}{fit.seconds:.1f} s; "
        f"{fit.cost_db:.2f} dB apart in time and {fit.bands.capitalize()} bands"
    )
    off = [
        octave
        for octave, asked, made in zip(
            fit.measured.frequencies_hz, fit.measured.t60_s, fit.fitted.t60_s, strict=True
        )
        if abs(made / asked - 1.0) > 0.1
    ]
    if off:
        rows.append(
            f"note: T60 is off by more than 10 % at {listed([hertz(each) for each in off])}: "
            "two shelves bend the decay, and no further"
        )
    return rows


def room_in_words(params: ReverbParams) -> str:
    """Return a room's settings as a list of words."""
    words = [f"T60 {params.t60_s:.2f} s", f"{params.room_size_m:g} m"]
    for name, slope, corner in (
        ("lows", params.low_shelf_db_per_s, params.low_shelf_hz),
        ("highs", params.high_shelf_db_per_s, params.high_shelf_hz),
    ):
        if abs(slope) >= 0.05:
            words.append(f"{name} {signed(slope)} dB/s from {hertz(corner)}")
    if params.pre_delay_ms:
        words.append(f"pre-delay {params.pre_delay_ms:.0f} ms")
    if params.fade_in_s:
        words.append(f"fade-in {params.fade_in_s:.2f} s")
    words += _cuts(params)
    return ", ".join(words)


def _cuts(params: ReverbParams) -> Sequence[str]:
    cuts = (("low cut", params.low_cut_hz), ("high cut", params.high_cut_hz))
    return [f"{name} {hertz(corner)}" for name, corner in cuts if corner]


def _seconds(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.2f} s"
