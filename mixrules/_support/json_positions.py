"""Where in a JSON text something is: the first fault with its line, and the place of a field.

It runs when a text was refused already: what reads texts fast says neither where a field stands nor, in
plain words, what is wrong.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from mixrules.errors import in_one_line

MOST_NESTED = 100
"""Brackets within brackets; deeper ones are no document of ours."""

_SPACE = re.compile(r"[ \t\r\n]*")
_LINE = re.compile(r"\r\n|\r|\n")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_WORD = re.compile(r"[^\s\[\]{},:\"']+")
_PLAIN = re.compile(r'[^"\\\x00-\x1f\ud800-\udfff]*')
_ESCAPE = re.compile(r'\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})')
_LITERALS = ("true", "false", "null")
_NO_NUMBERS = ("nan", "-nan", "inf", "-inf", "infinity", "-infinity")
_MOST_SHOWN = 24
_CLOSING = {"{": "}", "[": "]"}


@dataclass(frozen=True, slots=True)
class Fault:
    """The first fault of a text: where it is, counted from its beginning, what it is, and whether JSON forbids it."""

    offset: int
    reason: str
    syntax: bool = True


class _FaultError(Exception):
    def __init__(self, offset: int, reason: str, *, syntax: bool = True) -> None:
        super().__init__(reason)
        self.fault = Fault(offset, reason, syntax)


@dataclass(slots=True)
class _Open:
    """An object or a list that is not closed yet."""

    bracket: str
    offset: int
    path: str
    names: dict[str, int]
    items: int = 0


def line_and_column(text: str, offset: int) -> str:
    """Return a place in words, both numbers from 1: ``line 3, column 7``."""
    breaks = [match.end() for match in _LINE.finditer(text, 0, offset)]
    return f"line {len(breaks) + 1}, column {offset - (breaks[-1] if breaks else 0) + 1}"


def field_path(path: str, name: str) -> str:
    """Return the path of a field of an object."""
    return f"{path}.{name if name.isidentifier() else repr(name)}"


def first_fault(text: str) -> Fault | None:
    """Return what keeps a text from being strict JSON: UTF-8's characters, finite numbers, every name once.

    None where there is nothing of the sort.
    """
    try:
        _walk(text)
    except _FaultError as error:
        return error.fault
    return None


def field_offsets(text: str) -> dict[str, int]:
    """Return where every field (its name) and item of a sound text begins, by path, e.g. ``$.stems[0].gain_db``."""
    return _walk(text)


def _walk(text: str) -> dict[str, int]:
    """Go through a text from left to right; a stack stands for recursion, which a text could exhaust."""
    places: dict[str, int] = {}
    at = _after_space(text, 0)
    if at == len(text):
        raise _FaultError(at, "it is empty")
    stack: list[_Open] = []
    path, name_at = "$", at
    while True:
        # A value begins here.
        places[path] = name_at
        if text[at : at + 1] in ("{", "["):
            if len(stack) == MOST_NESTED:
                raise _FaultError(at, f"brackets are nested more than {MOST_NESTED} deep", syntax=False)
            stack.append(_Open(text[at], at, path, {}))
            at = _after_space(text, at + 1)
            closed = text[at : at + 1] == _CLOSING[stack[-1].bracket]
        else:
            at, closed = _after_space(text, _after_scalar(text, at, stack)), False
            at, closed = _after_comma(text, at, stack) if stack else (at, False)
        while closed:
            at = _after_space(text, at + 1)
            stack.pop()
            if not stack:
                break
            at, closed = _after_comma(text, at, stack)
        if not stack:
            if at < len(text):
                raise _FaultError(at, f"{_shown(text, at)} follows the end of the document")
            return places
        path, name_at, at = _next_item(text, at, stack)


def _next_item(text: str, at: int, stack: list[_Open]) -> tuple[str, int, int]:
    """Return the path of the next field or item, where it begins, and where its value begins."""
    within = stack[-1]
    if within.bracket == "[":
        within.items += 1
        return f"{within.path}[{within.items - 1}]", at, at
    if text[at : at + 1] != '"':
        raise _FaultError(at, _no_name(text, at, stack))
    end = _after_string(text, at, stack)
    name = _decoded_name(text[at:end])
    if name in within.names:
        first = line_and_column(text, within.names[name])
        raise _FaultError(
            at, f"{_quoted(name)} stands twice in one object, first in {first}: take one away", syntax=False
        )
    within.names[name] = at
    colon = _after_space(text, end)
    if text[colon : colon + 1] != ":":
        raise _FaultError(colon, _needed(text, colon, stack, f"a colon after {_quoted(name)}"))
    return field_path(within.path, name), at, _after_space(text, colon + 1)


def _after_comma(text: str, at: int, stack: list[_Open]) -> tuple[int, bool]:
    """Return where the next item begins after a comma; or where its bracket closes, and True."""
    closing = _CLOSING[stack[-1].bracket]
    if text[at : at + 1] == closing:
        return at, True
    if text[at : at + 1] != ",":
        raise _FaultError(at, _needed(text, at, stack, f"a comma or {closing}"))
    following = _after_space(text, at + 1)
    if text[following : following + 1] == closing:
        raise _FaultError(at, f"a comma before {closing}: take it away")
    return following, False


def _after_scalar(text: str, at: int, stack: list[_Open]) -> int:
    """Return where a text, number, true, false or null ends."""
    if text[at : at + 1] == '"':
        return _after_string(text, at, stack)
    word = _WORD.match(text, at)
    if word is None:
        raise _FaultError(at, _needed(text, at, stack, "a value"))
    if stack and word.end() == len(text):
        raise _FaultError(word.end(), _needed(text, word.end(), stack, "a comma"))
    if word.group() in _LITERALS:
        return word.end()
    if _NUMBER.fullmatch(word.group()) is None:
        raise _FaultError(at, _no_value(text, at, word.group()))
    if not math.isfinite(float(word.group())):
        raise _FaultError(at, f"the number {_shown(text, at)} is too large")
    return word.end()


def _after_string(text: str, at: int, stack: list[_Open]) -> int:
    """Return where a text ends, after its closing quote."""
    place = at + 1
    while True:
        match = _PLAIN.match(text, place)
        place = place if match is None else match.end()
        sign = text[place : place + 1]
        if sign == '"':
            return place + 1
        if sign == "":
            raise _FaultError(
                place, f"the text ends here, within quotes opened in {line_and_column(text, at)}"
            )
        if sign in "\r\n":
            raise _FaultError(place, "a line ends within quotes: close them, or write \\n")
        if sign != "\\":
            what = "half of a surrogate pair" if sign >= "\ud800" else "a control character"
            raise _FaultError(place, f"{what} (U+{ord(sign):04X}) stands within quotes")
        place = _after_escape(text, place)


def _after_escape(text: str, at: int) -> int:
    match = _ESCAPE.match(text, at)
    if match is None and at + 1 == len(text):
        raise _FaultError(at, "the text ends here, within quotes: the file is cut short")
    if match is None:
        raise _FaultError(
            at, f"{in_one_line(text[at : at + 2])} is no escape; a backslash itself is written \\\\"
        )
    high = match.group().lower()
    if not high.startswith("\\ud") or high[3] not in "89abcdef":
        return match.end()
    low = text[match.end() : match.end() + 6].lower()
    if high[3] in "89ab" and _ESCAPE.fullmatch(low) and low.startswith("\\ud") and low[3] in "cdef":
        return match.end() + 6
    raise _FaultError(at, f"{match.group()} is half of a surrogate pair and no character")


def _no_name(text: str, at: int, stack: list[_Open]) -> str:
    """Say what stands where a field's name should."""
    word = _WORD.match(text, at)
    before = re.search(r"(-?[0-9]+),\s*$", text[max(0, at - 40) : at])
    if before and word and re.fullmatch(r"[0-9]+(?:[eE][+-]?[0-9]+)?", word.group()):
        return (
            f"a number takes a point: {before.group(1)}.{word.group()}, not {before.group(1)},{word.group()}"
        )
    return _needed(text, at, stack, "a field's name in double quotes")


