"""RuleSet: every constant that a rule uses, with its unit and its source.

A preset is a TOML file. Its ``chain`` lists the steps in order, each ``rule:variant``; every other
table holds one rule's constants, but for ``styles``. Nothing that a rule decides by is written anywhere else. A rule of
the package gets them as a frozen dataclass (`typed_settings`), a rule of the user's own as a mapping.
"""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from mixrules._support.arguments import (
    known_names,
    require_instance,
    require_mapping,
    require_text,
    shown_value,
)
from mixrules._support.field_types import require_field_types
from mixrules._support.strict_toml import toml_document
from mixrules._support.written_values import as_number
from mixrules.constant import Constant, Value, constant_of_entry
from mixrules.errors import ParameterError
from mixrules.read_targets import ReadTarget, ReadTargets, between, require_share
from mixrules.style import Style, style_of_entry

_Settings = TypeVar("_Settings")

_STYLES = "styles"
_MOST_STRENGTH = 2.0
_MOST_VOCAL_DB = 20.0
_MOST_LOUDER_LU = 20.0
_TARGET = "master.target_lufs"
# Where the first is missing nothing is trusted or bounded, and the target itself is exact.
_VOCAL_LEVELS = ("level.vocal_shift_db", "level.vocal_to_backing_lu")


class _Section(dict[str, Value]):
    """One rule's constants; a missing one is an error in one line."""

    def __init__(self, rules: str, rule: str, values: Mapping[str, Value]) -> None:
        super().__init__(values)
        self.owner = rules, rule

    def __missing__(self, key: str) -> Value:
        rules, rule = self.owner
        raise _lacks(rules, f"{rule}.{key}")


