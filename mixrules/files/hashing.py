"""Hashes of what files hold."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol

from mixrules.files.atomic import cannot_read

_BLOCK = 1 << 20


class Digest(Protocol):
    """A hash of `hashlib`, of whichever kind."""

    def update(self, data: bytes, /) -> None:
        """Go on with some bytes."""


def add_content(digest: Digest, path: str | os.PathLike[str]) -> None:
    """Let a hash go on with the bytes of a file; fails with `AudioFileError`."""
    try:
        with open(path, "rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
    except OSError as error:
        raise cannot_read(Path(path), error) from error
