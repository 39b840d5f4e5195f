"""Checks that the fields of a dataclass hold what their annotations say: for those that people make by hand."""

from __future__ import annotations

import collections.abc
import dataclasses
import functools
import types
import typing
from collections.abc import Callable, Hashable
from typing import Any, cast

import numpy as np

from mixrules._support.arguments import is_number, shown_value
from mixrules.errors import ParameterError

_WORDS: dict[Any, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a text",
    type(None): "None",
}


def require_field_types(params: Any) -> None:
    """Raise `ParameterError` at the first field of a dataclass whose value is not of its annotated type.

    NumPy's numbers are numbers, and a whole number is one also as a float; a text must be one that UTF-8 can hold.
    """
    for name, hint, is_of_type in _fields(cast("Hashable", type(params))):
        value = getattr(params, name)
        if not is_of_type(value):
            raise ParameterError(f"{name} must be {_in_words(hint)}, got {_shown(value, hint)}")


_Check = Callable[[Any], bool]


@functools.cache
def _fields(kind: Hashable) -> tuple[tuple[str, Any, _Check], ...]:
    """Return name, annotation and check of each field: plans are made anew often, and their annotations stay."""
    hints = typing.get_type_hints(cast("type", kind))
    return tuple(
        (field.name, hints[field.name], _check_of(hints[field.name]))
        for field in dataclasses.fields(cast("type", kind))
        if field.init
    )


def _check_of(hint: Any) -> _Check:
    """Return what says whether a value is of an annotated type."""
    if hint in _WORDS:
        return functools.partial(_is_plain, kind=hint) if hint is not str else _is_text
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        options = [_check_of(option) for option in arguments]
        return lambda value: any(option(value) for option in options)
    if origin is typing.Literal:
        return lambda value: any(type(value) is type(each) and value == each for each in arguments)
    if origin is tuple:
        item = _check_of(arguments[0])
        return lambda value: isinstance(value, tuple) and all(map(item, value))
    if origin is collections.abc.Mapping:
        of_key, of_value = map(_check_of, arguments)
        return lambda value: (
            isinstance(value, collections.abc.Mapping)
            and all(map(of_key, value.keys()))
            and all(map(of_value, value.values()))
        )
    if origin is collections.abc.Callable:
        return callable
    kind = origin or hint
    if hint is Any or not isinstance(kind, type):
        return lambda value: True
    return lambda value: isinstance(value, kind)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and _is_utf8(value)


def _is_plain(value: object, kind: type) -> bool:
    if kind is bool:
        return isinstance(value, bool | np.bool_)
    if kind is int:
        return is_number(value) and (
            not isinstance(value, float | np.floating) or bool(value == np.rint(value))
        )
    return is_number(value) if kind is float else value is None


def _is_utf8(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _in_words(hint: Any) -> str:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint in _WORDS:
        return _WORDS[hint]
    if origin in (typing.Union, types.UnionType):
        return " or ".join(_in_words(option) for option in arguments)
    if origin is typing.Literal:
        return " or ".join(str(argument) or "''" for argument in arguments)
    if origin is tuple:
        return f"a tuple, each item {_in_words(arguments[0])}"
    if origin is collections.abc.Mapping:
        return f"a mapping, each key {_in_words(arguments[0])} and each value {_in_words(arguments[1])}"
    return str(getattr(hint, "__name__", hint))


def _shown(value: object, hint: Any) -> str:
    if isinstance(value, str) and not _is_utf8(value):
        return f"{value!r}, which is not UTF-8"
    return shown_value(value)
