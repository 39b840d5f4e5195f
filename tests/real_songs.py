"""Where the real songs are: MIXRULES_AUDIO, else a folder beside the checkout."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

FOLDER = Path(os.environ.get("MIXRULES_AUDIO") or Path(__file__).resolve().parents[2] / "shared" / "audio")
ABSENT = f"no real songs at {FOLDER}: set MIXRULES_AUDIO to a folder of songs"


def require(*parts: str) -> Path:
    """Return the folder of real songs, or a folder or file in it; skip the test where it is not there."""
    if not FOLDER.is_dir():
        pytest.skip(ABSENT)
    path = FOLDER.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"{ABSENT} (there is no {'/'.join(parts)} in it)")
    return path


def songs() -> list[Path]:
    """Return the folders of stems; skip the test where there are none."""
    found = [folder for folder in sorted(require().glob("[!_]*")) if folder.is_dir()]
    if not found:
        pytest.skip(ABSENT)
    return found


def references() -> list[Path]:
    """Return the finished mixes, for tests that take one each; empty where they are not there."""
    return sorted((FOLDER / "_references").glob("*.flac"))
