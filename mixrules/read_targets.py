"""Targets that were read from mixes somebody admires, in place of those of a preset."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Container, Mapping
from dataclasses import dataclass, field

from mixrules._support.written_values import as_number
from mixrules.constant import Constant, Value
from mixrules.errors import ParameterError

_LOGARITHMIC = ("s",)
_DIGITS = 2  # a hundredth of a dB is less than what a reading is worth
_DIGITS_OF_SHARES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTarget:
    """A constant that was read: what the preset has, what the references have, and what lies between them.

    Attributes
    ----------
    preset, read, used : float or tuple of float
        In the constant's unit.
    unit : str
        The unit.
    """

    preset: Value
    read: Value
    used: Value
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTargets:
    """What was read from references, as a rule set keeps it.

    Attributes
    ----------
    name : str
        What sentences call the references.
    strength : float
        The share of the way from the preset to them.
    targets : mapping of str to ReadTarget
        By the constants' names.
    notes : tuple of str
        What could not be read, and why.
    """

    name: str
    strength: float
    targets: Mapping[str, ReadTarget]
    notes: tuple[str, ...] = field(default=())

    @property
    def label(self) -> str:
        """What a rule set is called that has them."""
        return f"like {self.name}" + (f" by {self.strength:g}" if self.strength != 1.0 else "")

    def without(self, names: Container[str]) -> ReadTargets:
        """Return the same without some constants: they have been set to something else."""
        kept = {name: target for name, target in self.targets.items() if name not in names}
        return dataclasses.replace(self, targets=kept)

    def used_in(self, constants: Mapping[str, Constant]) -> ReadTargets:
        """Return the same with what the constants now are: a style or a strength has moved some."""
        targets = {
            name: dataclasses.replace(target, used=constants[name].value)
            for name, target in self.targets.items()
        }
        return dataclasses.replace(self, targets=targets)


def require_share(strength: object) -> float:
    """Return how far the references' targets are followed; `ParameterError` where it is not 0 to 1."""
    share = as_number(strength, "like_strength")
    if not 0.0 <= share <= 1.0:
        raise ParameterError(f"like_strength must be 0 to 1, got {share:g}")
    return share


def between(constant: Constant, read: Value, share: float) -> Value:
    """Return what lies at a share of the way from a constant's value to one that was read, within its bounds.

    Times are ratios: a share of the way is one of the logarithm. All else, in dB, LU or as a share, goes straight.
    """
    own = constant.value
    if isinstance(own, tuple):
        if not isinstance(read, tuple) or len(read) != len(own):
            raise ParameterError(f"{len(own)} numbers are needed, got {read}")
        return tuple(
            _between(constant, float(one), float(other), share)  # type: ignore[arg-type]
            for one, other in zip(own, read, strict=True)
        )
    return _between(constant, float(own), float(read), share)  # type: ignore[arg-type]


def _between(constant: Constant, own: float, read: float, share: float) -> float:
    if constant.unit in _LOGARITHMIC and own > 0.0 and read > 0.0:
        moved = math.exp((1.0 - share) * math.log(own) + share * math.log(read))
    else:
        moved = own + share * (read - own)
    low = -math.inf if constant.minimum is None else constant.minimum
    high = math.inf if constant.maximum is None else constant.maximum
    return min(max(round(moved, _DIGITS_OF_SHARES if not constant.unit else _DIGITS), low), high)
