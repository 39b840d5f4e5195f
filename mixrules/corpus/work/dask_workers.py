"""Workers of a Dask cluster: of one that runs already, or of this machine.

No song waits on the client but the next one: as many tasks are under way as the cluster has threads, so that a
worker has one at a time and one that is killed says which song it was.
"""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, Generic, TypeVar

from mixrules._support.cores import use_one_thread_by_default
from mixrules._support.installed import require_installed
from mixrules._support.version import __version__
from mixrules.corpus.work.dask_cluster import LOCAL, PYTHON, RESOURCE, Cluster, connected, difference
from mixrules.corpus.work.outcomes import Outcome, attempt, reason_of
from mixrules.errors import ClusterError, ParameterError

_Task = TypeVar("_Task")
_Found = TypeVar("_Found")

_KILLED = "every worker that did it was ended from outside, with no other song beside it, perhaps for want of memory"
_WAIT_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DaskWorkers:
    """The workers of a Dask cluster.

    Attributes
    ----------
    scheduler : str
        Its address (``tcp://10.0.0.5:8786``), the file that ``dask scheduler --scheduler-file`` writes (``.json``), or
        ``"local"`` for a cluster of this machine's processes that ends with the run.
    workers : int
        How many processes a local cluster has.
    memory_mib : float, optional
        What the songs that a local cluster does at a time may take together.
        By default a share of what is available now (`default_budget_mib`).
    tell : callable, optional
        Told in a line what the run waits for.
    """

    scheduler: str
    workers: int = 1
    memory_mib: float | None = None
    tell: Callable[[str], None] | None = None

    def __post_init__(self) -> None:
        if self.workers < 1:
            raise ParameterError(f"workers must be at least 1, got {self.workers}")
        if self.memory_mib is not None and not self.memory_mib > 0.0:
            raise ParameterError(f"memory_mib must be above 0, got {self.memory_mib}")

    def each(
        self, do: Callable[[_Task], _Found], tasks: Iterator[tuple[_Task, float]]
    ) -> Generator[tuple[_Task, Outcome[_Found]], None, None]:
        """Yield every task with what came of it, in the order in which they end.

        A task whose worker is killed is done by another. One that is given up by Dask, since several workers were
        killed over it, is done once more when all the others are done, alone: what was killed beside it is not lost.

        Raises
        ------
        MissingPackageError
            If Dask is not installed.
        ClusterError
            If the scheduler cannot be reached or goes away, or a worker has another version of mixrules or Python.
        """
        require_installed("dask", "distributed", what="a Dask cluster")
        with connected(self.scheduler, workers=self.workers, memory_mib=self.memory_mib) as cluster:
            flow: _Flow[_Task, _Found] = _Flow(cluster, do, self.tell)
            yield from flow.run(tasks)
            suspects, flow.suspects = flow.suspects, []
            for suspect in suspects:
                yield from flow.run(iter([suspect]))
                if flow.suspects:
                    flow.suspects = []
                    yield suspect[0], Outcome(reason=_KILLED)


@dataclass(frozen=True, slots=True)
class _Call:
    """A task on its way to a worker; a class of ours, into which Dask does not look."""

    do: Callable[[Any], Any]
    task: Any
    version: str
    python: str


@dataclass(frozen=True, slots=True)
class _Refused:
    """What a worker answers that is another version."""

    worker: str
    version: str
    python: str


def _carry_out(call: _Call) -> Outcome[Any] | _Refused:
    """Do a task, in a worker."""
    if (call.version, call.python) != (__version__, PYTHON):
        import distributed

        return _Refused(distributed.get_worker().address, __version__, PYTHON)
    use_one_thread_by_default()
    return attempt(call.do, call.task)


@dataclass(frozen=True, slots=True)
class _UnderWay(Generic[_Task]):
    """A task that was submitted, what it needs, and what it asks a worker for, which may be less."""

    task: _Task
    needed_mib: float
    asked_mib: float


