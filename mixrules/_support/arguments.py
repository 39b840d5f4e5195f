"""Checks of odd arguments: what each helper accepts it returns or passes, all else is a `ParameterError` of one line."""

from __future__ import annotations

import difflib
import math
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np

from mixrules.errors import ParameterError

_MOST_SHOWN = 80
_LONGEST_NAME = 255  # bytes, of common file systems


def is_number(value: object) -> bool:
    """Return whether a value is a number, Python's or NumPy's; true and false are none."""
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)


def is_finite(value: object) -> bool:
    """Return whether a value is a number that a float can hold."""
    try:
        return is_number(value) and math.isfinite(cast("float", value))
    except OverflowError:  # a whole number of more than 308 digits
        return False


def shown_value(value: object) -> str:
    """Return a value for an error message: one line, cut where it is long."""
    if isinstance(value, np.ndarray) and value.ndim:
        return f"an array of shape {value.shape}"
    if isinstance(value, np.generic):
        value = value.item()
    try:
        text = " ".join(repr(value).split())
    except Exception:  # an object's own __repr__ may raise anything; a number may have too many digits
        return f"a value of type {type(value).__name__}"
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"


def known_names(given: object, known: Iterable[str]) -> str:
    """Say which names there are, and which one may have been meant: for the end of an error message."""
    known = list(known)
    close = difflib.get_close_matches(given, known, n=1, cutoff=0.7) if isinstance(given, str) else []
    hint = f"; did you mean {close[0]}?" if close and close[0] != given else ""
    return f"there are {', '.join(known) or 'none'}{hint}"


def require_known(given: object, known: Iterable[str], *, what: str) -> str:
    """Return `given`, or raise `ParameterError` if it is none of the names that are known; `what` they are names of."""
    if not isinstance(given, str) or given not in tuple(known):
        raise ParameterError(f"there is no {what} {shown_value(given)}: {known_names(given, known)}")
    return given


def as_path(path: object, *, name: str = "path") -> Path:
    """Return a path given as text or as an object that stands for one; else raise `ParameterError`."""
    try:
        text = os.fspath(path)  # type: ignore[call-overload]
    except TypeError:
        text = path
    if not isinstance(text, str):
        raise ParameterError(f"{name} must be a path, as text or pathlib.Path, got {shown_value(path)}")
    if not text or "\0" in text:
        raise ParameterError(f"{name} must name a file or a folder, got {text!r}")
    if any(len(os.fsencode(part)) > _LONGEST_NAME for part in Path(text).parts):
        raise ParameterError(f"{name} holds a name that is longer than a file's may be: {shown_value(text)}")
    return Path(text)


def as_texts(values: object, *, name: str) -> list[str]:
    """Return the texts of a list, a tuple or the like; else raise `ParameterError`."""
    try:
        listed: list[Any] = [values] if isinstance(values, str) else list(cast("Iterable[Any]", values))
    except TypeError:
        listed = [values]
    for value in listed:
        require_text(value, name=f"each of {name}")
    return listed


def as_paths(paths: object, *, name: str = "paths") -> list[Path]:
    """Return paths of a list or the like, or of one path alone; else raise `ParameterError`."""
    if isinstance(paths, str | os.PathLike) or not isinstance(paths, Iterable):
        return [as_path(paths, name=name)]
    try:
        listed = list(paths)
    except TypeError:  # an array without axes calls itself iterable
        listed = [paths]
    return [as_path(path, name=f"each of {name}") for path in listed]


def require_mapping(value: object, *, name: str, what: str, to_texts: bool = False) -> None:
    """Raise `ParameterError` unless `value` is a mapping with texts as keys, and as values if `to_texts`.

    `what` says from what to what.
    """
    if not isinstance(value, Mapping):
        raise ParameterError(f"{name} must be a mapping {what}, got {shown_value(value)}")
    for key in value:
        if not isinstance(key, str):
            raise ParameterError(f"{name} must be a mapping {what}, got the key {shown_value(key)}")
        if to_texts and not isinstance(value[key], str):
            raise ParameterError(
                f"{name} must be a mapping {what}, got {shown_value(value[key])} for {key!r}"
            )


def require_text(value: object, *, name: str) -> str:
    """Return `value`, or raise `ParameterError` if it is no text."""
    if not isinstance(value, str):
        raise ParameterError(f"{name} must be a text, got {shown_value(value)}")
    return value


def require_instance(value: object, kind: type | tuple[type, ...], *, name: str, hint: str = "") -> None:
    """Raise `ParameterError` unless `value` is of its type; `hint` says how one is made."""
    if not isinstance(value, kind):
        kinds = kind if isinstance(kind, tuple) else (kind,)
        names = " or ".join("None" if k is type(None) else k.__name__ for k in kinds)
        raise ParameterError(f"{name} must be {names}, got {shown_value(value)}{hint and f': {hint}'}")


def require_callable(value: object, *, name: str) -> None:
    """Raise `ParameterError` unless `value` is None or can be called."""
    if value is not None and not callable(value):
        raise ParameterError(f"{name} must be a function or None, got {shown_value(value)}")
