"""Checks that the fields of a dataclass hold what their annotations say: for those that people make by hand."""

from __future__ import annotations

import collections.abc
import dataclasses
import functools
import types
import typing
from collections.abc import Hashable
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
    for name, hint in _hints(cast("Hashable", type(params))).items():
        value = getattr(params, name)
        if not _is(value, hint):
            raise ParameterError(f"{name} must be {_in_words(hint)}, got {_shown(value, hint)}")


@functools.cache
def _hints(kind: Hashable) -> dict[str, Any]:
    hints = typing.get_type_hints(cast("type", kind))
    return {field.name: hints[field.name] for field in dataclasses.fields(cast("type", kind)) if field.init}


def _is(value: object, hint: Any) -> bool:
    if hint in _WORDS:
        return _is_plain(value, hint)
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return any(_is(value, option) for option in arguments)
    if origin is typing.Literal:
        return any(type(value) is type(accepted) and value == accepted for accepted in arguments)
    if origin is tuple:
        return isinstance(value, tuple) and all(_is(item, arguments[0]) for item in value)
    if origin is collections.abc.Mapping:
        if not isinstance(value, collections.abc.Mapping):
            return False
        return all(_is(k, arguments[0]) and _is(v, arguments[1]) for k, v in value.items())
    if origin is collections.abc.Callable:
        return callable(value)
    return hint is Any or not isinstance(origin or hint, type) or isinstance(value, origin or hint)


def _is_plain(value: object, kind: type) -> bool:
    if kind is str:
        return isinstance(value, str) and _is_utf8(value)
    if kind is bool:
        return isinstance(value, bool | np.bool_)
    if kind is int:
        return is_number(value) and (
            not isinstance(value, float | np.floating) or bool(value == np.rint(value))
        )
    return is_number(value) if kind is float else value is None


def _is_utf8(text: str) -> bool:
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
