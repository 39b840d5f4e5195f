"""How a vocal stands against its backing, predicted: as near as measured, and where it is clear nothing is measured."""

from __future__ import annotations

import numpy as np
import pytest
from synthetic import RATE, Samples, Song, noise

from mixrules import MixPlan, Session, Stems, plan, presets, starting_plan
from mixrules.engine import run_pass
from mixrules.processors import GainPoint, LimiterParams, PanParams, WidthParams

RULES = presets.load().without("fades", "reverb", "master")
SURE_LU = float(RULES["ride.sure_lu"])  # type: ignore[arg-type]
SECONDS = 24.0


def stepped(levels_db: list[float], low_hz: float, high_hz: float, seed: int) -> Samples:
    sound = noise(SECONDS, low_hz, high_hz, seed=seed)
    return np.asarray(
        sound * np.repeat(10.0 ** (np.array(levels_db) / 20), len(sound) // len(levels_db)), np.float32
    )


def song(vocal_db: list[float], guitar_db: list[float] | None = None) -> Song:
    guitar = stepped(guitar_db or [0.0] * 8, 200, 4000, 2)
    return {
        "vocals": stepped(vocal_db, 300, 3000, 1),
        "guitar": guitar,
        "keys": np.asarray(0.7 * guitar + 0.5 * noise(SECONDS, 150, 3000, seed=5), np.float32),
        "bass": 0.5 * noise(SECONDS, 40, 150, seed=3),
    }


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    made: list[str] = []

    def counted(*arguments: object, **options: object) -> object:
        made.append("pass")
        return run_pass(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr("mixrules.measurements.levels.run_pass", counted)
    return made


def said(made: MixPlan, rule: str) -> list[str]:
    return [decision.sentence for decision in made.decisions if decision.rule == rule]


def test_an_even_vocal_costs_no_pass_and_no_figure_is_said_that_was_not_measured(passes: list[str]) -> None:
    made = plan(song([0, 1] * 4), sample_rate=RATE, rules=RULES.without("level"))
    assert len(passes) == 1  # over the stems as they were given
    assert said(made, "ride") == [
        "vocals: no fader ride, as its level against the backing varies by less than 6 LU while it sings."
    ]
    (decision,) = (each for each in made.decisions if each.rule == "ride")
    assert "predicted" in decision.measured[0].name
    measured = Session(Stems.from_arrays(song([0, 1] * 4), RATE), made).vocal_to_backing("vocals")
    assert decision.measured[0].value == pytest.approx(measured.spread_lu, abs=SURE_LU)


@pytest.mark.parametrize(
    ("vocal_db", "guitar_db"),
    [([0, 0, -9, 0, 0, 0, 9, 0], None), ([0.0] * 8, [0, 0, 0, 0, 16, 0, 0, 0])],
    ids=["uneven", "covered"],
)
def test_what_is_in_doubt_is_measured(
    passes: list[str], vocal_db: list[float], guitar_db: list[float] | None
) -> None:
    plan(song(vocal_db, guitar_db), sample_rate=RATE, rules=RULES.without("level"))
    assert len(passes) > 1


@pytest.mark.parametrize("vocal_db", [[0, 1] * 4, [0, 0, -9, 0, 0, 0, 9, 0], [0, -5, 0, 5] * 2])
def test_decisions_are_those_of_the_measured_mix(
    monkeypatch: pytest.MonkeyPatch, vocal_db: list[float]
) -> None:
    made = plan(song(vocal_db), sample_rate=RATE, rules=RULES)
    monkeypatch.setattr(Session, "predicted_balance", lambda *_: None)
    measured = plan(song(vocal_db), sample_rate=RATE, rules=RULES)
    assert made.stems == measured.stems
    assert len(made.decisions) == len(measured.decisions)


def test_limiter_pan_width_and_polarity_are_in_it() -> None:
    stems = Stems.from_arrays(song([0, -3, 2, 0, 0, 4, 0, -2]), RATE)
    start = starting_plan(stems)
    start = start.replace_stem("guitar", limiter=LimiterParams(ceiling_dbtp=-14.0), gain_db=-2.0)
    start = start.replace_stem("keys", pan=PanParams(pan=0.6), width=WidthParams(spread=0.5), gain_db=3.0)
    start = start.replace_stem("vocals", invert_polarity=True, limiter=LimiterParams(ceiling_dbtp=-10.0))
    session = Session(stems, start)
    for name in session.stems.names:
        session.peak_trace(name, through="compressor")
    session.given_loudness(*session.stems.names)
    predicted = session.predicted_balance("vocals")
    assert predicted is not None
    course = session.vocal_to_backing("vocals")
    np.testing.assert_array_equal(predicted.course.together, course.together)
    np.testing.assert_allclose(predicted.course.ratio_lu, course.ratio_lu, atol=SURE_LU)


@pytest.mark.parametrize(
    "changes",
    [
        {"automation": (GainPoint(time_s=1.0, gain_db=-3.0),)},
        {"width": WidthParams(side_gain_db=-6.0)},
    ],
    ids=["automated", "narrowed"],
)
def test_too_little_known_is_said(changes: dict[str, object]) -> None:
    stems = Stems.from_arrays(song([0.0] * 8), RATE)
    session = Session(stems, starting_plan(stems).replace_stem("guitar", **changes))
    assert session.predicted_balance("vocals") is None  # no trace yet
    for name in session.stems.names:
        session.peak_trace(name, through="compressor")
    session.given_loudness(*session.stems.names)
    assert session.predicted_balance("vocals") is None
