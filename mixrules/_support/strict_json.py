"""Reading JSON into dataclasses strictly: errors are one line with line, column and path of the field."""

from __future__ import annotations

import dataclasses
import functools
import json
import math
import re
import types
import typing
from collections.abc import Hashable, Mapping
from typing import Any, TypeVar

from mixrules._support.arguments import shown_value
from mixrules._support.json_positions import (
    MOST_NESTED,
    field_offsets,
    field_path,
    first_fault,
    line_and_column,
)
from mixrules._support.text_encoding import decoded_text
from mixrules.errors import PlanError

_T = TypeVar("_T")

_LONGEST_NUMBER = 400  # digits; no finite float has more before its point
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]|[\ud800-\udfff]")
_AT = re.compile(r"(.*) - at `\$([^`]*)`", re.DOTALL)
_STEP = re.compile(r"\.([^.\[\]]+)|\[([0-9]+|\.\.\.)\]")
_IN_WORDS = {
    "bool": "true or false",
    "int": "a whole number",
    "float": "a number",
    "str": "a text",
    "null": "null",
    "array": "a list",
    "object": "an object",
}
_MOST_SHOWN = 40


def decoded(text: str | bytes, source: str) -> Any:
    """Return the document in `text`, in which every name stands once within its object.

    Raises
    ------
    PlanError
        One line with line and column, naming `source`.
    """
    text = _text_of(text, source)
    try:
        document = json.loads(
            text, object_pairs_hook=_unique, parse_constant=_refused, parse_int=_integer, parse_float=_finite
        )
        sound = not _SURROGATE.search(text) and not _too_deep(document)
    except (ValueError, RecursionError):
        document, sound = None, False
    if sound:
        return document
    fault = first_fault(text)
    if fault is None:
        return document
    place = f" {line_and_column(text, fault.offset)}:" if text.strip() else ""
    raise PlanError(f"{source}{' is not JSON' if fault.syntax else ''}:{place} {fault.reason}")


def converted(document: Any, expected: type[_T], *, path: str, source: str, text: str | bytes = "") -> _T:
    """Convert a decoded document to its type.

    Parameters
    ----------
    document : object
        Plain data: what JSON can hold.
    expected : type
        A dataclass, or any type made of dataclasses, tuples, mappings and plain values.
    path : str
        Path of the document in its source, ``$`` for the top.
    source : str
        Name of the source in an error message, usually a file name.
    text : str or bytes
        The text of the document, where it has one: an error then says in which line it is.

    Returns
    -------
    object
        Of the type `expected`.

    Raises
    ------
    PlanError
        At the first unknown field, wrong type or impossible value.
    """
    import msgspec

    try:
        _reject_unknown_fields(document, expected, path)
        return msgspec.convert(document, expected)
    except _UnknownFieldError as error:
        where, what = error.path, str(error)
        found_at = where
    except msgspec.ValidationError as error:
        parts = _AT.fullmatch(str(error))
        inner, message = (parts.group(2), parts.group(1)) if parts else ("", str(error))
        inner, value, hint = _at(document, expected, inner)
        where, what = path + inner, _in_words(message, value, hint)
        below = getattr(error.__cause__, "path", "")
        found_at = where + below if below else _nearest_field(where, what, value)
    raise PlanError(f"{source}: {_place(text, found_at)}{where}: {what}")


def refused_field(name: str, what: str, *, source: str, text: str | bytes) -> PlanError:
    """Return the error to raise where a field at the top of a document cannot be used."""
    return PlanError(f"{source}: {_place(text, field_path('$', name))}{field_path('$', name)}: {what}")


def in_json(value: Any) -> str:
    """Return a value as it is written in JSON, cut where it is long."""
    try:
        written = json.dumps(value, ensure_ascii=False, default=shown_value)
    except (ValueError, RecursionError):  # a number of too many digits, or something within itself
        written = shown_value(value)
    return written if len(written) <= _MOST_SHOWN else f"{written[:_MOST_SHOWN]}…"


class _UnknownFieldError(Exception):
    def __init__(self, path: str, message: str) -> None:
        super().__init__(message)
        self.path = path


def _text_of(text: str | bytes, source: str) -> str:
    try:
        return decoded_text(text)
    except ValueError as error:
        raise PlanError(f"{source} is not JSON: {error}") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError
    return made


def _refused(_constant: str) -> Any:
    raise ValueError


def _integer(digits: str) -> int:
    if len(digits) > _LONGEST_NUMBER or not math.isfinite(float(digits)):
        raise ValueError
    return int(digits)


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError
    return number


