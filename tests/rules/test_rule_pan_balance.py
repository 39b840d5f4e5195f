"""Pairs apart, pick-ups together, and left against right by power."""

from __future__ import annotations

import math

import numpy as np
import pytest
from preset_numbers import numbers
from synthetic import RATE, Samples, noise

from mixrules import MixPlan, mix, plan, presets
from mixrules.decision import Decision

RULES = ("instruments", "pan")
SECONDS = 6.0


def decided(song: dict[str, Samples], **values: object) -> MixPlan:
    rules = presets.load("default")
    rules = rules.without(*(name for name in rules.rules if name not in RULES))
    return plan(song, sample_rate=RATE, rules=rules.with_values({f"pan.{k}": v for k, v in values.items()}))


def places(made: MixPlan) -> dict[str, float]:
    return {stem.name: round(stem.pan.pan, 3) for stem in made.stems}


def of_mix(made: MixPlan) -> Decision:
    (decision,) = (d for d in made.decisions if d.rule == "pan" and not d.stem)
    return decision


def strummed(seed: int, *, phase: float = 0.0) -> Samples:
    """Return noise that comes and goes: takes of one phase rise and fall together."""
    audio = noise(SECONDS, 400, 2000, seed=seed)
    time_s = np.arange(len(audio)) / RATE
    return np.asarray(audio * (0.02 + (np.sin(2 * math.pi * time_s / 1.5 + phase) > 0.0)), np.float32)


def test_two_takes_of_one_part_stand_hard_apart() -> None:
    made = decided({"guitar 1": strummed(1), "guitar 2": strummed(2), "vocals": noise(SECONDS, 300, 3000)})
    assert {abs(place) for name, place in places(made).items() if name != "vocals"} == {1.0}
    assert sum(places(made).values()) == 0.0
    assert all("two takes of one part" in d.sentence for d in made.decisions if "guitar" in d.stem)


@pytest.mark.parametrize(
    "song",
    [
        {"guitar 1": strummed(1), "guitar 2": strummed(2, phase=math.pi)},  # each has its own part
        {"guitar 1": strummed(1), "guitar 2": 0.3 * strummed(2)},  # one is much quieter
        {"piano 1": strummed(1), "piano 2": strummed(2)},  # not what is doubled
        {f"guitar {i}": strummed(i) for i in (1, 2, 3)},  # three
    ],
)
def test_what_is_no_pair_of_takes_is_spread_as_before(song: dict[str, Samples]) -> None:
    assert max(map(abs, places(decided(song)).values())) == numbers("pan")["width"]


def test_two_microphones_of_one_amplifier_have_one_place() -> None:
    close = strummed(1)
    far = np.asarray(0.8 * np.roll(close, 40) + 0.05 * strummed(9), np.float32)
    made = decided({"guitar close": close, "guitar room": far, "piano": strummed(5), "vocals": strummed(6)})
    found = places(made)
    assert found["guitar close"] == found["guitar room"] == -found["piano"]
    assert abs(found["piano"]) == numbers("pan")["width"]


def test_pieces_of_an_instrument_in_the_centre_stay_there() -> None:
    kick = noise(SECONDS, 40, 400)
    made = decided({"kick in": kick, "kick out": 0.5 * kick, "guitar": strummed(3), "piano": strummed(4)})
    assert places(made)["kick in"] == places(made)["kick out"] == 0.0


def test_the_louder_of_two_goes_where_the_other_side_is_heavier() -> None:
    keys = np.stack([noise(SECONDS, 400, 2500, seed=7), 0.4 * noise(SECONDS, 400, 2500, seed=8)], axis=1)
    song = {"keys": keys, "piano": 1.5 * strummed(1), "guitar": 0.3 * strummed(2, phase=1.0)}
    assert places(decided(song))["piano"] > 0.0 > places(decided(song))["guitar"]
    mirrored = song | {"keys": keys[:, ::-1]}
    assert places(decided(mirrored))["piano"] < 0.0 < places(decided(mirrored))["guitar"]


def test_a_loud_stem_comes_nearer_to_the_centre_until_the_sides_weigh_alike() -> None:
    song = {
        "guitar": strummed(1),
        "tambourine": 0.05 * noise(SECONDS, 5000, 9000),
        "vocals": 0.1 * strummed(3),
    }
    made = decided(song)
    found = places(made)
    assert 0.0 < abs(found["guitar"]) < numbers("pan")["width"]
    (said,) = (d.sentence for d in made.decisions if d.stem == "guitar")
    assert "no further out, so that left and right stay within 3 dB of each other" in said
    assert max(map(abs, places(decided(song, max_lean_db=60.0)).values())) == numbers("pan")["width"]


def test_the_lean_that_is_promised_is_that_of_the_mix() -> None:
    song = {"guitar": strummed(1), "piano": 0.6 * strummed(2, phase=2.0), "vocals": 0.1 * strummed(3)}
    rules = presets.load("default")
    rules = rules.without(*(name for name in rules.rules if name not in RULES))
    result = mix(song, sample_rate=RATE, rules=rules)
    left, right = np.mean(np.square(np.asarray(result.audio, float)), axis=0)
    lean_db = 10.0 * math.log10(left / right)
    decision = of_mix(result.plan)
    assert decision.measured[0].value == pytest.approx(lean_db, abs=0.3)
    (statement,) = decision.statements
    assert statement.kind == "mix_lean_db"
    assert statement.measured == pytest.approx(abs(lean_db), abs=0.01)
    assert statement.holds


def test_a_song_that_leans_as_given_promises_nothing() -> None:
    keys = np.stack([noise(SECONDS, 400, 2500, seed=7), 0.01 * noise(SECONDS, 400, 2500, seed=8)], axis=1)
    song = {"keys": keys, "piano": 0.1 * strummed(1), "guitar": 0.1 * strummed(2, phase=2.0)}
    decision = of_mix(decided(song))
    assert decision.statements == ()
    assert "stereo stems lean there" in decision.sentence
