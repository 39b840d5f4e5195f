"""The time of each step of a run, measured between calls of its progress function."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

_MIN_REPORTED_S = 0.0005


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The cost of a run: wall-clock and processor time in s, peak memory, and the time of each step in s.

    `peak_mib` is that of the process since its start; None where the system does not report it.
    """

    wall_s: float
    cpu_s: float
    peak_mib: float | None = None
    steps_s: Mapping[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class _Step:
    name: str
    start_s: float


class RunClock:
    """A progress function that measures the time between its calls, and passes them on.

    Parameters
    ----------
    progress : callable or None
        The progress function to pass the calls on to.
    """

    def __init__(self, progress: Callable[[str, int, int], None] | None) -> None:
        self._progress = progress
        self._start_s = time.perf_counter()
        self._cpu_s = time.process_time()
        self._step = _Step("beginning", self._start_s)
        self._steps: dict[str, float] = {}

    def __call__(self, what: str, done: int, total: int) -> None:
        """Start the next step."""
        self._start_step("reading the stems" if what.startswith("reading") else what)
        if self._progress is not None:
            self._progress(what, done, total)

    def result(self) -> Profile:
        """Return the profile of the run so far."""
        self._start_step("")
        return Profile(
            wall_s=round(time.perf_counter() - self._start_s, 3),
            cpu_s=round(time.process_time() - self._cpu_s, 3),
            peak_mib=_peak_mib(),
            steps_s={name: round(s, 3) for name, s in self._steps.items() if s >= _MIN_REPORTED_S},
        )

    def _start_step(self, next_step: str) -> None:
        now = time.perf_counter()
        name = self._step.name
        self._steps[name] = self._steps.get(name, 0.0) + now - self._step.start_s
        self._step = _Step(next_step, now)


def _peak_mib() -> float | None:
    """Return the largest resident size of this process; None where the system does not report it."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    unit = 2**20 if sys.platform == "darwin" else 2**10  # macOS counts bytes, the others kilobytes
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit, 1)
