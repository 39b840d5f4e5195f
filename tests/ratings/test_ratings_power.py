"""The planner: its power is that of the analysis, errors shrink, limits hold."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from mixrules.errors import ParameterError
from mixrules.ratings.power import PlannedTest, listeners_needed, plan_listeners, power_at


def test_the_level_holds_where_nothing_differs() -> None:
    # An effect far too small to matter: what is found is found by chance, at most alpha in a family.
    plan = PlannedTest(conditions=3, effect=1e-6, sd=1.0, simulations=2000, scale="continuous")
    assert power_at(plan, 20).power <= 0.05


def test_power_is_near_that_of_a_t_test_on_normal_ratings() -> None:
    # Two conditions, one pair, far from the ends of the scale: the signed-rank test has 95 % of the t-test's efficiency.
    plan = PlannedTest(conditions=2, effect=10.0, sd=10.0, scale="continuous", simulations=4000)
    found = power_at(plan, 20)
    shift = 10.0 / (10.0 * np.sqrt(2)) * np.sqrt(20)
    limit = stats.t.ppf(0.975, 19)
    expected = stats.nct.sf(limit, 19, shift) + stats.nct.cdf(-limit, 19, shift)
    assert found.power == pytest.approx(expected, abs=0.05)
    assert found.error == pytest.approx(np.sqrt(found.power * (1 - found.power) / 4000), rel=0.01)


def test_the_number_is_the_first_that_reaches_the_power() -> None:
    result = plan_listeners(PlannedTest(conditions=3, effect=1.0, sd=0.8, songs=2, simulations=500))
    assert result.needed is not None
    by_number = {row.listeners: row.power for row in result.rows}
    assert by_number[result.needed] >= 0.8
    assert all(power < 0.8 for n, power in by_number.items() if n == result.needed - 1)
    assert result == plan_listeners(PlannedTest(conditions=3, effect=1.0, sd=0.8, songs=2, simulations=500))


def test_under_the_fewest_listeners_there_is_no_power() -> None:
    assert power_at(PlannedTest(conditions=4, effect=3.0, sd=0.2, simulations=200), 7).power == 0.0
    assert power_at(PlannedTest(conditions=4, effect=3.0, sd=0.2, simulations=200), 8).power > 0.9


def test_fewer_pairs_need_fewer_listeners() -> None:
    plans = [
        PlannedTest(conditions=5, effect=0.7, sd=0.8, pairs=pairs, simulations=500) for pairs in (4, None)
    ]
    powers = [power_at(plan, 18).power for plan in plans]
    assert powers[0] > powers[1]


def test_a_power_out_of_reach_is_told() -> None:
    result = plan_listeners(PlannedTest(conditions=2, effect=0.01, sd=1.0, simulations=100, max_listeners=6))
    assert result.needed is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"conditions": 1},
        {"effect": 9.0},
        {"sd": 0.0},
        {"pairs": 4},
        {"songs": 0},
        {"scale": "mushra"},
        {"simulations": 10},
    ],
)
def test_a_plan_that_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ParameterError, match=next(iter(wrong))):
        PlannedTest(**{"conditions": 3, "effect": 0.5, "sd": 1.0} | wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(("conditions", "listeners"), [(3, 7), (4, 8), (5, 9), (6, 10), (7, 10), (8, 11)])
def test_the_fewest_listeners_are_those_of_the_table(conditions: int, listeners: int) -> None:
    assert listeners_needed(conditions) == listeners
