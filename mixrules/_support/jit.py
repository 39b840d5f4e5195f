"""The one decorator for compiled inner loops.

Kernels are plain loops over arrays and scalars; they live in files whose names end in ``_kernels.py``, take their
output array from the caller, and are imported inside the function that calls them, so that
``import mixrules`` does not load numba.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np

_F = TypeVar("_F", bound=Callable[..., Any])

_uncached: list[Any] = []  # compiled functions that could not be written to the cache


def jit(function: _F) -> _F:
    """Compile `function` on first use, cached on disk where that is possible; releases the GIL.

    Multiplications and additions may be fused (FMA); NaN and infinity follow IEEE 754.
    """
    return _compiled(function, {"contract"})


def jit_sums(function: _F) -> _F:
    """Compile `function` as `jit` does, with sums in any order, so that they are vectorised.

    NaN and infinity follow IEEE 754.
    """
    return _compiled(function, {"reassoc", "contract"})


def jit_inside(function: _F) -> _F:
    """Inline `function` into every kernel of its file that calls it: constant arguments are constants in it.

    LLVM inlines it: its types are found once, not at every call. Constant whole numbers are given as `constant`.

    numba caches a kernel by the time stamp of its own file: functions of other files must not be inlined.
    """
    return cast("_F", numba.njit(forceinline=True, nogil=True, fastmath={"contract"})(function))


def constant(number: int) -> int:
    """Return a whole number that is a constant to LLVM and an integer like any other to numba.

    A plain ``64`` is a type of its own to numba, for which a function would be compiled once more. For values of a
    module, not within kernels.
    """
    return cast("int", np.int64(number))


def jit_template(function: _F) -> _F:
    """Do as `jit_inside`, with a copy at every call: for a constant on which the types in `function` depend.

    Slow to compile.
    """
    return cast("_F", numba.njit(inline="always", nogil=True, fastmath={"contract"})(function))


def not_cached() -> bool:
    """Return whether a kernel was compiled that could not be kept on disk for the next run."""
    return any(kernel.signatures for kernel in _uncached)


def _compiled(function: _F, fastmath: set[str]) -> _F:
    try:
        compiled: Any = numba.njit(cache=True, nogil=True, fastmath=fastmath)(function)
    except RuntimeError:  # no place to write the cache: a read-only install
        compiled = numba.njit(nogil=True, fastmath=fastmath)(function)
        _uncached.append(compiled)
    else:
        _ignore_cache_errors(compiled)
    return cast("_F", compiled)


def _ignore_cache_errors(compiled: Any) -> None:
    """Let a compiled function run when it cannot be written to the cache: the disk may be full."""
    cache: Any = getattr(compiled, "_cache", None)
    save = getattr(cache, "save_overload", None)
    if save is None:
        return

    def save_if_possible(*arguments: Any) -> None:
        try:
            save(*arguments)
        except OSError:
            _uncached.append(compiled)

    cache.save_overload = save_if_possible
