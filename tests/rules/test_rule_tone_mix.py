"""The tone of the mix: two shelves at the master where the sum's slope lies far outside, and what follows from them."""

from __future__ import annotations

import numpy as np
import pytest
from preset_numbers import numbers
from scipy import signal

from mixrules import MixPlan, integrated_loudness, mix, plan, presets, true_peak
from mixrules.decision import Decision
from mixrules.ruleset import RuleSet

RATE = 44_100
SECONDS = 5.0


def chain(*kept: str, **values: object) -> RuleSet:
    rules = presets.load()
    rules = rules.without(*(rule for rule in rules.rules if rule not in kept))
    return rules.with_values({f"tone.{name}": value for name, value in values.items()})


def sloped(db_per_octave: float, *, seed: int = 0) -> np.ndarray:
    """Return stereo noise whose power per Hz falls by so much from 30 Hz on."""
    samples = round(SECONDS * RATE)
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal((samples, 1)), axis=0)
    hz = np.fft.rfftfreq(samples, 1.0 / RATE)
    gains = (np.maximum(hz, 30.0) / 1000.0) ** (db_per_octave / 20.0 / np.log10(2.0))
    audio = np.fft.irfft(spectrum * np.where(hz > 30.0, gains, 0.0)[:, np.newaxis], samples, axis=0)
    return np.asarray(0.05 * audio / audio.std(), np.float32)


def of_mix(made: MixPlan) -> Decision:
    (decision,) = (d for d in made.decisions if d.rule == "tone" and not d.stem)
    return decision


def slope_by_scipy(audio: np.ndarray) -> float:
    hz, density = signal.welch(audio.mean(axis=1), RATE, nperseg=1 << 15)
    centers = np.geomspace(92.0, 4400.0, 34)
    levels = [
        10.0 * np.log10(density[(hz >= c * 2 ** (-1 / 12)) & (hz < c * 2 ** (1 / 12))].mean())
        for c in centers
    ]
    return float(np.polyfit(np.log2(centers), levels, 1)[0])


@pytest.mark.parametrize("slope", [-4.5, -6.5, -2.5])
def test_a_mix_like_others_keeps_its_tone(slope: float) -> None:
    made = plan({"other": sloped(slope)}, sample_rate=RATE, rules=chain("tone", "master", share=0.0))
    assert made.master.equalizer.bands == ()
    assert "keeps its tone" in of_mix(made).sentence


@pytest.mark.parametrize(("slope", "sign"), [(-9.0, 1.0), (0.0, -1.0)])
def test_a_share_of_what_lies_outside_is_taken_back(slope: float, sign: float) -> None:
    constants = numbers("tone")
    result = mix({"other": sloped(slope)}, sample_rate=RATE, rules=chain("tone", "master", share=0.0))
    low, high = result.plan.master.equalizer.bands
    assert (low.kind, high.kind) == ("low_shelf", "high_shelf")
    assert low.gain_db == -high.gain_db
    assert 0.0 < sign * high.gain_db <= constants["mix_max_gain_db"]
    (statement,) = of_mix(result.plan).statements
    assert statement.holds
    assert statement.stated == pytest.approx(slope_by_scipy(result.audio), abs=0.25)
    outside_db = abs(slope + 4.5) - constants["mix_tolerance_db_per_octave"]
    assert abs(statement.stated - slope) == pytest.approx(constants["mix_share"] * outside_db, abs=0.25)


def test_no_shelf_passes_the_limit_and_no_share_is_no_shelf() -> None:
    song = {"other": sloped(-14.0)}
    limited = plan(song, sample_rate=RATE, rules=chain("tone", share=0.0, mix_max_gain_db=1.0))
    assert [band.gain_db for band in limited.master.equalizer.bands] == [-1.0, 1.0]
    none = plan(song, sample_rate=RATE, rules=chain("tone", share=0.0, mix_share=0.0))
    assert none.master.equalizer.bands == ()


@pytest.mark.parametrize("max_limiting_db", [0.0, 3.0])
def test_the_master_meets_loudness_and_ceiling_after_the_shelves(max_limiting_db: float) -> None:
    rules = chain("tone", "master", share=0.0).with_values({"master.max_limiting_db": max_limiting_db})
    result = mix({"other": sloped(-11.0)}, sample_rate=RATE, rules=rules)
    assert result.plan.master.equalizer.bands
    assert true_peak(result.audio, RATE) <= -1.0 + 0.05
    assert integrated_loudness(result.audio, RATE) == pytest.approx(result.loudness.integrated_lufs, abs=0.01)
    master = next(d for d in result.plan.decisions if d.rule == "master")
    assert all(statement.holds for statement in master.statements)


@pytest.mark.parametrize("samples", [1, 100, 5_000])
@pytest.mark.parametrize("rate", [8_000, 44_100])
def test_odd_songs_pass(rate: int, samples: int) -> None:
    """A constant, which has next to no spectrum, beside silence."""
    song = {"other": np.zeros((samples, 1), np.float32), "keys": np.full((samples, 2), 0.5, np.float32)}
    made = plan(song, sample_rate=rate, rules=chain("tone", "master"))
    assert all(band.frequency_hz < rate / 2 for band in made.master.equalizer.bands)
