"""What a task is: what becomes of a song's vocal, and which numbers are to be predicted from a mel block."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

Audio = npt.NDArray[np.float32]
Target = tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One number to predict.

    Attributes
    ----------
    name : str
        Its column; it ends in the unit.
    unit : str
        The unit in words.
    published_offset, published_scale : float
        The networks of the 2022 lab work were given ``(value - offset) / scale``; 0 and 1 where they got the value.
    """

    name: str
    unit: str
    published_offset: float = 0.0
    published_scale: float = 1.0


class Stage(Protocol):
    """Something that processes a signal that arrives in blocks, without delay."""

    def process(self, block: Audio) -> Audio:
        """Return the next block, shape (samples, channels), processed."""
        ...


@dataclass(frozen=True, slots=True)
class Drawn:
    """What chance has decided for one song, or for one copy of it.

    Attributes
    ----------
    stages : tuple of Stage
        What the vocal goes through.
    target : tuple of float or None
        The numbers to predict, where they are what was drawn.
    """

    stages: tuple[Stage, ...] = ()
    target: Target | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SongMeasures:
    """What a song, or a copy of it, measures after everything that was done to it.

    Attributes
    ----------
    vocal_lufs, backing_lufs : float
        Integrated loudness; ``-inf`` for silence.
    vocal_range_lu : float
        Loudness range of the vocal; NaN where it is not defined.
    """

    vocal_lufs: float
    backing_lufs: float
    vocal_range_lu: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """A snippet after everything that was done to it.

    Attributes
    ----------
    mel : ndarray of float32, shape (2, 128, 64)
        Mel block: backing, vocal.
    vocal_lufs, backing_lufs : float
        Integrated loudness of the snippet alone; ``-inf`` for silence.
    """

    mel: npt.NDArray[np.float32]
    vocal_lufs: float
    backing_lufs: float


class Task(Protocol):
    """A task: each is in a module of its own, and can be pickled."""

    @property
    def name(self) -> str:
        """What ``--task`` calls it."""
        ...

    @property
    def outputs(self) -> Sequence[Output]:
        """The numbers to predict, in order."""
        ...

    @property
    def needs_vocal(self) -> bool:
        """Whether a song without a vocal is of no use."""
        ...

    @property
    def random(self) -> bool:
        """Whether copies of a song differ by themselves, without augmentation."""
        ...

    def draw(self, rng: np.random.Generator, channels: int) -> Drawn:
        """Decide what becomes of the vocal of a song."""
        ...

    def in_snippet(self, snippet: Snippet, rng: np.random.Generator) -> tuple[Snippet, Target | None]:
        """Return a snippet as the network reads it and its target, or None where the song decides it."""
        ...

    def of_song(self, measures: SongMeasures) -> Target | None:
        """Return the target of all snippets of a song, or None where it was drawn or the snippets decide it."""
        ...


class PlainTask:
    """What most tasks share: nothing is drawn, and a snippet stays as it is."""

    needs_vocal = True
    random = False

    def draw(self, rng: np.random.Generator, channels: int) -> Drawn:
        """Return no change."""
        return Drawn()

    def in_snippet(self, snippet: Snippet, rng: np.random.Generator) -> tuple[Snippet, Target | None]:
        """Return the snippet, and no target of its own."""
        return snippet, None

    def of_song(self, measures: SongMeasures) -> Target | None:
        """Return no target."""
        return None
