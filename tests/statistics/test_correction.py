"""Holm's correction by hand and against statsmodels, for one family and for many at once."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixrules.statistics import holm


def test_holm_by_hand() -> None:
    # A test that could not be made does not count: three are left.
    assert holm([0.01, math.nan, 0.04, 0.03]) == pytest.approx([0.03, math.nan, 0.06, 0.06], nan_ok=True)
    assert holm([]).shape == (0,)


@given(st.lists(st.lists(st.floats(0, 1), min_size=7, max_size=7), min_size=1, max_size=4))
@settings(deadline=None)
def test_holm_is_statsmodels_holm(families: list[list[float]]) -> None:
    from statsmodels.stats.multitest import multipletests

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "gc.collect", lambda: 0
        )  # which multipletests calls every time, for nothing and at length
        expected = [multipletests(p, method="holm")[1] for p in families]
    assert holm(families) == pytest.approx(np.array(expected), abs=1e-12)
    assert holm(families[0]) == pytest.approx(expected[0], abs=1e-12)


def test_each_family_leaves_out_its_own_missing_tests() -> None:
    families = [[0.02, math.nan, 0.04], [0.01, 0.5, 0.02]]
    assert holm(families) == pytest.approx(np.array([holm(p) for p in families]), nan_ok=True)
