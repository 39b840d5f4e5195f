"""Who does the work: anything that takes tasks one after the other and gives back what came of each."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from typing import Protocol, TypeVar

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
