"""One step of damped least squares (Levenberg, Marquardt), whatever the unknown numbers' units."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def damped_step(normal: Floats, gradient: Floats, damping: float) -> Floats:
    """Return how far to move.

    Parameters
    ----------
    normal : ndarray, shape (numbers, numbers)
        The normal equations' matrix.
    gradient : ndarray, shape (numbers,)
        Leads down.
    damping : float
        Added to the diagonal once each number is scaled by its own curvature.

    Returns
    -------
    ndarray of float64, shape (numbers,)
    """
    own = np.diag(normal)
    scale = np.sqrt(np.maximum(own, 1e-12 * max(float(own.max(initial=0.0)), 1e-18)))
    matrix = normal / np.outer(scale, scale) + damping * np.eye(len(scale))
    return np.asarray(np.linalg.solve(matrix, gradient / scale) / scale)
