"""Ducking: what alone covers the vocal yields while it sings, at the pace of phrases; everything else is left alone."""

from __future__ import annotations

import math

import numpy as np
import pytest
from statement_checks import assert_true
from synthetic import RATE, Samples, Song, noise

from mixrules import Decision, MixPlan, MixResult, mix, plan, presets
from mixrules.processors import automation_gain_db

RULES = presets.load().without("compression").without("reverb").without("ride").without("fades")
RULES = RULES.with_values(
    {"duck.floor_lu": -5.0}
)  # so far a loud eighth of one stem brings the vocal down after `level`
MOST_DB = float(RULES["duck.max_cut_db"])  # type: ignore[arg-type]
SECONDS = 40.0


def stepped(levels_db: list[float], low_hz: float, high_hz: float, seed: int) -> Samples:
    sound = noise(SECONDS, low_hz, high_hz, seed=seed)
    return np.asarray(
        sound * np.repeat(10.0 ** (np.array(levels_db) / 20), len(sound) // len(levels_db)), np.float32
    )


def covered(masker_db: float = 14.0, vocal: list[float] | None = None) -> Song:
    """A guitar that is loud for the sixth eighth of the song only."""
    levels = [0.0] * 8
    levels[5] = masker_db
    return {
        "vocals": stepped(vocal or [0.0] * 8, 300, 3000, 1),
        "guitar": stepped(levels, 200, 4000, 2),
        "bass": 0.5 * noise(SECONDS, 40, 150, seed=3),
        "drums": 0.5 * noise(SECONDS, 100, 9000, seed=4),
    }


@pytest.fixture(scope="module")
def mixed() -> MixResult:
    """The covered song, mixed."""
    return mix(covered(), sample_rate=RATE, rules=RULES)


def ducked(made: MixPlan) -> list[Decision]:
    return [decision for decision in made.decisions if decision.rule == "duck"]


def test_the_masker_yields_while_it_covers_the_vocal(mixed: MixResult) -> None:
    result = mixed
    (decision,) = ducked(result.plan)
    assert decision.stem == "guitar"
    assert "turned down by 3.0 dB from 0:2" in decision.sentence
    assert "vocals was up to" in decision.sentence
    gains_db = automation_gain_db([5.0, 20.0, 27.5, 35.0], result.plan.stem("guitar").automation)
    np.testing.assert_allclose(gains_db, [0.0, 0.0, -MOST_DB, 0.0], atol=1e-6)
    for name in ("vocals", "bass", "drums"):
        assert not result.plan.stem(name).automation
    (statement,) = decision.statements
    assert statement.kind == "automation_range_db"
    assert statement.measured == pytest.approx(MOST_DB, abs=0.05)
    assert_true(result.plan)


def test_the_guitar_is_rendered_softer_only_there(mixed: MixResult) -> None:
    without = mix(covered(), sample_rate=RATE, rules=RULES.without("duck").without("master")).stems["guitar"]
    with_duck = mixed.stems["guitar"]

    def change_db(start_s: float) -> float:
        part = slice(round(start_s * RATE), round((start_s + 1) * RATE))
        return float(10 * np.log10(np.mean(with_duck[part] ** 2) / np.mean(without[part] ** 2)))

    assert change_db(27.0) - change_db(5.0) == pytest.approx(-MOST_DB, abs=0.05)
    assert change_db(36.0) == pytest.approx(change_db(5.0), abs=0.01)


def test_attack_hold_and_release_are_those_of_phrases(mixed: MixResult) -> None:
    points = mixed.plan.stem("guitar").automation
    assert len(points) == 4
    down_s, up_s = points[1].time_s - points[0].time_s, points[3].time_s - points[2].time_s
    assert down_s == pytest.approx(RULES["duck.attack_s"], abs=0.01)
    assert up_s == pytest.approx(RULES["duck.release_s"], abs=0.01)


def test_the_cut_is_what_the_floor_asks_for() -> None:
    """A shallow dip asks for less than the most, and what is asked for brings the vocal to the floor."""
    made = plan(covered(9.0), sample_rate=RATE, rules=RULES.with_values({"duck.max_cut_db": 12.0}))
    (decision,) = ducked(made)
    lowest_lu = decision.measured[0].value
    assert lowest_lu is not None
    (deepest_db,) = {point.gain_db for point in made.stem("guitar").automation} - {0.0}
    assert 0.0 < -deepest_db < 2.0 * (-5.0 - lowest_lu)


@pytest.mark.parametrize(
    "song",
    [
        covered(3.0),
        covered(14.0, [0.0] * 5 + [-math.inf] + [0.0] * 2),
        {name: audio for name, audio in covered().items() if name != "vocals"},
        {"vocals": covered()["vocals"]},
    ],
    ids=["no dip", "no voice there", "no vocal", "alone"],
)
def test_nothing_yields_without_need(song: Song) -> None:
    assert not ducked(plan(song, sample_rate=RATE, rules=RULES))


def test_drums_do_not_yield_nor_anyone_at_strength_0_nor_in_silence() -> None:
    song = covered()
    song["drums"], song["guitar"] = song["guitar"], song["drums"]
    assert not ducked(plan(song, sample_rate=RATE, rules=RULES))
    assert not ducked(plan(covered(), sample_rate=RATE, rules=RULES.with_strength(0.0)))
    assert not ducked(
        plan(
            {n: 0.0 * a if n == "guitar" else a for n, a in covered().items()}, sample_rate=RATE, rules=RULES
        )
    )
