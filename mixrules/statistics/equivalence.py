"""Whether a difference is shown to be small."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def equivalence_p(first: Floats, second: Floats | None, margin: float) -> float:
    """Return the p of two one-sided t-tests (TOST): that a mean difference lies within ±margin.

    Parameters
    ----------
    first : ndarray, shape (n,)
        Paired differences, or the first sample.
    second : ndarray or None
        The second sample (Welch's t-test); None for paired differences.
    margin : float
        In the units of the values, over 0.

    Returns
    -------
    float
        The larger of the two one-sided p-values; NaN with under 2 values.

    References
    ----------
    .. [1] D. J. Schuirmann, "A comparison of the two one-sided tests procedure ...", J. Pharmacokinet.
       Biopharm. 15, 1987.
    """
    from scipy.stats import t

    samples = [first] if second is None else [first, second]
    if any(s.size < 2 for s in samples):
        return math.nan
    parts = [float(s.var(ddof=1)) / s.size for s in samples]
    mean = float(first.mean()) - (float(second.mean()) if second is not None else 0.0)
    error = math.sqrt(sum(parts))
    if error == 0.0:
        return 0.0 if abs(mean) < margin else 1.0
    freedom = sum(parts) ** 2 / sum(p * p / (s.size - 1) for p, s in zip(parts, samples, strict=True))
    return float(max(t.sf((mean + margin) / error, freedom), t.cdf((mean - margin) / error, freedom)))
