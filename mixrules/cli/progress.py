"""Progress bars on a terminal, nothing anywhere else; and the line that says why a first run takes longer."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mixrules.errors import in_one_line

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_COMPILING = "compiling kernels, once after an installation"

_bars: list[tuple[Progress, TaskID]] = []  # those on the screen
if hasattr(os, "register_at_fork"):
    # A thread draws them, which a worker lacks: a lock that it held at that moment would never be given back.
    os.register_at_fork(after_in_child=_bars.clear)


class CompilationNotice:
    """Says once that kernels are compiled, and in a progress bar how many so far."""

    def __init__(self) -> None:
        self._compiled = 0

    def __call__(self, _kernel: str) -> None:
        """Tell of one more; the next step puts its own name in the bar."""
        self._compiled += 1
        if _bars:
            bar, task = _bars[-1]
            bar.update(task, description=f"{_COMPILING}: {self._compiled}")
        elif self._compiled == 1:
            from mixrules.cli.output import say

            with contextlib.suppress(OSError):  # nobody reads standard error
                say(f"{_COMPILING} ...", err=True)


@contextmanager
def progress_bar(*, quiet: bool) -> Iterator[Callable[[str, int, int], None] | None]:
    """Yield a callback for progress, or None where no bar should be shown."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=None)
        _bars.append((bar, task))

        def tell(what: str, done: int, total: int) -> None:
            bar.update(task, description=in_one_line(what), completed=done, total=total or None)

        try:
            yield tell
        finally:
            _bars.remove((bar, task))
