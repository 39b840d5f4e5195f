"""How well listeners tell two sounds apart: the sensitivity d' of an ABX test."""

from __future__ import annotations

import math

_HIGHEST = 0.5 + 0.5 * (1.0 - 1e-9)


def abx_share_correct(d_prime: float) -> float:
    """Return the share of right answers of a listener of sensitivity d' in an ABX test.

    Parameters
    ----------
    d_prime : float
        The distance of the two sounds, in standard deviations of what is heard of one; 0 and more.

    Returns
    -------
    float
        0.5 to 1.

    Notes
    -----
    The listener chooses the one that seems nearer to X (differencing), without bias [1]_:
    ``Φ(d'/√2) Φ(d'/√6) + Φ(-d'/√2) Φ(-d'/√6)``, which is that of a duo-trio test.

    References
    ----------
    .. [1] N. A. Macmillan, C. D. Creelman, "Detection theory: a user's guide", 2nd ed., 2005, chapter 9.

    Examples
    --------
    >>> round(abx_share_correct(1.0), 3)
    0.582
    """
    from scipy.special import ndtr

    a, b = float(ndtr(d_prime / math.sqrt(2.0))), float(ndtr(d_prime / math.sqrt(6.0)))
    return a * b + (1.0 - a) * (1.0 - b)


def abx_d_prime(share: float) -> float:
    """Return the sensitivity d' of which a share of right answers in an ABX test speaks.

    Parameters
    ----------
    share : float
        Of right answers; up to one in two is no sensitivity.

    Returns
    -------
    float
        0 and more; infinite where all are right, NaN for NaN.

    Examples
    --------
    >>> round(abx_d_prime(0.75), 2)
    2.02
    """
    from scipy.optimize import brentq

    if math.isnan(share):
        return math.nan
    if share <= 0.5:
        return 0.0
    if share >= _HIGHEST:
        return math.inf
    return float(brentq(lambda d: abx_share_correct(d) - share, 0.0, 40.0))
