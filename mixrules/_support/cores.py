"""The number of usable processor cores, and of threads to use."""

from __future__ import annotations

import os

from mixrules.errors import ParameterError


def usable_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def thread_count(threads: int | None) -> int:
    """Return the number of threads to use: `threads`, or by default as many as there are cores.

    Raises
    ------
    ParameterError
        If `threads` is neither None nor a whole number from 1 up.
    """
    if threads is None:
        return usable_cores()
    if isinstance(threads, bool) or not isinstance(threads, int) or threads < 1:
        raise ParameterError(f"threads must be a whole number, at least 1, got {threads!r}")
    return threads
