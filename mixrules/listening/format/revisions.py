"""Definitions that a test has had: each one that was applied is kept, and ratings are read by the one they name."""

from __future__ import annotations

import os
import re
from pathlib import Path

from mixrules.errors import ListeningTestError
from mixrules.listening.format.testfile import ListeningTest

DEFINITIONS = "definitions"
"""The folder, in that of the test, with a file for every revision that was ever applied."""

_REVISION = re.compile(r"[0-9a-f]{16}")


def definition_of(folder: str | os.PathLike[str], revision: str) -> ListeningTest | None:
    """Return the test as a revision defined it; None where that one was never applied here.

    Parameters
    ----------
    folder : path-like
        The test's folder.
    revision : str
        16 hexadecimal digits; empty: the test that is shown.

    Returns
    -------
    ListeningTest or None

    Raises
    ------
    MixrulesError
        If the file is damaged or cannot be read.
    """
    folder = Path(folder)
    if not revision:
        return shown_test(folder)
    path = revision_file(folder, revision)
    return ListeningTest.load(path) if _REVISION.fullmatch(revision) and path.is_file() else None


def shown_test(folder: Path) -> ListeningTest:
    """Return the test that the page in a folder shows; fails with `MixrulesError` where it is missing or damaged."""
    path = folder / "site" / "test.json"
    if not path.exists():
        what = "does not exist" if not folder.exists() else f"is no listening test, {path} is missing"
        raise ListeningTestError(f"{folder} {what}: the folder that mixrules stimuli wrote is accepted")
    return ListeningTest.load(path)


def revision_file(folder: Path, revision: str) -> Path:
    """Return where a revision is kept."""
    return folder / DEFINITIONS / f"{revision}.json"


def kept_definitions(folder: Path) -> tuple[Path, ...]:
    """Return the files of all revisions that were applied, sorted by name."""
    files = (folder / DEFINITIONS).glob("*.json")
    return tuple(sorted(path for path in files if _REVISION.fullmatch(path.stem)))
