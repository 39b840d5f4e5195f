"""Values of a distribution, all of them or counted: quantiles and histograms without millions of values in memory."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_BITS = 18
"""Of a float32 that are kept: sign, exponent and 9 bits of the mantissa, so that a value is known to 0.2 %."""
_DROPPED = 32 - _BITS
_SIGN = np.uint32(1 << 31)


class Values(Protocol):
    """The defined values of a distribution."""

    @property
    def count(self) -> int:
        """How many values there are."""
        ...

    @property
    def sd(self) -> float:
        """Their standard deviation (n - 1); NaN with one value."""
        ...

    def quantiles(self, shares: Sequence[float]) -> Floats:
        """Return the values below which these shares (0 to 1) lie; NaN where there are no values."""
        ...

    def histogram(self, edges: Floats) -> tuple[npt.NDArray[np.int64], int, int]:
        """Return how many lie in each bin, below the first edge and above the last one."""
        ...


class ExactValues:
    """A distribution of which every value is at hand.

    Parameters
    ----------
    values : ndarray
        NaN is left out.
    """

    def __init__(self, values: Floats) -> None:
        self.values = np.sort(values[np.isfinite(values)])

    @property
    def count(self) -> int:
        """How many values there are."""
        return self.values.size

    @property
    def sd(self) -> float:
        """Their standard deviation (n - 1); NaN with one value."""
        return float(self.values.std(ddof=1)) if self.count > 1 else math.nan

    def quantiles(self, shares: Sequence[float]) -> Floats:
        """Return the values below which these shares lie, between values by linear interpolation."""
        return np.quantile(self.values, shares) if self.count else np.full(len(shares), math.nan)

    def histogram(self, edges: Floats) -> tuple[npt.NDArray[np.int64], int, int]:
        """Return how many lie in each bin, below the first edge and above the last one."""
        return (
            np.histogram(self.values, edges)[0].astype(np.int64),
            int((self.values < edges[0]).sum()),
            int((self.values > edges[-1]).sum()),
        )


class CountedValues:
    """A distribution of which values are counted as they come: 2 MiB, however many there are.

    Smallest value, largest value and standard deviation are exact, quantiles to 0.2 %: 0.02 LU at 10 LU.
    """

    def __init__(self) -> None:
        self._counts = np.zeros(1 << _BITS, np.int64)
        self._low, self._high = math.inf, -math.inf
        self.count = 0
        self._mean = 0.0
        self._squares = 0.0

    def add(self, values: Floats) -> None:
        """Count values.

        Parameters
        ----------
        values : ndarray
            Finite.
        """
        if not values.size:
            return
        bits = values.astype(np.float32).view(np.uint32)
        # Bits of floats are in their order once those of negative ones are turned over.
        ordered = np.where(bits & _SIGN, ~bits, bits | _SIGN) >> np.uint32(_DROPPED)
        self._counts += np.bincount(ordered, minlength=1 << _BITS)
        self._low, self._high = min(self._low, float(values.min())), max(self._high, float(values.max()))
        mean, together = float(values.mean()), self.count + values.size
        self._squares += float(((values - mean) ** 2).sum())
        self._squares += (mean - self._mean) ** 2 * self.count * values.size / together
        self._mean += (mean - self._mean) * values.size / together
        self.count = together

    @property
    def sd(self) -> float:
        """Their standard deviation (n - 1); NaN with one value."""
        return math.sqrt(self._squares / (self.count - 1)) if self.count > 1 else math.nan

    def quantiles(self, shares: Sequence[float]) -> Floats:
        """Return the values below which these shares lie."""
        if not self.count:
            return np.full(len(shares), math.nan)
        kept = np.flatnonzero(self._counts)
        up_to = np.cumsum(self._counts[kept])
        places = np.asarray(shares) * (self.count - 1)
        found = _middles(kept[np.searchsorted(up_to, places, side="right").clip(max=kept.size - 1)])
        found = np.where(places <= 0.0, self._low, np.where(places >= self.count - 1, self._high, found))
        return np.asarray(np.clip(found, self._low, self._high))

    def histogram(self, edges: Floats) -> tuple[npt.NDArray[np.int64], int, int]:
        """Return how many lie in each bin, below the first edge and above the last one."""
        kept = np.flatnonzero(self._counts)
        counts, middles = self._counts[kept], np.clip(_middles(kept), self._low, self._high)
        inside = np.histogram(middles, edges, weights=counts)[0].astype(np.int64)
        return inside, int(counts[middles < edges[0]].sum()), int(counts[middles > edges[-1]].sum())


def _middles(ordered: npt.NDArray[np.int64]) -> Floats:
    """Return the value in the middle of those that are counted as one."""
    ends = []
    for rest in (0, (1 << _DROPPED) - 1):
        bits = (ordered.astype(np.uint32) << np.uint32(_DROPPED)) | np.uint32(rest)
        ends.append(np.where(bits & _SIGN, bits ^ _SIGN, ~bits).astype(np.uint32).view(np.float32))
    return np.asarray((ends[0].astype(np.float64) + ends[1]) / 2.0)
