"""The linear algebra of crossed random effects: a listener's effects are solved for apart, only songs' stay together.

Each rating is of a listener, a song and a condition. With ``c = songs * conditions`` cells a listener, the effects of a
listener (level, level by condition, level by song) enter a cell by the rows of one matrix, which is the same for all
listeners, and those of songs (level, level by condition) by those of another. What is solved is

    [ A_1         B_1 ]
    [     ...     ... ]
    [         A_L B_L ]
    [ B_1' .. B_L' D  ]

with a small block for each listener, so that twice the listeners cost twice the time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

Component = Literal["listener", "listener:condition", "listener:song", "song", "song:condition"]
COMPONENTS: tuple[Component, ...] = (
    "listener",
    "listener:condition",
    "listener:song",
    "song",
    "song:condition",
)
_OF_SONGS = ("song", "song:condition")


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """Which effects enter which cell.

    `listeners` has a row for each cell of a song and condition, a column for each effect of one listener; `songs` a
    column for each effect of a song. `owners` tell the component of each column, as its place in `components`.
    """

    components: tuple[Component, ...]
    listeners: Floats
    songs: Floats
    listener_owners: npt.NDArray[np.intp]
    song_owners: npt.NDArray[np.intp]

    def scaled(self, sds: Floats) -> tuple[Floats, Floats]:
        """Return both matrices times the standard deviations of their components."""
        return self.listeners * sds[self.listener_owners], self.songs * sds[self.song_owners]


def design_of(songs: int, conditions: int, components: tuple[Component, ...]) -> Design:
    """Return the design of a test.

    Parameters
    ----------
    songs, conditions : int
        How many; cell ``song * conditions + condition`` is theirs.
    components : tuple of Component
        Which random effects there are.
    """
    song, condition = (axis.ravel() for axis in np.indices((songs, conditions)))
    of = {
        "listener": np.ones((song.size, 1)),
        "listener:condition": np.eye(conditions)[condition],
        "listener:song": np.eye(songs)[song],
        "song": np.eye(songs)[song],
        "song:condition": np.eye(song.size),
    }

    def joined(names: list[Component]) -> tuple[Floats, npt.NDArray[np.intp]]:
        parts = [of[name] for name in names]
        owners = [np.full(of[name].shape[1], components.index(name)) for name in names]
        empty = np.zeros((song.size, 0))
        return np.hstack([empty, *parts]), np.concatenate([np.zeros(0), *owners]).astype(np.intp)

    listeners, listener_owners = joined([c for c in components if c not in _OF_SONGS])
    of_songs, song_owners = joined([c for c in components if c in _OF_SONGS])
    return Design(components, listeners, of_songs, listener_owners, song_owners)


@dataclass(frozen=True, slots=True, eq=False)
class Solver:
    """The factorised system for one set of weights.

    `own` are the listeners' blocks inverted, shape (listeners, g, g); `across` is ``A⁻¹ B``, shape (listeners, g, q);
    `rest` what is left for songs and all that is shared (``D - B' A⁻¹ B``), shape (q, q). `log_determinant` is of the
    blocks alone.
    """

    own: Floats
    across: Floats
    rest: Floats
    log_determinant: float

    def reduced(self, of_listeners: Floats, shared: Floats) -> Floats:
        """Return the right-hand side of `rest`: of listeners' (listeners, g) and that of what is shared (q,)."""
        reduced: Floats = shared - np.einsum("lgq,lg->q", self.across, of_listeners)
        return reduced

    def back(self, of_listeners: Floats, shared: Floats) -> Floats:
        """Return the listeners' solution (listeners, g) once that of what is shared (q,) is known."""
        solution: Floats = np.einsum("lgh,lh->lg", self.own, of_listeners) - self.across @ shared
        return solution


def solver_of(listeners: Floats, shared: Floats, weights: Floats, ridge: Floats) -> Solver:
    """Return the system, factorised.

    Parameters
    ----------
    listeners : ndarray, shape (cells, g)
        How one listener's effects enter a cell, scaled; each has variance 1.
    shared : ndarray, shape (cells, q)
        How all that is shared by listeners enters a cell.
    weights : ndarray, shape (listeners, cells)
        Of each rating; 0 where there is none.
    ridge : ndarray, shape (q,)
        1 for a random effect of variance 1, 0 for a fixed one.
    """
    weighted = listeners.T[np.newaxis] * weights[:, np.newaxis, :]
    blocks = weighted @ listeners + np.eye(listeners.shape[1])
    beside = weighted @ shared
    lower = np.linalg.cholesky(blocks)
    own = np.asarray(np.linalg.inv(blocks), np.float64)
    across = own @ beside
    rest = shared.T @ (weights.sum(axis=0)[:, np.newaxis] * shared) + np.diag(ridge)
    rest -= np.einsum("lgq,lgr->qr", beside, across, optimize=True)
    diagonal = np.diagonal(lower, axis1=1, axis2=2)
    return Solver(own, across, rest, 2.0 * float(np.log(diagonal).sum()))
