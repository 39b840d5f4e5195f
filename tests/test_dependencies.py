"""What pyproject.toml declares is what the package imports: a dependency that only tests use is a test dependency."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
# onnxruntime is for whoever has a model of their own, and asked for by a message; markupsafe comes with jinja2.
UNDECLARED = {"onnxruntime", "markupsafe"}


def names(requirements: list[str]) -> list[str]:
    """Import names, which are those of the distributions for all that are declared."""
    return [re.split(r"[\s<>=!~\[;]", requirement)[0].replace("-", "_") for requirement in requirements]


CORE = names(PROJECT["dependencies"])
EXTRAS = names([r for extra in PROJECT["optional-dependencies"].values() for r in extra])


@cache
def imported() -> set[str]:
    """Top-level packages that a module of the package imports when it runs, on top or inside functions."""
    found = set()
    for path in (ROOT / "mixrules").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for_types_only = {
            id(child)
            for node in ast.walk(tree)
            if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
            for child in ast.walk(node)
        }
        for node in ast.walk(tree):
            if id(node) in for_types_only:
                continue
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("name", [*CORE, *EXTRAS])
def test_a_declared_dependency_is_imported_by_the_package(name: str) -> None:
    assert name in imported()


def test_what_the_package_imports_is_declared() -> None:
    others = imported() - set(sys.stdlib_module_names) - {"mixrules", "__future__"}
    assert others == {*CORE, *EXTRAS} | UNDECLARED
