"""The one decorator for compiled inner loops.

Kernels are plain loops over numbers that they reach by `mixrules._support.pointers`; they live in files whose names end
in ``_kernels.py``, take their output array from the caller, and are imported inside the function that calls them, so that
``import mixrules`` does not load numba. They call no other compiled function, which would be compiled on its own first.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import numpy as np

from mixrules._support.kernel_compiler import KernelCompiler
from mixrules._support.one_compiles import let_one_compile

_F = TypeVar("_F", bound=Callable[..., Any])

_kernels: list[Any] = []  # of all modules that were imported
_uncached: list[Any] = []  # those that could not be written to the cache


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


def kernels() -> dict[str, Any]:
    """Return every kernel of the modules imported so far, by module and name."""
    # A kernel that the interpreter runs is the function itself.
    functions = ((getattr(kernel, "py_func", kernel), kernel) for kernel in _kernels)
    return {f"{function.__module__}.{function.__name__}": kernel for function, kernel in functions}


def not_cached() -> bool:
    """Return whether a kernel was compiled that could not be kept on disk for the next run."""
    return any(kernel.signatures for kernel in _uncached)


def _compiled(function: _F, fastmath: set[str]) -> _F:
    options: dict[str, Any] = {
        "pipeline_class": KernelCompiler,
        "no_cfunc_wrapper": True,  # a kernel is called from Python only
        "error_model": "numpy",  # a division by zero gives infinity, without a check
        "_nrt": False,
        "nogil": True,
        "fastmath": fastmath,
    }
    try:
        compiled: Any = numba.njit(cache=True, **options)(function)
    except RuntimeError:  # no place to write the cache: a read-only install
        compiled = numba.njit(**options)(function)
        _uncached.append(compiled)
    else:
        _ignore_cache_errors(compiled)
        _renew_when_parts_change(compiled, function)
        let_one_compile(compiled)
    _kernels.append(compiled)
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


def _renew_when_parts_change(compiled: Any, function: Callable[..., Any]) -> None:
    """Have a kernel compiled anew when what becomes a part of it changes, not its own file alone.

    numba keeps the stamp of that file beside the machine code. The constants that the kernel's module has, perhaps from
    another one, and the files that say how it is compiled are added to it.
    """
    file: Any = getattr(getattr(compiled, "_cache", None), "_cache_file", None)
    stamp = getattr(file, "_source_stamp", None)
    if stamp is None:
        return
    constants = [
        f"{name}={value!r}"
        for name, value in sorted(function.__globals__.items())
        if isinstance(value, int | float | np.generic)
    ]
    parts = hashlib.sha256("\n".join([_digest_of_the_compiler(), *constants]).encode()).hexdigest()
    file._source_stamp = (stamp, parts)


@functools.cache
def _digest_of_the_compiler() -> str:
    here = Path(__file__).parent
    names = ("jit.py", "kernel_compiler.py", "pointers.py", "apart_pointers.py")
    return hashlib.sha256(b"".join((here / name).read_bytes() for name in names)).hexdigest()
