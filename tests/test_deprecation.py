"""Deprecated names work, say what to use instead and until when, and nothing of ours uses them."""

from __future__ import annotations

import ast
import inspect
import itertools
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from packaging.version import Version
from synthetic import RATE, band

import mixrules
from mixrules import Session, Stems
from mixrules._support.deprecation import deprecated, warn_deprecated

PACKAGE = Path(mixrules.__file__).parent
ROOT = Path(__file__).resolve().parent.parent


class Mark(NamedTuple):
    """A use of the decorator in the package."""

    name: str
    since: str
    removed_in: str
    docstring: str


@cache
def marks() -> list[Mark]:
    found = []
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)) if "deprecated" in text else ():
            for call in getattr(node, "decorator_list", ()):
                if isinstance(call, ast.Call) and ast.unparse(call.func) == "deprecated":
                    assert isinstance(node, ast.FunctionDef)
                    said = {k.arg: str(ast.literal_eval(k.value)) for k in call.keywords}
                    docstring = ast.get_docstring(node) or ""
                    found.append(Mark(node.name, said["since"], said["removed_in"], docstring))
    return found


@pytest.fixture
def session() -> Session:
    return Session(Stems.from_arrays(band(2.0), RATE))


def test_a_session_s_sounding_stems_are_its_active_ones(session: Session) -> None:
    with pytest.warns(DeprecationWarning, match="sounding") as caught:
        stems = session.sounding
    assert stems == session.active
    (warning,) = caught
    assert warning.filename == __file__
    assert str(warning.message) == (
        "Session.sounding is deprecated since mixrules 0.2 and will be removed in 0.4: use Session.active"
    )


def test_every_call_warns_once_and_passes_on_what_it_is_given() -> None:
    @deprecated(instead="divmod", since="0.2", removed_in="0.4")
    def halves(number: int, *, by: int = 2) -> tuple[int, int]:
        """Divide."""
        return divmod(number, by)

    for arguments, result in ((5, (1, 2)), (6, (2, 0))):
        with pytest.warns(DeprecationWarning, match="halves is deprecated") as caught:
            assert halves(arguments, by=3) == result
        assert len(caught) == 1
    assert halves.__doc__ == "Divide."
    assert list(inspect.signature(halves).parameters) == ["number", "by"]


def test_a_parameter_and_a_module_s_attribute_warn_where_the_user_stands() -> None:
    def measure(rate: int | None = None, sample_rate: int | None = None) -> int | None:
        if rate is not None:
            warn_deprecated("parameter rate of measure", instead="sample_rate", since="0.2", removed_in="0.4")
        return rate if sample_rate is None else sample_rate

    with pytest.warns(DeprecationWarning, match="rate of measure is deprecated.*: use sample_rate") as caught:
        assert measure(rate=8) == 8
    assert caught[0].filename == __file__
    assert measure(sample_rate=8) == 8

    module = type("Module", (), {"__getattr__": lambda _, name: deprecated_attribute(name)})()

    def deprecated_attribute(name: str) -> int:
        warn_deprecated(f"module.{name}", instead="b", since="0.2", removed_in="0.4", stacklevel=2)
        return 1

    with pytest.warns(DeprecationWarning, match="module.a is deprecated") as caught:
        assert module.a == 1
    assert caught[0].filename == __file__


def test_what_is_marked_goes_two_minor_releases_later_and_its_docstring_says_so() -> None:
    assert [mark.name for mark in marks()] == ["sounding"]
    for mark in marks():
        since, gone = Version(mark.since), Version(mark.removed_in)
        assert (gone.major, gone.minor) == (since.major, since.minor + 2)
        assert f".. deprecated:: {mark.since}" in mark.docstring
        assert f"Removed in {mark.removed_in}" in mark.docstring


def test_nothing_that_is_marked_outlives_its_removal() -> None:
    version = Version(re.findall(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.M)[0])
    assert all(version < Version(mark.removed_in) for mark in marks())


def test_nothing_of_ours_uses_a_deprecated_name() -> None:
    names = {mark.name for mark in marks()}
    folders = (PACKAGE, *(ROOT / name for name in ("tests", "docs", "examples", "benchmarks")))
    for path in itertools.chain.from_iterable(folder.rglob("*.py") for folder in folders):
        text = path.read_text(encoding="utf-8")
        if path != Path(__file__) and any(name in text for name in names):
            used = {node.attr for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Attribute)}
            assert not used & names, path
