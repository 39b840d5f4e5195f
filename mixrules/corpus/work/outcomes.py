"""What comes of a task: what it found, or in one line why it failed."""

from __future__ import annotations

import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from mixrules.errors import MixrulesError

_Task = TypeVar("_Task")
_Found = TypeVar("_Found")

KILLED = "its process was ended from outside, perhaps for want of memory"
_LONGEST = 400
_SIGKILL = 9


@dataclass(frozen=True, slots=True)
class Outcome(Generic[_Found]):
    """What a task found, or why it failed.

    Attributes
    ----------
    found : object or None
        What the task returned.
    reason : str
        One line where it failed; else empty.
    """

    found: _Found | None = None
    reason: str = ""


def why_ended(exit_code: int | None) -> str:
    """Return why a process that ended did so, by its exit code: below 0 it is the number of a signal."""
    if exit_code is not None and exit_code < 0 and -exit_code != _SIGKILL:
        return f"its process crashed ({_signal_name(-exit_code)})"
    if exit_code:
        return KILLED if exit_code < 0 else f"its process ended with exit status {exit_code}"
    return KILLED


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def attempt(work: Callable[[_Task], _Found], task: _Task) -> Outcome[_Found]:
    """Do a task; an exception of any library is its outcome, an interrupt is not."""
    try:
        return Outcome(work(task))
    except Exception as error:
        return Outcome(reason=reason_of(error))


def reason_of(error: Exception) -> str:
    """Return an error as one line; that of a library with its type."""
    text = " ".join(str(error).split())
    if isinstance(error, MemoryError):
        return "not enough memory"
    if not isinstance(error, MixrulesError):
        text = f"{type(error).__name__}: {text}" if text else type(error).__name__
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
