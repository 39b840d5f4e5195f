"""How surely each stem's level in the mix is known, which stems are not heard in it, and which cannot be told apart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import Audio

Floats = npt.NDArray[np.float64]

ALIKE = 0.98
"""Stems whose parts in the mix correlate by this cannot be told apart."""
_CONFIDENT = 1.96
_ROUNDING = 1e-6
_DEPENDENT = 1e-5
"""A stem of which the others leave less than this share of its power can be made of them."""
_SHARES = 0.1  # of a stem, in standard deviations: what is not more than this is no part of it


@dataclass(frozen=True, slots=True, kw_only=True)
class StemLevel:
    """What is known of one stem's level.

    Attributes
    ----------
    factor : float
        What its part in the mix must be multiplied by to be right.
    interval_db : float
        How far the level may be below what was found, at 95 %, from leaving out one stretch of 1.3 s after the other;
        infinite where the level may as well be none.
    worth : float
        By how much what is unexplained grows without the stem, the other stems following, as a share of it.
    heard : bool
        Whether it sounds in what was compared.
    like : tuple of int
        Stems that it cannot be told from.
    made_of : tuple of int
        Stems of which it can be made, as a printed mix among them can: no level of these is told by the mix.
    """

    factor: float
    interval_db: float
    worth: float
    heard: bool
    like: tuple[int, ...] = ()
    made_of: tuple[int, ...] = ()


class LevelSums:
    """Sums of products of the stems' parts in the mix, stretch by stretch."""

    def __init__(self) -> None:
        self._between: list[Floats] = []
        self._onto: list[Floats] = []
        self._power: list[float] = []
        self._sounding: npt.NDArray[np.bool_] | None = None

    def update(self, stems: Sequence[Audio], parts: Sequence[Audio], mix: Audio) -> None:
        """Add a stretch: the stems as they were given, as they are in the mix, and the mix, shape (samples, 2)."""
        sounding = np.array([bool(np.any(stem)) for stem in stems])
        self._sounding = sounding if self._sounding is None else self._sounding | sounding
        every = np.stack([part.ravel() for part in (*parts, mix)])
        products = (every @ every.T).astype(np.float64)
        self._between.append(products[:-1, :-1])
        self._onto.append(products[:-1, -1])
        self._power.append(float(products[-1, -1]))

    def result(self) -> tuple[StemLevel, ...]:
        """Return what is known of each stem."""
        between, onto = np.sum(self._between, axis=0), np.sum(self._onto, axis=0)
        factors, inverse = _solved(between, onto)
        power_of_mix = sum(self._power)
        left = power_of_mix - 2.0 * float(factors @ onto) + float(factors @ between @ factors)
        # Sums are of single-precision samples: less than this is their rounding.
        left = max(left, _ROUNDING * power_of_mix, 1e-30)
        every = len(self._between)
        without = np.array(
            [_solved(between - self._between[e], onto - self._onto[e])[0] for e in range(every)]
        ).reshape(every, -1)
        # The jackknife: each stretch left out once.
        spread = np.sqrt((every - 1) / max(every, 1) * np.sum((without - without.mean(axis=0)) ** 2, axis=0))
        power = np.diag(between)
        sounding = np.zeros(len(factors), bool) if self._sounding is None else self._sounding
        likeness = np.abs(between) / np.sqrt(np.maximum(np.outer(power, power), 1e-30))
        levels, made_of = [], _made_of(inverse, np.where(sounding, power, 0.0))
        for number, factor in enumerate(factors):
            half = _CONFIDENT * float(spread[number]) if every > 1 and not made_of[number] else math.inf
            certain = half < abs(factor)
            levels.append(
                StemLevel(
                    factor=float(factor),
                    interval_db=20.0 * math.log10(abs(factor) / (abs(factor) - half))
                    if certain
                    else math.inf,
                    worth=float(factor**2 / max(inverse[number, number], 1e-300)) / left
                    if sounding[number]
                    else 0.0,
                    heard=bool(sounding[number]),
                    like=tuple(
                        int(other)
                        for other in np.flatnonzero(likeness[number] > ALIKE)
                        if other != number and sounding[number] and sounding[other]
                    ),
                    made_of=made_of[number],
                )
            )
        return tuple(levels)


def _made_of(inverse: Floats, power: Floats) -> list[tuple[int, ...]]:
    """Return of each stem those of which it can be made, by its regression on all others."""
    groups: list[set[int]] = [set() for _ in power]
    for number, own in enumerate(np.diag(inverse)):
        if power[number] and 1.0 / (own * power[number]) < _DEPENDENT:
            shares = np.abs(inverse[number] / own) * np.sqrt(power / power[number])
            group = {int(other) for other in np.flatnonzero(shares > _SHARES)}
            # What one is made of can be made of it: of a soft stem rounding hides that.
            for member in group:
                groups[member] |= group
    return [tuple(sorted(group - {number})) for number, group in enumerate(groups)]


def _solved(between: Floats, onto: Floats) -> tuple[Floats, Floats]:
    """Return the factors nearest to 1 that leave least, and the inverse of the normal equations' matrix."""
    scale = np.sqrt(np.maximum(np.diag(between), 1e-30))
    normal = between / np.outer(scale, scale) + _ROUNDING * np.eye(len(scale))
    inverse = np.linalg.inv(normal) / np.outer(scale, scale)
    factors = 1.0 + inverse @ (onto - between @ np.ones(len(onto)))
    return factors, inverse
