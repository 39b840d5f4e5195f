"""Gain over time: against numpy's interpolation and a slow mean, block-wise as whole, cheap where nothing changes."""

from __future__ import annotations

import json

import numpy as np
import numpy.typing as npt
import pytest

from mixrules import MixPlan, StemPlan
from mixrules.errors import AudioError, ParameterError, PlanError
from mixrules.processors import (
    AutomationStream,
    GainPoint,
    add_automations,
    automate,
    automation_gain_db,
    simplify_automation,
)
from mixrules.processors.automation import SMOOTHING_S

Floats = npt.NDArray[np.float64]
Points = list[tuple[float, float]]

RIDE: Points = [(0.1, 0.0), (0.2, 3.0), (0.35, 3.0), (0.4, -2.0), (0.7, -2.5), (0.9, 0.0)]
FADES: Points = [(0.0, -60.0), (0.003, 0.0), (0.49, 0.0), (0.5, -60.0)]
CROWDED: Points = [(0.2 + 0.001 * n, (-1.0) ** n) for n in range(50)]
LISTS = pytest.mark.parametrize(
    "pairs", [RIDE, FADES, CROWDED, [(0.3, -7.0)]], ids=["ride", "fades", "crowded", "one"]
)


def points_of(pairs: Points) -> list[GainPoint]:
    return [GainPoint(time_s=time_s, gain_db=gain_db) for time_s, gain_db in pairs]


def slow_mean_db(times_s: Floats, pairs: Points) -> Floats:
    """The mean of numpy's interpolation over the smoothing around each time, by brute force (midpoint rule)."""
    steps = 4000
    offsets_s = SMOOTHING_S * ((np.arange(steps) + 0.5) / steps - 0.5)
    knots_s, gains_db = np.array(pairs).T
    return np.array([np.interp(time_s + offsets_s, knots_s, gains_db).mean() for time_s in times_s])


def gains_db_of(samples: int, sample_rate: int, pairs: Points) -> Floats:
    return 20.0 * np.log10(automate(np.ones((samples, 1)), sample_rate, points_of(pairs))[:, 0])


@LISTS
def test_the_gain_is_the_mean_of_straight_lines(pairs: Points) -> None:
    times_s = np.concatenate([np.linspace(0.0, 1.2, 301), [t for t, _ in pairs]])
    np.testing.assert_allclose(
        automation_gain_db(times_s, points_of(pairs)), slow_mean_db(times_s, pairs), atol=2e-3
    )


@pytest.mark.parametrize("sample_rate", [8_000, 44_100, 192_000])
@pytest.mark.parametrize(("pairs", "bound_db"), [(RIDE, 0.01), (FADES, 0.1), (CROWDED, 0.02)])
def test_every_sample_gets_the_gain_of_its_time(sample_rate: int, pairs: Points, bound_db: float) -> None:
    times_s = np.arange(sample_rate) / sample_rate
    expected_db = automation_gain_db(times_s, points_of(pairs))
    np.testing.assert_allclose(
        gains_db_of(sample_rate, sample_rate, pairs), expected_db, rtol=0, atol=bound_db
    )


@LISTS
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("channels", [1, 2, 8])
def test_blocks_joined_are_the_whole_bit_for_bit(
    pairs: Points, dtype: type[np.floating], channels: int, rng: np.random.Generator
) -> None:
    audio = rng.standard_normal((44_100, channels)).astype(dtype)
    whole = automate(audio, 44_100, points_of(pairs))
    assert whole.dtype == dtype
    assert whole.flags.c_contiguous
    for sizes in ([1, 2, 3, 15, 16, 17, 1000], [1], [4410], [131_072]):
        stream = AutomationStream(44_100, points_of(pairs))
        blocks: list[npt.NDArray[np.floating]] = []
        start = 0
        while start < (len(audio) if sizes != [1] else 300):
            size = sizes[len(blocks) % len(sizes)]
            blocks.append(stream.process(audio[start : start + size]))
            start += size
        joined = np.concatenate(blocks)
        np.testing.assert_array_equal(joined, whole[: len(joined)])


def test_no_step_is_larger_than_the_smoothing_lets_it_be() -> None:
    gains_db = gains_db_of(44_100, 44_100, [(0.5, 0.0), (0.5 + 1e-9, -12.0)])
    assert np.abs(np.diff(gains_db)).max() == pytest.approx(12.0 / (SMOOTHING_S * 44_100), rel=0.02)


def test_hours_into_a_song_the_gain_is_as_exact_as_at_its_start() -> None:
    hours_s = 5 * 3600.0
    early, late = ([(t + shift_s, g) for t, g in RIDE] for shift_s in (0.0, hours_s))
    times_s = np.linspace(0.0, 1.0, 500)
    np.testing.assert_allclose(
        automation_gain_db(times_s + hours_s, points_of(late)),
        automation_gain_db(times_s, points_of(early)),
        atol=1e-6,
    )
    stream = AutomationStream(192_000, points_of([(0.0, 6.0), *late]))
    skipped = int(hours_s) * 192_000
    stream._position = skipped
    gains_db = 20.0 * np.log10(stream.process(np.ones((192_000, 1)))[:, 0])
    np.testing.assert_allclose(
        gains_db,
        automation_gain_db((skipped + np.arange(192_000)) / 192_000, points_of([(0.0, 6.0), *late])),
        atol=0.01,
    )


