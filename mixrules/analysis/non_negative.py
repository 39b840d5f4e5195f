"""Least squares with no negative unknown, on the normal equations."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def non_negative_solution(normal: Floats, onto: Floats, *, floor: float, independent: float) -> Floats:
    """Return the numbers, none negative, that solve normal equations best.

    Parameters
    ----------
    normal : ndarray of float64, shape (numbers, numbers)
        The matrix of the normal equations.
    onto : ndarray of float64, shape (numbers,)
        Their right side.
    floor : float
        A number whose curvature is less is scaled as if it had this one.
    independent : float
        Directions whose curvature, once every number is scaled by its own, is less than this share of the largest are
        left out: nothing tells them.

    Returns
    -------
    ndarray of float64, shape (numbers,)
    """
    from scipy.optimize import nnls

    scale = np.sqrt(np.maximum(np.diag(normal), floor))
    # A root of the matrix, so that the solver sees a small least-squares problem.
    values, vectors = np.linalg.eigh(normal / np.outer(scale, scale))
    kept = values > values.max(initial=0.0) * independent
    if not kept.any():
        return np.zeros(len(onto))
    root = np.sqrt(values[kept])[:, None] * vectors[:, kept].T
    right = (vectors[:, kept].T @ (onto / scale)) / np.sqrt(values[kept])
    return np.asarray(nnls(root, right)[0] / scale)
