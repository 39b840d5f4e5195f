"""Make a file faulty: by chance, but the same for the same generator."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np

Generator = np.random.Generator

# What counts and lengths are when they go wrong: nothing, one, the largest of each width, negative.
_NUMBERS = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFF000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_HEAD_BYTES = 200
_SHARE_OF_TEXT_FAULTS = 0.8  # texts with faults in their bytes are refused before anything else is looked at
_TEXT_NUMBERS = (
    "0",
    "-1",
    "1e999",
    "-1e308",
    "NaN",
    "Infinity",
    "null",
    "true",
    '"1"',
    "",
    "9" * 5_000,
    "1,5",
)
_TEXT_PIECES = (
    *("[" * 20_000, '{"a":' * 20_000, "\ufeff", "\0", "\r", '"', "'", "\\", ",", ";", "\t", "}", "]", "null"),
    *("=cmd|' /C calc'!A0", "\u202e", "e\u0301", "$x_1$", "<b>", "../../x", "/etc/passwd", "x" * 200_000),
)


def mutant_of(data: bytes, other: bytes, generator: Generator, *, text: bool) -> bytes:
    """Return `data` with one to three faults; `other` is a second file, to be mixed with it."""
    for _ in range(int(generator.choice([1, 1, 2, 3]))):
        kinds = _TEXT if text and generator.random() < _SHARE_OF_TEXT_FAULTS else _BYTES
        data = kinds[int(generator.integers(len(kinds)))](data, other, generator)
    return data


def _place(data: bytes, generator: Generator) -> int:
    """Return a place in `data`, every second time one near its beginning, where headers are."""
    within = len(data) if generator.random() < 0.5 else min(len(data), _HEAD_BYTES)
    return int(generator.integers(within + 1))


def _piece(data: bytes, generator: Generator) -> tuple[int, int]:
    """Return the start and the end of a piece of `data`."""
    start = _place(data, generator)
    return start, min(len(data), start + int(2.0 ** generator.uniform(0.0, 12.0)))


def _cut(data: bytes, _other: bytes, generator: Generator) -> bytes:
    return data[: _place(data, generator)]


def _cut_the_beginning(data: bytes, _other: bytes, generator: Generator) -> bytes:
    return data[_place(data, generator) :]


def _flip_bits(data: bytes, _other: bytes, generator: Generator) -> bytes:
    changed = bytearray(data)
    for _ in range(int(generator.integers(1, 9)) if data else 0):
        changed[min(_place(data, generator), len(data) - 1)] ^= 1 << int(generator.integers(8))
    return bytes(changed)


def _write_number(data: bytes, _other: bytes, generator: Generator) -> bytes:
    start = _place(data, generator)
    width = int(generator.choice([2, 4, 8]))
    number = int(generator.choice(np.array(_NUMBERS))) & ((1 << 8 * width) - 1)
    written = number.to_bytes(width, "little" if generator.random() < 0.5 else "big")
    return data[:start] + written + data[start + width :]


def _delete(data: bytes, _other: bytes, generator: Generator) -> bytes:
    start, stop = _piece(data, generator)
    return data[:start] + data[stop:]


def _double(data: bytes, _other: bytes, generator: Generator) -> bytes:
    start, stop = _piece(data, generator)
    return data[:stop] + data[start:]


def _blank(data: bytes, _other: bytes, generator: Generator) -> bytes:
    start, stop = _piece(data, generator)
    return data[:start] + bytes(stop - start) + data[stop:]


def _noise(data: bytes, _other: bytes, generator: Generator) -> bytes:
    start, stop = _piece(data, generator)
    return data[:start] + generator.bytes(stop - start) + data[stop:]


def _join(data: bytes, other: bytes, _generator: Generator) -> bytes:
    return data + other


def _transplant(data: bytes, other: bytes, generator: Generator) -> bytes:
    start, stop = _piece(other, generator)
    place = _place(data, generator)
    return data[:place] + other[start:stop] + data[place:]


def _append(data: bytes, _other: bytes, generator: Generator) -> bytes:
    return data + generator.bytes(int(generator.integers(1, 600)))


def _other_number_in_text(data: bytes, _other: bytes, generator: Generator) -> bytes:
    found = list(re.finditer(rb"-?\d+(\.\d+)?", data))
    if not found:
        return data
    at = found[int(generator.integers(len(found)))]
    text = _TEXT_NUMBERS[int(generator.integers(len(_TEXT_NUMBERS)))]
    return data[: at.start()] + text.encode() + data[at.end() :]


def _insert_text(data: bytes, _other: bytes, generator: Generator) -> bytes:
    place = int(generator.integers(len(data) + 1))
    text = _TEXT_PIECES[int(generator.integers(len(_TEXT_PIECES)))]
    return data[:place] + text.encode() + data[place:]


def _lines(change: Callable[[list[bytes], int], None]) -> Callable[[bytes, bytes, Generator], bytes]:
    def changed(data: bytes, _other: bytes, generator: Generator) -> bytes:
        lines = data.split(b"\n")
        change(lines, int(generator.integers(len(lines))))
        return b"\n".join(lines)

    return changed


def _other_word(data: bytes, other: bytes, generator: Generator) -> bytes:
    """Put a word of another file in place of one: a role for a number, a name for a list."""
    words, others = list(re.finditer(rb"\w+", data)), list(re.finditer(rb"\w+", other))
    if not words or not others:
        return data
    at = words[int(generator.integers(len(words)))]
    return data[: at.start()] + others[int(generator.integers(len(others)))][0] + data[at.end() :]


def _other_encoding(data: bytes, _other: bytes, generator: Generator) -> bytes:
    encoding = ("utf-16", "utf-16-le", "cp1252", "utf-8-sig")[int(generator.integers(4))]
    encoded: bytes = data.decode(errors="replace").encode(encoding, errors="replace")
    return encoded


_BYTES = (
    *(_cut, _cut_the_beginning, _flip_bits, _write_number, _write_number, _delete, _double, _blank, _noise),
    *(_join, _transplant, _append),
)
_TEXT = (
    *(_other_number_in_text, _other_number_in_text, _insert_text, _insert_text, _other_word, _other_word),
    _lines(lambda lines, at: lines.insert(at, lines[at])),
    _lines(lambda lines, at: lines.pop(at)),  # type: ignore[arg-type]
    _lines(lambda lines, at: lines.reverse()),
    _other_encoding,
)
