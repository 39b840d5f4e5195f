"""Reading JSON into dataclasses strictly: errors are one line with the path of the field."""

from __future__ import annotations

import dataclasses
import types
import typing
from typing import Any, TypeVar

from mixrules.errors import PlanError

_T = TypeVar("_T")


def decoded(text: str | bytes, source: str) -> Any:
    """Return the document in `text`; fails with `PlanError`, naming `source`."""
    import msgspec

    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise PlanError(f"{source} is not JSON: {error}") from None
    except RecursionError:
        raise PlanError(f"{source} cannot be read: its JSON is nested too deep") from None


def converted(document: Any, expected: type[_T], *, path: str, source: str) -> _T:
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

    _reject_unknown_fields(document, expected, path, source)
    try:
        return msgspec.convert(document, expected)
    except msgspec.ValidationError as error:
        what, at, where = str(error).rpartition(" - at ")
        inner = where.strip("`").removeprefix("$") if at else ""
        raise PlanError(f"{source}: {path}{inner}: {what if at else error}") from None


def _reject_unknown_fields(value: Any, expected: Any, path: str, source: str) -> None:
    """Compare a document with its types; msgspec accepts unknown fields."""
    origin = typing.get_origin(expected)
    if origin in (typing.Union, types.UnionType):
        for option in typing.get_args(expected):
            if dataclasses.is_dataclass(option):
                _reject_unknown_fields(value, option, path, source)
    elif origin is tuple and isinstance(value, list):
        for index, item in enumerate(value):
            _reject_unknown_fields(item, typing.get_args(expected)[0], f"{path}[{index}]", source)
    elif dataclasses.is_dataclass(expected) and isinstance(value, dict):
        hints = typing.get_type_hints(expected)
        for key, item in value.items():
            if key not in hints:
                import difflib

                close = difflib.get_close_matches(key, hints, n=1)
                hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(hints)}"
                name = key if key.isidentifier() else repr(key)
                raise PlanError(f"{source}: {path}.{name}: unknown field; {hint}")
            _reject_unknown_fields(item, hints[key], f"{path}.{key}", source)
