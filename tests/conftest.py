"""Fixtures for everyone: a seeded generator, a small song, and where the real songs lie."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from synthetic import Song, band


@pytest.fixture
def rng() -> np.random.Generator:
    """A generator that starts from the same seed in every test."""
    return np.random.default_rng(2026)


@pytest.fixture(scope="session")
def make_band() -> Callable[[float], Song]:
    """Make the small band of a given length."""
    return band


@pytest.fixture(scope="session")
def real_songs() -> Path:
    """The folder of real songs beside the checkout, or of the environment's choice; else skip."""
    folder = Path(os.environ.get("MIXRULES_AUDIO", Path(__file__).resolve().parents[2] / "shared" / "audio"))
    if not folder.is_dir():
        pytest.skip(f"no real songs at {folder}: set MIXRULES_AUDIO to a folder of songs")
    return folder
