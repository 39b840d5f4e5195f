"""Small data sets of every layout, each written once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from corpus.trees import NEEDS, build

BuildTree = Callable[[str], Path]


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> BuildTree:
    """Return a function that gives what to name for the data set of a layout; it is not changed."""
    made: dict[str, Path] = {}

    def of(name: str) -> Path:
        for package in NEEDS.get(name, ()):
            pytest.importorskip(package)
        if name not in made:
            made[name] = build(name, tmp_path_factory.mktemp(name))
        return made[name]

    return of


@pytest.fixture
def own_tree(tmp_path: Path) -> BuildTree:
    """Return a function that writes the data set of a layout anew, to be damaged."""

    def of(name: str) -> Path:
        for package in NEEDS.get(name, ()):
            pytest.importorskip(package)
        return build(name, tmp_path / name)

    return of
