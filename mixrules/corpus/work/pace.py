"""How fast a run goes, and how long it will take: the line beside its progress bar."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from contextlib import suppress

from mixrules.errors import MixrulesError

Progress = Callable[[str, int, int], None]
"""Told what is to be shown, how many songs are dealt with, and how many there are: 0 while that is not known."""

_COUNTING_S = 0.05
_LOOKING_S = 0.2


class Pace:
    """Tells of the progress of a run.

    Parameters
    ----------
    songs : iterable
        The songs; they are counted bit by bit, so that the first need not wait until the last is listed.
    progress : callable, optional
        Who is told.
    """

    def __init__(self, songs: Iterable[object], progress: Progress | None) -> None:
        self._tell = progress
        self._uncounted = iter(songs)
        self._counted = 0
        self._total = 0
        self._started_s = time.monotonic()
        self._told_s = -math.inf
        self.done = 0
        self.kept = 0
        self.failed = 0
        self.failed_before = 0

    @property
    def seconds(self) -> float:
        """Return how long the run has taken so far."""
        return max(1e-6, time.monotonic() - self._started_s)  # clocks may stand still for a moment

    def looking(self) -> None:
        """Tell, now and then, while no song ends."""
        if self._tell is not None and time.monotonic() - self._told_s > _LOOKING_S:
            self.tell()

    def tell(self) -> None:
        """Tell how far the run is."""
        if self._tell is None:
            return
        self._told_s = time.monotonic()
        dealt_with = self.done + self.failed + self.kept + self.failed_before
        self._tell(self._line(dealt_with), dealt_with, self._total)

    def count(self) -> None:
        """Go on counting the songs for a moment, if anybody is told."""
        if self._tell is None or self._total:
            return
        until = time.monotonic() + _COUNTING_S
        with suppress(MixrulesError):  # whoever goes through the songs meets it too
            for _ in self._uncounted:
                self._counted += 1
                if time.monotonic() > until:
                    return
            self._total = self._counted

    def _line(self, dealt_with: int) -> str:
        parts = [f"{dealt_with} of {self._total} songs" if self._total else f"{dealt_with} songs"]
        ended = self.done + self.failed
        if ended:
            parts.append(f"{60.0 * ended / self.seconds:.1f} a minute")
            if self._total:
                parts.append(f"{_duration((self._total - dealt_with) * self.seconds / ended)} left")
        if self.failed + self.failed_before:
            parts.append(f"{self.failed + self.failed_before} failed")
        return ", ".join(parts)


def _duration(seconds: float) -> str:
    """Return a time to two digits or so: what is left of hours is no matter of seconds."""
    minutes = round(seconds / 60.0)
    if seconds < 60.0:
        return f"{seconds:.0f} s"
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours < 48 else f"{hours / 24.0:.1f} days"
