"""How far two plans of one song are apart, by what they do and not by their parameters.

Many settings do the same: gain before or after a compressor, two bells or one shelf. So responses, curves and levels are
compared, each where the stem has sound:

- level: power of the stem's dry strip, rendered alone, with the master's gain; dB.
- pan: the position on the pan pot, -1 to 1, at which a mono stem has the powers that the dry strip has on its sides.
- EQ: gain and equaliser at third-octaves within 30 dB of the stem's strongest; where one of the plans compresses the
  stem, less its mean, since the level is compared by itself; RMS over these bands, dB.
- curve: gain of the compressor at the stem's own peak levels, from their median to their 99th percentile, less its mean;
  the largest difference of 20 groups of levels, dB.
- send: level of the stem's return, dB. Wet: power of all returns together, rendered; dB.
- T60: at 500, 1000 and 2000 Hz, of the bus with the highest send; the mean, per cent.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules import MixPlan, Stems, render
from mixrules.mixplan import MasterPlan, StemPlan
from mixrules.processors import equalize, frequency_response, static_curve_db
from mixrules.processors.room import t60_at
from mixrules.stems import Stem

Floats = npt.NDArray[np.float64]

BOUNDS = {
    "level_db": 0.1,
    "pan": 0.02,
    "eq_db": 0.5,
    "curve_db": 1.0,
    "send_db": 1.0,
    "wet_db": 1.0,
    "t60_percent": 10.0,
}
"""Within what a plan counts as recovered."""

_QUIET_DB = -30.0  # below a stem's strongest third-octave
_BLOCK_S = 0.01
_GROUPS = 20
_T60_HZ = (500.0, 1000.0, 2000.0)


def third_octaves(sample_rate: int) -> Floats:
    """Return the centres from 31.5 Hz to 16 kHz, as far as the rate has them."""
    centres = 1000.0 * 2.0 ** (np.arange(-15, 13) / 3.0)
    return centres[centres < 0.45 * sample_rate]


def band_levels_db(audio: npt.NDArray[np.float32], sample_rate: int) -> Floats:
    """Return a stem's power in each third-octave in dB, over all of it."""
    spectrum = np.fft.rfft(audio.mean(axis=1))
    hz = np.fft.rfftfreq(len(audio), 1.0 / sample_rate)
    power = np.concatenate([[0.0], np.cumsum(np.abs(spectrum) ** 2)])
    centres = third_octaves(sample_rate)
    low, high = (np.searchsorted(hz, centres * 2.0 ** (side / 6.0)) for side in (-1.0, 1.0))
    return np.asarray(10.0 * np.log10(power[high] - power[low] + 1e-30))


def side_powers(stem: Stem, plan: MixPlan, sample_rate: int) -> Floats:
    """Return the mean power of a stem's dry strip on the left and on the right, rendered alone."""
    strip = dataclasses.replace(plan.stem(stem.name), sends=())
    audio = render(Stems((stem,), sample_rate), MixPlan(stems=(strip,)))
    return np.asarray(np.mean(np.square(audio, dtype=np.float64), axis=0))


def _level_db(powers: Floats, plan: MixPlan) -> float:
    """Return the level of a stem's dry strip with the master's gain, RMS of both sides in dB."""
    power = float(np.mean(powers))
    return 10.0 * math.log10(power) + plan.master.gain_db if power > 0.0 else -math.inf


def position(left: float, right: float) -> float:
    """Return the pan, -1 to 1, at which the constant-power law has two gains in this ratio."""
    return 4.0 / math.pi * math.atan2(abs(right), abs(left)) - 1.0


def strip_response_db(strip: StemPlan, master: MasterPlan, sample_rate: int) -> Floats:
    """Return gain and equalisers of a strip and the master at each third-octave, in dB."""
    centres = third_octaves(sample_rate)
    total = np.full(len(centres), strip.input_gain_db + strip.gain_db + master.gain_db)
    if strip.compressor is not None:
        total += strip.compressor.makeup_db
    for equalizer in (strip.equalizer, master.equalizer):
        response = np.abs(frequency_response(equalizer, sample_rate, centres))
        total += 20.0 * np.log10(np.maximum(response, 1e-6))
    return np.asarray(total)


def eq_difference_db(stem: Stem, one: MixPlan, other: MixPlan, sample_rate: int) -> float:
    """Return the RMS difference of two plans' responses where the stem has energy, in dB."""
    levels = band_levels_db(stem.audio, sample_rate)
    active = levels > levels.max() + _QUIET_DB
    strips = [plan.stem(stem.name) for plan in (one, other)]
    first, second = (
        strip_response_db(strip, plan.master, sample_rate)
        for strip, plan in zip(strips, (one, other), strict=True)
    )
    difference = (second - first)[active]
    if any(strip.compressor is not None for strip in strips):
        difference -= difference.mean()
    return float(np.sqrt(np.mean(difference**2)))


