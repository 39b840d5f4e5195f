"""Public things are documented: every argument by its name, every number by its unit."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import re
import typing
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from package_modules import modules

import mixrules

NONE = re.compile(r"optional|None")
RETURNED = re.compile(r"^(Returns|Yields)\n-", re.MULTILINE)
UNITS = ("db", "dbfs", "dbtp", "lufs", "lu", "hz", "bpm", "ms", "s", "m", "db_per_s")
UNITLESS = {
    "ratio",
    "q",
    "spread",
    "pan",
    "width",
    "mix",
    "amount",
    "role_confidence",
    "low_shelf_q",
    "high_shelf_q",
}


def is_documented(module: str) -> bool:
    """Commands are documented by click, kernels by the functions that call them."""
    parts = module.split(".")[1:]
    return parts[0] not in ("cli", "__main__") and not any(part.startswith("_") for part in parts)


MODULES = list(modules(is_documented))


def functions() -> Iterator[tuple[str, Callable[..., Any]]]:
    for module in MODULES:
        for name, thing in vars(module).items():
            if name.startswith("_") or getattr(thing, "__module__", None) != module.__name__:
                continue
            if inspect.isfunction(thing):
                yield f"{module.__name__}.{name}", thing
            elif inspect.isclass(thing):
                for method, function in vars(thing).items():
                    function = getattr(function, "__func__", function)
                    if inspect.isfunction(function) and not method.startswith("_"):
                        yield f"{module.__name__}.{name}.{method}", function


FUNCTIONS = dict(functions())
CLASSES = {
    f"{module.__name__}.{name}": thing
    for module in MODULES
    for name, thing in vars(module).items()
    if inspect.isclass(thing) and thing.__module__ == module.__name__ and not name.startswith("_")
}


def entries(docstring: str, title: str) -> dict[str, str]:
    """The names listed under a heading of a numpydoc docstring, with what they may be."""
    found = re.search(rf"^{title}\n-+\n(.*?)(?=^\S[^\n]*\n-+\n|\Z)", docstring, re.MULTILINE | re.DOTALL)
    heads = re.findall(r"^([\w*][\w*, ]*?)(?: : (.*))?$", found[1], re.MULTILINE) if found else []
    return {name.strip().lstrip("*"): kind for names, kind in heads for name in names.split(",")}


def section(docstring: str, title: str) -> list[str]:
    """The names listed under a heading of a numpydoc docstring."""
    return list(entries(docstring, title))


def arguments(function: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    found = inspect.signature(function).parameters
    return {name: parameter for name, parameter in found.items() if name not in ("self", "cls")}


@pytest.mark.parametrize("name", [m.__name__ for m in MODULES])
def test_every_module_says_what_it_is(name: str) -> None:
    assert inspect.getdoc(importlib.import_module(name))


def test_documented_arguments_are_the_arguments_in_their_order() -> None:
    wrong = {}
    for name, function in FUNCTIONS.items():
        docstring = inspect.getdoc(function)
        assert docstring, f"{name} has no docstring"
        documented = section(docstring, "Parameters")
        if documented and documented != list(arguments(function)):
            wrong[name] = documented
    assert wrong == {}


def test_what_may_be_left_out_is_documented_as_optional() -> None:
    """An optional argument has None as its default, and an argument that is None by default is called optional."""
    wrong = []
    for name, function in FUNCTIONS.items():
        defaults = {argument: p.default for argument, p in arguments(function).items()}
        for argument, kind in entries(inspect.getdoc(function) or "", "Parameters").items():
            if not kind or argument not in defaults:  # "As for `mix`", or wrong, as another test says
                continue
            may_be_none = defaults[argument] is None
            if ("optional" in kind and not may_be_none) or (may_be_none and not NONE.search(kind)):
                wrong.append((name, argument, kind))
    assert wrong == []


def test_what_is_returned_is_documented() -> None:
    """In a section, or where there are only arguments to describe in the first line."""
    wrong = []
    for name, function in FUNCTIONS.items():
        docstring = inspect.getdoc(function) or ""
        returned = inspect.signature(function).return_annotation
        first = docstring.partition("\n")[0]
        says_so = (
            RETURNED.search(docstring) or re.match(r"Return|Whether|Yield", first) or "; return" in first
        )
        if section(docstring, "Parameters") and returned not in ("None", None) and not says_so:
            wrong.append(name)
    assert wrong == []


@pytest.mark.parametrize("name", [n for n in mixrules.__all__ if inspect.isfunction(getattr(mixrules, n))])
def test_a_public_function_has_every_section(name: str) -> None:
    docstring = inspect.getdoc(getattr(mixrules, name)) or ""
    assert section(docstring, "Parameters")
    assert RETURNED.search(docstring)
    assert re.search(r"^Examples\n-+\n(.|\n)*^>>> ", docstring, re.MULTILINE)


@pytest.mark.parametrize("name", CLASSES)
def test_every_class_says_what_it_is(name: str) -> None:
    thing = CLASSES[name]
    assert thing.__doc__
    if dataclasses.is_dataclass(thing):
        # A dataclass without a docstring of its own is given its signature.
        assert not thing.__doc__.startswith(f"{thing.__name__}(")
        documented = section(inspect.getdoc(thing) or "", "Attributes") + section(
            inspect.getdoc(thing) or "", "Parameters"
        )
        fields = {f.name for f in dataclasses.fields(thing)}
        assert set(documented) <= fields | {n for n in dir(thing) if not n.startswith("_")}


SETTINGS: dict[str, Any] = {
    n: c
    for n, c in CLASSES.items()
    if dataclasses.is_dataclass(c) and n.endswith(("Params", "Plan", "EqBand", "Send", "Footer", "Loudness"))
}


def numbers(thing: type) -> list[str]:
    hints = typing.get_type_hints(thing)
    return [f.name for f in dataclasses.fields(thing) if hints[f.name] in (float, float | None)]


def test_the_settings_were_found() -> None:
    names = {name.rpartition(".")[2] for name in SETTINGS}
    assert {"CompressorParams", "ReverbParams", "EqBand", "StemPlan", "MasterPlan", "Send"} <= names


@pytest.mark.parametrize("name", SETTINGS)
def test_every_number_carries_its_unit(name: str) -> None:
    for number in numbers(SETTINGS[name]):
        assert number in UNITLESS or number.endswith(tuple(f"_{unit}" for unit in UNITS)), f"{name}.{number}"
    for field in dataclasses.fields(SETTINGS[name]):
        assert not re.search(r"_(sr|fs|khz|sec|seconds|dbm)$|^(sr|fs|rate)$", field.name)


@pytest.mark.parametrize("name", SETTINGS)
def test_settings_are_frozen_and_named(name: str) -> None:
    params = SETTINGS[name].__dataclass_params__
    assert params.frozen
    assert all(field.kw_only for field in dataclasses.fields(SETTINGS[name]))
    assert "__slots__" in vars(SETTINGS[name])
