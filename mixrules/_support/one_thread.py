"""Linear algebra on one thread, where its matrices are small: threads would only wait for each other."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Let linear algebra use one thread while the block runs, where threadpoolctl is there: it comes with librosa."""
    try:
        import threadpoolctl
    except ImportError:
        yield
        return
    with threadpoolctl.threadpool_limits(1):
        yield
