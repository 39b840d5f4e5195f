"""Texts: those of files are UTF-8, what else they are is said in words; names are compared and shown alike."""

from __future__ import annotations

import codecs
import unicodedata

_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
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


def _not_utf8(data: bytes, error: UnicodeDecodeError) -> str:
    for mark, name in _MARKS:
        if data.startswith(mark):
            return f"it is text in {name}, save it as UTF-8"
    before = data[: error.start].decode("utf-8-sig", errors="replace")
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    return f"line {line}, column {column}: the byte 0x{data[error.start]:02x} is not UTF-8, save it as UTF-8"