def _no_value(text: str, at: int, word: str) -> str:
    """Say why a word is no value."""
    if word.startswith(("//", "/*", "#")):
        return "JSON has no comments: take it away"
    if word.lower() in _NO_NUMBERS:
        return f"{word} is not a number that is accepted, a finite one is"
    if word.lower() in (*_LITERALS, "none"):
        return f"{word} is written {'null' if word.lower() == 'none' else word.lower()}"
    if word[0] in "+-.0123456789":
        return f"{_shown(text, at)} is not a number as JSON has them: 1, -1.5, 0.5, 2e-3"
    return f"{_shown(text, at)} is not a value: texts stand in double quotes"


def _needed(text: str, at: int, stack: list[_Open], what: str) -> str:
    sign = text[at : at + 1]
    if sign == "":
        within = stack[-1] if stack else None
        where = (
            f" before {within.bracket} of {line_and_column(text, within.offset)} is closed" if within else ""
        )
        return f"the text ends here{where}: the file is cut short"
    if sign == "'":
        return "texts stand in double quotes, not in single ones"
    if text.startswith(("//", "/*", "#"), at):
        return "JSON has no comments: take it away"
    return f"{what} is needed, got {_shown(text, at)}"


def _after_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return at if match is None else match.end()


def _decoded_name(quoted: str) -> str:
    import json

    return str(json.loads(quoted))


def _shown(text: str, at: int) -> str:
    """Return what stands at a place, short enough for a message."""
    word = _WORD.match(text, at)
    found = word.group() if word else text[at : at + 1]
    if len(found) > _MOST_SHOWN:
        return f"{in_one_line(found[:_MOST_SHOWN])}… ({len(found)} characters)"
    return in_one_line(found)


def _quoted(name: str) -> str:
    return f'"{in_one_line(name)}"'
