"""Scales that panels share: one set of bins for every panel of a measure, chosen by all of them together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules.report.corpus.value_counts import ExactValues, Values

Floats = npt.NDArray[np.float64]

_FEWEST_BINS, _MOST_BINS = 12, 44
_REACH, _REACH_OF_COUNTED = 3.0, 1.5
"""Quartile distances beyond the quartiles, less where there are many values: what lies further is counted at the edge,
so that it does not set the scale."""
_MOST_DECADES = 4.0
_STEPS = (1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """The axis of a measure.

    Attributes
    ----------
    edges : ndarray
        Of the bins.
    logarithmic : bool
        Whether the bins are equally wide as logarithms.
    """

    edges: Floats
    logarithmic: bool = False

    @property
    def limits(self) -> tuple[float, float]:
        """The ends of the axis."""
        return float(self.edges[0]), float(self.edges[-1])

    def clip(self, values: Floats) -> Floats:
        """Return values with those beyond the ends at the ends."""
        return np.clip(values, *self.limits)


def shared_scale(samples: Sequence[Values], songs: int, *, logarithmic: bool = False) -> Scale:
    """Return bins of a round width that hold what is usual in each of some samples.

    Parameters
    ----------
    samples : sequence of Values
        What the panels show.
    songs : int
        How many songs the largest corpus has: with more of them bins are narrower.
    logarithmic : bool
        Whether the scale is; what is not above 0 then lies below it.
    """
    bounds = [_bounds(sample, logarithmic) for sample in samples if sample.count]
    bounds = [(low, high) for low, high in bounds if math.isfinite(high)]
    if not bounds:
        return Scale(np.array([0.0, 1.0]))
    low, high = min(low for low, _ in bounds), max(high for _, high in bounds)
    bins = min(max(_FEWEST_BINS, round(2.0 * math.sqrt(songs))), _MOST_BINS)
    width = _round_width((high - low) / bins, abs(high))
    first, last = math.floor(low / width + 1e-9), math.ceil(high / width - 1e-9)
    if first == last:
        first, last = first - 1, last + 1
    edges = np.arange(first, last + 1, dtype=np.float64) * width
    return Scale(np.asarray(10.0**edges, np.float64), True) if logarithmic else Scale(edges)


def _bounds(sample: Values, logarithmic: bool) -> tuple[float, float]:
    """Return from where to where a sample's usual values go, as logarithms where the scale is."""
    found = sample.quantiles((0.0, 0.25, 0.75, 1.0))
    if logarithmic:
        with np.errstate(divide="ignore", invalid="ignore"):
            found = np.log10(found)
        found = np.maximum(found, found[-1] - _MOST_DECADES)
    lowest, lower, upper, highest = found.tolist()
    reach = (_REACH if isinstance(sample, ExactValues) else _REACH_OF_COUNTED) * (upper - lower)
    if reach == 0.0:
        return lowest, highest
    return max(lowest, lower - reach), min(highest, upper + reach)


def _round_width(width: float, size: float) -> float:
    """Return 1, 2 or 5 times a power of ten near a width; where that is 0, one that suits the values."""
    width = width if width > 0.0 else max(size, 1.0) / 20.0
    power = 10.0 ** math.floor(math.log10(width))
    return power * min(_STEPS, key=lambda step: abs(math.log(step * power / width)))
