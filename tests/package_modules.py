"""The modules of the package, for tests that go through them all."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from types import ModuleType

import mixrules

_OFTEN_MISSING = ("torch", "onnx")  # of the extra `deep`: make test-deep has them


def modules(wanted: Callable[[str], bool]) -> Iterator[ModuleType]:
    """Yield the modules whose names are wanted, imported; not those that need a package that is not installed here."""
    for info in pkgutil.walk_packages(mixrules.__path__, "mixrules."):
        if not wanted(info.name):
            continue
        try:
            yield importlib.import_module(info.name)
        except ModuleNotFoundError as error:
            if error.name not in _OFTEN_MISSING:
                raise