def _lacks(rules: str, name: str) -> ParameterError:
    return ParameterError(f"rule set {rules} lacks the constant {name}, which its chain needs")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a chain: a rule and which variant of it, or a function of the user's own."""

    rule: str
    variant: str = ""
    function: Callable[..., Any] | None = field(default=None, compare=False)

    def __str__(self) -> str:
        return f"{self.rule}:{self.variant}" if self.variant else self.rule


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """A named set of rules: the chain of steps and every constant they use. Frozen."""

    name: str
    about: str
    chain: tuple[Step, ...]
    constants: Mapping[str, Constant]
    styles: Mapping[str, Style] = field(default_factory=dict)
    variant: tuple[str, ...] = ()
    """Which style and strength the constants were brought to, in words."""
    read: ReadTargets | None = None
    """Which constants were read from references; None where the preset's own hold."""

    def __post_init__(self) -> None:
        require_field_types(self)

    @property
    def label(self) -> str:
        """The name, with style and strength: who made a plan."""
        return ", ".join((self.name, *self.variant))

    @classmethod
    def from_toml(cls, text: str) -> RuleSet:
        """Read a rule set from the text of a preset file.

        Raises
        ------
        ParameterError
            If it is not TOML, lacks its name, about or chain, or a constant is not a valid one.
        """
        document = toml_document(text, "the rule set")
        for key, kind in (("name", str), ("about", str), ("chain", list)):
            if not isinstance(document.get(key), kind):
                raise ParameterError(f"the rule set needs {key}, of type {kind.__name__}")
        constants = {
            f"{section}.{key}": constant_of_entry(f"{section}.{key}", entry)
            for section, table in document.items()
            if isinstance(table, dict) and section != _STYLES
            for key, entry in table.items()
        }
        steps = [require_text(step, name="each step of the rule set's chain") for step in document["chain"]]
        chain = tuple(Step(*step.partition(":")[::2]) for step in steps)
        styles = {name: style_of_entry(name, entry) for name, entry in document.get(_STYLES, {}).items()}
        return cls(
            name=document["name"], about=document["about"], chain=chain, constants=constants, styles=styles
        )

    @property
    def rules(self) -> tuple[str, ...]:
        """The names of the rules in the chain, each once, in order of first use."""
        return tuple(dict.fromkeys(step.rule for step in self.chain))

    def __getitem__(self, name: str) -> Value:
        return self._constant(name).value

    def section(self, rule: str) -> dict[str, Value]:
        """Return one rule's constants as a plain dictionary, without the rule's prefix."""
        prefix = f"{require_text(rule, name='rule')}."
        values = {
            name.removeprefix(prefix): c.value
            for name, c in self.constants.items()
            if name.startswith(prefix)
        }
        return _Section(self.name, rule, values)

    def source(self, name: str) -> str:
        """Return where a constant comes from."""
        return self._constant(name).source

    def with_values(self, values: Mapping[str, object]) -> RuleSet:
        """Return a copy with some constants changed, e.g. ``{"level.vocal_to_backing_lu": -1.0}``.

        Raises
        ------
        ParameterError
            If a name is unknown, or a value has the wrong type or is out of its bounds.
        """
        require_mapping(values, name="values", what="of constants' names to values")
        changed = dict(self.constants)
        for name, value in values.items():
            changed[name] = self._constant(name).with_value(value, name)
        read = self.read.without(values) if self.read else None
        return dataclasses.replace(self, constants=changed, read=read)

    def with_read(
        self,
        read: Mapping[str, Value],
        *,
        name: str,
        strength: float = 1.0,
        bounds: Mapping[str, Value] | None = None,
        notes: tuple[str, ...] = (),
    ) -> RuleSet:
        """Return a copy whose constants lie between these and what was read from references.

        Parameters
        ----------
        read : mapping of str to value
            By the names of constants, in their units. What is beyond a constant's bounds counts as the bound.
        name : str
            What sentences call the references.
        strength : float
            0 to 1, the share of the way: of seconds the share of the logarithm, of all else the plain one. 0 gives the
            same rule set.
        bounds : mapping of str to value, optional
            Tolerances and shares that are moved in the same way, and are no targets themselves.
        notes : tuple of str
            What could not be read.

        Raises
        ------
        ParameterError
            If a name is unknown, or `strength` is out of its bounds.
        """
        strength = require_share(strength)
        if strength == 0.0:
            return self
        changed, targets = dict(self.constants), {}
        for key, value in {**(bounds or {}), **read}.items():
            constant = self._constant(key)
            used = between(constant, value, strength)
            changed[key] = dataclasses.replace(
                constant.with_value(used, key), source=f"read from {name}; in the preset: {constant.source}"
            )
            if key in read:
                targets[key] = ReadTarget(
                    preset=constant.value,
                    read=between(constant, value, 1.0),
                    used=changed[key].value,
                    unit=constant.unit,
                )
        made = ReadTargets(name=name, strength=strength, targets=targets, notes=notes)
        return dataclasses.replace(self, constants=changed, read=made, variant=(*self.variant, made.label))

    def with_style(self, name: str) -> RuleSet:
        """Return a copy with the changes of one of its styles.

        Raises
        ------
        ParameterError
            If there is no such style, or a change leads out of a constant's bounds.
        """
        if not isinstance(name, str) or name not in self.styles:
            raise ParameterError(
                f"rule set {self.name} has no style {shown_value(name)}: "
                + (known_names(name, self.styles) if self.styles else "it has none")
            )
        style = self.styles[name]
        changed = dict(self.constants)
        for key, change in style.changes.items():
            value = change.of(as_number(self._constant(key).value, key))
            source = f"style {name}: {change.source}"
            changed[key] = dataclasses.replace(changed[key].with_value(value, key), source=source)
        return self._moved(changed, f"style {name}")

    def with_strength(self, strength: float) -> RuleSet:
        """Return a copy whose rules go only part of their way, or further.

        Every constant that has a neutral value is moved to a share of its distance from it, within its bounds: at 1 it
        stays, at 0 it is neutral. Constants without one stay, such as the target of the master.

        Parameters
        ----------
        strength : float
            0 to 2.

        Raises
        ------
        ParameterError
            If `strength` is out of its bounds.
        """
        strength = as_number(strength, "strength")
        if not 0.0 <= strength <= _MOST_STRENGTH:
            raise ParameterError(f"strength must be 0 to {_MOST_STRENGTH:g}, got {strength:g}")
        if strength == 1.0:
            return self
        if all(constant.neutral is None for constant in self.constants.values()):
            raise ParameterError(
                f"rule set {self.name} has no strength: none of its constants says where it does nothing"
            )
        changed = {name: constant.at_strength(strength) for name, constant in self.constants.items()}
        return self._moved(changed, f"strength {strength:g}")

    def with_vocal_db(self, vocal_db: float) -> RuleSet:
        """Return a copy by which the lead vocal is so much louder against the backing, whatever the rules choose.

        Parameters
        ----------
        vocal_db : float
            dB, -20 to 20; it adds to one that was set before. Where a song has no lead vocal, nothing is moved.

        Raises
        ------
        ParameterError
            If it is out of its bounds, or the rule set sets no level of a vocal against the backing.

        Examples
        --------
        >>> from mixrules import presets
        >>> presets.load("default").with_vocal_db(2.0)["level.vocal_shift_db"]
        2.0
        """
        vocal_db = as_number(vocal_db, "vocal_db")
        if not abs(vocal_db) <= _MOST_VOCAL_DB:
            raise ParameterError(
                f"vocal_db must be {-_MOST_VOCAL_DB:g} to {_MOST_VOCAL_DB:g} dB, got {vocal_db:g}"
            )
        names = [name for name in _VOCAL_LEVELS if name in self.constants]
        if "level" not in self.rules or not names:
            raise ParameterError(
                f"rule set {self.name} sets no level of the vocal against the backing that could be moved"
            )
        changed = self.with_values({names[0]: as_number(self[names[0]], names[0]) + vocal_db})
        return dataclasses.replace(changed, variant=(*self.variant, f"vocal {vocal_db:+g} dB"))

    def with_louder(self, louder_lu: float) -> RuleSet:
        """Return a copy whose mixes are to be so much louder: its master aims higher, within its bounds.

        Parameters
        ----------
        louder_lu : float
            LU, above 0, at most 20.

        Raises
        ------
        ParameterError
            If it is out of its bounds, the loudness would be above 0 LUFS, or nothing brings the mix to a loudness.
        """
        louder_lu = as_number(louder_lu, "louder_lu")
        if not 0.0 < louder_lu <= _MOST_LOUDER_LU:
            raise ParameterError(
                f"louder_lu must be above 0, at most {_MOST_LOUDER_LU:g} LU, got {louder_lu:g}"
            )
        if "master" not in self.rules or _TARGET not in self.constants:
            raise ParameterError(
                f"rule set {self.name} brings the mix to no loudness: its chain has no master"
            )
        target_lufs = as_number(self[_TARGET], _TARGET) + louder_lu
        return dataclasses.replace(
            self.with_values({_TARGET: target_lufs}), variant=(*self.variant, f"{louder_lu:g} LU louder")
        )

    def without(self, *rules: str) -> RuleSet:
        """Return a copy whose chain leaves the named rules out.

        Raises
        ------
        ParameterError
            If no step of the chain has that name.
        """
        for rule in rules:
            if not isinstance(rule, str) or rule not in self.rules:
                raise ParameterError(self._no_rule(rule))
        return dataclasses.replace(self, chain=tuple(s for s in self.chain if s.rule not in rules))

    def with_rule(
        self,
        name: str,
        function: Callable[..., Any],
        *,
        after: str | None = None,
        constants: Mapping[str, Constant] | None = None,
    ) -> RuleSet:
        """Return a copy with a rule of your own, placed after the last step named `after`.

        Parameters
        ----------
        name : str
            What to call the rule; decisions carry it.
        function : callable
            ``function(session, settings) -> list of Decision``; see `mixrules.rules`.
        after : str, optional
            The rule it follows; by default the step before ``master``.
        constants : mapping of str to Constant, optional
            The rule's constants; it is given their values as `settings`, and ``name.constant`` changes
            one, as with any other rule.
        """
        require_text(name, name="name")
        if after is not None and (not isinstance(after, str) or after not in self.rules):
            raise ParameterError(self._no_rule(after))
        if not callable(function):
            raise ParameterError(f"the rule {name!r} must be a function, got {shown_value(function)}")
        require_mapping({} if constants is None else constants, name="constants", what="of names to Constant")
        for key, constant in (constants or {}).items():
            require_instance(constant, Constant, name=f"the constant {name}.{key}")
        step = Step(name, function=function)
        places = [i for i, s in enumerate(self.chain) if s.rule == (after or "master")]
        at = len(self.chain)
        if places:
            at = places[-1] + 1 if after else places[0]
        own = {f"{name}.{key}": constant for key, constant in (constants or {}).items()}
        return dataclasses.replace(
            self, chain=(*self.chain[:at], step, *self.chain[at:]), constants={**self.constants, **own}
        )

    def _moved(self, constants: Mapping[str, Constant], how: str) -> RuleSet:
        """Return a copy with constants that a style or a strength has moved, those that were read among them."""
        read = self.read.used_in(constants) if self.read else None
        return dataclasses.replace(self, constants=constants, variant=(*self.variant, how), read=read)

    def _no_rule(self, name: object) -> str:
        names = known_names(name, self.rules).replace("there are", "it has")
        return f"rule set {self.name} has no rule {shown_value(name)}: {names}"

    def _constant(self, name: str) -> Constant:
        try:
            return self.constants[require_text(name, name="a constant's name")]
        except KeyError:
            import difflib

            close = [known for known in self.constants if known.startswith(name)]
            close = close or difflib.get_close_matches(name, self.constants, n=1)
            hint = f"; did you mean {close[0]}?" if close else f"; `mixrules presets {self.name}` lists them"
            raise ParameterError(f"rule set {self.name} has no constant {name!r}{hint}") from None


