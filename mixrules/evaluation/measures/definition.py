"""What a measure is: a number about two mixes, with its unit, range, direction and source."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from mixrules.errors import ParameterError
from mixrules.evaluation.rendition import Rendition

Better = Literal["lower", "higher", "neither"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One number that a group measures.

    Parameters
    ----------
    name : str
        Its name in tables and files.
    unit : str
        ``"dB"``, ``"LU"``, ``"s"``; empty for a plain number or a share.
    about : str
        What it is, in a line.
    source : str
        Where it comes from; "ours" where it is.
    low, high : float
        The range it can take.
    better : {"lower", "higher", "neither"}
        Which way is nearer to the reference, or better; neither: it only describes.
    needs_stems : bool
        Whether both mixes must come with their stems.
    """

    name: str
    unit: str
    about: str
    source: str
    low: float = 0.0
    high: float = math.inf
    better: Better = "lower"
    needs_stems: bool = False

    def __post_init__(self) -> None:
        if not self.name or not self.about or not self.source:
            raise ParameterError(f"a measure needs name, about and source, got {self.name!r}")
        if not self.low < self.high:
            raise ParameterError(f"measure {self.name}: low must be below high, got {self.low}, {self.high}")


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureGroup:
    """Measures that are computed together.

    Parameters
    ----------
    name : str
        Its name.
    measures : tuple of Measure
        What it measures, in the order of tables.
    function : callable
        ``function(candidate, reference)`` to values by name: all of them; NaN where one is not defined.
    packages : tuple of str
        What it imports beyond a minimal installation, by the names that pip knows.
    revision : int
        Raised when the values change by definition, so that results of before are not taken for these.
    """

    name: str
    measures: tuple[Measure, ...]
    function: Callable[[Rendition, Rendition], Mapping[str, float]]
    packages: tuple[str, ...] = ()
    revision: int = 1

    def __call__(self, candidate: Rendition, reference: Rendition) -> dict[str, float]:
        """Evaluate the group; measures that need stems are NaN without them."""
        values = dict.fromkeys((m.name for m in self.measures), math.nan)
        if any(not m.needs_stems for m in self.measures) or _stems_match(candidate, reference):
            measured = self.function(candidate, reference)
            values |= {name: float(measured[name]) for name in values}
        return values


def _stems_match(candidate: Rendition, reference: Rendition) -> bool:
    return (
        candidate.stems is not None
        and reference.stems is not None
        and set(candidate.stems) == set(reference.stems)
    )
