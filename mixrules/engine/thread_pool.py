"""Workers: jobs done side by side, and blocks sent through stages that are all at work at once.

A job may ask for help with jobs of its own: whoever has nothing left to do takes part.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Generic, TypeVar

_Block = TypeVar("_Block")
_Job = Callable[[], Any]

Stage = Callable[[_Block, list[Any]], Sequence[_Job]]
"""Takes a block and what was made of it before; returns what is to be done."""


class _Offer:
    """Work that another thread may take part in."""

    def __init__(self, work: Callable[[], None]) -> None:
        self.work = work
        self.ended = False


class Workers:
    """Does several jobs side by side; results come in the order of the jobs.

    The thread that asks works as well: one that only waits costs a core its caches. To be used in a ``with``
    statement, at whose end the other threads end.

    Parameters
    ----------
    count : int
        How many jobs are done at once.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self._offers: deque[_Offer] = deque()
        self._stops: list[Callable[[BaseException], None]] = []  # of all that is being worked on
        self._changed = threading.Condition()
        self._closed = False
        self._threads: list[threading.Thread] = []  # as many as were needed so far
        self._busy = 0  # of them

    def __enter__(self) -> Workers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def run(self, jobs: Sequence[_Job]) -> list[Any]:
        """Do the jobs and return what they return; where jobs fail no more are begun, and the first's error is raised."""
        if self.count < 2 or len(jobs) < 2:
            return [job() for job in jobs]
        left = deque(enumerate(jobs))
        results: dict[int, Any] = {}
        errors: dict[int, BaseException] = {}

        def work() -> None:
            while left:
                try:
                    number, job = left.popleft()
                except IndexError:  # another thread was faster
                    return
                try:
                    results[number] = job()
                except BaseException as error:
                    errors[number] = error
                    left.clear()  # jobs before this one have begun, so that the first error is always the same
                    if not isinstance(error, Exception):
                        raise

        def stop(error: BaseException) -> None:
            errors[-1] = error
            left.clear()

        self._side_by_side(work, stop, min(self.count, len(jobs)))
        if errors:
            raise errors[min(errors)]
        return [results[number] for number in range(len(jobs))]

    def run_stages(
        self,
        blocks: Sequence[_Block],
        stages: Sequence[Stage[_Block]],
        *,
        ahead: int = 2,
        most: int | None = None,
    ) -> None:
        """Send blocks through stages one after the other, every stage at work on a block of its own.

        Parameters
        ----------
        blocks : sequence
            What the stages are to work on, in order.
        stages : sequence of callable
            Each takes a block and what the stage before returned for it (nothing, for the first), and returns
            jobs that do not depend on one another, nor on the jobs of other stages for other blocks. It is
            called when its jobs for the block before are done, and when the stage after it has been called
            for that block; the first stage may be further. One is called at a time; it must not ask for help.
        ahead : int
            How many blocks the first stage may be done with before the second takes them.
        most : int, optional
            How many threads can find something to do.
        """
        line = _Line(blocks, stages, ahead)
        self._side_by_side(line.work, line.stop, min(self.count, most or self.count))
        line.raise_error()

    def _side_by_side(
        self, work: Callable[[], None], stop: Callable[[BaseException], None], count: int
    ) -> None:
        """Do the same work in up to `count` threads, this one included; `stop` ends it before its time."""
        offers = [_Offer(work) for _ in range(count - 1)]
        try:
            with self._changed:
                self._stops.append(stop)
                self._offers.extend(offers)
                idle = len(self._threads) - self._busy
                for _ in range(min(len(self._offers) - idle, self.count - 1 - len(self._threads))):
                    self._threads.append(threading.Thread(target=self._serve, daemon=True))
                    self._threads[-1].start()
                self._changed.notify_all()
            work()
            with self._changed:
                for offer in offers:
                    if offer in self._offers:  # nobody had time
                        self._offers.remove(offer)
                        offer.ended = True
            while (other := self._next(offers)) is not None:
                self._take_part(other)
        except BaseException as error:  # an interrupt ends everything, wherever it strikes
            self._stop_all(error)
            raise
        finally:
            self._stops.remove(stop)

    def _next(self, awaited: Sequence[_Offer] | None) -> _Offer | None:
        """Wait for work to take part in; None when what is awaited has ended, or the workers are no longer needed."""
        with self._changed:
            while True:
                if self._closed if awaited is None else all(offer.ended for offer in awaited):
                    return None
                if self._offers:
                    # The oldest: what a thread takes while it waits is newer than what it waits for, so that no two
                    # wait for one another.
                    self._busy += awaited is None
                    return self._offers.popleft()
                self._changed.wait()

    def _take_part(self, offer: _Offer) -> None:
        try:
            offer.work()
        finally:
            with self._changed:
                offer.ended = True
                self._changed.notify_all()

    def _serve(self) -> None:
        while (offer := self._next(None)) is not None:
            try:
                self._take_part(offer)
            except BaseException as error:
                self._stop_all(error)
            with self._changed:
                self._busy -= 1

    def _stop_all(self, error: BaseException) -> None:
        for stop in list(self._stops):
            stop(error)


