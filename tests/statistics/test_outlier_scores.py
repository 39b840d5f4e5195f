"""Modified z-scores beside scipy's median absolute deviation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from mixrules.statistics import modified_z


def test_a_modified_z_score_is_scipys_median_absolute_deviation(rng: np.random.Generator) -> None:
    values = rng.normal(3.0, 2.0, 40)
    values[3] = math.nan
    spread = stats.median_abs_deviation(values, scale="normal", nan_policy="omit")
    assert modified_z(values) == pytest.approx(
        (values - np.nanmedian(values)) / spread, rel=1e-4, nan_ok=True
    )
    assert np.isnan(modified_z(np.array([1.0, 1.0, 1.0, 1.0, 9.0]))).all()
    assert np.isnan(modified_z(np.array([1.0, 2.0, 3.0, 90.0]))).all()