class _Flow(Generic[_Task, _Found]):
    """Tasks on their way through a cluster, as many at a time as it has threads."""

    def __init__(
        self, cluster: Cluster, do: Callable[[_Task], _Found], tell: Callable[[str], None] | None
    ) -> None:
        self.suspects: list[tuple[_Task, float]] = []
        self._cluster = cluster
        self._do = do
        self._tell = tell
        self._ended: SimpleQueue[Any] = SimpleQueue()
        self._under_way: dict[Any, _UnderWay[_Task]] = {}
        self._numbers = itertools.count()
        self._run = secrets.token_hex(4)  # two runs on one scheduler do not share their keys
        self._told = False

    def run(self, tasks: Iterator[tuple[_Task, float]]) -> Iterator[tuple[_Task, Outcome[_Found]]]:
        """Yield the tasks with what came of them, but for those that are suspects then."""
        following = next(tasks, None)
        try:
            while following is not None or self._under_way:
                if self._cluster.look():
                    self._adapt()
                while following is not None and self._fits(following[1]):
                    self._submit(*following)
                    following = next(tasks, None)
                yield from self._collect()
        finally:
            self._give_up()

    def _adapt(self) -> None:
        """Go by the workers that there are now."""
        waiting = self._cluster.threads == 0 and self._cluster.address != LOCAL
        if waiting and not self._told and self._tell is not None:
            self._tell(f"the scheduler {self._cluster.address} has no workers: waiting for some")
        self._told = waiting
        for future, item in list(self._under_way.items()):
            # The worker that it was to go to has gone, and none that is there can hold it, or none says what it can.
            if self._cluster.threads and item.asked_mib > self._cluster.largest_mib:
                future.release()
                del self._under_way[future]
                self._submit(item.task, item.needed_mib)

    def _fits(self, needed_mib: float) -> bool:
        if not self._under_way:
            return True  # one alone has whatever there is; a cluster that grows on demand sees that there is demand
        if len(self._under_way) >= self._cluster.threads:
            return False
        taken_mib = sum(item.needed_mib for item in self._under_way.values())
        return not self._cluster.total_mib or taken_mib + needed_mib <= self._cluster.total_mib

    def _submit(self, task: _Task, needed_mib: float) -> None:
        # A song that is too large for every worker gets all of the largest.
        asked_mib = min(needed_mib, self._cluster.largest_mib)
        future = self._cluster.client.submit(
            _carry_out,
            _Call(self._do, task, __version__, PYTHON),
            key=(f"song-{self._run}", next(self._numbers)),
            pure=False,
            resources={RESOURCE: asked_mib} if asked_mib else None,
        )
        self._under_way[future] = _UnderWay(task, needed_mib, asked_mib)
        future.add_done_callback(self._ended.put)

    def _collect(self) -> Iterator[tuple[_Task, Outcome[_Found]]]:
        """Wait a moment for tasks that end; yield those that have."""
        ended = []
        with suppress(Empty):
            ended.append(self._ended.get(timeout=_WAIT_S))
            while True:
                ended.append(self._ended.get_nowait())
        ended = [future for future in ended if future in self._under_way]
        finished = [future for future in ended if future.status == "finished"]
        answers = dict(zip(finished, self._gathered(finished), strict=True))
        for future in ended:
            outcome = self._outcome(answers[future]) if future in answers else self._failure(future)
            item = self._under_way.pop(future)
            future.release()
            if outcome is None:
                self.suspects.append((item.task, item.needed_mib))
            else:
                yield item.task, outcome

    def _gathered(self, finished: list[Any]) -> list[Any]:
        try:
            return list(self._cluster.client.gather(finished)) if finished else []
        except Exception as error:
            raise self._cluster.gone() from error

    def _outcome(self, answer: Outcome[_Found] | _Refused) -> Outcome[_Found]:
        if isinstance(answer, _Refused):
            raise ClusterError(difference(answer.worker, answer.version, __version__, answer.python))
        return answer

    def _failure(self, future: Any) -> Outcome[_Found] | None:
        """Return why a task came to no outcome; None where its workers were killed."""
        import distributed

        if future.status == "cancelled":
            raise self._cluster.gone()
        try:
            error = future.exception(timeout=_WAIT_S)
        except Exception as lost:
            raise self._cluster.gone() from lost
        if isinstance(error, distributed.KilledWorker):
            return None
        # Of a worker that came later, without this package or with another version of it.
        self._cluster.require_same_versions()
        raise ClusterError(f"the workers of {self._cluster.address} cannot do songs: {reason_of(error)}")

    def _give_up(self) -> None:
        """Let go of what is under way: what has not begun is not begun.

        A song that a worker is at cannot be stopped there. It is done to its end, and what comes of it is not taken: its
        place is not held by this run any more.
        """
        for future in self._under_way:
            future.release()
        self._under_way.clear()
