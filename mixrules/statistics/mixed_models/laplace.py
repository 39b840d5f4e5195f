"""Laplace's approximation of a cumulative link model's likelihood, with its gradient.

The random effects u, each of variance 1 before it is scaled, are integrated out:

    value = f(u*) + log|H| / 2,   f(u) = -sum log p(u) + u'u / 2,   H = f''(u*),   u* = argmin f

Its gradient has three parts: that of f, that of log|H| itself, and that of log|H| by way of u*, which moves as well.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules.statistics.mixed_models.crossed import Design, Solver, solver_of

Floats = npt.NDArray[np.float64]

_MOST_STEPS = 60
_CLOSE = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Approximation:
    """The negative log-likelihood, its gradient, and the random effects u* of listeners and of songs.

    `by_threshold` has shape (conditions, categories - 1), `by_log_sd` (components,).
    """

    value: float
    by_threshold: Floats
    by_log_sd: Floats
    effects: tuple[Floats, Floats]


@dataclass(frozen=True, slots=True, eq=False)
class _Slopes:
    """Log-probability of each cell's ratings and its derivatives by the cell's shift, summed over repeats.

    `first` to `third` are of the log-probability; shape (listeners, cells). By threshold, (listeners, cells,
    categories - 1): `by_threshold` of the log-probability, `first_by` and `second_by` of its first and second
    derivative.
    """

    log_p: float
    first: Floats
    second: Floats
    third: Floats
    by_threshold: Floats
    first_by: Floats
    second_by: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Laplace:
    """The ratings as counts, shape (listeners, cells, categories), and the random effects' design."""

    counts: Floats
    design: Design
    conditions: int

    @classmethod
    def of(cls, given: Floats, categories: int, design: Design) -> Laplace:
        """Return the approximation of ratings from 0 on, shape (listeners, songs, conditions, repeats), NaN for none."""
        counts = np.stack([(given == k).sum(axis=3) for k in range(categories)], axis=-1)
        return cls(counts.reshape(len(given), -1, categories).astype(np.float64), design, given.shape[2])

    def at(self, thresholds: Floats, sds: Floats, start: tuple[Floats, Floats] | None) -> Approximation:
        """Return the approximation.

        Parameters
        ----------
        thresholds : ndarray, shape (conditions, categories - 1)
            Of each condition, less its effects.
        sds : ndarray, shape (components,)
            Standard deviations of the random effects.
        start : tuple of ndarray or None
            Where the search for the random effects begins.
        """
        of_listener, of_songs = self.design.scaled(sds)
        cuts = np.tile(thresholds, (self.counts.shape[1] // self.conditions, 1))
        own, songs = start or (
            np.zeros((len(self.counts), of_listener.shape[1])),
            np.zeros(of_songs.shape[1]),
        )
        own, songs, slopes, solver = self._mode(cuts, of_listener, of_songs, own, songs)
        log_rest = float(np.linalg.slogdet(solver.rest)[1]) if songs.size else 0.0
        value = -slopes.log_p + 0.5 * float((own**2).sum() + songs @ songs)
        value += 0.5 * (solver.log_determinant + log_rest)
        return Approximation(
            value, *self._gradient(slopes, solver, of_listener, of_songs, own, songs), (own, songs)
        )

    def _mode(
        self, cuts: Floats, of_listener: Floats, of_songs: Floats, own: Floats, songs: Floats
    ) -> tuple[Floats, Floats, _Slopes, Solver]:
        """Return the random effects at which f is least, by Newton's method with halved steps."""
        ridge = np.ones(songs.size)

        def penalised(own: Floats, songs: Floats) -> float:
            shift = own @ of_listener.T + of_songs @ songs
            return -self._log_p(cuts, shift) + 0.5 * float((own**2).sum() + songs @ songs)

        before = penalised(own, songs)
        for _ in range(_MOST_STEPS):
            slopes = self._slopes(cuts, own @ of_listener.T + of_songs @ songs)
            solver = solver_of(of_listener, of_songs, -slopes.second, ridge)
            right_own = slopes.first @ of_listener - own
            right_songs = slopes.first.sum(axis=0) @ of_songs - songs
            step_songs = np.asarray(
                np.linalg.solve(solver.rest, solver.reduced(right_own, right_songs)), np.float64
            )
            step_own = solver.back(right_own, step_songs)
            gain = float((right_own * step_own).sum() + right_songs @ step_songs)
            if gain < _CLOSE**2 * max(1.0, abs(before)):
                break
            share = 1.0
            while (
                after := penalised(own + share * step_own, songs + share * step_songs)
            ) > before and share > 1e-6:
                share /= 2.0
            own, songs = own + share * step_own, songs + share * step_songs
            small = before - after < 1e-14 * max(1.0, abs(before))
            before = after
            if small and gain < 1e-8:
                slopes = self._slopes(cuts, own @ of_listener.T + of_songs @ songs)
                solver = solver_of(of_listener, of_songs, -slopes.second, ridge)
                break
        return own, songs, slopes, solver

    def _gradient(
        self,
        slopes: _Slopes,
        solver: Solver,
        of_listener: Floats,
        of_songs: Floats,
        own: Floats,
        songs: Floats,
    ) -> tuple[Floats, Floats]:
        weights = -slopes.second
        rest = np.linalg.inv(solver.rest)
        # The variance of each cell's shift, v = z H^-1 z'.
        left = of_songs[np.newaxis] - of_listener @ solver.across
        variance = np.einsum("cg,lgh,ch->lc", of_listener, solver.own, of_listener, optimize=True)
        variance += np.einsum("lcq,qr,lcr->lc", left, rest, left, optimize=True)
        # log|H| by way of u*: H^-1 times its slope by u.
        moved = -variance * slopes.third
        right_own, right_songs = moved @ of_listener, moved.sum(axis=0) @ of_songs
        way_songs = rest @ solver.reduced(right_own, right_songs)
        way_own = solver.back(right_own, way_songs)
        way = way_own @ of_listener.T + of_songs @ way_songs
        by_cell = -slopes.by_threshold - 0.5 * variance[..., np.newaxis] * slopes.second_by
        by_cell += 0.5 * way[..., np.newaxis] * slopes.first_by
        cells = by_cell.sum(axis=0).reshape(-1, self.conditions, by_cell.shape[2])
        by_threshold = cells.sum(axis=0)
        inverse_own = np.einsum("lgg->lg", solver.own) + np.einsum(
            "lgq,qr,lgr->lg", solver.across, rest, solver.across, optimize=True
        )
        by_log_sd = np.empty(len(self.design.components))
        for k in range(by_log_sd.size):
            of_k, song_k = self.design.listener_owners == k, self.design.song_owners == k
            shift = (own * of_k) @ of_listener.T + of_songs @ (songs * song_k)
            # Scaling moves the shift, H itself, and u*.
            value = -float((slopes.first * shift).sum()) + 0.5 * float((moved * shift).sum())
            value += of_k.sum() * len(own) - float(inverse_own[:, of_k].sum())
            value += song_k.sum() - float(np.diag(rest)[song_k].sum())
            own_k, songs_k = way_own * of_k, way_songs * song_k
            slope = float((own_k * (slopes.first @ of_listener)).sum())
            slope += float(songs_k @ (slopes.first.sum(axis=0) @ of_songs))
            value += 0.5 * (slope - float((way * weights * shift).sum()))
            by_log_sd[k] = value
        return by_threshold, by_log_sd

    def _log_p(self, cuts: Floats, shift: Floats) -> float:
        return float((self.counts * _log_probabilities(cuts, cuts - shift[..., np.newaxis])).sum())

    def _slopes(self, cuts: Floats, shift: Floats) -> _Slopes:
        """Return the derivatives: of log p = log F(upper) + log F(-lower) + log(1 - exp(lower - upper)), F logistic.

        That is log(F(upper) - F(lower)) without a difference that rounding could make 0. A shift moves both
        thresholds of a category down and leaves their distance.
        """
        from scipy.special import expit

        below = expit(cuts - shift[..., np.newaxis])
        one = below * (1.0 - below)
        two = one * (1.0 - 2.0 * below)
        n = self.counts
        # Each threshold is the upper one of the category below it, and the lower one of that above.
        upper, lower = n[..., :-1], n[..., 1:]
        both = upper + lower
        # d log(1 - exp(-distance)) / d distance, of the two thresholds of each inner category.
        apart = n[..., 1:-1] / np.expm1(np.diff(cuts, axis=1))
        by_threshold = upper * (1.0 - below) - lower * below
        by_threshold[..., 1:] += apart
        by_threshold[..., :-1] -= apart
        return _Slopes(
            log_p=float((n * _log_probabilities(cuts, cuts - shift[..., np.newaxis])).sum()),
            first=(both * below).sum(axis=2) - n[..., :-1].sum(axis=2),
            second=-(both * one).sum(axis=2),
            third=(both * two).sum(axis=2),
            by_threshold=by_threshold,
            first_by=both * one,
            second_by=-both * two,
        )


def _log_probabilities(cuts: Floats, shifted: Floats) -> Floats:
    """Return each category's log-probability, shape (listeners, cells, categories)."""
    from scipy.special import log_expit

    log_p = np.zeros((*shifted.shape[:2], shifted.shape[2] + 1))
    log_p[..., :-1] += log_expit(shifted)
    log_p[..., 1:] += log_expit(-shifted)
    log_p[..., 1:-1] += np.log(-np.expm1(-np.diff(cuts, axis=1)))
    return log_p
