"""The one decorator for compiled inner loops.

Kernels are plain loops over arrays and scalars; they live in files whose names end in ``_kernels.py``, take their
output array from the caller, and are imported inside the function that calls them, so that
``import mixrules`` does not load numba.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

_F = TypeVar("_F", bound=Callable[..., Any])


def jit(function: _F) -> _F:
    """Compile `function` on first use, cached on disk where that is possible; releases the GIL.

    A product may be added without being rounded first, where the processor can: NaN and infinity keep their
    fate.
    """
    return _compiled(function, {"contract"})


def jit_sums(function: _F) -> _F:
    """Compile `function` as `jit` does, its sums in any order, so that they run in vector lanes.

    Nothing else is taken lightly: NaN and infinity come out as they would in order.
    """
    return _compiled(function, {"reassoc", "contract"})


def jit_inside(function: _F) -> _F:
    """Compile `function` into every kernel of its file that calls it: what is constant there is constant in it.

    numba caches a kernel by the time stamp of its own file: what it takes from others must not be compiled into it.
    """
    return cast("_F", numba.njit(inline="always", nogil=True, fastmath={"contract"})(function))


def _compiled(function: _F, fastmath: set[str]) -> _F:
    try:
        compiled: Any = numba.njit(cache=True, nogil=True, fastmath=fastmath)(function)
    except RuntimeError:  # no place to write the cache: a read-only install
        compiled = numba.njit(nogil=True, fastmath=fastmath)(function)
    else:
        _go_on_without_cache(compiled)
    return cast("_F", compiled)


def _go_on_without_cache(compiled: Any) -> None:
    """Let a compiled function run when it cannot be written to the cache: the disk may be full."""
    cache: Any = getattr(compiled, "_cache", None)
    save = getattr(cache, "save_overload", None)
    if save is None:
        return

    def save_if_possible(*arguments: Any) -> None:
        with contextlib.suppress(OSError):
            save(*arguments)

    cache.save_overload = save_if_possible
