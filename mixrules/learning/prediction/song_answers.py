"""What a network answers about a song: one answer for each mel block, and their mean."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np  # noqa: TC002
import numpy.typing as npt  # noqa: TC002


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SongAnswers:
    """The answers of one network about one song.

    Attributes
    ----------
    model : str
        What the network is called: its file's name, or a function's.
    task : str
        What it was trained for.
    outputs, units : tuple of str
        What it answers, and in which units.
    starts_s : ndarray of float64, shape (blocks,)
        Where each block begins, in seconds.
    values : ndarray of float64, shape (blocks, outputs)
        Its answers.
    constants : tuple of float or None
        The median of its training targets, for each output, where that is known.
    """

    model: str
    task: str
    outputs: tuple[str, ...]
    units: tuple[str, ...]
    starts_s: npt.NDArray[np.float64]
    values: npt.NDArray[np.float64]
    constants: tuple[float, ...] | None = None

    def mean(self) -> dict[str, float]:
        """Return the answer for the whole song: the mean over its blocks, by output."""
        return dict(zip(self.outputs, map(float, self.values.mean(axis=0)), strict=True))