class _Place(Generic[_Block]):
    """A stage, the block it is at work on, and the blocks it is done with that the next stage has not taken."""

    def __init__(self, stage: Stage[_Block], ahead: int) -> None:
        self.stage = stage
        self.ahead = ahead
        self.block: _Block
        self.taken = 0  # how many blocks it has begun
        self.jobs: deque[tuple[int, _Job]] = deque()  # not begun yet
        self.results: list[Any] = []
        self.left = 0  # how many jobs have not ended
        self.done: deque[tuple[_Block, list[Any]]] = deque()


class _Line(Generic[_Block]):
    """Blocks on their way through stages, moved on by every thread that calls `work`."""

    def __init__(self, blocks: Sequence[_Block], stages: Sequence[Stage[_Block]], ahead: int) -> None:
        self._waiting: deque[tuple[_Block, list[Any]]] = deque((block, []) for block in blocks)
        self._places = [_Place(stage, 1 if number else ahead) for number, stage in enumerate(stages)]
        self._changed = threading.Condition()
        self._errors: dict[
            tuple[int, int], BaseException
        ] = {}  # by how many blocks a stage had begun, and job

    def work(self) -> None:
        """Do jobs until all blocks are through, or something has failed."""
        while (found := self._next()) is not None:
            place, number, job = found
            try:
                result = job()
            except BaseException as error:
                self._fail(error, place.taken, number)
                if not isinstance(error, Exception):
                    raise
                return
            with self._changed:
                place.results[number] = result
                place.left -= 1
                if place.left == 0:
                    self._leave(place)
                    self._changed.notify_all()

    def stop(self, error: BaseException) -> None:
        """Let nothing more be begun."""
        self._fail(error, 0, 0)

    def raise_error(self) -> None:
        """Raise what failed, if anything has: of the jobs of one stage for one block, the first's error."""
        if self._errors:
            raise self._errors[min(self._errors)]

    def _fail(self, error: BaseException, block: int, job: int) -> None:
        with self._changed:
            self._errors.setdefault((block, job), error)
            self._changed.notify_all()

    def _next(self) -> tuple[_Place[_Block], int, _Job] | None:
        """Return a job, as late in the line as there is one; None when there will be no more."""
        with self._changed:
            while not self._errors:
                try:
                    while self._move_on():
                        self._changed.notify_all()
                except Exception as error:
                    self.stop(error)
                    return None
                for place in reversed(self._places):
                    if place.jobs:
                        return (place, *place.jobs.popleft())
                if not self._waiting and not any(place.left or place.done for place in self._places):
                    return None
                self._changed.wait()
        return None

    def _move_on(self) -> bool:
        """Let every stage that can take its next block do so, the last first; return whether one did."""
        moved = False
        for number in reversed(range(len(self._places))):
            place = self._places[number]
            source = self._places[number - 1].done if number else self._waiting
            if not source or place.left or len(place.done) >= place.ahead:
                continue
            place.block, before = source.popleft()
            place.taken += 1
            jobs = place.stage(place.block, before)
            place.jobs, place.left = deque(enumerate(jobs)), len(jobs)
            place.results = [None] * len(jobs)
            if not jobs:
                self._leave(place)
            moved = True
        return moved

    def _leave(self, place: _Place[_Block]) -> None:
        """Hand on what a stage has made of its block."""
        if place is not self._places[-1]:
            place.done.append((place.block, place.results))