def _too_deep(document: Any) -> bool:
    """Return whether brackets are nested deeper than is accepted, level by level instead of by recursion."""
    level: list[Any] = [[document]]
    for _ in range(MOST_NESTED + 1):
        items = (i for held in level for i in (held.values() if isinstance(held, dict) else held))
        level = [item for item in items if isinstance(item, dict | list)]
        if not level:
            return False
    return True


@functools.cache
def _fields_of(kind: Hashable) -> Mapping[str, Any]:
    return typing.get_type_hints(kind)  # slow, and the same for every document of a kind


def _reject_unknown_fields(value: Any, expected: Any, path: str) -> None:
    """Compare a document with its types; msgspec accepts unknown fields."""
    origin = typing.get_origin(expected)
    if origin in (typing.Union, types.UnionType):
        for option in typing.get_args(expected):
            if dataclasses.is_dataclass(option):
                _reject_unknown_fields(value, option, path)
    elif origin is tuple and isinstance(value, list):
        for index, item in enumerate(value):
            _reject_unknown_fields(item, typing.get_args(expected)[0], f"{path}[{index}]")
    elif dataclasses.is_dataclass(expected) and isinstance(value, dict):
        hints = _fields_of(typing.cast("Hashable", expected))
        for key, item in value.items():
            if key not in hints:
                import difflib

                close = difflib.get_close_matches(key, hints, n=1)
                hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(hints)}"
                raise _UnknownFieldError(field_path(path, key), f"unknown field; {hint}")
            _reject_unknown_fields(item, hints[key], field_path(path, key))


def _at(document: Any, expected: Any, inner: str) -> tuple[str, Any, Any]:
    """Follow msgspec's path below a document: return it with its keys, what stands there, and the type it should have.

    Of a mapping msgspec does not say the key: it is the first whose value is refused.
    """
    path = ""
    for name, index in _STEP.findall(inner):
        options = typing.get_args(expected) if _is_union(expected) else (expected,)
        if name:
            owner = next((o for o in options if dataclasses.is_dataclass(o)), None)
            expected = typing.get_type_hints(owner).get(name, Any) if owner else Any
            document = document.get(name) if isinstance(document, dict) else None
            path = field_path(path, name)
            continue
        arguments = next((typing.get_args(o) for o in options if typing.get_args(o)), (Any,))
        expected = arguments[-1 if index == "..." else 0]
        if index == "..." and isinstance(document, dict):
            key = next((k for k, item in document.items() if not _accepted(item, expected)), "")
            document, path = document.get(key), field_path(path, key)
        elif index != "..." and isinstance(document, list):
            document, path = document[int(index)], f"{path}[{index}]"
    return path, document, expected


def _accepted(value: Any, expected: Any) -> bool:
    import msgspec

    try:
        msgspec.convert(value, expected)
    except msgspec.ValidationError:
        return False
    return True


def _is_union(expected: Any) -> bool:
    return typing.get_origin(expected) in (typing.Union, types.UnionType)


def _in_words(message: str, value: Any, hint: Any) -> str:
    """Say what msgspec says in plain words, with what was found and what is accepted."""
    wrong_type = re.fullmatch(r"Expected `([^`]*)`, got `([^`]*)`", message)
    if wrong_type:
        kinds = wrong_type.group(1).split(" | ")
        kinds = [kind for kind in kinds if not (kind == "int" and "float" in kinds)]
        wanted = " or ".join(_IN_WORDS.get(kind, kind) for kind in kinds)
        got = _IN_WORDS.get(wrong_type.group(2), wrong_type.group(2))
        return f"{wanted} is needed, got {got if isinstance(value, dict | list) else in_json(value)}"
    missing = re.fullmatch(r"Object missing required field `([^`]*)`", message)
    if missing:
        return f"the field {missing.group(1)} is missing"
    if message.startswith("Invalid enum value"):
        options = typing.get_args(hint) if _is_union(hint) else (hint,)
        accepted = [v for o in options if typing.get_origin(o) is typing.Literal for v in typing.get_args(o)]
        listed = ", ".join(map(in_json, accepted))
        return f"{in_json(value)} is not accepted, one of these is: {listed}"
    return message


def _nearest_field(path: str, message: str, value: Any) -> str:
    """Return the path of the field that a message on an object begins with, else that of the object."""
    name = message.partition(" ")[0].rstrip(":")
    return field_path(path, name) if isinstance(value, Mapping) and name in value else path


def _place(text: str | bytes, path: str) -> str:
    """Return line and column of a path in a text, ready to stand before the path; nothing where there is none."""
    if not text:
        return ""
    text = decoded_text(text)
    return f"{line_and_column(text, field_offsets(text)[path])}: "
