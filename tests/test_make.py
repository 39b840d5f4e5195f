"""What the Makefile makes is what the pages, continuous integration and the tests say of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z-]+):.*##", MAKEFILE, re.MULTILINE))
# Installed by `make test-deep` alone.
NOT_FOR_ALL = ("torch", "onnx", "onnxruntime")


def of_the_repository(name: str) -> str:
    path = ROOT / name
    if not path.exists():
        pytest.skip(f"not in a repository: there is no {name}")
    return path.read_text(encoding="utf-8")


def test_a_target_is_no_file() -> None:
    (phony,) = re.findall(r"^\.PHONY: (.+)$", MAKEFILE, re.MULTILINE)
    assert set(phony.split()) == TARGETS


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", ".ci/run", ".github/workflows/ci.yml"])
def test_what_is_said_to_be_made_can_be(page: str) -> None:
    named = set(re.findall(r"(?:^|`|run: )make ([a-z-]+)", of_the_repository(page), re.MULTILINE))
    assert named
    assert named <= TARGETS


def test_environments_are_ignored_by_git_and_removed() -> None:
    variables = dict(re.findall(r"^([A-Z]+) := (\.venv\S*)$", MAKEFILE, re.MULTILINE))
    assert set(variables.values()) == {".venv", ".venv-deep"}
    (clean,) = re.findall(r"^clean:.*\n\trm -rf (.+)$", MAKEFILE, re.MULTILINE)
    assert {f"$({name})" for name in variables} <= set(clean.split())
    assert {f"{folder}/" for folder in variables.values()} <= set(of_the_repository(".gitignore").split())


def test_continuous_integration_runs_both_kinds_of_tests() -> None:
    commands = re.findall(r"^make (.+)$", of_the_repository(".ci/run"), re.MULTILINE)
    assert commands.index("test-deep") == commands.index("test") + 1


def test_a_test_that_is_skipped_without_torch_says_where_it_runs() -> None:
    skips = re.compile(rf'importorskip\(\s*"(?:{"|".join(NOT_FOR_ALL)})\b')
    tests = {path: path.read_text(encoding="utf-8") for path in sorted((ROOT / "tests").rglob("test_*.py"))}
    skipping = {path.name for path, text in tests.items() if skips.search(text)}
    assert "test_schedule.py" in skipping
    says = {
        path.name for path, text in tests.items() if re.search("is not installed: `?make test-deep", text)
    }
    assert skipping <= says
