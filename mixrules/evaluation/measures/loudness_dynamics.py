"""Dynamics: loudness, loudness range, and how short-term loudness is distributed."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from mixrules.evaluation.measures.definition import Measure, MeasureGroup
from mixrules.evaluation.rendition import Rendition
from mixrules.loudness import loudness_range_from_energies, short_term_from_energies

_SHORT_TERM_FLOOR_LUFS = -70.0


def measured(candidate: Rendition, reference: Rendition) -> dict[str, float]:
    """Return the errors of integrated loudness and loudness range, and the distance of the distributions."""
    gap = candidate.integrated_lufs() - reference.integrated_lufs()
    ranges = [loudness_range_from_energies(mix.energies(), 0.1) for mix in (candidate, reference)]
    ours, theirs = _short_term(candidate), _short_term(reference)
    return {
        "integrated_loudness_error_lu": abs(gap) if math.isfinite(gap) else math.nan,
        "loudness_range_error_lu": abs(ranges[0] - ranges[1]),
        "short_term_distance_lu": wasserstein(ours - gap, theirs) if math.isfinite(gap) else math.nan,
    }


def wasserstein(first: npt.ArrayLike, second: npt.ArrayLike) -> float:
    """Return the Wasserstein-1 distance of two samples: how far values move, on average, to become the other's.

    Parameters
    ----------
    first, second : array_like, shape (values,)
        Finite values of one unit, of any two lengths.

    Returns
    -------
    float
        In that unit; NaN where a sample is empty.

    Notes
    -----
    The area between the two cumulative distributions: Ramdas, García Trillos, Cuturi, "On Wasserstein
    two-sample testing", Entropy 19, 2017.
    """
    a, b = np.sort(np.asarray(first, np.float64)), np.sort(np.asarray(second, np.float64))
    if a.size == 0 or b.size == 0:
        return math.nan
    values = np.sort(np.concatenate([a, b]))
    below_a = np.searchsorted(a, values[:-1], side="right") / a.size
    below_b = np.searchsorted(b, values[:-1], side="right") / b.size
    return float(np.sum(np.abs(below_a - below_b) * np.diff(values)))


def _short_term(mix: Rendition) -> npt.NDArray[np.float64]:
    lufs = short_term_from_energies(mix.energies())[1]
    return lufs[lufs >= _SHORT_TERM_FLOOR_LUFS]


GROUP = MeasureGroup(
    name="dynamics",
    function=measured,
    measures=(
        Measure(
            name="integrated_loudness_error_lu",
            unit="LU",
            source="ITU-R BS.1770-5",
            about="how far integrated loudness is off, as delivered; a percentage of LUFS would look small, "
            "because LUFS counts from full scale",
        ),
        Measure(
            name="loudness_range_error_lu",
            unit="LU",
            source="EBU Tech 3342 v4, ten values a second",
            about="how far the loudness range is off; NaN under 3 s",
        ),
        Measure(
            name="short_term_distance_lu",
            unit="LU",
            source="Wasserstein-1 distance; short-term loudness: EBU Tech 3341 v4, ten values a second",
            about="distance of the distributions of short-term loudness at equal integrated loudness",
        ),
    ),
)
