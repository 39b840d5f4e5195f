"""A work that copies, and where its results go."""

from __future__ import annotations

from pathlib import Path

import pytest
from corpus.work.fake_works import Copying


@pytest.fixture
def work(tmp_path: Path) -> Copying:
    return Copying(tmp_path / "log")


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "out"
