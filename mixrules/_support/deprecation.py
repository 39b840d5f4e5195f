"""Names that are about to go: they work for two minor releases more, and each use warns with what to use instead."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def warn_deprecated(what: str, *, instead: str, since: str, removed_in: str, stacklevel: int = 1) -> None:
    """Warn that something is deprecated.

    Parameters
    ----------
    what : str
        What is deprecated: a function, ``"parameter x of f"``, ``"module.attribute"``.
    instead : str
        What takes its place.
    since : str
        The release that deprecated it, such as ``"0.2"``.
    removed_in : str
        The release that removes it, two minor releases later.
    stacklevel : int
        How many calls lie between the user's code and the function that warns: 1 where the user called it.
    """
    message = deprecation_message(what, instead=instead, since=since, removed_in=removed_in)
    warnings.warn(message, DeprecationWarning, stacklevel=stacklevel + 2)


def deprecation_message(what: str, *, instead: str, since: str, removed_in: str) -> str:
    """Return the line that says that something is deprecated; parameters as for `warn_deprecated`."""
    return f"{what} is deprecated since mixrules {since} and will be removed in {removed_in}: use {instead}"


def deprecated(*, instead: str, since: str, removed_in: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Mark a function, a method or, below ``@property``, a property as deprecated: each call warns.

    The docstring says the same, by Sphinx's directive `deprecated`.

    Parameters
    ----------
    instead, since, removed_in : str
        As in `warn_deprecated`.

    Returns
    -------
    callable
        The decorator.
    """

    def marked(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def warning(*args: P.args, **kwargs: P.kwargs) -> R:
            warn_deprecated(function.__qualname__, instead=instead, since=since, removed_in=removed_in)
            return function(*args, **kwargs)

        return warning

    return marked
