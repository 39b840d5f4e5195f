"""The one decorator for compiled inner loops.

Kernels are plain loops over arrays and scalars; they live in ``_kernels.py`` files, take their
output array from the caller, and are imported inside the function that calls them, so that
``import mixrules`` does not load numba.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

_F = TypeVar("_F", bound=Callable[..., Any])


def jit(function: _F) -> _F:
    """Compile `function` on first use, cached on disk where that is possible; releases the GIL."""
    try:
        compiled: Any = numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:  # no place to write the cache: a read-only install
        compiled = numba.njit(nogil=True)(function)
    return cast("_F", compiled)
