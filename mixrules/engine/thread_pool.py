"""A thread pool for tasks that run in parallel and for blocks that pass through a pipeline of stages.

A task may itself call the pool. Work is shared: the calling thread works too, and any thread of the pool that is idle
joins it.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Generic, TypeVar

_Block = TypeVar("_Block")
_Task = Callable[[], Any]

StageFunction = Callable[[_Block, list[Any]], Sequence[_Task]]
"""A pipeline stage: takes a block and the results of the stage before for it, returns the tasks for the block."""


class _WorkItem:
    """A work loop in the queue of the pool, which one idle thread may join."""

    def __init__(self, work: Callable[[], None]) -> None:
        self.work = work
        self.done = False


class ThreadPool:
    """Runs tasks in parallel; results come in the order of the tasks.

    The calling thread works as well: a caller that only waits costs a core its caches. To be used in a ``with``
    statement, at whose end the other threads end.

    Parameters
    ----------
    max_threads : int
        The most threads that run tasks at once, the calling thread included.
    """

    def __init__(self, max_threads: int) -> None:
        self.max_threads = max_threads
        self._queue: deque[_WorkItem] = deque()
        self._cancel_functions: list[Callable[[BaseException], None]] = []  # of all calls in progress
        self._condition = threading.Condition()
        self._closed = False
        self._threads: list[threading.Thread] = []  # started on demand
        self._busy_threads = 0

    def __enter__(self) -> ThreadPool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._condition:
            self._closed = True
            self._condition.notify_all()
        for thread in self._threads:
            thread.join()

    def run(self, tasks: Sequence[_Task]) -> list[Any]:
        """Run the tasks and return their results; after an error no more are started, and the first task's is raised."""
        if self.max_threads < 2 or len(tasks) < 2:
            return [task() for task in tasks]
        pending = deque(enumerate(tasks))
        results: dict[int, Any] = {}
        errors: dict[int, BaseException] = {}

        def work() -> None:
            while pending:
                try:
                    number, task = pending.popleft()
                except IndexError:  # another thread was faster
                    return
                try:
                    results[number] = task()
                except BaseException as error:
                    errors[number] = error
                    pending.clear()  # earlier tasks have started, so that the first error is always the same
                    if not isinstance(error, Exception):
                        raise

        def cancel(error: BaseException) -> None:
            errors[-1] = error
            pending.clear()

        self._run_in_parallel(work, cancel, min(self.max_threads, len(tasks)))
        if errors:
            raise errors[min(errors)]
        return [results[number] for number in range(len(tasks))]

    def run_pipeline(
        self,
        blocks: Sequence[_Block],
        stages: Sequence[StageFunction[_Block]],
        *,
        prefetch: int = 2,
        max_threads: int | None = None,
    ) -> None:
        """Pass blocks through stages in order; every stage works on a block of its own at the same time.

        Parameters
        ----------
        blocks : sequence
            The input of the first stage, in order.
        stages : sequence of callable
            Each takes a block and the results of the stage before for it (none, for the first), and returns tasks.
            These tasks must not depend on one another, nor on the tasks of other stages for other blocks. A stage
            is called when its tasks for the previous block are done and the next stage has been called for that
            block; the first stage may be further ahead. Only one stage is called at a time. A stage function must
            not call the pool, but its tasks may.
        prefetch : int
            How many blocks the first stage may finish before the second stage takes them.
        max_threads : int, optional
            The most threads that the pipeline can keep busy; by default those of the pool.
        """
        pipeline = _Pipeline(blocks, stages, prefetch)
        self._run_in_parallel(
            pipeline.work, pipeline.cancel, min(self.max_threads, max_threads or self.max_threads)
        )
        pipeline.raise_error()

    def _run_in_parallel(
        self, work: Callable[[], None], cancel: Callable[[BaseException], None], max_threads: int
    ) -> None:
        """Run the same work loop in up to `max_threads` threads, this one included; `cancel` ends it early."""
        items = [_WorkItem(work) for _ in range(max_threads - 1)]
        try:
            with self._condition:
                self._cancel_functions.append(cancel)
                self._queue.extend(items)
                idle = len(self._threads) - self._busy_threads
                for _ in range(min(len(self._queue) - idle, self.max_threads - 1 - len(self._threads))):
                    self._threads.append(threading.Thread(target=self._worker_loop, daemon=True))
                    self._threads[-1].start()
                self._condition.notify_all()
            work()
            with self._condition:
                for item in items:
                    if item in self._queue:  # no thread was idle
                        self._queue.remove(item)
                        item.done = True
            while (other := self._next_item(items)) is not None:
                self._execute(other)
        except BaseException as error:  # an interrupt ends everything, in whichever thread it is raised
            self._cancel_all(error)
            raise
        finally:
            self._cancel_functions.remove(cancel)

    def _next_item(self, awaited: Sequence[_WorkItem] | None) -> _WorkItem | None:
        """Wait for a work item; None when all `awaited` items are done or, for a worker thread, the pool is closed."""
        with self._condition:
            while True:
                if self._closed if awaited is None else all(item.done for item in awaited):
                    return None
                if self._queue:
                    # The oldest: an item that a waiting thread takes is newer than those it waits for, so that no
                    # two threads wait for one another.
                    self._busy_threads += awaited is None
                    return self._queue.popleft()
                self._condition.wait()

    def _execute(self, item: _WorkItem) -> None:
        try:
            item.work()
        finally:
            with self._condition:
                item.done = True
                self._condition.notify_all()

    def _worker_loop(self) -> None:
        while (item := self._next_item(None)) is not None:
            try:
                self._execute(item)
            except BaseException as error:
                self._cancel_all(error)
            with self._condition:
                self._busy_threads -= 1

    def _cancel_all(self, error: BaseException) -> None:
        for cancel in list(self._cancel_functions):
            cancel(error)