def constant_name(rule: str, setting: dataclasses.Field[Any]) -> str:
    """Return the constant that a field of a rule's settings is: of the rule's own table, or of the one it names.

    A field with the metadata ``{"table": "master"}`` is a constant of that table: what another rule decides by, too.
    """
    return f"{setting.metadata.get('table', rule)}.{setting.name}"


def typed_settings(rules: RuleSet, rule: str, kind: type[_Settings]) -> _Settings:
    """Make the settings of one rule of its constants in a rule set.

    Parameters
    ----------
    rules : RuleSet
        Where the constants are.
    rule : str
        The rule whose constants they are: the table's name in a preset file.
    kind : type
        The settings: a dataclass with a field for each constant that the rule needs. Others are passed over.

    Returns
    -------
    object
        Of the type `kind`.

    Raises
    ------
    ParameterError
        If a constant is missing or is not of its field's type, or they are impossible together.
    """
    import msgspec

    values = {}
    hints = typing.get_type_hints(kind)
    for each in dataclasses.fields(kind):  # type: ignore[arg-type]
        key, hint, name = each.name, hints[each.name], constant_name(rule, each)
        if name not in rules.constants:
            raise _lacks(rules.name, name)
        value = rules.constants[name].value
        try:
            values[key] = msgspec.convert(value, hint)
        except msgspec.ValidationError as error:
            raise ParameterError(
                f"rule set {rules.name}: the constant {name} = {value!r} is of the wrong type: {error}"
            ) from None
    try:
        return kind(**values)
    except ParameterError as error:
        raise ParameterError(f"rule {rule}: {error}") from None
