"""Which stems are one instrument: by name, by what is in both, and what is told apart."""

from __future__ import annotations

import numpy as np
import pytest
from preset_numbers import numbers
from synthetic import RATE, Samples, Song, noise

from mixrules import MixPlan, Stems, presets
from mixrules.decision import Decision
from mixrules.mixplan import InstrumentPart
from mixrules.rules import RULES
from mixrules.rules.instruments import Instrument, instruments
from mixrules.session import Session

SECONDS = 12.0


def played(seed: int) -> Samples:
    """Return notes of changing pitch and loudness, as one player's take."""
    rng = np.random.default_rng(seed)
    audio = np.zeros(round(SECONDS * RATE))
    time_s = np.arange(RATE // 2) / RATE
    for _ in range(60):
        start = int(rng.integers(0, len(audio) - RATE // 2))
        hz = rng.uniform(80.0, 600.0)
        note = sum(np.sin(2 * np.pi * hz * n * time_s + rng.uniform(0, 6)) / n for n in range(1, 9))
        audio[start : start + RATE // 2] += rng.uniform(0.1, 1.0) * note * np.exp(-4.0 * time_s)
    return (0.1 * audio + 0.001 * rng.standard_normal(len(audio))).astype(np.float32)


def decided(song: Song, rate: int = RATE) -> tuple[Session, list[Decision]]:
    session = Session(Stems.from_arrays(song, rate, join_pairs=False))
    decisions = RULES["instruments:one_source"].decide(session, presets.load("default"), "instruments")
    session.apply(decisions)
    return session, decisions


def groups(song: Song, rate: int = RATE) -> list[Instrument]:
    return [each for each in instruments(decided(song, rate)[0]) if len(each.names) > 1]


def amplified(direct: Samples) -> Samples:
    return np.convolve(np.tanh(8.0 * direct), [1.0, 0.5, 0.25], "same").astype(np.float32)


@pytest.mark.parametrize(
    ("one", "two"), [("Bass DI", "Bass Amp"), ("Kick In", "Kick Out"), ("Snare Top", "Snare Btm")]
)
def test_pick_ups_of_one_source_are_one_instrument(one: str, two: str) -> None:
    (found,) = groups({one: played(1), two: amplified(played(1)), "keys": played(2)})
    assert found == Instrument((one, two), "pick-ups of one source", "pickups")


def test_names_alone_make_no_pick_ups() -> None:
    assert groups({"Strings": played(1), "Strings Top": played(2)}) == []


def test_one_signal_under_two_names_is_one_instrument() -> None:
    copy = np.float32(0.3) * played(1)
    (found,) = groups({"Gtr 1": played(1), "Gtr 2": played(3), "Gtr 7": copy})
    assert found.names == ("Gtr 1", "Gtr 7")
    assert found.relation == "same signal"


def test_other_roles_are_not_compared() -> None:
    assert groups({"guitar": played(1), "piano": played(1), "effects": played(1), "sfx 2": played(1)}) == []


def test_a_take_and_its_double_are_one_instrument() -> None:
    (found,) = groups({"Gtr 1": played(1), "Gtr 1 Dbl": played(2), "Gtr 2": played(3)})
    assert (found.names, found.relation) == (("Gtr 1", "Gtr 1 Dbl"), "doubles")


def test_a_left_and_a_right_that_were_not_joined_are_one_instrument() -> None:
    (found,) = groups({"Gtr L": played(1), "Gtr R": played(2), "Gtr C": played(3)})
    assert (found.names, found.relation) == (("Gtr L", "Gtr R"), "halves")


def test_three_files_of_one_source_are_one_group() -> None:
    kick = played(1)
    song = {"Kick In": kick, "Kick Out": amplified(kick), "Kick Sub": np.float32(0.5) * kick}
    (found,) = groups(song)
    assert set(found.names) == set(song)


def test_what_goes_with_a_lead_is_left_to_it() -> None:
    session, decisions = decided({"vocals": played(1), "Lead Vox Dbl": played(1), "Vox Verb": played(1)})
    assert decisions == []
    assert [each.names for each in instruments(session)] == [("vocals",)]


@pytest.mark.parametrize("delay_ms", [2.0, -1.0])
def test_a_delay_that_combs_and_a_reversed_polarity_are_said(delay_ms: float) -> None:
    samples = round(delay_ms * RATE / 1e3)
    late = -np.roll(played(1), samples)
    _, (_, said) = decided({"Gtr DI": played(1), "Gtr Amp": late})
    when = "later" if delay_ms > 0 else "earlier"
    assert f"comes {abs(delay_ms):.1f} ms {when} than Gtr DI" in said.sentence
    assert "which makes them thin together: line them up first" in said.sentence
    assert "Its polarity is opposite to that of Gtr DI" in said.sentence
    assert {each.name: each.value for each in said.measured}["delay"] == pytest.approx(delay_ms, abs=0.05)


def test_a_delay_under_the_limit_is_not_worth_a_word() -> None:
    shift = round(0.5 * numbers("instruments")["combing_delay_ms"] * RATE / 1e3)
    _, (_, said) = decided({"Gtr DI": played(1), "Gtr Amp": np.roll(played(1), shift)})
    assert said.sentence == (
        "Gtr Amp: counted as one instrument with Gtr DI (pick-ups of one source), so that they share a fader and a place."
    )


def test_the_plan_holds_the_instruments_and_is_read_again() -> None:
    session, _ = decided({"Bass DI": played(1), "Bass Amp": amplified(played(1)), "keys": played(2)})
    again = MixPlan.from_json(session.plan.to_json())
    assert again == session.plan
    part = again.stem("Bass Amp").instrument
    assert part is not None
    assert (part.name, part.relation) == ("Bass DI", "pickups")
    assert again.stem("keys").instrument is None
    assert session.plan.to_json().count('"instrument"') >= 2


def test_an_instrument_named_in_a_plan_is_one() -> None:
    session = Session(Stems.from_arrays({"a": played(1), "b": played(2), "c": played(3)}, RATE))
    for name in ("a", "c"):
        session.plan = session.plan.replace_stem(
            name, instrument=InstrumentPart(name="x", relation="doubles")
        )
    assert [each.names for each in instruments(session)] == [("a", "c"), ("b",)]


@pytest.mark.parametrize("rate", [8000, 44_100, 192_000])
@pytest.mark.parametrize("samples", [1, 50, 5000])
def test_short_songs_pass(rate: int, samples: int) -> None:
    song = {"Gtr DI": noise(1.0, 100, 3000)[:samples], "Gtr Amp": noise(1.0, 100, 3000, seed=2)[:samples]}
    assert groups(song, rate) == []


def test_a_silent_stem_is_no_part_of_anything() -> None:
    song = {"Gtr DI": played(1), "Gtr Amp": np.zeros_like(played(1)), "Gtr Mic": amplified(played(1))}
    (found,) = groups(song)
    assert found.names == ("Gtr DI", "Gtr Mic")


def test_channels_in_opposite_phase_are_compared_all_the_same() -> None:
    wide = np.stack([played(1), -played(1)], axis=1)
    (found,) = groups({"synth 1": wide, "synth 2": np.float32(0.5) * wide})
    assert found.relation == "same signal"
