"""Documents and folders of this package, known again by what they hold."""

from __future__ import annotations

import os
from pathlib import Path

COMPARISON_CACHE = ".kept"
COMPARISON_TABLES = "comparison.json"
COMPARISON_FORMAT = "mixrules-comparison"
RUN_DOCUMENT = "run.json"
RUN_LEDGER = "ledger.jsonl"
_HEAD_BYTES = 200


def names_format(path: Path, form: str) -> bool:
    """Return whether a JSON document names a format near its beginning; False where there is no such file."""
    try:
        with open(path, "rb") as file:
            return f'"format": "{form}"'.encode() in file.read(_HEAD_BYTES)
    except OSError:
        return False


def is_comparison(folder: Path) -> bool:
    """Return whether a folder holds a comparison's report, finished or not."""
    # Of a folder that must not be read it is said elsewhere.
    return os.path.isdir(folder / COMPARISON_CACHE) or names_format(
        folder / COMPARISON_TABLES, COMPARISON_FORMAT
    )
