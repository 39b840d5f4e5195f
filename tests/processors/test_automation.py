"""Gain over time: straight lines in dB between points, corners rounded, whatever the blocks."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from mixrules import Stems, render, starting_plan
from mixrules.errors import ParameterError
from mixrules.processors import AutomationStream, GainPoint, automate, automation_gain_db
from mixrules.processors.automation import SMOOTHING_S

POINTS = tuple(
    GainPoint(time_s=time_s, gain_db=gain_db)
    for time_s, gain_db in ((0.1, 0.0), (0.3, -6.0), (0.32, 3.0), (0.9, 3.0))
)


def test_the_gain_is_the_mean_of_straight_lines() -> None:
    times_s = np.linspace(0.0, 1.2, 241)
    around_s = np.linspace(-0.5 * SMOOTHING_S, 0.5 * SMOOTHING_S, 4001)
    lines_db = np.interp(
        times_s[:, np.newaxis] + around_s,
        [point.time_s for point in POINTS],
        [point.gain_db for point in POINTS],
    )
    np.testing.assert_allclose(automation_gain_db(times_s, POINTS), lines_db.mean(axis=1), atol=2e-3)


@pytest.mark.parametrize("rate", [8000, 44_100, 192_000])
def test_a_constant_input_shows_the_gain(rate: int) -> None:
    gained = automate(np.ones((rate, 1)), rate, POINTS)[:, 0]
    wanted_db = automation_gain_db(np.arange(rate) / rate, POINTS)
    np.testing.assert_allclose(20.0 * np.log10(gained), wanted_db, atol=1e-9)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_blocks_joined_are_the_whole(rng: np.random.Generator, dtype: type[np.floating]) -> None:
    audio = rng.standard_normal((30_000, 2)).astype(dtype)
    stream = AutomationStream(44_100, POINTS)
    cuts = [0, 1, 700, 701, 13_000, 30_000]
    parts = [stream.process(audio[start:stop]) for start, stop in itertools.pairwise(cuts)]
    np.testing.assert_array_equal(np.concatenate(parts), automate(audio, 44_100, POINTS))


def test_points_out_of_order_are_one_line() -> None:
    late, early = GainPoint(time_s=2.0, gain_db=0.0), GainPoint(time_s=1.0, gain_db=0.0)
    for points in ((late, early), (late, late)):
        with pytest.raises(ParameterError, match="time_s of the points of an automation must rise"):
            automate(np.zeros((10, 1)), 44_100, points)


@pytest.mark.parametrize(
    "fields", [{"time_s": -1.0}, {"time_s": np.nan}, {"gain_db": 25.0}, {"gain_db": -145.0}]
)
def test_impossible_points_are_refused(fields: dict[str, float]) -> None:
    with pytest.raises(ParameterError, match=next(iter(fields))):
        GainPoint(**({"time_s": 0.0, "gain_db": 0.0} | fields))


@pytest.mark.parametrize("engine", ["native", "pedalboard"])
def test_a_strip_follows_its_automation(rng: np.random.Generator, engine: str) -> None:
    if engine == "pedalboard":
        pytest.importorskip("pedalboard", reason="pedalboard is not installed")
    stems = Stems.from_arrays({"vocals": 0.1 * rng.standard_normal((44_100, 2))}, 44_100)
    plan = starting_plan(stems)
    plain = render(stems, plan, engine=engine)
    gained = render(stems, plan.replace_stem("vocals", automation=POINTS), engine=engine)
    gain = 10.0 ** (automation_gain_db(np.arange(44_100) / 44_100, POINTS) / 20.0)
    np.testing.assert_allclose(gained, plain * gain[:, np.newaxis], atol=1e-6)
