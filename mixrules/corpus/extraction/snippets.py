"""Where the snippets of a song are, and the cells and frames that belong to each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Snippets:
    """Parts of equal length of a signal, one every `hop` samples.

    What remains at the end and is shorter than a snippet belongs to none, but for a song that is shorter altogether:
    it is one snippet.

    Attributes
    ----------
    samples : int
        Length of the signal.
    length, hop : int
        Length of a snippet and distance between two, in samples, both at least 1.
    """

    samples: int
    length: int
    hop: int

    @property
    def starts(self) -> Integers:
        """Where each begins."""
        return np.arange(0, max(self.samples - self.length, 0) + 1, self.hop)

    @property
    def ends(self) -> Integers:
        """Where each ends."""
        return np.minimum(self.starts + self.length, self.samples)

    def __len__(self) -> int:
        return max(self.samples - self.length, 0) // self.hop + 1

    def points(self, hop: int) -> tuple[Integers, Integers]:
        """Return the first point in each, and the first after it, of points at multiples of `hop` samples."""
        return -(-self.starts // hop), -(-self.ends // hop)


def sums_between(values: npt.NDArray[Any], first: Integers, last: Integers) -> Floats:
    """Return the sum of `values` along the first axis from each index of `first` to before that of `last`.

    By a running sum in double precision: what lies before is forgotten but for its rounding error.
    """
    running = np.concatenate([np.zeros((1, *values.shape[1:])), np.cumsum(values, axis=0, dtype=np.float64)])
    return np.asarray(running[last] - running[first])
