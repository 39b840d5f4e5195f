"""The public names of `mixrules.learning`: there without PyTorch, but for the one that trains."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

from mixrules import learning
from mixrules.errors import MissingPackageError


def test_the_public_names_are_those_of_the_stub() -> None:
    stub = ast.parse(Path(learning.__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
    (listed,) = (ast.literal_eval(node.value) for node in stub.body if isinstance(node, ast.Assign))
    assert listed == sorted(learning.__all__) == dir(learning)
    with pytest.raises(AttributeError, match="nonsense"):
        learning.nonsense  # type: ignore[attr-defined]  # noqa: B018


def test_pytorch_and_onnxruntime_are_imported_by_what_needs_them_alone() -> None:
    program = (
        "import sys; from mixrules import learning; "
        "assert not any(name.startswith('mixrules.learning.') for name in sys.modules); "
        "[getattr(learning, name) for name in learning.__all__ if name != 'train']; "
        "print([name for name in ('torch', 'onnx', 'onnxruntime') if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("installed", "missing", "extra"),
    [
        ((), "torch and onnx, which are", "deep"),
        (("torch", "onnx"), "onnxruntime, which is", "predict"),
    ],
)
def test_training_without_a_package_is_refused_in_one_line_once_it_is_called(
    installed: tuple[str, ...], missing: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for where in ("mixrules._support.installed", "mixrules.learning"):
        monkeypatch.setattr(f"{where}.is_installed", lambda package: package in installed)
    monkeypatch.delitem(vars(learning), "train", raising=False)  # another test may have asked for it
    assert hasattr(learning, "train")
    assert set(learning.__all__) <= dict(inspect.getmembers(learning)).keys()
    from mixrules.learning import train

    with pytest.raises(MissingPackageError) as raised:
        train("data", learning.settings_for("level"), "level.onnx")
    said = f"training a network needs {missing} not installed: pip install 'mixrules[{extra}]'"
    assert str(raised.value) == said
