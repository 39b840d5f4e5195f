"""Options on who works on many songs: how many processes of this machine, within what memory, or a cluster."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mixrules.cli.output import say

if TYPE_CHECKING:
    from mixrules.corpus.work.workers import Workers

_F = TypeVar("_F", bound=Callable[..., Any])

_LEAST_MIB = 256.0  # Python with the libraries that any song needs
_SIZE = re.compile(r"(\d+(?:\.\d*)?)\s*([kmgt])(i?)b?", re.IGNORECASE)
_POWERS = {"k": 1, "m": 2, "g": 3, "t": 4}


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkersChoice:
    """Who does the work, as the options say.

    Attributes
    ----------
    count : int or None
        Songs at once; None for as many as there are cores.
    scheduler : str or None
        Where a scheduler of Dask listens, or ``"local"``; None for processes of this machine without Dask.
    memory_mib : float or None
        What all workers of this machine may take together.
    """

    count: int | None = None
    scheduler: str | None = None
    memory_mib: float | None = None

    def who(self, *, songs: int | None = None, quiet: bool = False) -> Workers:
        """Return who does the work.

        Parameters
        ----------
        songs : int, optional
            How many songs there are, where that is known: one at a time is done in this process, on all cores.
        quiet : bool
            Say nothing of what a cluster waits for.
        """
        from mixrules._support.cores import usable_cores

        count = self.count or usable_cores()
        if self.scheduler is None:
            from mixrules.corpus.work.local_pool import LocalPool
            from mixrules.corpus.work.workers import InThisProcess

            if songs is not None and min(count, songs) < 2:
                return InThisProcess()
            return LocalPool(count, self.memory_mib)
        from mixrules.corpus.work.dask_workers import DaskWorkers

        return DaskWorkers(
            scheduler=self.scheduler,
            workers=count,
            memory_mib=self.memory_mib,
            tell=None if quiet else lambda line: say(f"mixrules: {line}", err=True),
        )


def workers_options(command: _F) -> _F:
    """Give a command the options on who does the work: it gets a `WorkersChoice` named ``workers``."""

    @functools.wraps(command)
    def with_workers(
        *args: Any, workers: int | None, scheduler: str | None, memory: float | None, **options: Any
    ) -> Any:
        if scheduler not in (None, "local") and not (workers is None and memory is None):
            raise click.UsageError(
                "--workers and --memory are for workers that this command starts, "
                f"those of {scheduler} are there already"
            )
        choice = WorkersChoice(count=workers, scheduler=scheduler, memory_mib=memory)
        return command(*args, workers=choice, **options)

    wrapped: Any = with_workers
    for option in (
        click.option(
            "--scheduler",
            metavar="ADDRESS",
            help="Let a cluster do the work: where its Dask scheduler listens, e.g. tcp://10.0.0.5:8786; "
            "local starts one here.",
        ),
        click.option(
            "--memory",
            callback=_mib,
            metavar="SIZE",
            help="What all workers may take together, e.g. 8GiB [default: most of what is free].",
        ),
        click.option(
            "--workers",
            type=click.IntRange(1, 1024),
            metavar="N",
            help="Songs at once [default: as many as there are cores].",
        ),
    ):
        wrapped = option(wrapped)
    return wrapped  # type: ignore[no-any-return]


def _mib(_context: click.Context, _parameter: click.Parameter, value: str | None) -> float | None:
    """Return how many MiB a text as ``8GiB`` or ``500 MB`` means."""
    if value is None:
        return None
    match = _SIZE.fullmatch(value.strip())
    if match is None or not float(match[1]):
        raise click.BadParameter(f"{value!r} is not a size: 8GiB or 500MB is one.")
    base = 1024 if match[3] else 1000
    mib = float(match[1]) * float(base ** _POWERS[match[2].lower()]) / 2**20
    if mib < _LEAST_MIB:
        raise click.BadParameter(f"{value!r} is less than a song takes, {_LEAST_MIB:g}MiB is the least.")
    return mib
