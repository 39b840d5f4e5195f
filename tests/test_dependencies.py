"""What pyproject.toml declares is what the package imports: a dependency that only tests use is a test dependency."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

import mixrules

PACKAGE = Path(mixrules.__file__).parent
ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
# markupsafe comes with jinja2, llvmlite with numba, which pins its version; mirdata is for whoever has its data sets;
# threadpoolctl comes with librosa's scikit-learn, and is not missed where it is absent.
UNDECLARED = {"markupsafe", "llvmlite", "mirdata", "threadpoolctl"}
# Distributions that are imported by another name.
IMPORTED_AS = {"pyyaml": "yaml"}


def names(requirements: list[str]) -> list[str]:
    """Import names, which are those of the distributions for nearly all that are declared."""
    distributions = [
        re.split(r"[\s<>=!~\[;]", requirement)[0].replace("-", "_") for requirement in requirements
    ]
    return [IMPORTED_AS.get(name, name) for name in distributions]


MINIMAL_LACKS = {"librosa", "pedalboard", "pyloudnorm"}
CORE = names(PROJECT["dependencies"])
OPTIONAL = PROJECT["optional-dependencies"]
OURS = "mixrules["  # an extra that another one takes in
# Each once: pyarrow is in two of them.
EXTRAS = names(sorted({r for needed in OPTIONAL.values() for r in needed if not r.startswith(OURS)}))


@cache
def imported() -> set[str]:
    """Top-level packages that a module of the package imports when it runs, on top or inside functions."""
    found = set()
    for path in PACKAGE.rglob("*.py"):
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


def requirements(file: str) -> list[str]:
    """Return the lines of a file of requirements, comments left out, to the first blank line."""
    lines = (ROOT / file).read_text(encoding="utf-8").split("\n\n")[0].splitlines()
    return [line for line in lines if not line.startswith("#")]


def test_all_extras_but_training_are_in_one() -> None:
    others = sorted(set(OPTIONAL) - {"all", "deep"})
    (everything,) = OPTIONAL["all"]
    assert sorted(everything.removeprefix("mixrules[").removesuffix("]").split(",")) == others


def test_a_minimal_installation_lacks_three_packages() -> None:
    declared = [r for r in PROJECT["dependencies"] if names([r])[0] not in MINIMAL_LACKS]
    assert requirements("requirements-minimal.txt") == declared


def test_the_oldest_versions_are_those_that_are_declared() -> None:
    extras = (needed for extra, needed in OPTIONAL.items() if extra != "deep")
    declared = {*PROJECT["dependencies"], *(r for needed in extras for r in needed if not r.startswith(OURS))}
    oldest = [pinned.split("==") for pinned in requirements("tests/oldest.txt")]
    assert sorted(name for name, _ in oldest) == sorted(r.split(">=")[0] for r in declared)
    for name, version in oldest:
        (minimum,) = (r.split(">=")[1] for r in declared if r.split(">=")[0] == name)
        assert version in (minimum, f"{minimum}.0")
