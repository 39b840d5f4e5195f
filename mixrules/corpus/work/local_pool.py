"""Tasks side by side: what fails in one costs that one, whatever it is."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from mixrules.errors import MixrulesError

_Task = TypeVar("_Task")
_Found = TypeVar("_Found")

Tell = Callable[[int], None]

_ENDED = "its process was ended from outside, perhaps for want of memory"
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class Outcome(Generic[_Found]):
    """What a task found, or why it failed.

    Attributes
    ----------
    found : object or None
        What the task returned.
    reason : str
        One line where it failed; else empty.
    """

    found: _Found | None = None
    reason: str = ""


def attempt(work: Callable[[_Task], _Found], task: _Task) -> Outcome[_Found]:
    """Do a task; an exception of any library is its outcome, an interrupt is not."""
    try:
        return Outcome(work(task))
    except Exception as error:
        return Outcome(reason=reason_of(error))


def reason_of(error: Exception) -> str:
    """Return an error as one line; that of a library with its type."""
    text = " ".join(str(error).split())
    if isinstance(error, MemoryError):
        return "not enough memory"
    if not isinstance(error, MixrulesError):
        text = f"{type(error).__name__}: {text}" if text else type(error).__name__
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def attempt_all(
    work: Callable[[_Task], _Found], tasks: Sequence[_Task], *, workers: int, tell: Tell
) -> list[Outcome[_Found]]:
    """Do tasks in as many processes as asked for; return their outcomes in order.

    A process that is killed breaks its pool. Its tasks are then done one by one, each in a process of its own, so
    that only the one that breaks it again fails.
    """
    if workers < 2 or len(tasks) < 2:
        outcomes: list[Outcome[_Found]] = []
        for task in tasks:
            tell(len(outcomes))
            outcomes.append(attempt(work, task))
        tell(len(tasks))
        return outcomes
    done: dict[int, Outcome[_Found]] = {}
    waiting = deque(range(len(tasks)))
    while waiting:
        for number in _run_pool(work, tasks, waiting, done, min(workers, len(waiting)), tell):
            done[number] = _alone(work, tasks[number])
            tell(len(done))
    return [done[number] for number in range(len(tasks))]


def _run_pool(
    work: Callable[[Any], Any],
    tasks: Sequence[Any],
    waiting: deque[int],
    done: dict[int, Outcome[Any]],
    workers: int,
    tell: Tell,
) -> list[int]:
    """Do the tasks that wait until all are done or the pool breaks; return those that were in it then."""
    running: dict[Any, int] = {}
    try:
        with ProcessPoolExecutor(workers, initializer=_end_with_the_parent) as pool:
            while waiting or running:
                while waiting and len(running) < workers:
                    running[pool.submit(attempt, work, tasks[waiting[0]])] = waiting[0]
                    waiting.popleft()
                tell(len(done))
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    done[running[future]] = future.result()
                    del running[future]
            tell(len(done))
    except BrokenProcessPool:
        return sorted(running.values())
    return []


def _end_with_the_parent() -> None:
    """Let a worker end when its parent has, which may have been killed, and when the pool ends it.

    A command turns SIGTERM into an interrupt. A worker that is busy would take that for what became of its task, send it
    back and wait for another, and the pool, which is broken, would wait for the worker.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _alone(work: Callable[[Any], Any], task: Any) -> Outcome[Any]:
    try:
        with ProcessPoolExecutor(1, initializer=_end_with_the_parent) as pool:
            outcome: Outcome[Any] = pool.submit(attempt, work, task).result()
            return outcome
    except BrokenProcessPool:
        return Outcome(reason=_ENDED)
