"""What a rule says: its decision, the measurements behind it, and what it promises.

A decision names the rule and its source, what was measured, the threshold that was met, the
parameters that followed and one plain sentence. A `Statement` is a promise about the finished mix
(a level, a range, a decay); after rendering it is measured again and both numbers are kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from mixrules._support.arguments import is_finite, is_number, require_instance, require_known, shown_value
from mixrules._support.field_types import require_field_types
from mixrules._support.validation import require_at_least, require_finite_fields
from mixrules.errors import ParameterError
from mixrules.statement_kinds import KINDS, StatementKindName


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A measured number with its unit; None where it was not defined (silence, too short)."""

    name: str
    value: float | None
    unit: str

    def __post_init__(self) -> None:
        require_field_types(self)

    @classmethod
    def of(cls, name: str, value: float, unit: str) -> Quantity:
        """Make a quantity from a float; NaN and infinity become None, which JSON can hold."""
        if not is_number(value):
            raise ParameterError(f"value must be a number, got {shown_value(value)}")
        return cls(name=name, value=float(value) if is_finite(value) else None, unit=unit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A promise about the rendered mix, and what was measured there.

    `kind` is one of `mixrules.statement_kinds.KINDS`. `stems` and `bus` say whom it is about: the sum of some
    stems, a reverb bus, or with neither the mix. `at_hz` says where in the spectrum, for the kinds that are about
    a frequency; a plan's file holds it only there. `stated` is what the rule said. `measured` and `note` are
    filled in after rendering: `note` says why, where the two differ by more than `tolerance`.
    """

    kind: StatementKindName
    stems: tuple[str, ...] = ()
    bus: str = ""
    at_hz: float | None = None
    unit: str
    stated: float
    tolerance: float = 0.1
    measured: float | None = None
    note: str = ""

    def __post_init__(self) -> None:
        require_known(self.kind, KINDS, what="statement on")
        require_field_types(self)
        kind = KINDS[self.kind]
        right_stems = kind.fewest_stems <= len(self.stems) <= kind.most_stems
        if not right_stems or bool(self.bus) != kind.names_bus:
            raise ParameterError(
                f"a statement on {self.kind} names {kind.stems_in_words} and {'a' if kind.names_bus else 'no'} bus, "
                f"got stems {list(self.stems)} and bus {self.bus!r}"
            )
        if (self.at_hz is not None) != kind.names_frequency:
            needs = "names a frequency, at_hz" if kind.names_frequency else "names no frequency"
            raise ParameterError(f"a statement on {self.kind} {needs}, got {self.at_hz}")
        require_finite_fields(self, *(["stated"] if self.at_hz is None else ["stated", "at_hz"]))
        require_at_least(self, tolerance=0.0)
        object.__setattr__(self, "stated", float(self.stated))

    @property
    def holds(self) -> bool | None:
        """Whether the measurement agrees with the statement; None before it was measured."""
        if self.measured is None:
            return None
        if KINDS[self.kind].at_most:
            return self.measured <= self.stated + self.tolerance
        return abs(self.measured - self.stated) <= self.tolerance


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One thing that a rule decided, and why.

    Parameters
    ----------
    rule : str
        The rule's name, as ``--without`` takes it.
    sentence : str
        One plain sentence: what was done and why.
    source : str
        The publication, standard or preset the rule comes from.
    stem : str
        The stem it is about; empty for the whole mix.
    measured : tuple of Quantity
        What was measured.
    threshold : str
        The threshold that was met or missed, in words with its number.
    parameters : mapping
        Field of the stem's `StemPlan` (of the `MixPlan`, if `stem` is empty) to its new value; kept
        as plain data.
    statements : tuple of Statement
        What will be true of the rendered mix.
    superseded : bool
        Whether the same rule decided again for the same stem later on; only the last word holds.
    """

    rule: str
    sentence: str
    source: str
    stem: str = ""
    measured: tuple[Quantity, ...] = ()
    threshold: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    statements: tuple[Statement, ...] = ()
    superseded: bool = False

    def __post_init__(self) -> None:
        require_field_types(self)
        if not self.rule or not self.sentence:
            raise ParameterError("a decision needs a rule and a sentence")
        # Plain data, so that a plan read back from its file equals the plan that was written.
        object.__setattr__(self, "parameters", plain(dict(self.parameters)))


def as_decisions(decisions: object) -> tuple[Decision, ...]:
    """Return what a rule decided as a tuple; `ParameterError` where it is no list of decisions."""
    try:
        listed = tuple(cast("Iterable[Decision]", decisions))
    except TypeError:
        raise ParameterError(f"a rule returns a list of Decision, got {shown_value(decisions)}") from None
    for decision in listed:
        require_instance(decision, Decision, name="each decision of a rule")
    return listed


def plain(value: Any) -> Any:
    """Return `value` as it comes back from JSON: lists for tuples, Python's numbers for NumPy's."""
    import msgspec

    try:
        return msgspec.json.decode(msgspec.json.encode(value, enc_hook=_plain_number))
    except ParameterError:
        raise
    except (TypeError, ValueError, RecursionError, msgspec.MsgspecError) as error:
        why = " ".join(str(error).split())
        raise ParameterError(f"a decision's parameters must be plain data: {why}") from None


def _plain_number(value: Any) -> Any:
    try:
        return value.item()
    except (AttributeError, ValueError):
        raise ParameterError(
            f"a decision's parameters must be plain data, got {shown_value(value)}"
        ) from None
