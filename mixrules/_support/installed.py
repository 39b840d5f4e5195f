"""What to say where a package is missing that only a part of this one needs."""

from __future__ import annotations

import importlib.util

from mixrules._support.wording import listed
from mixrules.errors import MissingPackageError

_EXTRAS = {
    "eval": ("zimtohrli",),
    "report": ("matplotlib", "jinja2"),
    "corpus": ("yaml", "dask", "distributed", "fsspec"),
    "predict": ("onnxruntime",),
    "search": ("cma", "pygad"),
    "deep": ("torch", "onnx"),
}
_IN_EXTRA = {package: f"'mixrules[{extra}]'" for extra, packages in _EXTRAS.items() for package in packages}


def is_installed(package: str) -> bool:
    """Return whether a package can be imported; nothing of it is imported for that."""
    try:
        return importlib.util.find_spec(package) is not None
    except ImportError:
        return False


def require_installed(*packages: str, what: str, instead: str = "") -> None:
    """Raise `MissingPackageError` unless the packages are installed.

    Parameters
    ----------
    *packages : str
        Names, as they are imported and as pip knows them.
    what : str
        What needs them, the beginning of the message.
    instead : str
        What can be done without them, the end of the message.

    Raises
    ------
    MissingPackageError
        Names those that are missing, and the command that installs them.
    """
    missing = [package for package in packages if not is_installed(package)]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        install = " ".join(dict.fromkeys(_IN_EXTRA.get(package, package) for package in missing))
        raise MissingPackageError(
            f"{what} needs {listed(missing)}, which {verb} not installed: pip install {install}{instead}"
        )
