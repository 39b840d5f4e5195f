"""Fixtures for everyone: a seeded generator and a small song."""

from __future__ import annotations

from collections.abc import Callable

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
