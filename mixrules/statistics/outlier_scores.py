"""How far a value lies from what is usual in its sample."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_FEWEST = 5
"""Fewer values say too little of what is usual."""
_MAD_OF_NORMAL = 0.6745


def modified_z(values: npt.ArrayLike) -> Floats:
    """Return how far each value lies from the median, in median absolute deviations, scaled to a normal's z-score.

    Parameters
    ----------
    values : array_like, shape (n,)
        NaN stays NaN.

    Returns
    -------
    ndarray, shape (n,)
        NaN with fewer than five values, or where more than half are the same.

    Notes
    -----
    0.6745 (x - median) / MAD, after Iglewicz and Hoaglin [1]_, who take 3.5 and more for an outlier. A value that is far
    off does not hide itself, as it does where it widens the standard deviation that it is judged by.

    References
    ----------
    .. [1] B. Iglewicz, D. C. Hoaglin, "How to detect and handle outliers", ASQC, 1993.
    """
    given = np.asarray(values, np.float64)
    defined = given[np.isfinite(given)]
    if defined.size < _FEWEST:
        return np.full(given.shape, np.nan)
    middle = float(np.median(defined))
    spread = float(np.median(np.abs(defined - middle)))
    if spread == 0.0:
        return np.full(given.shape, np.nan)
    return np.asarray(_MAD_OF_NORMAL * (given - middle) / spread)
