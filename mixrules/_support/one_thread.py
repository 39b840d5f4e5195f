"""Linear algebra on one thread, where its matrices are small: threads would only wait for each other."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

_lock = threading.Lock()
_inside = 0
_limits = contextlib.ExitStack()


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Let linear algebra use one thread while the block runs, where threadpoolctl is there: it comes with librosa.

    The limit is the whole process's: of several blocks at once the first one sets it and the last one takes it back.
    OpenBLAS does not listen where that is another thread than set it, and then stays on one.
    """
    global _inside
    try:
        import threadpoolctl
    except ImportError:
        yield
        return
    with _lock:
        if not _inside:
            _limits.enter_context(threadpoolctl.threadpool_limits(1))
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if not _inside:
                _limits.close()
