"""The de-esser: sibilants that stand out come down while they sound, resonances by a cut, anything else stays."""

from __future__ import annotations

import numpy as np
import pytest
from preset_numbers import numbers
from scipy import signal
from synthetic import Samples, Song, noise

from mixrules import MixPlan, RuleSet, mix, plan, presets, render

RATE = 44_100
SECONDS = 8.0


def only_deesser() -> RuleSet:
    rules = presets.load()
    return rules.without(*(rule for rule in rules.rules if rule != "deess"))


def decided(song: Song, rate: int = RATE, **values: object) -> MixPlan:
    changed = {f"deess.{name}": value for name, value in values.items()}
    return plan(song, sample_rate=rate, rules=only_deesser().with_values(changed))


def voice(sibilants: float, seconds: float = SECONDS) -> Samples:
    """Vowels all the time, and a tenth of a second of s in every one, so much louder or quieter."""
    vowels = noise(seconds, 300, 3000, rate=RATE)
    s = noise(seconds, 5000, 10_000, rate=RATE, seed=1) * np.float32(sibilants)
    s[np.arange(len(s)) % RATE > 0.15 * RATE] = 0.0
    return vowels + s


def sibilants_of(audio: Samples) -> float:
    """RMS of 5 to 10 kHz in the middle of the s, by scipy's filter."""
    sections = signal.butter(8, [5000, 10_000], "bandpass", fs=RATE, output="sos")
    inside = signal.sosfilt(sections, audio)
    middle = (np.arange(len(audio)) % RATE > 0.03 * RATE) & (np.arange(len(audio)) % RATE < 0.12 * RATE)
    return float(20 * np.log10(np.sqrt(np.mean(inside[middle] ** 2))))


def test_sharp_sibilants_come_down_and_vowels_stay() -> None:
    song = {"vocals": voice(1.6), "guitar": noise(SECONDS, 100, 8000, rate=RATE, seed=2)}
    made = decided(song)
    (band,) = made.stem("vocals").dynamic_equalizer
    assert 5000 < band.frequency_hz < 10_000
    assert made.stem("guitar").dynamic_equalizer == ()
    alone = {"vocals": song["vocals"]}
    dry = render(
        alone,
        made.replace(stems=(made.stem("vocals").__class__(name="vocals", role="vocal"),)),
        sample_rate=RATE,
    )
    wet = render(alone, made.replace(stems=(made.stem("vocals"),)), sample_rate=RATE)
    fell_db = sibilants_of(dry[:, 0]) - sibilants_of(wet[:, 0])
    most_db = numbers("deess")["max_sibilance_cut_db"]
    assert 1.5 < fell_db < most_db + 1.0
    vowels = slice(round(0.5 * RATE), round(0.9 * RATE))
    np.testing.assert_allclose(wet[vowels], dry[vowels], atol=0.01)


def test_what_it_states_is_measured_again_and_holds() -> None:
    song = {"vocals": voice(1.6), "guitar": noise(SECONDS, 100, 3000, rate=RATE, seed=2)}
    result = mix(song, sample_rate=RATE, rules=only_deesser())
    (statement,) = [s for d in result.plan.decisions for s in d.statements if s.kind == "stem_sibilance_db"]
    assert statement.measured is not None
    assert statement.holds
    assert statement.stated < 4.0


@pytest.mark.parametrize("gain_db", [-40.0, 0.0, 12.0])
def test_the_threshold_follows_the_stems_level(gain_db: float) -> None:
    loud = decided({"vocals": voice(1.6)}).stem("vocals").dynamic_equalizer[0]
    moved = (
        decided({"vocals": voice(1.6) * np.float32(10 ** (gain_db / 20))}).stem("vocals").dynamic_equalizer[0]
    )
    assert moved.threshold_db - loud.threshold_db == pytest.approx(gain_db, abs=0.15)


def test_a_voice_whose_sibilants_do_not_stand_out_is_left_alone() -> None:
    made = decided({"vocals": voice(0.4)})
    assert made.stem("vocals").dynamic_equalizer == ()
    assert "no de-esser, as its sharpest sounds (mostly s and t) lie" in made.decisions[-1].sentence


def test_a_ringing_guitar_is_cut_where_it_rings_and_says_so() -> None:
    plain = noise(SECONDS, 150, 9000, rate=RATE)
    ring = noise(SECONDS, 2950, 3100, rate=RATE, seed=5) * np.float32(1.2)
    melody = np.concatenate([noise(0.5, hz, hz * 1.1, rate=RATE, seed=hz) for hz in range(250, 1050, 50)])
    song = {"guitar": plain + ring + 3 * melody, "vocals": noise(SECONDS, 300, 3000, rate=RATE, seed=9)}
    result = mix(song, sample_rate=RATE, rules=only_deesser())
    (cut,) = result.plan.stem("guitar").equalizer.bands
    assert 2800 < cut.frequency_hz < 3300
    assert -numbers("deess")["max_resonance_cut_db"] <= cut.gain_db <= -1.0
    (decision,) = [d for d in result.plan.decisions if d.stem == "guitar" and d.rule == "deess"]
    assert "rings at" in decision.sentence
    assert all(statement.holds for statement in decision.statements)
    assert result.plan.stem("vocals").equalizer.bands == ()


@pytest.mark.parametrize("name", ["cymbals", "snare", "vocals", "fx"])
def test_what_rings_by_nature_keeps_its_ring(name: str) -> None:
    ring = noise(SECONDS, 2950, 3100, rate=RATE, seed=5) * np.float32(1.2)
    melody = np.concatenate([noise(0.5, hz, hz * 1.1, rate=RATE, seed=hz) for hz in range(250, 1050, 50)])
    made = decided({name: noise(SECONDS, 150, 9000, rate=RATE) + ring + 3 * melody})
    assert made.stem(name).equalizer.bands == ()


def test_a_note_that_is_held_is_no_resonance() -> None:
    time = np.arange(round(SECONDS * RATE)) / RATE
    held = sum(np.sin(2 * np.pi * 2500 * part * time) / part for part in (1, 2, 3))
    song = {
        "synth": (0.1 * held + 1e-4 * np.random.default_rng(0).standard_normal(len(time))).astype(np.float32)
    }
    assert decided(song).stem("synth").equalizer.bands == ()


@pytest.mark.parametrize("rate", [8000, 192_000])
def test_odd_rates_silence_and_one_sample_pass(rate: int) -> None:
    tone = noise(1.0, 300, 3000, rate=rate)
    song = {"vocals": tone, "guitar": np.zeros_like(tone), "piano": np.eye(1, 400)[0].astype(np.float32)}
    made = decided(song, rate)
    assert all("nan" not in decision.sentence for decision in made.decisions)
    decided({"vocals": np.ones(1, np.float32), "piano": tone}, rate)


def test_at_no_strength_nothing_happens() -> None:
    made = plan({"vocals": voice(2.0)}, sample_rate=RATE, rules=only_deesser().with_strength(0.0))
    assert made.stem("vocals").dynamic_equalizer == ()
