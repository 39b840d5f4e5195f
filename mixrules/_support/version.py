"""The version of the package, the one in pyproject.toml."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("mixrules")
except PackageNotFoundError:  # run from a source tree that was never installed
    __version__ = "0+unknown"
