"""Small data sets of every layout, each written once."""

from __future__ import annotations

import shutil
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
def own_tree(tree: BuildTree, tmp_path: Path) -> BuildTree:
    """Return a function that gives a copy of the data set of a layout, to be damaged."""

    def of(name: str) -> Path:
        root = tree(name)
        folder = root if root.is_dir() else root.parent
        shutil.copytree(folder, tmp_path / name)
        return tmp_path / name / root.relative_to(folder)

    return of
