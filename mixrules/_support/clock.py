"""Where the time of a run goes: a clock that listens to what progress is told."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

_WORTH_SAYING_S = 0.0005


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a run cost: seconds on the wall and of the processor, peak memory, and seconds a step.

    `peak_mib` is the process's, since it began; None where the system does not tell.
    """

    wall_s: float
    cpu_s: float
    peak_mib: float | None = None
    steps_s: Mapping[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class _Step:
    name: str
    begun_s: float


class RunClock:
    """Takes the time between one word of progress and the next, and passes the words on.

    Parameters
    ----------
    progress : callable or None
        Who else wants to know.
    """

    def __init__(self, progress: Callable[[str, int, int], None] | None) -> None:
        self._progress = progress
        self._begun_s = time.perf_counter()
        self._cpu_s = time.process_time()
        self._step = _Step("beginning", self._begun_s)
        self._steps: dict[str, float] = {}

    def __call__(self, what: str, done: int, total: int) -> None:
        """Hear what is being done now."""
        self._book("reading the stems" if what.startswith("reading") else what)
        if self._progress is not None:
            self._progress(what, done, total)

    def result(self) -> Profile:
        """Return the profile of the run so far."""
        self._book("")
        return Profile(
            wall_s=round(time.perf_counter() - self._begun_s, 3),
            cpu_s=round(time.process_time() - self._cpu_s, 3),
            peak_mib=_peak_mib(),
            steps_s={name: round(s, 3) for name, s in self._steps.items() if s >= _WORTH_SAYING_S},
        )

    def _book(self, next_step: str) -> None:
        now = time.perf_counter()
        name = self._step.name
        self._steps[name] = self._steps.get(name, 0.0) + now - self._step.begun_s
        self._step = _Step(next_step, now)


def _peak_mib() -> float | None:
    """Return the largest resident size of this process; None where the system does not tell."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    unit = 2**20 if sys.platform == "darwin" else 2**10  # macOS counts bytes, the others kilobytes
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit, 1)
