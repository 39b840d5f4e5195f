"""Tasks side by side in processes of this machine: what fails in one, a killed process included, costs that one.

A task starts when a process is free and its memory fits beside that of the tasks that run. None overtakes another, so
that a large one does not wait for ever behind small ones; one that is larger than the whole budget runs alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import wait
from typing import Any, TypeVar

from mixrules.corpus.work.memory import default_budget_mib
from mixrules.corpus.work.outcomes import Outcome, why_ended
from mixrules.corpus.work.worker_process import WorkerProcess
from mixrules.errors import ParameterError

_Task = TypeVar("_Task")
_Found = TypeVar("_Found")

_GRACE_S = 5.0


@dataclass(slots=True)
class _Job:
    """A task with the memory that it needs, in MiB; `again` once it took a process down with it."""

    task: Any
    needed_mib: float
    again: bool = False


class LocalPool:
    """Processes of this machine with bounded memory.

    Parameters
    ----------
    workers : int
        How many tasks run at a time at most.
    memory_mib : float, optional
        How much memory all of them may need together; by default a share of what is available now
        (`default_budget_mib`).
    """

    def __init__(self, workers: int, memory_mib: float | None = None) -> None:
        if workers < 1:
            raise ParameterError(f"workers must be at least 1, got {workers}")
        if memory_mib is not None and not memory_mib > 0.0:
            raise ParameterError(f"memory_mib must be above 0, got {memory_mib}")
        self.workers = workers
        self.memory_mib = default_budget_mib() if memory_mib is None else memory_mib

    def each(
        self, do: Callable[[_Task], _Found], tasks: Iterator[tuple[_Task, float]]
    ) -> Generator[tuple[_Task, Outcome[_Found]], None, None]:
        """Yield every task with what came of it, in the order in which they end.

        The task of a process that was killed is done again once no other runs: memory may have been short. Closing the
        generator ends the processes.
        """
        run = _Run(self, do, tasks)
        try:
            yield from run.outcomes()
            run.stop()
        finally:
            run.end()


class _Run:
    """The processes of one call of `each`."""

    def __init__(self, pool: LocalPool, do: Callable[[Any], Any], tasks: Iterator[tuple[Any, float]]) -> None:
        self._pool = pool
        self._do = do
        self._tasks = tasks
        self._next: _Job | None = None
        self._again: list[_Job] = []
        self._idle: list[WorkerProcess] = []
        self._busy: dict[WorkerProcess, _Job] = {}

    def outcomes(self) -> Iterator[tuple[Any, Outcome[Any]]]:
        while self._start_what_fits() or self._busy:
            for worker in self._ready():
                job = self._busy.pop(worker)
                outcome = worker.outcome()
                if outcome is not None:
                    self._idle.append(worker)
                    yield job.task, outcome
                elif job.again:
                    yield job.task, Outcome(reason=why_ended(worker.exit_code))
                else:
                    job.again = True
                    self._again.append(job)

    def stop(self) -> None:
        """Let the processes end by themselves."""
        for worker in self._idle:
            worker.stop()
        self._join(self._idle)

    def end(self) -> None:
        """End the processes that are left: those that are busy may tidy up, for some seconds."""
        workers = [*self._busy, *self._idle]
        for worker in workers:
            worker.interrupt()
        try:
            self._join(workers)
        finally:  # interrupted once more
            for worker in workers:
                worker.kill()
        self._busy.clear()
        self._idle.clear()

    def _join(self, workers: Sequence[WorkerProcess]) -> None:
        until = time.monotonic() + _GRACE_S
        for worker in workers:
            worker.join(until - time.monotonic())

    def _start_what_fits(self) -> bool:
        """Start tasks while there is room; return whether any was started."""
        started = False
        while len(self._busy) < self._pool.workers and not any(job.again for job in self._busy.values()):
            if self._again:
                # It runs alone, before any other is begun.
                if self._busy:
                    break
                self._start(self._again.pop())
                return True
            if self._next is None:
                given = next(self._tasks, None)
                if given is None:
                    break
                self._next = _Job(*given)
            if not self._fits(self._next):
                break
            self._start(self._next)
            self._next = None
            started = True
        return started

    def _fits(self, job: _Job) -> bool:
        needed = sum(other.needed_mib for other in self._busy.values()) + job.needed_mib
        return not self._busy or needed <= self._pool.memory_mib

    def _start(self, job: _Job) -> None:
        worker = self._idle.pop() if self._idle else WorkerProcess(self._do)
        self._busy[worker] = job
        worker.give(job.task)

    def _ready(self) -> list[WorkerProcess]:
        """Return the processes that have an outcome or have ended, once there is one."""
        by_handle = {handle: worker for worker in self._busy for handle in worker.handles()}
        return list(dict.fromkeys(by_handle[handle] for handle in wait(by_handle)))
