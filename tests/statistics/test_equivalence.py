"""Two one-sided tests against statsmodels, and where values never vary."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mixrules.statistics import equivalence_p


def test_equivalence_is_statsmodels_tost(rng: np.random.Generator) -> None:
    from statsmodels.stats.weightstats import DescrStatsW, ttost_ind

    a, b = rng.normal(0.5, 0.1, 20), rng.normal(0.52, 0.2, 30)
    paired = DescrStatsW(a - b[:20]).ttost_mean(-0.1, 0.1)[0]
    assert equivalence_p(a - b[:20], None, 0.1) == pytest.approx(paired)
    welch = ttost_ind(a, b, -0.1, 0.1, usevar="unequal")[0]
    assert equivalence_p(a, b, 0.1) == pytest.approx(welch)


def test_equivalence_of_values_that_never_vary() -> None:
    assert equivalence_p(np.zeros(5), None, 0.1) == 0.0
    assert equivalence_p(np.full(5, 0.5), None, 0.1) == 1.0
    assert math.isnan(equivalence_p(np.zeros(1), None, 0.1))