def test_points_past_the_end_count_for_the_line_that_leads_to_them() -> None:
    gains_db = gains_db_of(8_000, 8_000, [(0.0, 0.0), (100.0, -100.0)])
    assert gains_db[4_000] == pytest.approx(-0.5, abs=0.01)
    assert gains_db_of(10, 8_000, [(50.0, -3.0)]) == pytest.approx(-3.0)


def test_without_points_or_at_0_db_nothing_changes_and_a_new_array_comes_out(
    rng: np.random.Generator,
) -> None:
    audio = rng.standard_normal((1000, 2)).astype(np.float32)
    for pairs in ([], [(0.0, 0.0), (3.0, 0.0)]):
        out = automate(audio, 44_100, points_of(pairs))
        np.testing.assert_array_equal(out, audio)
        assert not np.shares_memory(out, audio)


def test_audio_of_one_sample_and_an_empty_block() -> None:
    assert automate(np.ones(1), 44_100, points_of(RIDE)).tolist() == [[1.0]]
    stream = AutomationStream(44_100, points_of(FADES))
    assert stream.process(np.ones((0, 1))).shape == (0, 1)
    with pytest.raises(AudioError, match="nan"):
        automate(np.array([np.nan]), 44_100, [])


def plan_text(points: object) -> str:
    document = json.loads(MixPlan(stems=(StemPlan(name="vocals"),)).to_json())
    document["stems"][0]["automation"] = points
    return json.dumps(document)


@pytest.mark.parametrize(
    ("points", "message"),
    [
        (
            [{"time_s": 2.0, "gain_db": 0.0}, {"time_s": 1.0, "gain_db": 0.0}],
            r"\$\.stems\[0\].* must rise, got 1 ",
        ),
        (
            [{"time_s": 1.0, "gain_db": 0.0}, {"time_s": 1.0, "gain_db": 2.0}],
            r"\$\.stems\[0\].* must rise, got 1 ",
        ),
        ([{"time_s": -1.0, "gain_db": 0.0}], r"\$\.stems\[0\]\.automation\[0\].*time_s must be at least 0"),
        ([{"time_s": 1.0, "gain_db": 25.0}], r"\$\.stems\[0\]\.automation\[0\].*gain_db must be -144 to 24"),
        ([{"time_s": 1.0}], r"\$\.stems\[0\]\.automation\[0\].*gain_db"),
        ([{"time_s": 1.0, "gain_db": 0.0, "shape": "s"}], r"\$\.stems\[0\]\.automation\[0\].*shape"),
        ({"time_s": 1.0}, r"\$\.stems\[0\]\.automation"),
    ],
)
def test_a_plan_with_impossible_points_is_refused_in_one_line(points: object, message: str) -> None:
    with pytest.raises(PlanError, match=message) as refused:
        MixPlan.from_json(plan_text(points), source="song.plan.json")
    assert "\n" not in str(refused.value)
    assert "song.plan.json" in str(refused.value)


def test_points_come_back_from_a_plans_file() -> None:
    points = tuple(points_of(RIDE))
    plan = MixPlan(stems=(StemPlan(name="vocals", automation=points),))
    assert MixPlan.from_json(plan.to_json()).stem("vocals").automation == points
    assert "automation" not in MixPlan(stems=(StemPlan(name="vocals"),)).to_json()


@pytest.mark.parametrize(
    ("first", "second"), [(RIDE, FADES), (FADES, RIDE), (RIDE, []), ([], FADES), (RIDE, RIDE)]
)
def test_two_automations_in_one_give_the_sum_of_both(first: Points, second: Points) -> None:
    times_s = np.linspace(0.0, 1.2, 500)
    both_db = automation_gain_db(times_s, add_automations(points_of(first), points_of(second)))
    apart_db = automation_gain_db(times_s, points_of(first)) + automation_gain_db(times_s, points_of(second))
    np.testing.assert_allclose(both_db, apart_db, atol=1e-9)


def test_sums_stay_within_what_a_point_may_hold() -> None:
    (point,) = add_automations(points_of([(1.0, 20.0)]), points_of([(1.0, 20.0)]))
    assert point.gain_db == 24.0


@pytest.mark.parametrize("tolerance_db", [0.0, 0.3, 2.0])
def test_a_simpler_automation_stays_within_its_tolerance(
    tolerance_db: float, rng: np.random.Generator
) -> None:
    times_s = np.arange(400) / 10
    points = points_of(list(zip(times_s, np.cumsum(rng.normal(0.0, 0.2, 400)), strict=True)))
    simpler = simplify_automation(points, tolerance_db)
    assert set(simpler) <= set(points)
    assert (simpler[0], simpler[-1]) == (points[0], points[-1])
    knots = np.array([(point.time_s, point.gain_db) for point in simpler]).T
    off_db = np.interp(times_s, *knots) - [point.gain_db for point in points]
    assert np.abs(off_db).max() <= tolerance_db + 1e-12
    assert len(simpler) < len(points) if tolerance_db else len(simpler) == len(points)


def test_points_on_a_line_are_left_out_and_odd_lists_pass() -> None:
    assert len(simplify_automation(points_of([(t, 0.5 * t) for t in (0.0, 1.0, 2.0, 4.0)]), 1e-9)) == 2
    assert simplify_automation([], 1.0) == ()
    assert simplify_automation(points_of([(1.0, 2.0)]), 1.0) == tuple(points_of([(1.0, 2.0)]))
    with pytest.raises(ParameterError, match="tolerance_db must be at least 0"):
        simplify_automation([], -1.0)
    with pytest.raises(ParameterError, match="must rise"):
        simplify_automation(points_of([(2.0, 0.0), (1.0, 0.0)]), 1.0)
