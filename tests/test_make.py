"""What the Makefile makes is what the pages, continuous integration and the tests say of it."""

from __future__ import annotations

import ast
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


def reasons_for_skipping(source: str) -> list[str]:
    """Return the reasons, as they are written, of the calls of `importorskip` that may want what is not for all."""
    reasons = []
    for function in ast.walk(ast.parse(source)):
        if not isinstance(function, (ast.FunctionDef, ast.Module)):
            continue
        body = function.body if isinstance(function, ast.FunctionDef) else [*outside_functions(function)]
        named = {node.value for part in body for node in ast.walk(part) if isinstance(node, ast.Constant)}
        calls = [node for part in body for node in ast.walk(part) if isinstance(node, ast.Call)]
        for call in calls:
            if ast.unparse(call.func).split(".")[-1] != "importorskip":
                continue
            (package, *_) = call.args
            packages = {package.value} if isinstance(package, ast.Constant) else named
            if any(str(each).split(".")[0] in NOT_FOR_ALL for each in packages):
                reasons += [ast.unparse(each.value) for each in call.keywords if each.arg == "reason"] or [""]
    return reasons


def outside_functions(module: ast.Module) -> list[ast.stmt]:
    return [part for part in module.body if not isinstance(part, (ast.FunctionDef, ast.ClassDef))]


SAYS_WHERE = re.compile("is not installed: `?make test-deep")


def test_a_test_that_is_skipped_without_torch_says_where_it_runs() -> None:
    texts = {path: path.read_text(encoding="utf-8") for path in sorted((ROOT / "tests").rglob("*.py"))}
    reasons = {
        path.relative_to(ROOT / "tests").as_posix(): reasons_for_skipping(text)
        for path, text in texts.items()
        if "importorskip" in text
    }
    skipping = {name for name, found in reasons.items() if found}
    assert {"test_docs_python.py", "cli/test_cli_train.py", "learning/training/test_schedule.py"} <= skipping
    assert not {name for name in skipping if not all(SAYS_WHERE.search(each) for each in reasons[name])}


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (
            'torch = pytest.importorskip("torch", reason="torch is not installed: make test-deep has it")',
            True,
        ),
        ('importorskip("onnxruntime.capi", reason=reason)', False),
        ('pytest.importorskip(\n    "onnx"\n)', False),
        ('def f():\n    for name in ("torch",):\n        importorskip(name, reason="no")', False),
    ],
)
def test_every_way_to_write_a_skip_is_seen(source: str, said: bool) -> None:
    (reason,) = reasons_for_skipping(source)
    assert bool(SAYS_WHERE.search(reason)) is said


def test_a_skip_for_want_of_something_else_need_not_name_make_test_deep() -> None:
    assert not reasons_for_skipping('def f():\n    for name in ("duckdb",):\n        importorskip(name)')


def test_files_that_are_tested_first_exist(first_files: tuple[str, ...]) -> None:
    assert {path.stem for path in (ROOT / "tests").rglob("test_*.py")} >= set(first_files)


def test_both_environments_want_the_same_python() -> None:
    recipes = re.findall(r"^\$\((?:VENV|DEEP)\)/\.installed:.*\n\t(.+)$", MAKEFILE, re.MULTILINE)
    assert recipes == ["$(CHECK_PYTHON)"] * 2
