"""The two errors that a network and a constant are held against each other by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorPair:
    """Two errors that are easily taken for one another, over all outputs.

    Attributes
    ----------
    mae : float
        Mean absolute error.
    rmse : float
        Root mean square error.
    """

    mae: float
    rmse: float

    @classmethod
    def of(cls, answers: npt.NDArray[np.floating], truth: npt.NDArray[np.floating]) -> ErrorPair:
        """Return the errors of answers, shape (rows, outputs)."""
        error = np.asarray(answers, np.float64) - np.asarray(truth, np.float64)
        return cls(mae=float(np.mean(np.abs(error))), rmse=float(np.sqrt(np.mean(np.square(error)))))