class _PipelineStage(Generic[_Block]):
    """A stage, its current block, and the finished blocks that the next stage has not taken yet."""

    def __init__(self, make_tasks: StageFunction[_Block], max_finished: int) -> None:
        self.make_tasks = make_tasks
        self.max_finished = max_finished
        self.block: _Block
        self.blocks_started = 0
        self.pending: deque[tuple[int, _Task]] = deque()  # tasks that have not started
        self.results: list[Any] = []
        self.unfinished_tasks = 0
        self.finished: deque[tuple[_Block, list[Any]]] = deque()


class _Pipeline(Generic[_Block]):
    """Blocks that pass through stages; every thread that calls `work` runs their tasks."""

    def __init__(
        self, blocks: Sequence[_Block], stages: Sequence[StageFunction[_Block]], prefetch: int
    ) -> None:
        self._input: deque[tuple[_Block, list[Any]]] = deque((block, []) for block in blocks)
        self._stages = [
            _PipelineStage(stage, 1 if number else prefetch) for number, stage in enumerate(stages)
        ]
        self._condition = threading.Condition()
        # By the number of blocks that the stage had started, and the task's number.
        self._errors: dict[tuple[int, int], BaseException] = {}

    def work(self) -> None:
        """Run tasks until all blocks have passed or there was an error."""
        while (next_task := self._next_task()) is not None:
            stage, number, task = next_task
            try:
                result = task()
            except BaseException as error:
                self._record_error(error, stage.blocks_started, number)
                if not isinstance(error, Exception):
                    raise
                return
            with self._condition:
                stage.results[number] = result
                stage.unfinished_tasks -= 1
                if stage.unfinished_tasks == 0:
                    self._finish_block(stage)
                    self._condition.notify_all()

    def cancel(self, error: BaseException) -> None:
        """Start no more tasks."""
        self._record_error(error, 0, 0)

    def raise_error(self) -> None:
        """Raise the error of the first task, among those of one stage for one block, if there was any."""
        if self._errors:
            raise self._errors[min(self._errors)]

    def _record_error(self, error: BaseException, block_number: int, task_number: int) -> None:
        with self._condition:
            self._errors.setdefault((block_number, task_number), error)
            self._condition.notify_all()

    def _next_task(self) -> tuple[_PipelineStage[_Block], int, _Task] | None:
        """Return a task of the last stage that has one, waiting if none has; None when there will be no more."""
        with self._condition:
            while not self._errors:
                try:
                    while self._start_blocks():
                        self._condition.notify_all()
                except Exception as error:
                    self.cancel(error)
                    return None
                for stage in reversed(self._stages):
                    if stage.pending:
                        return (stage, *stage.pending.popleft())
                if not self._input and not any(
                    stage.unfinished_tasks or stage.finished for stage in self._stages
                ):
                    return None
                self._condition.wait()
        return None

    def _start_blocks(self) -> bool:
        """Start the next block in every stage that is ready for it, the last stage first; return whether one was."""
        started = False
        for number in reversed(range(len(self._stages))):
            stage = self._stages[number]
            source = self._stages[number - 1].finished if number else self._input
            if not source or stage.unfinished_tasks or len(stage.finished) >= stage.max_finished:
                continue
            stage.block, results_before = source.popleft()
            stage.blocks_started += 1
            tasks = stage.make_tasks(stage.block, results_before)
            stage.pending, stage.unfinished_tasks = deque(enumerate(tasks)), len(tasks)
            stage.results = [None] * len(tasks)
            if not tasks:
                self._finish_block(stage)
            started = True
        return started

    def _finish_block(self, stage: _PipelineStage[_Block]) -> None:
        """Queue a stage's results for the next stage."""
        if stage is not self._stages[-1]:
            stage.finished.append((stage.block, stage.results))
