"""Reading TOML: what is wrong is one line, with line and column where they are known."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from mixrules._support.json_positions import line_and_column
from mixrules._support.text_encoding import decoded_text
from mixrules.errors import ParameterError, in_one_line

_PLACE = re.compile(r"(.*) \(at (?:(line \d+, column \d+)|end of document)\)", re.DOTALL)
_TWICE = re.compile(r"Cannot declare \((.*?),?\) twice")
_LONG_NUMBER = re.compile(r"[0-9_]{4000,}")
# A part of a name, or a text of which only the beginning may be there.
_PART = r"""(?:[\w-]++|"(?:[^"\\\n]|\\[^\n])*+"?|'[^'\n]*+'?)"""
# Python's reader takes minutes over names of thousands of parts. Dots in comments and long texts do not count.
_LONG_NAME = re.compile(
    rf"""#[^\n]*|\"{{3}}.*?\"{{3}}|'{{3}}.*?'{{3}}|(?P<long>{_PART}(?:[ \t]*+\.[ \t]*+{_PART}){{100}})|{_PART}""",
    re.DOTALL,
)


def toml_document(text: str | bytes, source: str) -> dict[str, Any]:
    """Return the document in a text.

    Parameters
    ----------
    text : str or bytes
        The document, in UTF-8.
    source : str
        What to call it in an error message, usually the file's name.

    Raises
    ------
    ParameterError
        If it is not TOML; a name that stands twice, deep nesting, names of over 100 parts and numbers of thousands of
        digits are not.
    """
    try:
        text = decoded_text(text)
    except ValueError as error:
        raise ParameterError(f"{source} is not TOML: {error}") from None
    long_name = next((found for found in _LONG_NAME.finditer(text) if found["long"]), None)
    if long_name:
        where = line_and_column(text, long_name.start())
        raise ParameterError(
            f"{source} cannot be read: {where}: a name has over 100 parts with dots between them"
        )
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ParameterError(f"{source} cannot be read: its brackets are nested too deep") from None
    except tomllib.TOMLDecodeError as error:
        found = _PLACE.fullmatch(str(error))
        what, place = found.groups() if found else (str(error), None)
        where = place or line_and_column(text, len(text.rstrip()))
        raise ParameterError(f"{source} is not TOML: {where}: {_in_words(what)}") from None
    except ValueError as error:
        long = _LONG_NUMBER.search(text)
        where = f"{line_and_column(text, long.start())}: a number is too long" if long else str(error)
        raise ParameterError(f"{source} is not TOML: {where}") from None


def _in_words(what: str) -> str:
    table = _TWICE.fullmatch(what)
    if table:
        return f"the table {'.'.join(part.strip(' ' + chr(39)) for part in table.group(1).split(','))} stands twice"
    if what == "Cannot overwrite a value":
        return "a name stands twice"
    if what.startswith("Expected newline"):
        return "a line break is needed after a value; texts stand in quotes, decimal numbers have a point"
    return in_one_line(f"{what[:1].lower()}{what[1:]}")
