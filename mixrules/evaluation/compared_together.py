"""Songs that are compared side by side, in processes of this machine or of others: what such a process must know."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mixrules.corpus.work.lock import require_held
from mixrules.errors import MixrulesError
from mixrules.evaluation.compared_song import SongTask
from mixrules.stems.held_memory import held_mib
from mixrules.systems import SongSource, System

_BASE_MIB = 450.0
_TIMES_STEMS = 7.5


@dataclass(frozen=True, slots=True)
class InTheReport:
    """Does something with a song, once it is sure that the report's folder is the one of this run.

    Attributes
    ----------
    work : callable
        What is done.
    run : str
        The run that holds the folder.
    """

    work: Callable[[SongTask], Any]
    run: str

    def __call__(self, task: SongTask) -> Any:
        """Do it; fails with `RunEndingError` on a machine that does not share the folder."""
        require_held(task.output, self.run)
        return self.work(task)


def needed_mib(task: SongTask) -> float:
    """Estimate from headers what memory a song takes, in MiB.

    Notes
    -----
    450 MiB and 7.5 times its stems: they are held, and beside them the reference and one mix, with every stem as it
    sits there, on two channels. Of six systems 832 MiB were measured for 55 MiB of mono stems, 2018 for 218, and 2134 for
    328 MiB of stereo stems, which take 5.2 times theirs. Where a header cannot be read the song will say why.
    """
    try:
        return _BASE_MIB + _TIMES_STEMS * held_mib(task.source.description, hold_mib=float("inf"))
    except (MixrulesError, OSError):
        return _BASE_MIB


def absolute_song(source: SongSource) -> SongSource:
    """Return a song whose folder is found from anywhere; the files of a data set are."""
    described = source.description
    if described.folder is None:
        return source
    return dataclasses.replace(
        source, description=dataclasses.replace(described, folder=described.folder.absolute())
    )


def absolute_system(system: System) -> System:
    """Return a system whose folder is found from anywhere."""
    return system if system.folder is None else dataclasses.replace(system, folder=system.folder.absolute())
