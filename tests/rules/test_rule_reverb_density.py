"""The room leaves the notes alone: shorter and lower where they are dense, a little more where they are sparse."""

from __future__ import annotations

import math

import numpy as np
import pytest
from preset_numbers import numbers
from synthetic import RATE, Samples, noise

from mixrules import MixPlan, plan, presets
from mixrules.analysis import Tempo
from mixrules.rules.room_for_notes import longest_t60_s
from mixrules.session import Session


def notes(seconds: float, gap_s: float, *, seed: int = 1) -> Samples:
    """Return bursts of noise, one every `gap_s` seconds."""
    source = noise(seconds, 300, 3000, seed=seed)
    time_s = np.arange(len(source)) / RATE
    return np.asarray(source * np.exp(-(time_s % gap_s) / 0.04), np.float32)


def decided(song: dict[str, Samples], **values: object) -> MixPlan:
    rules = presets.load("default")
    rules = rules.without(*(name for name in rules.rules if name != "reverb"))
    return plan(
        song, sample_rate=RATE, rules=rules.with_values({f"reverb.{k}": v for k, v in values.items()})
    )


@pytest.fixture(autouse=True)
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Session, "tempo", lambda *_: Tempo(bpm=90.0, confidence=0.9, raw_bpm=90.0))


def stated_lu(made: MixPlan, name: str) -> float:
    (stated,) = (
        s.stated
        for d in made.decisions
        if d.stem == name
        for s in d.statements
        if s.kind == "reverb_to_dry_lu"
    )
    return stated


def test_a_fast_vocal_gets_a_short_room() -> None:
    made = decided({"vocals": notes(10.0, 0.2), "drums": noise(10.0, 1000, 2000)})
    t60_s = made.reverbs[0].params.t60_s
    # A train of bursts, each with a tail that decays by 60 dB in T60: what is left just before the next one.
    gap = round(0.2 * RATE)
    tail = 10.0 ** (-6.0 * np.arange(gap) / RATE / t60_s)
    left_db = 10.0 * math.log10(tail[-1] / tail.mean())
    limit_db = numbers("reverb")["left_at_next_note_db"]
    assert stated_lu(made, "vocals") + left_db == pytest.approx(limit_db, abs=0.8)
    assert 0.8 < t60_s < 1.6
    said = made.decisions[0].sentence
    assert "at 90 BPM it would be 2.40 s, but vocals has a note every 0.20 s" in said


def test_a_slow_vocal_keeps_the_room_of_the_tempo() -> None:
    made = decided({"vocals": notes(10.0, 0.8), "drums": noise(10.0, 1000, 2000)})
    assert made.reverbs[0].params.t60_s == numbers("reverb")["t60_max_s"]
    assert "the slower the song, the longer" in made.decisions[0].sentence


def test_a_part_denser_than_the_vocal_gets_less_and_a_sparse_one_more() -> None:
    made = decided(
        {"vocals": notes(12.0, 0.5), "guitar": notes(12.0, 0.125, seed=2), "piano": notes(12.0, 2.0, seed=3)}
    )
    usual_lu = numbers("reverb")["other_to_dry_lu"]
    assert stated_lu(made, "vocals") == numbers("reverb")["vocal_to_dry_lu"]
    assert stated_lu(made, "guitar") < usual_lu - 0.5
    assert usual_lu < stated_lu(made, "piano") <= usual_lu + numbers("reverb")["sparse_more_lu"]
    said = {d.stem: d.sentence for d in made.decisions}
    assert "It gets less than usual, as its notes are 0.12 s apart" in said["guitar"]
    assert "It gets more than usual" in said["piano"]


def test_without_a_vocal_one_dense_part_does_not_dry_the_others() -> None:
    song = {
        "guitar": notes(12.0, 0.125),
        "piano": notes(12.0, 1.0, seed=2),
        "strings": notes(12.0, 1.0, seed=3),
    }
    assert decided(song).reverbs[0].params.t60_s == numbers("reverb")["t60_max_s"]


def test_the_neutral_values_leave_the_tempo_alone() -> None:
    made = decided({"vocals": notes(10.0, 0.2)}, left_at_next_note_db=0.0, sparse_more_lu=0.0)
    assert made.reverbs[0].params.t60_s == numbers("reverb")["t60_max_s"]
    assert stated_lu(made, "vocals") == numbers("reverb")["vocal_to_dry_lu"]


def test_a_long_stem_is_looked_at_where_it_is_loudest() -> None:
    loud_and_dense = np.concatenate([0.05 * notes(10.0, 1.0), notes(10.0, 0.2)])
    whole = decided({"vocals": loud_and_dense}, gap_stretch_s=60.0).reverbs[0].params.t60_s
    stretch = decided({"vocals": loud_and_dense}, gap_stretch_s=8.0).reverbs[0].params.t60_s
    assert stretch == pytest.approx(whole, rel=0.15)
    quiet_and_dense = np.concatenate([notes(10.0, 1.0), 0.05 * notes(10.0, 0.2)])
    assert decided({"vocals": quiet_and_dense}, gap_stretch_s=8.0).reverbs[0].params.t60_s > 2.0 * stretch


@pytest.mark.parametrize("gap_s", [0.06, 0.1, 0.3, math.inf])
def test_the_longest_time_stays_within_its_bounds_and_does_not_fall_with_the_gap(gap_s: float) -> None:
    found = longest_t60_s(gap_s, -14.0, -20.0, 0.4, 2.4)
    assert 0.4 <= found <= longest_t60_s(gap_s * 1.5, -14.0, -20.0, 0.4, 2.4) <= 2.4
