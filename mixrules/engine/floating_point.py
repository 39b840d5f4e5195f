"""Keep the processor's floating-point mode as it was around code that changes it.

Plug-ins switch the thread to flushing denormal numbers to zero when they load, and leave it so;
after that the same plan would render to other samples than before.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

# Larger than fenv_t on any platform: 32 bytes on x86-64 Linux, 16 elsewhere.
_FENV_BYTES = 128


@contextmanager
def kept_floating_point_mode() -> Iterator[None]:
    """Restore rounding and denormal handling of this thread on leaving (C99 fegetenv, fesetenv)."""
    library = _math_library()
    if library is None:
        yield
        return
    mode = ctypes.create_string_buffer(_FENV_BYTES)
    library.fegetenv(mode)
    try:
        yield
    finally:
        library.fesetenv(mode)


@cache
def _math_library() -> ctypes.CDLL | None:
    """Return the library with the C99 functions, or None where the system has none."""
    name = ctypes.util.find_library("m") or ctypes.util.find_library("ucrtbase")
    try:
        library = ctypes.CDLL(name)
    except (OSError, TypeError):
        return None
    return library if hasattr(library, "fegetenv") and hasattr(library, "fesetenv") else None
