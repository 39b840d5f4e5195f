"""One comparison of two stimuli, A/B or ABX, as a listener made it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from mixrules.errors import ListeningTestError
from mixrules.listening.format.names import require_name, require_stimulus_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One comparison of two stimuli.

    Parameters
    ----------
    a, b : str
        The stimuli that were shown as A and as B.
    x : str or None
        In an ABX trial, the stimulus that X was: that of `a` or of `b`.
    attribute : str
        What was asked for, in an A/B trial; empty in an ABX trial, which asks which of the two X is.
    number : int
        Which trial of this pair on this page it was, from 1.
    choice : {"a", "b", "none"}
        What was chosen; "none" is no preference.
    seconds : float
        How long the trial was on the screen.
    listened_a, listened_b, listened_x : float
        How long each was heard, in seconds.
    """

    a: str
    b: str
    x: str | None = None
    attribute: str = ""
    number: int = 1
    choice: Literal["a", "b", "none"]
    seconds: float = 0.0
    listened_a: float = 0.0
    listened_b: float = 0.0
    listened_x: float = 0.0

    def __post_init__(self) -> None:
        require_stimulus_id(self.a)
        require_stimulus_id(self.b)
        if self.a == self.b:
            raise ListeningTestError(f"a and b must be two stimuli, both are {self.a}")
        if self.x is None:
            require_name(attribute=self.attribute)
        elif self.x not in (self.a, self.b):
            raise ListeningTestError(f"x must be the stimulus of a or of b, got {self.x[:80]!r}")
        elif self.attribute or self.choice == "none":
            raise ListeningTestError("an ABX trial has no attribute, and its choice is a or b")
        if self.number < 1:
            raise ListeningTestError(f"number must be 1 or more, got {self.number}")
        for name in ("seconds", "listened_a", "listened_b", "listened_x"):
            value = getattr(self, name)
            if not math.isfinite(value) or value < 0:
                raise ListeningTestError(f"{name} must be 0 or more, got {value}")

    @property
    def pair(self) -> frozenset[str]:
        """The two stimuli, whichever was A."""
        return frozenset((self.a, self.b))

    @property
    def chosen(self) -> str | None:
        """The stimulus that was chosen; None for no preference."""
        return {"a": self.a, "b": self.b, "none": None}[self.choice]

    @property
    def correct(self) -> bool | None:
        """Whether X was recognised; None in an A/B trial, which has no right answer."""
        return None if self.x is None else self.chosen == self.x

    def name(self) -> str:
        """Return the name of the trial within its page: its pair and its number."""
        return f"{'+'.join(sorted(self.pair))}#{self.number}"
