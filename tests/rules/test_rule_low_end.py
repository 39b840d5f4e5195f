"""Kick and bass as a pair: who is weaker in the band that both lead gives way, and has to clash less for it."""

from __future__ import annotations

import numpy as np
import pytest
from preset_numbers import numbers
from synthetic import RATE, Samples, Song, noise

from mixrules import MixPlan, RuleSet, mix, plan, presets

SECONDS = 8.0


def only_low_end() -> RuleSet:
    rules = presets.load()
    return rules.without(*(rule for rule in rules.rules if rule != "low_end"))


def decided(song: Song, rate: int = RATE, **values: object) -> MixPlan:
    changed = {f"low_end.{name}": value for name, value in values.items()}
    return plan(song, sample_rate=rate, rules=only_low_end().with_values(changed))


def low(hz: float, gain_db: float) -> Samples:
    """A note whose level is the same in each block."""
    time = np.arange(round(SECONDS * RATE)) / RATE
    return (0.1 * 10 ** (gain_db / 20) * np.sin(2 * np.pi * hz * time)).astype(np.float32)


def pair(difference_db: float) -> Song:
    """A kick at 56 Hz, a bass that is so much louder there, and mostly at 89 Hz."""
    return {
        "kick": low(56, 0.0),
        "bass": low(56, difference_db) + low(89, difference_db + 1.0),
    }


def test_the_weaker_one_gives_way_and_what_is_stated_holds() -> None:
    result = mix(pair(-1.0), sample_rate=RATE, rules=only_low_end())
    made = result.plan
    (cut,) = made.stem("bass").equalizer.bands
    assert cut.frequency_hz == pytest.approx(56, abs=3)
    assert -numbers("low_end")["max_cut_db"] <= cut.gain_db < 0
    assert made.stem("kick").equalizer.bands == ()
    (decision,) = [d for d in made.decisions if d.rule == "low_end"]
    before, after = (quantity.value for quantity in decision.measured)
    assert before is not None
    assert after is not None
    assert before - after >= numbers("low_end")["min_improvement"]
    assert "where kick is stronger" in decision.sentence
    (statement,) = decision.statements
    assert statement.measured == pytest.approx(after, abs=0.05)
    assert statement.holds


def test_the_cut_that_is_enough_is_taken_not_the_deepest() -> None:
    shallow = decided(pair(-2.6)).stem("bass").equalizer.bands
    assert [band.gain_db for band in shallow] == [-2.0]


@pytest.mark.parametrize("difference_db", [-20.0, 20.0])
def test_a_pair_that_does_not_clash_is_left_alone(difference_db: float) -> None:
    made = decided(pair(difference_db))
    assert all(stem.equalizer.bands == () for stem in made.stems)
    assert "no EQ in the lows" in made.decisions[-1].sentence


def test_a_kit_takes_the_kicks_place_and_other_stems_are_not_touched() -> None:
    song = pair(-1.0)
    song["drums"] = song.pop("kick")
    song["guitar"] = low(56, 0.0)
    made = decided(song)
    assert made.stem("bass").equalizer.bands
    assert made.stem("guitar").equalizer.bands == ()


@pytest.mark.parametrize("names", [("kick",), ("bass",), ("vocals", "piano")])
def test_without_a_pair_nothing_is_said(names: tuple[str, ...]) -> None:
    made = decided({name: low(56, 0.0) for name in names})
    assert not [d for d in made.decisions if d.rule == "low_end"]


def test_two_that_never_sound_together_are_not_judged() -> None:
    song = pair(-1.0)
    half = len(song["kick"]) // 2
    song["kick"][:half] = 0.0
    song["bass"][half:] = 0.0
    assert all(stem.equalizer.bands == () for stem in decided(song).stems)


def test_cuts_follow_what_the_equaliser_has() -> None:
    start = plan(pair(-1.0), sample_rate=RATE, rules=only_low_end().without("low_end"))
    from mixrules.processors import EqBand, EqualizerParams

    first = EqBand(kind="high_pass", frequency_hz=25.0)
    start = start.replace_stem("bass", equalizer=EqualizerParams(bands=(first,)))
    bands = plan(pair(-1.0), sample_rate=RATE, rules=only_low_end(), start=start).stem("bass").equalizer.bands
    assert bands[0] == first
    assert len(bands) == 2


@pytest.mark.parametrize("rate", [8000, 192_000])
def test_odd_rates_silence_and_one_sample_pass(rate: int) -> None:
    tone = noise(1.0, 50, 110, rate=rate)
    decided({"kick": tone, "bass": tone * np.float32(0.9)}, rate)
    decided({"kick": np.zeros_like(tone), "bass": tone}, rate)
    decided({"kick": np.ones(1, np.float32), "bass": np.ones(1, np.float32)}, rate)


def test_a_kick_that_gave_way_to_one_bass_is_not_cut_again_for_the_next() -> None:
    song = {
        "kick": low(56, -0.3) + low(89, 0.0),
        "bass": low(56, 2.0) + low(40, -2.0),
        "bass_fretless": low(56, 1.0) + low(40, -3.0),
    }
    made = decided(song)
    assert "No small cut makes that less" in made.decisions[-1].sentence
    for name in song:
        assert len(made.stem(name).equalizer.bands) == (name == "kick")