def curve_difference_db(stem: Stem, one: StemPlan, other: StemPlan, sample_rate: int) -> float | None:
    """Return the largest difference of two strips' static gains where the stem's level lives, less its mean.

    None where neither compresses.
    """
    if one.compressor is None and other.compressor is None:
        return None
    peaks, gains = [], []
    for strip in (one, other):
        audio = equalize(stem.audio, sample_rate, strip.equalizer) * 10.0 ** (strip.input_gain_db / 20.0)
        block = max(1, round(_BLOCK_S * sample_rate))
        whole = len(audio) // block * block or len(audio)
        envelope = np.abs(audio[:whole]).max(axis=1).reshape(-1, min(block, whole)).max(axis=1)
        levels = 20.0 * np.log10(np.maximum(envelope, 1e-7))
        peaks.append(levels)
        curve = levels if strip.compressor is None else static_curve_db(levels, strip.compressor)
        gains.append(curve - levels)
    low, high = np.percentile(peaks[0][peaks[0] > -100.0], (50.0, 99.0))
    lives = np.flatnonzero((peaks[0] >= low) & (peaks[0] <= high))
    order = lives[np.argsort(peaks[0][lives])]
    difference = gains[1] - gains[0]
    groups = [difference[group].mean() for group in np.array_split(order, _GROUPS) if len(group)]
    return float(np.max(np.abs(groups - np.mean(groups))))


def t60_difference_percent(one: MixPlan, other: MixPlan, sample_rate: int) -> float | None:
    """Return how far the main reverb's T60 of the other plan is off, in per cent; None where `one` has none.

    Infinite where the other plan has no reverb.
    """
    times: list[Floats | None] = []
    for plan in (one, other):
        sends = [send for strip in plan.stems for send in strip.sends]
        if not sends:
            times.append(None)
            continue
        main = max(sends, key=lambda send: send.level_db).to
        (params,) = (bus.params for bus in plan.reverbs if bus.name == main)
        times.append(t60_at(params, _T60_HZ, sample_rate))
    if times[0] is None:
        return None
    return math.inf if times[1] is None else float(100.0 * np.mean(np.abs(times[1] / times[0] - 1.0)))


def wet_level_db(stems: Stems, plan: MixPlan) -> float:
    """Return the level of all reverb returns of a plan together, with the master's gain, in dB."""
    if not any(strip.sends for strip in plan.stems):
        return -math.inf
    unmastered = plan.replace(master=MasterPlan())
    dry = unmastered.replace(
        stems=tuple(dataclasses.replace(strip, sends=()) for strip in plan.stems), reverbs=()
    )
    with_reverb, without = render(stems, unmastered), render(stems, dry)
    with_reverb[: len(without)] -= without
    power = float(np.mean(np.square(with_reverb, dtype=np.float64)))
    return 10.0 * math.log10(power) + plan.master.gain_db if power > 0.0 else -math.inf


def differences(stems: Stems, truth: MixPlan, found: MixPlan) -> list[dict[str, Any]]:
    """Return a row for each stem that sounds, and one for the song, of how far a plan is from the true one."""
    rate = stems.sample_rate
    rows: list[dict[str, Any]] = []
    for stem in stems:
        if stem.silent:
            continue
        one, other = truth.stem(stem.name), found.stem(stem.name)
        powers = [side_powers(stem, plan, rate) for plan in (truth, found)]
        levels = [_level_db(each, plan) for each, plan in zip(powers, (truth, found), strict=True)]
        places = [position(*np.sqrt(each)) for each in powers]
        row: dict[str, Any] = {
            "stem": stem.name,
            "level_db": abs(levels[1] - levels[0]),
            "pan": abs(places[1] - places[0]),
            "eq_db": eq_difference_db(stem, truth, found, rate),
            "curve_db": curve_difference_db(stem, one, other, rate),
        }
        if one.sends:
            returns = [
                level + max((send.level_db for send in strip.sends), default=-math.inf)
                for level, strip in zip(levels, (one, other), strict=True)
            ]
            row["send_db"] = abs(returns[1] - returns[0])
        rows.append(row)
    song: dict[str, Any] = {"stem": "", "t60_percent": t60_difference_percent(truth, found, rate)}
    wet = [wet_level_db(stems, plan) for plan in (truth, found)]
    if math.isfinite(wet[0]):
        song["wet_db"] = abs(wet[1] - wet[0])
    return [*rows, song]
