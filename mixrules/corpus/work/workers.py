"""Who does the work: anything that takes tasks one after the other and gives back what came of each."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from mixrules.corpus.work.outcomes import Outcome, attempt

_Task = TypeVar("_Task")
_Found = TypeVar("_Found")


class Workers(Protocol):
    """Processes of this machine, or of a cluster."""

    def each(
        self, do: Callable[[_Task], _Found], tasks: Iterator[tuple[_Task, float]]
    ) -> Generator[tuple[_Task, Outcome[_Found]], None, None]:
        """Yield every task with what came of it, in the order in which they end.

        Tasks come with the memory that they need, in MiB, and are taken only as fast as they are done. Closing the
        generator ends what is still running in processes of this machine; elsewhere it is let go of, and its place takes
        nothing more once the run has ended.
        """
        ...


class InThisProcess:
    """Does one task after the other in this process."""

    def each(
        self, do: Callable[[_Task], _Found], tasks: Iterator[tuple[_Task, float]]
    ) -> Generator[tuple[_Task, Outcome[_Found]], None, None]:
        """Yield every task with what came of it."""
        for task, _ in tasks:
            yield task, attempt(do, task)


def attempt_all(
    work: Callable[[_Task], _Found],
    tasks: Sequence[_Task],
    *,
    workers: Workers,
    tell: Callable[[int], None],
    needed_mib: Callable[[_Task], float] = lambda _: 0.0,
) -> list[Outcome[_Found]]:
    """Let tasks be done, and return their outcomes in the order of the tasks.

    Parameters
    ----------
    work : callable
        What is done with each.
    tasks : sequence
        The tasks.
    workers : Workers
        Who does it.
    tell : callable
        Told how many are done.
    needed_mib : callable
        Returns what memory a task needs, in MiB; by default none.

    Returns
    -------
    list of Outcome
        As many as there are tasks.
    """
    done: dict[int, Outcome[_Found]] = {}
    tell(0)
    numbered = (((number, task), needed_mib(task)) for number, task in enumerate(tasks))
    with closing(workers.each(_Numbered(work), numbered)) as outcomes:
        for (number, _), outcome in outcomes:
            done[number] = outcome
            tell(len(done))
    return [done[number] for number in range(len(tasks))]


@dataclass(frozen=True, slots=True)
class _Numbered:
    """Does a task that has a number."""

    work: Callable[[Any], Any]

    def __call__(self, numbered: tuple[int, Any]) -> Any:
        """Do it."""
        return self.work(numbered[1])
