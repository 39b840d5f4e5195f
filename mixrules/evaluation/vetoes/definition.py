"""What a veto is: a measure of one mix with the bound past which an engineer sends the mix back."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from mixrules.errors import ParameterError
from mixrules.evaluation.vetoes.heard_mix import HeardMix

WHOLE_MIX = ""
"""What a value belongs to that is no single stem's."""
_FARTHEST = 200.0  # silence on one side is no number of decibels


@dataclass(frozen=True, slots=True, kw_only=True)
class Veto:
    """One reason to send a mix back.

    Parameters
    ----------
    name : str
        Its name in tables and files.
    about : str
        What is wrong with the mix, in a musician's words.
    measured : str
        What is measured, in a line.
    unit : str
        ``"dB"``, ``"LU"``, ``"s"``; empty for a plain number or a share.
    threshold : float
        The bound.
    fires_when : {"above", "below"}
        On which side of the bound the mix is sent back.
    source : str
        Where measure and bound come from; "ours" where they are.
    function : callable
        ``function(mix)`` to values by stem, or by `WHOLE_MIX`; nothing where the line has nothing to look at.
    revision : int
        Raised when the values change by definition, so that results of before are not taken for these.
    """

    name: str
    about: str
    measured: str
    unit: str
    threshold: float
    source: str
    function: Callable[[HeardMix], Mapping[str, float]]
    fires_when: Literal["above", "below"] = "above"
    revision: int = 1

    def __post_init__(self) -> None:
        if not (self.name and self.about and self.measured and self.source):
            raise ParameterError(f"a veto needs name, about, measured and source, got {self.name!r}")
        if not math.isfinite(self.threshold):
            raise ParameterError(
                f"veto {self.name}: threshold must be a finite number, got {self.threshold!r}"
            )

    @property
    def bound(self) -> str:
        """Where the mix is sent back, in words: ``below -6 dB``."""
        return f"{self.fires_when} {self.threshold:g} {self.unit}".rstrip()

    def is_past(self, value: float) -> bool:
        """Return whether a value lies past the bound; NaN does not."""
        return value > self.threshold if self.fires_when == "above" else value < self.threshold

    def of(self, mix: HeardMix) -> VetoResult:
        """Return what the line says of a mix."""
        values = {
            name: min(max(float(value), -_FARTHEST), _FARTHEST)
            for name, value in self.function(mix).items()
            if not math.isnan(value)
        }
        worst = max if self.fires_when == "above" else min
        return VetoResult(
            value=worst(values.values(), default=math.nan),
            fires=any(map(self.is_past, values.values())),
            stems=tuple(name for name, value in values.items() if name and self.is_past(value)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class VetoResult:
    """What one line says of a mix.

    Attributes
    ----------
    value : float
        The value, of several stems the worst; NaN where the line has nothing to look at.
    fires : bool
        Whether the mix would be sent back.
    stems : tuple of str
        Because of which stems; empty where it is the whole mix, or nothing.
    """

    value: float
    fires: bool
    stems: tuple[str, ...] = ()
