"""Correction for the number of tests in a family."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def holm(p_values: npt.ArrayLike) -> Floats:
    """Adjust the p-values of a family of tests by Holm's step-down procedure.

    Parameters
    ----------
    p_values : array_like, shape (..., tests)
        Unadjusted, a family along the last axis. NaN (a test that could not be made) stays NaN and does not count.

    Returns
    -------
    ndarray, shape (..., tests)
        In the same order, at most 1; reject where below the level of the family.

    References
    ----------
    .. [1] S. Holm, "A simple sequentially rejective multiple test procedure", Scand. J. Statist. 6, 1979.
    """
    p = np.asarray(p_values, np.float64)
    order = np.argsort(p, axis=-1)  # NaN comes last
    left = (~np.isnan(p)).sum(axis=-1, keepdims=True) - np.arange(p.shape[-1])
    stepped = np.minimum(np.maximum.accumulate(np.take_along_axis(p, order, -1) * left, axis=-1), 1.0)
    adjusted = np.empty_like(p)
    np.put_along_axis(adjusted, order, stepped, axis=-1)
    return adjusted
