"""Least squares without negative numbers: the same as scipy's on the columns themselves."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import nnls

from mixrules.analysis.non_negative import non_negative_solution


@pytest.mark.parametrize("seed", range(5))
def test_it_is_that_of_the_columns(seed: int) -> None:
    rng = np.random.default_rng(seed)
    columns, target = rng.standard_normal((50, 6)) * 10.0 ** rng.uniform(-3, 3, 6), rng.standard_normal(50)
    found = non_negative_solution(columns.T @ columns, columns.T @ target, floor=1e-30, independent=1e-10)
    expected = nnls(columns, target)[0]
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-9 * expected.max(initial=0.0))


def test_where_nothing_is_told_all_are_none() -> None:
    found = non_negative_solution(np.zeros((2, 2)), np.zeros(2), floor=1e-30, independent=1e-10)
    assert not found.any()
