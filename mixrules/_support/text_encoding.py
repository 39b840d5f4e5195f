"""Texts: those of files are UTF-8, what else they are is said in words; names are compared and shown alike."""

from __future__ import annotations

import codecs
import unicodedata

from mixrules.errors import in_one_line

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8-sig"),
)


def decoded_text(text: str | bytes) -> str:
    """Return a text without its byte order mark.

    Raises
    ------
    ValueError
        What the bytes are in place of UTF-8, and where the first that is none stands.
    """
    if isinstance(text, str):
        return text.removeprefix("\ufeff")
    if not isinstance(text, bytes | bytearray | memoryview):
        raise ValueError(f"it is no text but {type(text).__name__}")
    data = bytes(text)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(_not_utf8(data, error)) from None


def composed(name: str) -> str:
    """Return a name in Unicode's composed form (NFC): a file system may have taken its accents apart."""
    return unicodedata.normalize("NFC", name)


def casefolded(name: str) -> str:
    """Return a name in one spelling for comparisons in any case and in either of Unicode's normal forms."""
    return composed(composed(name).casefold())


def shown(name: str) -> str:
    """Return a file's name for a line of text: as `in_one_line`, and what only looks like a space is an escape too."""
    return in_one_line("".join(c if c == " " or not c.isspace() else ascii(c)[1:-1] for c in name))


def encoding_by_mark(data: bytes) -> str:
    """Return the encoding that a byte order mark at the beginning tells, by Python's name; empty without one."""
    return next((encoding for mark, encoding in _MARKS if data.startswith(mark)), "")


def _not_utf8(data: bytes, error: UnicodeDecodeError) -> str:
    encoding = encoding_by_mark(data)
    if encoding in ("utf-16", "utf-32"):
        return f"it is text in {encoding.upper()}, save it as UTF-8"
    before = data[: error.start].decode("utf-8-sig", errors="replace")
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    return f"line {line}, column {column}: the byte 0x{data[error.start]:02x} is not UTF-8, save it as UTF-8"
