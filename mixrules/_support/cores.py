"""The number of usable processor cores, and of threads to use."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import SupportsIndex, TypeVar

from mixrules._support.arguments import is_number, shown_value
from mixrules.errors import ParameterError

_MOST_THREADS = 1024

_own_threads: int | None = None  # where this process shares the cores with others

Item = TypeVar("Item")
Result = TypeVar("Result")


def usable_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def use_one_thread_by_default() -> None:
    """Let this process use one thread where no number is asked for: it is one of several that share the cores."""
    global _own_threads
    _own_threads = 1


def thread_count(threads: int | None) -> int:
    """Return the number of threads to use: `threads`, or by default as many as there are cores.

    Raises
    ------
    ParameterError
        If `threads` is neither None nor a whole number from 1 up.
    """
    if threads is None:
        return _own_threads or usable_cores()
    if not is_number(threads) or not isinstance(threads, SupportsIndex) or threads < 1:
        raise ParameterError(f"threads must be a whole number, at least 1, got {shown_value(threads)}")
    return min(int(threads), _MOST_THREADS)


def in_threads(work: Callable[[Item], Result], items: Iterable[Item], threads: int) -> list[Result]:
    """Return what `work` makes of each item, in their order, so many at once."""
    if threads == 1:
        return [work(item) for item in items]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, items))
