"""Documents of this package, known again by the format that they name."""

from __future__ import annotations

from pathlib import Path

_HEAD_BYTES = 200


def names_format(path: Path, form: str) -> bool:
    """Return whether a JSON document names a format near its beginning; False where there is no such file."""
    try:
        with open(path, "rb") as file:
            return f'"format": "{form}"'.encode() in file.read(_HEAD_BYTES)
    except OSError:
        return False
