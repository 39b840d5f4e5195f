"""Who is told when a kernel is compiled: light enough to be imported where nothing is compiled yet."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

Watcher = Callable[[str], None]

_watchers: list[Watcher] = []


@contextlib.contextmanager
def watched(watcher: Watcher) -> Iterator[None]:
    """Call `watcher` with the name of each kernel that is about to be compiled, in whichever thread."""
    _watchers.append(watcher)
    try:
        yield
    finally:
        _watchers.remove(watcher)


def announce(kernel: str) -> None:
    """Tell every watcher that `kernel` is about to be compiled."""
    for watcher in tuple(_watchers):
        watcher(kernel)
