"""A process that does one task after the other and ends with the process that started it, however that ends."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from types import FrameType
from typing import Any

from mixrules._support.cores import use_one_thread_by_default
from mixrules.corpus.work.outcomes import Outcome, attempt, reason_of

_POLL_S = 1.0
_END_S = 1.0


class WorkerProcess:
    """A process of this machine that does tasks.

    Parameters
    ----------
    do : callable
        What is done with each task.
    """

    def __init__(self, do: Callable[[Any], Any]) -> None:
        self._connection, theirs = multiprocessing.Pipe()
        self._process = multiprocessing.Process(target=_serve, args=(do, theirs))
        self._process.start()
        theirs.close()  # theirs alone, so that the end of the process is the end of the pipe

    def give(self, task: Any) -> None:
        """Let it do a task."""
        with contextlib.suppress(BrokenPipeError, ConnectionError):  # it has ended, and is seen to
            self._connection.send((task,))

    def handles(self) -> tuple[Any, ...]:
        """Return what is ready when there is an outcome, or when the process has ended."""
        return self._connection, self._process.sentinel

    def outcome(self) -> Outcome[Any] | None:
        """Return what came of the task; None where the process ended."""
        try:
            if self._connection.poll():
                outcome: Outcome[Any] = self._connection.recv()
                return outcome
        except (EOFError, OSError):
            pass
        self.join(_END_S)  # its pipe closes a moment before it has ended
        self.kill()
        return None

    @property
    def exit_code(self) -> int | None:
        """How the process ended, once it has: below 0 by the signal of that number."""
        self._process.join()
        return self._process.exitcode

    def stop(self) -> None:
        """Let it end, once it has nothing to do."""
        with contextlib.suppress(OSError):
            self._connection.send(None)

    def interrupt(self) -> None:
        """Ask it to end: a task that it does may tidy up."""
        self._process.terminate()

    def join(self, seconds: float) -> None:
        """Wait for its end, so long at most."""
        self._process.join(max(0.0, seconds))

    def kill(self) -> None:
        """End it at once, where it has not ended."""
        self._process.kill()
        self._process.join()
        self._connection.close()


class _Ended(BaseException):
    """The process is to end: no task may take this for its failure."""


def _serve(do: Callable[[Any], Any], connection: Connection) -> None:
    """Do tasks until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a terminal it goes to all: who started us ends us
    _end_with_the_parent()
    _use_one_thread()
    with contextlib.suppress(OSError):  # where memory runs short, Linux ends a worker rather than the run
        Path("/proc/self/oom_score_adj").write_text("500")
    busy = _end_when_asked()
    while True:
        try:
            message = connection.recv()
        except (EOFError, OSError):
            return
        if message is None:
            return
        try:
            busy.set()
            outcome = attempt(do, message[0])
            busy.clear()
        except _Ended:
            os._exit(1)
        try:
            connection.send(outcome)
        except OSError:
            return
        except Exception as error:  # it cannot be pickled
            connection.send(Outcome(reason=reason_of(error)))


def _use_one_thread() -> None:
    """Let ours and linear algebra use one thread: the processes share the cores already."""
    use_one_thread_by_default()
    for library in ("OMP", "OPENBLAS", "MKL"):  # for what is loaded later
        os.environ[f"{library}_NUM_THREADS"] = "1"
    with contextlib.suppress(ImportError):  # it comes with librosa
        import threadpoolctl

        threadpoolctl.threadpool_limits(1)


def _end_when_asked() -> threading.Event:
    """Let SIGTERM end the process; while the event that is returned is set, a task tidies up first.

    A command turns SIGTERM into an interrupt. A worker that is busy would take that for what became of its task.
    """
    busy = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        if not busy.is_set():
            os._exit(1)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise _Ended

    signal.signal(signal.SIGTERM, stop)
    return busy


def _end_with_the_parent() -> None:
    """Let the process end when its parent has, which may have been killed."""
    parent, started_by = multiprocessing.parent_process(), os.getppid()

    def watch() -> None:
        # The end of a parent is told by a pipe, of which processes that were forked later may hold the other end.
        while parent is not None and parent.is_alive() and os.getppid() == started_by:
            parent.join(_POLL_S)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
